"""What is kept in memory: caches and pools with bounds, and one place to clean up.

A ``MemoryManager`` belongs to one thread, the event loop's, as do the caches and pools
it trims; what another thread uses must lock in its own ``trim``. ``memory_manager`` is
an instance for programs that need only one; the application makes its own.
"""

import gc
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, TypeVar
from weakref import WeakValueDictionary

from utils.lru_cache import ENTRIES_LIMIT, LRUCache
from utils.object_pool import IDLE_LIMIT, ObjectPool
from utils.trimming import Freed, Trimmable

__all__ = [
    "CleanupReport",
    "Freed",
    "LRUCache",
    "MemoryManager",
    "MemoryStats",
    "ObjectPool",
    "Trimmable",
    "memory_manager",
    "resident_bytes",
]

Pooled = TypeVar("Pooled")

MIB = 1024 * 1024
BUDGET_BYTES = 120 * MIB
"""While the process takes less than this, nothing that may be of use is evicted."""
KEPT_SHARE = 0.8
"""What is fuller than this share of its bound is trimmed to it."""
_STATM = Path("/proc/self/statm")
_RESIDENT_PAGES = 1

_logger = logging.getLogger(__name__)


class MemoryStats(TypedDict):
    """What ``get_stats`` tells; names of caches and pools with their entries."""

    memory_mb: float
    caches: dict[str, int]
    pools: dict[str, int]
    weak_refs: int
    gc_stats: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CleanupReport:
    """What a clean-up did, measured after it.

    ``freed_bytes`` is what the caches count; ``resident_bytes_before`` and ``_after``
    are what the system counts. They differ: Python keeps freed memory for itself, and
    other parts of the program go on meanwhile.
    """

    entries_dropped: int
    freed_bytes: int
    resident_bytes_before: int
    resident_bytes_after: int
    was_over_budget: bool
    objects_collected: int | None
    """What the collector found; None when it did not run."""

    @property
    def resident_bytes_freed(self) -> int:
        """How much less the process takes; negative if it takes more."""
        return self.resident_bytes_before - self.resident_bytes_after

    def __str__(self) -> str:
        return (
            f"dropped {self.entries_dropped} entries, "
            f"{self.freed_bytes / MIB:.1f} MB by the caches' count; resident "
            f"{self.resident_bytes_before / MIB:.1f} MB -> "
            f"{self.resident_bytes_after / MIB:.1f} MB"
        )


class MemoryManager:
    """Names caches, pools and weak references, and cleans up among them.

    Called every few minutes, ``cleanup`` drops what has expired. Only above the budget,
    or when forced, it also trims what is over 80 % full. The collector runs only when
    told that the program is idle: it stops everything else meanwhile.
    """

    def __init__(
        self,
        *,
        budget_bytes: int = BUDGET_BYTES,
        read_resident_bytes: "Callable[[], int] | None" = None,
    ) -> None:
        self._budget_bytes = budget_bytes
        self._resident_bytes = read_resident_bytes or resident_bytes
        self._caches: dict[str, LRUCache[Any, Any]] = {}
        self._pools: dict[str, ObjectPool[Any]] = {}
        self._registered: WeakValueDictionary[str, Trimmable] = WeakValueDictionary()
        self._weak_refs: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def get_cache(
        self,
        name: str,
        max_size: int | None = None,
        *,
        max_bytes: int | None = None,
        size_of: Callable[[Any], int] | None = None,
        ttl_seconds: float | None = None,
    ) -> LRUCache[Any, Any]:
        """Return the cache of that name, made by the first call, with its bounds.

        A later call that asks for another bound raises ValueError.
        """
        cache = self._caches.get(name)
        if cache is None:
            self._refuse_taken(name)
            cache = self._caches[name] = LRUCache(
                ENTRIES_LIMIT if max_size is None else max_size,
                max_bytes,
                size_of,
                ttl_seconds=ttl_seconds,
            )
        else:
            _refuse_other(name, "entries", cache.max_entries, max_size)
            _refuse_other(name, "bytes", cache.max_bytes, max_bytes)
        return cache

    def get_pool(
        self,
        name: str,
        factory: Callable[[], Pooled],
        max_size: int | None = None,
    ) -> ObjectPool[Pooled]:
        """Return the pool of that name, made by the first call, with its bound.

        A later call that asks for another ``max_size`` raises ValueError.
        """
        pool = self._pools.get(name)
        if pool is None:
            size = IDLE_LIMIT if max_size is None else max_size
            pool = self._pools[name] = ObjectPool(factory, size)
        else:
            _refuse_other(name, "objects", pool.max_size, max_size)
        return pool

    def register(self, name: str, holder: Trimmable) -> None:
        """Clean up in something of one's own as well, while it lives.

        It is not kept alive. Raises ValueError if the name is taken by another.
        """
        if self._registered.get(name) is not holder:
            self._refuse_taken(name)
        _weakly(self._registered, name, holder)

    def store_weak_ref(self, name: str, value: object) -> None:
        """Remember an object under a name for as long as somebody else keeps it.

        Raises TypeError for what Python cannot refer to weakly: str, bytes, numbers,
        tuples, and lists and dicts themselves.
        """
        _weakly(self._weak_refs, name, value)

    def get_weak_ref(self, name: str) -> Any:
        """Return the object remembered under the name, None if it is gone."""
        return self._weak_refs.get(name)

    def cleanup(self, force: bool = False, *, is_idle: bool = False) -> CleanupReport:
        """Drop what has expired, and trim what is too full if memory is short.

        ``force`` trims whatever the memory; ``is_idle`` says that a pause of some
        milliseconds hurts nobody, so that the collector may run.
        """
        before = self._resident_bytes()
        is_over = before > self._budget_bytes
        share = KEPT_SHARE if force or is_over else 1.0
        freed = [_trimmed(name, holder, share) for name, holder in self._holders()]
        collected = gc.collect() if is_idle else None
        return CleanupReport(
            entries_dropped=sum(each.entries for each in freed),
            freed_bytes=sum(each.bytes for each in freed),
            resident_bytes_before=before,
            resident_bytes_after=self._resident_bytes(),
            was_over_budget=is_over,
            objects_collected=collected,
        )

    def freeze(self, *, is_idle: bool = False) -> None:
        """Call after the start: what lives now is never looked through again.

        Later collections then take a fraction of the time.
        What is garbage now stays for good, unless ``is_idle`` says that a
        pause of a tenth of a second hurts nobody: then all is looked through first,
        also what was frozen before.
        """
        if is_idle:
            gc.unfreeze()
            gc.collect()
        gc.freeze()

    def get_stats(self) -> MemoryStats:
        """Return the memory in MB, what is held, and the collector's figures."""
        caches = {**self._caches, **self._registered}
        return {
            "memory_mb": self._resident_bytes() / MIB,
            "caches": {name: cache.size() for name, cache in caches.items()},
            "pools": {name: pool.size() for name, pool in self._pools.items()},
            "weak_refs": len(self._weak_refs),
            "gc_stats": gc.get_stats(),
        }

    def _holders(self) -> list[tuple[str, Trimmable]]:
        return [
            *self._caches.items(),
            *self._registered.items(),
            *self._pools.items(),
        ]

    def _refuse_taken(self, name: str) -> None:
        if name in self._caches or name in self._registered:
            raise ValueError(f"the name {name!r} is taken by another cache")


def resident_bytes() -> int:
    """Return the memory that this process takes."""
    try:
        pages = int(_STATM.read_bytes().split()[_RESIDENT_PAGES])
    except (OSError, ValueError, IndexError):
        # There is no such file except on Linux. It is slow to load.
        import psutil

        return psutil.Process().memory_info().rss
    return pages * os.sysconf("SC_PAGE_SIZE")


def _trimmed(name: str, holder: Trimmable, share: float) -> Freed:
    """Trim one holder; what it raises keeps nobody from the others."""
    try:
        return holder.trim(share)
    except Exception:
        _logger.exception("%s could not be cleaned up", name)
        return Freed(0, 0)


def _refuse_other(name: str, what: str, bound: int | None, wanted: int | None) -> None:
    if wanted is not None and wanted != bound:
        made_for = "without a bound of" if bound is None else f"for {bound}"
        raise ValueError(
            f"{name!r} was made {made_for} {what}, not for {wanted}; "
            "ask for it without a size, or under another name"
        )


def _weakly(table: "WeakValueDictionary[str, Any]", name: str, value: object) -> None:
    try:
        table[name] = value
    except TypeError as error:
        raise TypeError(
            f"{name!r}: a {type(value).__name__} cannot be referred to weakly; keep it "
            "in a cache (get_cache), or in an object of a class of your own"
        ) from error


memory_manager = MemoryManager()
