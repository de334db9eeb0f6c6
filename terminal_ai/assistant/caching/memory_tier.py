"""The answers of this process: found at once, bounded by number, bytes and age."""

import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from terminal_ai.records import AnswerOrigin

ENTRY_COST_BYTES = 512
"""What the keys and containers of one entry take besides its value."""

_Value = tuple[bytes, frozenset[str]]


class MemoryTier:
    """Keeps the most recently used entries; its clock is never turned back."""

    name = AnswerOrigin.MEMORY

    def __init__(
        self,
        entries: int,
        limit_bytes: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = entries
        self._values: TTLCache[str, _Value] = TTLCache(
            limit_bytes, seconds, timer=clock, getsizeof=_cost
        )

    @property
    def kept_bytes(self) -> int:
        """What all entries take."""
        return int(self._values.currsize)

    def __len__(self) -> int:
        return len(self._values)

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        found = self._values.get(key)
        return found[0] if found else None

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Keep a value, forgetting the least recently used beyond the bounds."""
        kept = (value, frozenset(tags))
        if self._entries == 0 or _cost(kept) > self._values.maxsize:
            self._values.pop(key, None)
            return
        self._values[key] = kept
        while len(self._values) > self._entries:
            self._values.popitem()

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        doomed = [
            key for key, (_, own) in self._values.items() if not own.isdisjoint(tags)
        ]
        for key in doomed:
            self._values.pop(key, None)

    async def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    async def close(self) -> None:
        """Do nothing: the memory goes with the process."""


def _cost(value: _Value) -> int:
    return len(value[0]) + ENTRY_COST_BYTES
