"""The answers of this process: found at once, bounded by number, bytes and age."""

import time
from collections.abc import Callable, Sequence

from terminal_ai.records import AnswerOrigin
from utils.lru_cache import LRUCache
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
        self._values: LRUCache[str, bytes] = LRUCache(
            entries, limit_bytes, _cost, ttl_seconds=seconds, clock=clock
        )
        # Apart from the values: to walk through those would count as using them.
        self._tags: dict[str, frozenset[str]] = {}

    @property
    def kept_bytes(self) -> int:
        """What all entries take."""
        return self._values.bytes

    def __len__(self) -> int:
        return len(self._values)

    def size(self) -> int:
        """Return how many entries are kept."""
        return len(self)

    def trim(self, share: float) -> Freed:
        """Forget what is too old, then the least recently used beyond a share."""
        freed = self._values.trim(share)
        self._forget_tags()
        return freed

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        return self._values.get(key)

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        """Keep a value, forgetting the least recently used beyond the bounds."""
        self._values.put(key, value)
        self._tags[key] = frozenset(tags)
        if len(self._tags) > 2 * len(self._values):
            self._forget_tags()

    async def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        doomed = [key for key, own in self._tags.items() if not own.isdisjoint(tags)]
        for key in doomed:
            self._values.remove(key)
            del self._tags[key]

    async def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._tags.clear()

    async def close(self) -> None:
        """Do nothing: the memory goes with the process."""

    def _forget_tags(self) -> None:
        """Keep the tags of what is kept."""
        self._tags = {
            key: tags for key, tags in self._tags.items() if key in self._values
        }


def _cost(value: bytes) -> int:
    return len(value) + ENTRY_COST_BYTES
