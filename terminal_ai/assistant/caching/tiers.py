"""Where answers are kept: what every tier can do."""

from collections.abc import Sequence
from typing import Protocol

from terminal_ai.records import AnswerOrigin


class Tier(Protocol):
    """One place for encoded answers; it knows neither their form nor their meaning.

    A tier may raise whatever its medium raises: ``AnswerCache`` takes a failure for a
    miss. It bounds itself, and it may forget anything at any time.
    """

    name: AnswerOrigin

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        ...

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Keep a value under a key; ``drop`` finds it by its tags."""
        ...

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        ...

    async def clear(self) -> None:
        """Forget everything."""
        ...

    async def close(self) -> None:
        """Give files and connections back."""
        ...
