"""The answers of this process: found at once, bounded by number, bytes and age."""

import time
from collections.abc import Callable, Sequence

from cachetools import TTLCache

from terminal_ai.records import AnswerOrigin
from utils.trimming import Freed

ENTRY_COST_BYTES = 512
"""What the keys and containers of one entry take besides its value."""


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
        self._values: TTLCache[str, bytes] = TTLCache(
            limit_bytes, seconds, timer=clock, getsizeof=_cost
        )
        # Apart from the values: to walk through those would count as using them.
        self._tags: dict[str, frozenset[str]] = {}

    @property
    def kept_bytes(self) -> int:
        """What all entries take."""
        return int(self._values.currsize)

    def __len__(self) -> int:
        return len(self._values)

    def size(self) -> int:
        """Return how many entries are kept."""
        return len(self)

    def trim(self, share: float) -> Freed:
        """Forget what is too old, then the least recently used beyond a share."""
        freed = [value for _key, value in self._values.expire()]
        while self._values and (
            self.kept_bytes > share * self._values.maxsize
            or len(self._values) > share * self._entries
        ):
            freed.append(self._values.popitem()[1])
        self._tags = {key: self._tags[key] for key in self._values}
        return Freed(len(freed), sum(map(_cost, freed)))

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        return self._values.get(key)

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Keep a value, forgetting the least recently used beyond the bounds."""
        if self._entries == 0 or _cost(value) > self._values.maxsize:
            self._values.pop(key, None)
            return
        self._values[key] = value
        while len(self._values) > self._entries:
            self._values.popitem()
        self._tags[key] = frozenset(tags)
        if len(self._tags) > 2 * len(self._values):
            self._tags = {key: self._tags[key] for key in self._values}

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        doomed = [key for key, own in self._tags.items() if not own.isdisjoint(tags)]
        for key in doomed:
            self._values.pop(key, None)
            del self._tags[key]

    async def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._tags.clear()

    async def close(self) -> None:
        """Do nothing: the memory goes with the process."""


def _cost(value: bytes) -> int:
    return len(value) + ENTRY_COST_BYTES
