"""The fixture to import into a conftest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server.server import PROGRAM, RedisServer


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running redis-server with nothing in it; skips where there is none."""
    if PROGRAM is None:
        pytest.skip("redis-server is not installed (Debian: redis-server)")
    directory = tmp_path / "redis"
    directory.mkdir()
    with RedisServer(directory) as server:
        yield server
