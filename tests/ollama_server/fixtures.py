"""The fixture to import into a conftest."""

from collections.abc import Iterator

import pytest

from tests.ollama_server.server import OllamaServer


@pytest.fixture
def ollama_server() -> Iterator[OllamaServer]:
    """A running server with one model, ``tiny``, not yet loaded."""
    with OllamaServer() as server:
        yield server
