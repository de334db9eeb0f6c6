"""Caches with a bound on entries and on bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, overload

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Default = TypeVar("Default")


class LRUCache(Generic[Key, Value]):
    """Keeps the most recently used values.

    ``max_entries`` 0 keeps nothing, so that a setting can switch a cache off. With
    ``max_bytes``, ``size_of`` tells the size of a value; one larger than the whole
    bound is not kept. None is a value like any other. Not thread-safe.
    """

    def __init__(
        self,
        max_entries: int,
        max_bytes: int | None = None,
        size_of: Callable[[Value], int] | None = None,
    ) -> None:
        if max_entries < 0:
            raise ValueError("max_entries must not be negative")
        if (max_bytes is None) != (size_of is None):
            raise ValueError("max_bytes and size_of go together")
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def get(self, key: Key) -> Value | None: ...

    @overload
    def get(self, key: Key, default: Default) -> Value | Default: ...

    def get(self, key: Key, default: Default | None = None) -> Value | Default | None:
        """Return the value and make it the newest, or ``default``."""
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
        replaced = self._values.pop(key, None)
        if replaced is not None:
            self.bytes -= replaced[1]
        if self._max_entries == 0 or (
            self._max_bytes is not None and size > self._max_bytes
        ):
            return
        self._values[key] = (value, size)
        self.bytes += size
        while len(self._values) > self._max_entries or (
            self._max_bytes is not None and self.bytes > self._max_bytes
        ):
            _, (_, freed) = self._values.popitem(last=False)
            self.bytes -= freed

    def clear(self) -> None:
        """Forget every value; the counters stay."""
        self._values.clear()
        self.bytes = 0
