"""Fixtures for the assistant: a real server on loopback and the real client."""

from collections.abc import AsyncIterator

import pytest

from terminal_ai.assistant.providers.ollama import OllamaProvider
from tests.assistant.making import make_settings
from tests.certificates import certificate, strangers_certificate
from tests.ollama_server import OllamaServer
from tests.ollama_server.fixtures import ollama_server
from tests.redis_server.fixtures import redis_server

__all__ = ["certificate", "ollama_server", "redis_server", "strangers_certificate"]


@pytest.fixture
async def provider(ollama_server: OllamaServer) -> AsyncIterator[OllamaProvider]:
    """The real client, pointed at the test server."""
    made = OllamaProvider(make_settings(ollama_server.url))
    yield made
    await made.close()
