"""Results that are computed once, however many ask for them at the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from utils.lru_cache import LRUCache
from utils.trimming import Freed

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

TTL_SECONDS = 300.0
ENTRIES_LIMIT = 1_000

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class AsyncCacheFigures:
    """What a cache holds, and what became of those who asked."""

    entries: int
    hits: int
    joined: int
    """Waited for what another had begun."""
    computed: int
    failed: int
    """Computations without a result; nothing is kept of them."""


@dataclass(eq=False, slots=True)
class _Flight(Generic[Value]):
    """One computation under way, and how many wait for it."""

    task: "asyncio.Task[Value]"
    waiters: int = 0
    waits_for: "_Flight[Value] | None" = None
    """Another one, of the same cache, without which it cannot end."""

    def leads_to(self, other: "_Flight[Value] | None") -> bool:
        """Tell whether it is the other one, or waits for it in the end."""
        step: _Flight[Value] | None = self
        while step is not None and step is not other:
            step = step.waits_for
        return step is not None


class AsyncCache(Generic[Key, Value]):
    """Keeps results for ``ttl_seconds``, the most recently used ones.

    Who asks for what is being computed waits for that one computation, and for its
    failure if it fails. It goes on while anyone waits: one waiter that is cancelled
    leaves it to the others, and the last one stops it. Nothing is left of a key that
    nobody waits for and that has expired. For one event loop.
    """

    def __init__(
        self,
        ttl_seconds: float = TTL_SECONDS,
        max_entries: int = ENTRIES_LIMIT,
        *,
        max_bytes: int | None = None,
        size_of: Callable[[Value], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._values: LRUCache[Key, Value] = LRUCache(
            max_entries, max_bytes, size_of, ttl_seconds=ttl_seconds, clock=clock
        )
        self._flights: dict[Key, _Flight[Value]] = {}
        self._joined = 0
        self._computed = 0
        self._failed = 0

    def __len__(self) -> int:
        return len(self._values)

    @property
    def figures(self) -> AsyncCacheFigures:
        """What it holds and did until now."""
        return AsyncCacheFigures(
            len(self), self._values.hits, self._joined, self._computed, self._failed
        )

    async def get_or_compute(
        self, key: Key, compute: Callable[[], Awaitable[Value]]
    ) -> Value:
        """Return what is kept, or what is computed now, by this caller or another."""
        kept: Any = self._values.get(key, _MISSING)
        if kept is not _MISSING:
            value: Value = kept
            return value
        flight, asking = self._flights.get(key), self._current()
        if flight is None:
            flight = self._begin(key, compute)
        elif flight.leads_to(asking):
            raise RuntimeError(f"computing {key!r} needs {key!r} itself")
        else:
            self._joined += 1
        flight.waiters += 1
        if asking is not None:
            asking.waits_for = flight
        try:
            return await asyncio.shield(flight.task)
        finally:
            if asking is not None:
                asking.waits_for = None
            flight.waiters -= 1
            if not flight.waiters:
                # Who comes now must not join what is about to stop.
                self._detach(key, flight)
                flight.task.cancel()

    def remove(self, key: Key) -> None:
        """Forget a key; what is computed for it now is told but not kept."""
        self._values.remove(key)
        self._flights.pop(key, None)

    def clear(self) -> None:
        """Forget everything; what is computed now is told but not kept."""
        self._values.clear()
        self._flights.clear()

    def size(self) -> int:
        """Return how many results are kept."""
        return len(self)

    def trim(self, share: float) -> Freed:
        """Drop what has expired, then the least recently used beyond a share."""
        return self._values.trim(share)

    def _begin(
        self, key: Key, compute: Callable[[], Awaitable[Value]]
    ) -> _Flight[Value]:
        async def work() -> Value:
            value = await compute()
            if self._flights.get(key) is flight:
                self._values.put(key, value)
            return value

        def ended(task: "asyncio.Task[Value]") -> None:
            self._detach(key, flight)
            if task.cancelled() or task.exception() is not None:
                self._failed += 1

        flight = _Flight(asyncio.create_task(work()))
        flight.task.add_done_callback(ended)
        self._flights[key] = flight
        self._computed += 1
        return flight

    def _current(self) -> _Flight[Value] | None:
        """Return the computation that asks, if one does."""
        task = asyncio.current_task()
        return next(
            (each for each in self._flights.values() if each.task is task), None
        )

    def _detach(self, key: Key, flight: _Flight[Value]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
