"""What the profiler measures, with a clock that only moves when told."""

import asyncio
import math
import sys
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from utils import profiler as profiler_module
from utils.profiler import (
    FUNCTION_LIMIT,
    LOGGED_LIMIT,
    LOGGED_SECONDS,
    OVERFLOW_NAME,
    SLOW_CALLS_KEPT,
    PerformanceProfiler,
)
from utils.stopwatch import PENDING_LIMIT

from .profiler_clock import FakeClock


def test_figures_of_a_function(clock: FakeClock) -> None:
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
    assert timing.min_seconds == 0.01
    assert timing.suspended_seconds == 0


def test_rows_are_sorted_by_total_and_reset_clears_them(clock: FakeClock) -> None:
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


def test_recursion_counts_its_time_once(clock: FakeClock) -> None:
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


def test_an_exception_is_measured_and_passed_on(clock: FakeClock) -> None:
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


async def test_a_suspended_coroutine_costs_nothing(clock: FakeClock) -> None:
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


async def test_async_recursion_counts_its_time_once(clock: FakeClock) -> None:
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


async def test_cancelling_a_measured_coroutine_reaches_it(clock: FakeClock) -> None:
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


def test_a_block_is_measured_also_when_it_raises(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()

    def load() -> None:
        with profiler.profile_block("load"):
            clock.advance(2)
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        load()

    (timing,) = profiler.timings()
    assert (timing.name, timing.calls, timing.total_seconds) == ("block.load", 1, 2)


async def test_disabled_measures_nothing_and_changes_nothing(clock: FakeClock) -> None:
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


@pytest.mark.parametrize("kind", [staticmethod, classmethod, property])
def test_what_is_no_function_yet_is_refused_with_a_hint(kind: type) -> None:
    with pytest.raises(TypeError, match=f"a {kind.__name__}: put @measure below it"):
        PerformanceProfiler().measure()(kind(lambda: None))


def test_a_class_stays_a_class() -> None:
    class Thing:
        pass

    with pytest.raises(TypeError, match="measure its __init__"):
        PerformanceProfiler().measure()(Thing)


def test_the_forgotten_brackets_are_told_at_once() -> None:
    with pytest.raises(TypeError, match=r"@profiler\.measure\(\)"):
        PerformanceProfiler().measure(len)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_a_threshold_is_a_number_of_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="None for never"):
        PerformanceProfiler(slow_seconds=seconds)
    with pytest.raises(ValueError, match="None for never"):
        PerformanceProfiler().set_threshold("name", seconds)


def test_names_are_bounded(clock: FakeClock) -> None:
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


def test_a_row_tells_where_its_function_begins_or_its_block_was_used() -> None:
    profiler = PerformanceProfiler()
    first_line = sys._getframe().f_lineno + 2

    @profiler.measure("function")
    def function() -> None:
        with profiler.profile_block("block"):
            pass

    function()

    places = {timing.name: timing.source for timing in profiler.timings()}
    assert places == {
        "function": f"{__file__}:{first_line}",
        "block.block": f"{__file__}:{first_line + 2}",
    }
    profiler.measure("built in")(len)([])
    assert [t.source for t in profiler.timings() if t.name == "built in"] == [""]


def test_there_is_a_profiler_for_who_has_no_other() -> None:
    assert isinstance(profiler_module.profiler, PerformanceProfiler)
    assert profiler_module.profiler.enabled


@pytest.mark.parametrize("calls", [1, PENDING_LIMIT - 1, PENDING_LIMIT * 3])
def test_calls_are_told_whether_they_were_counted_up_or_still_wait(
    calls: int, clock: FakeClock
) -> None:
    profiler = PerformanceProfiler()
    spend = profiler.measure("spend")(clock.advance)
    for number in range(calls):
        spend(1 + number)
        if number == 100:
            profiler.timings()

    (timing,) = profiler.timings()
    assert timing.calls == calls
    assert timing.total_seconds == calls * (calls + 1) / 2
    assert (timing.min_seconds, timing.max_seconds) == (1, calls)


class TestThreads:
    def test_two_inside_at_once_both_count_and_recursion_counts_once(
        self, clock: FakeClock
    ) -> None:
        profiler = PerformanceProfiler()
        both_inside, may_leave = threading.Event(), threading.Event()

        @profiler.measure("work")
        def work(depth: int) -> None:
            clock.advance(1)
            if depth:
                work(depth - 1)

        @profiler.measure("work")
        def hold() -> None:
            both_inside.set()
            assert may_leave.wait(10)

        holder = threading.Thread(target=hold)
        holder.start()
        assert both_inside.wait(10)
        work(3)
        may_leave.set()
        holder.join()
        work(0)

        (timing,) = profiler.timings()
        assert timing.calls == 6
        # Four seconds here, as many of the holder's, and one alone.
        assert timing.total_seconds == 9

    def test_none_is_inside_when_all_have_left(self, clock: FakeClock) -> None:
        profiler = PerformanceProfiler()

        @profiler.measure("work")
        def work(depth: int) -> None:
            clock.advance(1)
            if not depth:
                raise KeyError
            work(depth - 1)

        for _ in range(3):
            with pytest.raises(KeyError):
                work(5)

        assert profiler.timings()[0].total_seconds == 18


class TestSlowCalls:
    def test_a_slow_call_is_logged_once_and_kept(
        self, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        profiler = PerformanceProfiler()

        @profiler.measure("descend")
        def descend(depth: int) -> None:
            clock.advance(1.1)
            if depth:
                descend(depth - 1)

        descend(0)
        assert caplog.messages == ["Slow function: descend took 1.10s"]
        descend(2)
        assert caplog.messages[1:] == ["Slow function: descend took 3.30s"]
        kept = [(call.name, call.seconds) for call in profiler.slow_calls]
        assert kept == [("descend", 1.1), ("descend", pytest.approx(3.3))]
        assert profiler.timings()[0].slow_calls == 2

    def test_equally_slow_calls_are_each_told(self, clock: FakeClock) -> None:
        profiler = PerformanceProfiler()
        spend = profiler.measure("spend")(clock.advance)
        for _ in range(5):
            spend(2)

        assert len(profiler.slow_calls) == profiler.timings()[0].slow_calls == 5

    async def test_to_wait_for_a_model_is_not_slow(self, clock: FakeClock) -> None:
        profiler = PerformanceProfiler()
        gate = asyncio.Event()

        @profiler.measure("ask")
        async def ask() -> None:
            clock.advance(0.5)
            await gate.wait()
            clock.advance(0.4)

        asking = asyncio.create_task(ask())
        await asyncio.sleep(0)
        clock.advance(5)
        gate.set()
        await asking

        (timing,) = profiler.timings()
        assert profiler.slow_calls == ()
        assert timing.total_seconds == 0.9
        assert timing.suspended_seconds == 5

    def test_each_name_may_have_a_threshold_of_its_own(self, clock: FakeClock) -> None:
        thresholds = {"quick": 0.1, "patient": None}
        profiler = PerformanceProfiler(thresholds=thresholds)
        for name in ("quick", "patient", "usual"):
            spend = profiler.measure(name)(clock.advance)
            spend(0.5)
            spend(30)

        slow = [(call.name, call.seconds) for call in profiler.slow_calls]
        assert slow == [("quick", 0.5), ("quick", 30), ("usual", 30)]

        profiler.set_threshold("usual", None)
        profiler.measure("usual")(clock.advance)(30)
        assert len(profiler.slow_calls) == 3
        with pytest.raises(ValueError, match="None for never"):
            profiler.set_threshold("usual", -1)

    def test_logging_and_keeping_have_bounds(
        self,
        clock: FakeClock,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(time, "monotonic", lambda: clock.now / 1e9)
        profiler = PerformanceProfiler(slow_seconds=0.001)
        spend = profiler.measure("spend")(clock.advance)
        for _ in range(SLOW_CALLS_KEPT + 5):
            spend(0.01)

        assert len(caplog.messages) == LOGGED_LIMIT
        assert len(profiler.slow_calls) == SLOW_CALLS_KEPT
        clock.advance(LOGGED_SECONDS)
        spend(0.01)
        unlogged = SLOW_CALLS_KEPT + 5 - LOGGED_LIMIT
        assert caplog.messages[LOGGED_LIMIT:] == [
            f"Slow function: spend took 0.01s ({unlogged} more were not logged)"
        ]


def test_the_use_of_resources_is_told_without_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The eighth mistake: to measure the processor for 0.1 s held the event loop."""
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("slept"))
    monkeypatch.setattr(
        psutil.Process, "cpu_percent", lambda *_, **__: pytest.fail("waited")
    )
    profiler = PerformanceProfiler()

    first, later = profiler.get_resource_usage(), profiler.get_resource_usage()

    assert set(first) == {"cpu_percent", "memory_mb", "threads", "num_fds", "uptime"}
    assert first["cpu_percent"] > 0, "at first, since the process began"
    resident = psutil.Process().memory_info().rss
    assert later["memory_mb"] == pytest.approx(resident / 1024 / 1024, rel=0.02)
    assert first["threads"] >= 1
    assert later["uptime"] >= first["uptime"]
    assert profiler.get_resource_usage(open_files=True)["open_files"] >= 0
