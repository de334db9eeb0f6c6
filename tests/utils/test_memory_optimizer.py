"""Caches and weak references by name, and a clean-up that tells the truth."""

import gc
import json
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils import memory_optimizer
from utils.memory_optimizer import (
    MIB,
    Freed,
    LRUCache,
    MemoryManager,
    ObjectPool,
    memory_manager,
    resident_bytes,
)

BUDGET = 100 * MIB


class Meter:
    """What the process takes, as the test says; one reading after another."""

    def __init__(self, *readings: int) -> None:
        self.readings = list(readings)

    def __call__(self) -> int:
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


class Thing:
    """Something that can be referred to weakly."""

    itself: "Thing | None" = None


def manager_at(*megabytes: int) -> MemoryManager:
    return MemoryManager(
        budget_bytes=BUDGET,
        read_resident_bytes=Meter(*(number * MIB for number in megabytes)),
    )


@pytest.fixture
def no_frozen_objects() -> Iterator[None]:
    yield
    gc.unfreeze()


def filled(manager: MemoryManager, name: str, entries: int) -> LRUCache[int, bytes]:
    cache = manager.get_cache(name, 100, size_of=len)
    for number in range(entries):
        cache.put(number, bytes(1_000))
    return cache


def test_one_name_is_one_cache() -> None:
    manager = MemoryManager()
    cache = manager.get_cache("commands", 500)
    assert manager.get_cache("commands") is cache is manager.get_cache("commands", 500)
    assert manager.get_cache("contexts").max_entries == 100
    with pytest.raises(ValueError, match="another name"):
        manager.get_cache("commands", 100)


def test_one_name_is_one_pool() -> None:
    manager = MemoryManager()
    pool = manager.get_pool("things", Thing, 2)
    assert manager.get_pool("things", Thing) is pool
    assert isinstance(pool.acquire(), Thing)


def test_what_lives_in_plenty_of_memory_is_not_evicted() -> None:
    manager = manager_at(99)
    cache = filled(manager, "full", 100)
    report = manager.cleanup()
    assert (len(cache), report.entries_dropped, report.freed_bytes) == (100, 0, 0)
    assert not report.was_over_budget


@pytest.mark.parametrize(("entries", "left"), [(100, 80), (81, 80), (80, 80), (3, 3)])
def test_over_the_budget_what_is_too_full_is_trimmed(entries: int, left: int) -> None:
    manager = manager_at(101)
    cache = filled(manager, "cache", entries)
    report = manager.cleanup()
    assert report.was_over_budget
    assert len(cache) == left
    assert report.entries_dropped == entries - left
    assert report.freed_bytes == (entries - left) * 1_000
    # The newest are kept.
    assert cache.get(entries - 1) is not None


def test_force_trims_whatever_the_memory() -> None:
    manager = manager_at(1)
    assert manager.cleanup(force=True).entries_dropped == 0
    cache = filled(manager, "cache", 100)
    assert manager.cleanup(force=True).entries_dropped == 20
    assert len(cache) == 80


def test_memory_is_measured_after_evicting_and_may_have_grown() -> None:
    freed = manager_at(62, 52).cleanup()
    assert freed.resident_bytes_freed == 10 * MIB
    assert "62.0 MB -> 52.0 MB" in str(freed)
    assert manager_at(62, 63).cleanup().resident_bytes_freed == -MIB


def test_what_a_cleanup_says_it_freed_was_freed() -> None:
    manager = MemoryManager()
    cache = manager.get_cache("big", 200, size_of=len)
    tracemalloc.start()
    try:
        for number in range(200):
            cache.put(number, bytes(100_000))
        before = tracemalloc.get_traced_memory()[0]
        report = manager.cleanup(force=True)
        traced = before - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert report.freed_bytes == 40 * 100_000
    assert report.freed_bytes == pytest.approx(traced, rel=0.2)


def test_the_collector_runs_only_when_nobody_is_disturbed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[str] = []

    def collect() -> int:
        runs.append("")
        return 7

    monkeypatch.setattr(gc, "collect", collect)
    manager = manager_at(500)
    assert manager.cleanup(force=True).objects_collected is None
    assert not runs
    assert manager.cleanup(is_idle=True).objects_collected == 7


@pytest.mark.usefixtures("no_frozen_objects")
def test_what_lives_at_the_start_is_not_looked_through_again() -> None:
    circle: list[object] = []
    circle.append(circle)
    mark = id(circle)
    MemoryManager().freeze()
    assert gc.get_freeze_count() > 1_000
    assert mark not in {id(one) for one in gc.get_objects()}


@pytest.mark.usefixtures("no_frozen_objects")
def test_garbage_is_found_before_a_freeze_while_idle() -> None:
    manager = MemoryManager()
    gc.disable()
    try:
        thing = Thing()
        thing.itself = thing
        known = weakref.ref(thing)
        del thing
        manager.freeze()
        gc.collect()
        assert known(), "it is out of sight"
        manager.freeze(is_idle=True)
        assert known() is None
    finally:
        gc.enable()


class Counted:
    """Something of one's own with the small protocol."""

    def __init__(self) -> None:
        self.shares: list[float] = []

    def size(self) -> int:
        return 5

    def trim(self, share: float) -> Freed:
        self.shares.append(share)
        return Freed(2, 30)


def test_others_are_cleaned_up_in_as_well_while_they_live() -> None:
    manager = manager_at(1)
    own = Counted()
    manager.register("own", own)
    manager.register("own", own)
    assert manager.cleanup().freed_bytes == 30
    assert manager.cleanup(force=True).entries_dropped == 2
    assert own.shares == [1.0, 0.8]
    assert manager.get_stats()["caches"] == {"own": 5}
    del own
    gc.collect()
    assert manager.get_stats()["caches"] == {}
    assert manager.cleanup(force=True).entries_dropped == 0


def test_a_name_has_one_owner() -> None:
    manager = MemoryManager()
    first, second = Counted(), Counted()
    manager.register("own", first)
    with pytest.raises(ValueError, match="taken"):
        manager.register("own", second)
    with pytest.raises(ValueError, match="taken"):
        manager.get_cache("own")


def test_idle_objects_of_a_pool_are_trimmed_too() -> None:
    manager = manager_at(1)
    pool = manager.get_pool("things", Thing, 10)
    for thing in [pool.acquire() for _ in range(10)]:
        pool.release(thing)
    assert manager.get_stats()["pools"] == {"things": 10}
    assert manager.cleanup().entries_dropped == 0
    assert manager.cleanup(force=True).entries_dropped == 2
    assert manager.get_stats()["pools"] == {"things": 8}


def test_a_weak_reference_keeps_nothing_alive() -> None:
    manager = MemoryManager()
    thing = Thing()
    manager.store_weak_ref("thing", thing)
    assert manager.get_weak_ref("thing") is thing
    assert manager.get_stats()["weak_refs"] == 1
    del thing
    gc.collect()
    assert manager.get_weak_ref("thing") is None
    assert manager.get_stats()["weak_refs"] == 0
    assert manager.get_weak_ref("never there") is None


@pytest.mark.parametrize("value", [{}, "text", [1], (1,), 7, None])
def test_what_cannot_be_referred_to_weakly_is_refused_with_a_way_out(
    value: object,
) -> None:
    manager = MemoryManager()
    with pytest.raises(TypeError, match=rf"{type(value).__name__} .*get_cache"):
        manager.store_weak_ref("it", value)
    assert manager.get_stats()["weak_refs"] == 0


def test_the_figures_can_be_written_down() -> None:
    manager = manager_at(62)
    filled(manager, "commands", 3)
    stats = json.loads(json.dumps(manager.get_stats()))
    assert list(stats) == ["memory_mb", "caches", "pools", "weak_refs", "gc_stats"]
    assert stats["memory_mb"] == 62.0
    assert stats["caches"] == {"commands": 3}
    assert len(stats["gc_stats"]) == 3


def test_the_memory_is_that_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    here = resident_bytes()
    assert 10 * MIB < here < 10_000 * MIB
    monkeypatch.setattr(memory_optimizer, "_STATM", Path("/nowhere"))
    assert resident_bytes() == pytest.approx(here, rel=0.3)


def test_there_is_one_for_whoever_needs_only_one() -> None:
    assert isinstance(memory_manager, MemoryManager)


def test_one_that_cannot_be_cleaned_up_keeps_nobody_from_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Odd:
        def size(self) -> int:
            return 1

        def trim(self, share: float) -> Freed:
            raise OSError(f"nothing at {share}")

    manager, odd = manager_at(1), Odd()
    manager.register("odd", odd)
    pool: ObjectPool[list[int]] = manager.get_pool("pool", list, 10)
    for lent in [pool.acquire() for _ in range(10)]:
        pool.release(lent)
    assert manager.cleanup(force=True).entries_dropped == 2
    assert "odd could not be cleaned up" in caplog.text


def test_another_bound_than_the_first_callers_is_refused() -> None:
    manager = MemoryManager()
    cache = manager.get_cache("cache", 5, max_bytes=10, size_of=len)
    with pytest.raises(ValueError, match="for 10 bytes, not for 20"):
        manager.get_cache("cache", 5, max_bytes=20, size_of=len)
    assert manager.get_cache("cache", 5, max_bytes=10, size_of=len) is cache
    pool: ObjectPool[list[int]] = manager.get_pool("pool", list, 3)
    with pytest.raises(ValueError, match="for 3 objects, not for 9"):
        manager.get_pool("pool", list, 9)
    assert manager.get_pool("pool", list) is pool
