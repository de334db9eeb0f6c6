"""Maintenance comes at quiet moments, and goes on whatever a run did."""

import asyncio
import gc
import itertools
import logging
import weakref
from collections.abc import Awaitable, Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.bootstrap.maintenance import (
    COLLECTING_SECONDS,
    FIRST_SECONDS,
    MIDDLE_PASSES_LIMIT,
    PATIENCE_SECONDS,
    QUIET_SECONDS,
    Maintenance,
    QuietCollector,
)
from tests.virtual_time import VirtualLoop
from utils.memory_optimizer import MemoryManager


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def run_for(
    loop: VirtualLoop,
    work: Callable[[], Awaitable[object]],
    *,
    seconds: float,
    interval_seconds: float,
    activity: Callable[[], object] = lambda: None,
) -> Maintenance:
    """Let maintenance run so long, end it, and find nothing left behind."""
    maintenance = Maintenance(
        work, interval_seconds=interval_seconds, activity=activity
    )

    async def main() -> None:
        task = asyncio.ensure_future(maintenance.run())
        await asyncio.sleep(seconds)
        assert not task.done()
        task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()

    loop.run_until_complete(main())
    assert not loop.left_behind()
    return maintenance


def test_every_second_a_report_although_some_fail(
    loop: VirtualLoop, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[float] = []

    async def work() -> None:
        begun.append(loop.time())
        if len(begun) in (1, 3):
            raise NameError("logger")

    with caplog.at_level(logging.ERROR):
        done = run_for(loop, work, seconds=10.5, interval_seconds=1.0)
    assert (done.runs, done.failures) == (3, 2)
    assert [b - a for a, b in itertools.pairwise(begun)] == [2.0] * 4
    assert caplog.text.count("maintenance failed") == 2


def test_what_is_looked_at_may_fail_too(loop: VirtualLoop) -> None:
    begun: list[float] = []
    looks = itertools.count()

    def activity() -> object:
        if next(looks) < 3:
            raise OSError("gone")
        return None

    async def work() -> None:
        begun.append(loop.time())

    done = run_for(loop, work, seconds=20, interval_seconds=1.0, activity=activity)
    assert done.failures >= 1
    assert done.runs == len(begun) > 5


def test_the_first_comes_soon(loop: VirtualLoop) -> None:
    begun: list[float] = []
    start = loop.time()

    async def work() -> None:
        begun.append(loop.time() - start)

    run_for(loop, work, seconds=700, interval_seconds=300)
    first = FIRST_SECONDS + QUIET_SECONDS
    pause = 300 + QUIET_SECONDS
    assert begun == [first, first + pause, first + 2 * pause]


@given(busy_seconds=st.floats(0, 200), interval_seconds=st.floats(1, 1000))
def test_it_waits_for_quiet_but_not_for_ever(
    busy_seconds: float, interval_seconds: float
) -> None:
    """Somebody types without a pause until ``busy_seconds`` have passed."""
    loop = VirtualLoop()
    start, begun = loop.time(), []

    async def work() -> None:
        begun.append(loop.time() - start)

    run_for(
        loop,
        work,
        seconds=2 * interval_seconds + 2 * PATIENCE_SECONDS + FIRST_SECONDS,
        interval_seconds=interval_seconds,
        activity=lambda: min(loop.time() - start, busy_seconds),
    )
    loop.close()
    due = min(FIRST_SECONDS, interval_seconds)
    quiet = min(QUIET_SECONDS, interval_seconds)
    patience = min(PATIENCE_SECONDS, interval_seconds)
    assert begun[0] <= due + patience + quiet + 1e-6
    at_latest = due + patience
    assert begun[0] >= min(busy_seconds, at_latest) - 1e-6
    assert begun[0] >= due + quiet - 1e-6


@pytest.fixture
def collector() -> Iterator[QuietCollector]:
    before = gc.get_threshold()
    collector = QuietCollector(MemoryManager())
    collector.start()
    yield collector
    collector.stop()
    gc.unfreeze()
    assert gc.get_threshold() == before


class Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


async def test_long_passes_wait_until_they_are_asked_for(
    collector: QuietCollector,
) -> None:
    passes: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            passes.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        # More than enough for Python's own long pass.
        kept = [[Cycle()] for _each in range(200_000)]
        assert kept
        assert passes.count(1) > 10
        assert 2 not in passes
        await collector.collect()
        assert passes.count(2) == 1
        await collector.collect()
        assert passes.count(2) == 1, "none is due so soon"
        kept.append([Cycle() for _each in range(150_000)])
        await collector.collect()
        assert passes.count(2) == 2
    finally:
        gc.callbacks.remove(note)


def test_the_last_pass_of_the_process_has_nothing_to_look_through(
    collector: QuietCollector,
) -> None:
    made_since = Cycle()
    assert id(made_since) in {id(one) for one in gc.get_objects()}
    collector.stop()
    assert id(made_since) not in {id(one) for one in gc.get_objects()}


async def test_garbage_is_bounded_where_no_moment_is_quiet(
    collector: QuietCollector,
) -> None:
    gc.collect()
    alive: weakref.WeakSet[Cycle] = weakref.WeakSet()
    most = 0
    for _batch in range(3 * MIDDLE_PASSES_LIMIT):
        cycles = [Cycle() for _number in range(2_000)]
        alive.add(cycles[0])
        # When it is dropped it is too old for a short pass.
        gc.collect(1)
        most = max(most, len(alive))
    assert MIDDLE_PASSES_LIMIT / 2 < most < 1.5 * MIDDLE_PASSES_LIMIT


def test_a_running_collector_looks_at_quiet_moments_until_it_is_stopped(
    loop: VirtualLoop,
) -> None:
    start, usual = loop.time(), gc.get_threshold()
    looks: list[float] = []

    class Watched(QuietCollector):
        async def collect(self) -> None:
            looks.append(loop.time() - start)
            assert gc.get_threshold()[2] == MIDDLE_PASSES_LIMIT

    async def main() -> None:
        # Somebody works from the beginning for half a minute.
        task = asyncio.create_task(
            Watched(MemoryManager()).run(lambda: min(loop.time() - start, 30.0))
        )
        await asyncio.sleep(100)
        assert gc.get_threshold()[2] == MIDDLE_PASSES_LIMIT
        task.cancel()
        await asyncio.wait((task,))

    loop.run_until_complete(main())
    gc.unfreeze()
    assert gc.get_threshold() == usual
    assert not loop.left_behind()
    # One that could wait no longer, then one in each quiet period.
    assert looks[0] >= FIRST_SECONDS + COLLECTING_SECONDS
    period = COLLECTING_SECONDS + QUIET_SECONDS
    assert [b - a for a, b in itertools.pairwise(looks)] == [period] * 2
