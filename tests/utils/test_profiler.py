"""What the profiler measures, with a clock that only moves when told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from utils import profiler as profiler_module
from utils.profiler import FUNCTION_LIMIT, OVERFLOW_NAME, PerformanceProfiler

SECOND = 1_000_000_000


class _Clock:
    def __init__(self) -> None:
        self.now = SECOND

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(profiler_module, "_clock", clock)
    return clock


def test_figures_of_a_function(clock: _Clock) -> None:
    profiler = PerformanceProfiler()
    spend: Callable[[float], None] = profiler.measure("spend")(clock.advance)
    for _ in range(98):
        spend(0.010)
    spend(0.100)
    spend(1.000)

    (timing,) = profiler.timings()

    assert timing.name == "spend"
    assert timing.calls == 100
    assert timing.total_seconds == pytest.approx(2.08)
    assert timing.mean_seconds == pytest.approx(0.0208)
    assert timing.p50_seconds == pytest.approx(0.010, rel=0.0625)
    assert timing.p95_seconds == pytest.approx(0.010, rel=0.0625)
    assert timing.p99_seconds == pytest.approx(0.100, rel=0.0625)
    assert timing.max_seconds == 1.0


def test_rows_are_sorted_by_total_and_reset_clears_them(clock: _Clock) -> None:
    profiler = PerformanceProfiler()
    short = profiler.measure("short")(clock.advance)
    long = profiler.measure("long")(clock.advance)
    short(1)
    long(2)

    assert [timing.name for timing in profiler.timings()] == ["long", "short"]

    profiler.reset()
    assert profiler.timings() == ()
    short(3)
    assert profiler.timings()[0].total_seconds == 3


def test_the_default_name_tells_classes_apart() -> None:
    profiler = PerformanceProfiler()

    class One:
        @profiler.measure()
        def run(self) -> int:
            return 1

    class Two:
        @profiler.measure()
        def run(self) -> int:
            return 2

    assert One().run() + Two().run() == 3
    names = {timing.name.rpartition("<locals>.")[2] for timing in profiler.timings()}
    assert names == {"One.run", "Two.run"}


def test_recursion_counts_its_time_once(clock: _Clock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("descend")
    def descend(depth: int) -> None:
        clock.advance(1)
        if depth:
            descend(depth - 1)

    descend(4)

    (timing,) = profiler.timings()
    assert timing.calls == 5
    assert timing.total_seconds == 5
    assert timing.max_seconds == 5


def test_an_exception_is_measured_and_passed_on(clock: _Clock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("fail")
    def fail() -> None:
        clock.advance(1)
        raise KeyError

    for _ in range(2):
        with pytest.raises(KeyError):
            fail()

    assert profiler.timings()[0].calls == 2
    assert profiler.timings()[0].total_seconds == 2


async def test_a_suspended_coroutine_costs_nothing(clock: _Clock) -> None:
    profiler = PerformanceProfiler()
    gate = asyncio.Event()

    @profiler.measure("wait")
    async def wait() -> str:
        clock.advance(1)
        await gate.wait()
        clock.advance(2)
        return "done"

    waiting = [asyncio.create_task(wait()) for _ in range(10)]
    await asyncio.sleep(0)
    clock.advance(1000)
    gate.set()

    assert await asyncio.gather(*waiting) == ["done"] * 10
    (timing,) = profiler.timings()
    assert timing.calls == 10
    assert timing.total_seconds == 30
    assert timing.max_seconds == 3


async def test_async_recursion_counts_its_time_once(clock: _Clock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("descend")
    async def descend(depth: int) -> None:
        clock.advance(1)
        await asyncio.sleep(0)
        if depth:
            await descend(depth - 1)

    await asyncio.gather(descend(2), descend(2))

    (timing,) = profiler.timings()
    assert timing.calls == 6
    assert timing.total_seconds == 6


async def test_cancelling_a_measured_coroutine_reaches_it(clock: _Clock) -> None:
    profiler = PerformanceProfiler()
    cleaned: list[str] = []

    @profiler.measure("sleep")
    async def sleep() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            clock.advance(1)
            await asyncio.sleep(0)
            cleaned.append("yes")

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert cleaned == ["yes"]
    assert profiler.timings()[0].total_seconds == 1


async def test_a_coroutine_may_survive_an_exception_thrown_in() -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("survive")
    async def survive() -> str:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        except TimeoutError:
            return "survived"
        return "never"

    assert await survive() == "survived"


def test_closing_a_measured_coroutine_closes_the_inner_one() -> None:
    profiler = PerformanceProfiler()
    closed: list[bool] = []

    @profiler.measure("held")
    async def held() -> None:
        try:
            await asyncio.Future(loop=loop)
        finally:
            closed.append(True)

    loop = asyncio.new_event_loop()
    coroutine = held()
    coroutine.send(None)
    coroutine.close()
    loop.close()

    assert closed == [True]


def test_a_block_is_measured_also_when_it_raises(clock: _Clock) -> None:
    profiler = PerformanceProfiler()

    def load() -> None:
        with profiler.profile_block("load"):
            clock.advance(2)
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        load()

    (timing,) = profiler.timings()
    assert (timing.name, timing.calls, timing.total_seconds) == ("block.load", 1, 2)


async def test_disabled_measures_nothing_and_changes_nothing(clock: _Clock) -> None:
    profiler = PerformanceProfiler(enabled=False)

    @profiler.measure("double")
    def double(number: int) -> int:
        return number * 2

    @profiler.measure("triple")
    async def triple(number: int) -> int:
        return number * 3

    with profiler.profile_block("b"):
        assert double(2) + await triple(2) == 10
    assert profiler.timings() == ()

    profiler.enabled = True
    assert double(2) == 4
    assert [timing.name for timing in profiler.timings()] == ["double"]


def test_generators_are_refused() -> None:
    profiler = PerformanceProfiler()

    def generate() -> Iterator[int]:
        yield 1

    async def generate_later() -> AsyncIterator[int]:
        yield 1

    for function in (generate, generate_later):
        with pytest.raises(TypeError, match="generator"):
            profiler.measure()(function)


def test_names_are_bounded(clock: _Clock) -> None:
    profiler = PerformanceProfiler()
    for number in range(FUNCTION_LIMIT + 5):
        with profiler.profile_block(str(number)):
            clock.advance(1)

    timings = {timing.name: timing.calls for timing in profiler.timings()}

    assert timings[OVERFLOW_NAME] == 5
    assert len(timings) == FUNCTION_LIMIT + 1


def test_two_profilers_are_independent() -> None:
    first, second = PerformanceProfiler(), PerformanceProfiler()
    with first.profile_block("x"):
        pass

    assert len(first.timings()) == 1
    assert second.timings() == ()


def test_a_measured_function_keeps_its_name_and_document() -> None:
    def documented() -> None:
        """Say something."""

    measured = PerformanceProfiler().measure()(documented)

    assert measured.__name__ == "documented"
    assert measured.__doc__ == "Say something."
