"""A real redis-server for tests, on loopback and in a directory of its own."""

from tests.redis_server.server import RedisServer

__all__ = ["RedisServer"]
