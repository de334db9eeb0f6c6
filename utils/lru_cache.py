"""A cache that knows its bounds: in entries, in bytes and in time."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, overload

from utils.trimming import Freed

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Default = TypeVar("Default")

ENTRIES_LIMIT = 100


class LRUCache(Generic[Key, Value]):
    """Keeps the most recently used values.

    ``max_entries`` 0 keeps nothing, so that a setting can switch a cache off. With
    ``max_bytes``, ``size_of`` tells the size of a value; one larger than the whole
    bound is not kept. With ``ttl_seconds`` a value is gone that long after it was put,
    however often it is read, and values that are gone make room before any other. None
    is a value like any other. Not thread-safe: one thread uses it, and trims it.
    """

    def __init__(
        self,
        max_entries: int = ENTRIES_LIMIT,
        max_bytes: int | None = None,
        size_of: Callable[[Value], int] | None = None,
        *,
        ttl_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_entries < 0:
            raise ValueError("max_entries must not be negative; 0 keeps nothing")
        if max_bytes is not None and max_bytes < 0:
            raise ValueError("max_bytes must not be negative; None is no bound")
        if max_bytes is not None and size_of is None:
            raise ValueError("max_bytes needs size_of, which tells a value's bytes")
        if ttl_seconds is not None and not ttl_seconds > 0:
            raise ValueError("ttl_seconds must be positive; None keeps values for good")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._size_of = size_of
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        # All live equally long: in the order they were put, the first ends first.
        self._ends: OrderedDict[Key, float] = OrderedDict()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        self._expire()
        return len(self._values)

    def __contains__(self, key: Key) -> bool:
        # To look is not to use.
        self._expire()
        return key in self._values

    def size(self) -> int:
        """Return how many values are kept."""
        return len(self)

    @overload
    def get(self, key: Key) -> Value | None: ...

    @overload
    def get(self, key: Key, default: Default) -> Value | Default: ...

    def get(self, key: Key, default: Default | None = None) -> Value | Default | None:
        """Return the value and make it the newest, or ``default``."""
        if self._ends:
            self._expire()
        found = self._values.get(key)
        if found is None:
            self.misses += 1
            return default
        self.hits += 1
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, forgetting the least recently used beyond the bounds."""
        size = self._size_of(value) if self._size_of is not None else 0
        self._expire()
        if key in self._values:
            self._drop(key)
        if self.max_entries == 0 or (
            self.max_bytes is not None and size > self.max_bytes
        ):
            return
        self._values[key] = (value, size)
        self.bytes += size
        if self._ttl_seconds is not None:
            self._ends[key] = self._clock() + self._ttl_seconds
        self._shrink(self.max_entries, self.max_bytes)

    def remove(self, key: Key) -> None:
        """Forget one value, if it is kept."""
        if key in self._values:
            self._drop(key)

    def trim(self, share: float) -> Freed:
        """Forget what has expired, then the least recently used beyond a share.

        A share of 1.0 forgets what has expired and nothing else.
        """
        entries, size = len(self._values), self.bytes
        self._expire()
        limit = None if self.max_bytes is None else int(self.max_bytes * share)
        self._shrink(int(self.max_entries * share), limit)
        return Freed(entries - len(self._values), size - self.bytes)

    def clear(self) -> None:
        """Forget every value; the counters stay."""
        # A value may come back here while it is deleted: it finds an empty cache.
        dropped, self._values = self._values, OrderedDict()
        self._ends = OrderedDict()
        self.bytes = 0
        dropped.clear()

    def _expire(self) -> None:
        if not self._ends:
            return
        now = self._clock()
        while self._ends:
            key, end = next(iter(self._ends.items()))
            if end > now:
                return
            self._drop(key)

    def _shrink(self, entries: int, limit: int | None) -> None:
        while len(self._values) > entries or (limit is not None and self.bytes > limit):
            self._drop(next(iter(self._values)))

    def _drop(self, key: Key) -> None:
        _value, size = self._values.pop(key)
        self.bytes -= size
        if self._ends:
            del self._ends[key]
