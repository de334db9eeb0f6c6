"""Questions, answers and tiers for tests of the cache."""

import asyncio
from collections.abc import Sequence

from terminal_ai.assistant.caching.question import Question
from terminal_ai.records import Answer, AnswerOrigin

ANSWER = Answer("It was a typo.", None, "tiny")


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def make_question(name: str) -> Question:
    """Return a question without literals."""
    return Question(name, f"signature of {name}", f"{name} here")


class NamedTier:
    """A tier in a dictionary, by any name."""

    def __init__(self, name: AnswerOrigin) -> None:
        self.name = name
        self.values: dict[str, bytes] = {}
        self.tags: dict[str, frozenset[str]] = {}

    async def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        self.values[key] = value
        self.tags[key] = frozenset(tags)

    async def drop(self, tags: Sequence[str]) -> None:
        for key in [key for key in self.values if self.tags[key] & set(tags)]:
            del self.values[key]

    async def clear(self) -> None:
        self.values.clear()

    async def close(self) -> None:
        pass


class FailingTier(NamedTier):
    """A tier whose medium is broken."""

    async def get(self, key: str) -> bytes | None:
        raise OSError("no such medium")

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        raise RuntimeError("too many calls")

    async def drop(self, tags: Sequence[str]) -> None:
        raise ValueError("no such tag")

    async def close(self) -> None:
        raise ConnectionError("gone")


class HangingTier(NamedTier):
    """A tier whose medium never answers."""

    async def get(self, key: str) -> bytes | None:
        await asyncio.Event().wait()
        return None

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        await asyncio.Event().wait()

    async def drop(self, tags: Sequence[str]) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        await asyncio.Event().wait()
