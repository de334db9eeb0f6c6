"""What measuring costs: the profiler beside the sample decorator, a bare one, cProfile.

The sample is the first design's algorithm: two readings of the clock, and count, sum,
mean, largest and smallest kept under a name. It has no percentiles and no guard against
recursion. Everything runs in this process, in rounds that take turns; the fastest round
of each counts, for whatever else runs on the machine only makes a round slower.
"""

import asyncio
import contextlib
import cProfile
import functools
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from types import coroutine
from typing import Any

from benchmarks.figures import Row, compared, held_to, interleaved
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from utils.histogram import Histogram
from utils.profiler import PerformanceProfiler
from utils.sampling import SamplingProfiler
from utils.stopwatch import Times

ROUNDS = 60
CALLS = 3_000
FEW_ROUNDS = 7
HEAVY_DEPTH = 21
"""Of the Fibonacci number that the call-heavy work takes apart: 35,000 calls."""
HEAVY_TIMES = 200
DEQUE_LENGTH = 1_000
SLOW_SECONDS = 1.0
LIMIT_PERCENT = 2.0
NANOSECONDS = 1e9

Call = Callable[[int], object]
AsyncCall = Callable[[int], Awaitable[object]]


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Take every figure."""
    rounds = extent.some(ROUNDS)
    return [
        *_calls(rounds),
        *_coroutines(rounds),
        *_blocks(rounds),
        *_recording(rounds),
        *_sampling(extent.some(FEW_ROUNDS), extent.some(HEAVY_TIMES)),
    ]


class _Figures:
    """One name's figures in the sample."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.mean = 0.0
        self.largest = 0.0
        self.smallest = math.inf

    def update(self, seconds: float) -> None:
        self.count += 1
        self.total += seconds
        self.mean = self.total / self.count
        self.largest = max(self.largest, seconds)
        self.smallest = min(self.smallest, seconds)


class _Sample:
    """The peer: the first design's decorator and block."""

    def __init__(self) -> None:
        self.figures: dict[str, _Figures] = {}
        self.enabled = True

    def measure(self, name: str) -> Callable[[Call], Call]:
        def decorate(function: Call) -> Call:
            @functools.wraps(function)
            def measured(*args: Any, **kwargs: Any) -> object:
                if not self.enabled:
                    return function(*args, **kwargs)
                started = time.perf_counter()
                try:
                    return function(*args, **kwargs)
                finally:
                    self._update(name, time.perf_counter() - started)

            return measured

        return decorate

    def measure_coroutine(self, name: str) -> Callable[[AsyncCall], AsyncCall]:
        def decorate(function: AsyncCall) -> AsyncCall:
            @functools.wraps(function)
            async def measured(*args: Any, **kwargs: Any) -> object:
                if not self.enabled:
                    return await function(*args, **kwargs)
                started = time.perf_counter()
                try:
                    return await function(*args, **kwargs)
                finally:
                    self._update(name, time.perf_counter() - started)

            return measured

        return decorate

    @contextlib.contextmanager
    def block(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._update(f"block.{name}", time.perf_counter() - started)

    def _update(self, name: str, seconds: float) -> None:
        if name not in self.figures:
            self.figures[name] = _Figures()
        self.figures[name].update(seconds)
        if seconds > SLOW_SECONDS:
            raise RuntimeError(f"{name} took {seconds:.2f} s: too busy to measure here")


def _bare(function: Call) -> Call:
    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> object:
        return function(*args, **kwargs)

    return called


def _bare_coroutine(function: AsyncCall) -> AsyncCall:
    @functools.wraps(function)
    async def called(*args: Any, **kwargs: Any) -> object:
        return await function(*args, **kwargs)

    return called


def _same(number: int) -> int:
    return number


async def _same_later(number: int) -> int:
    return number


@coroutine
def _suspended() -> Generator[None, None, None]:
    yield


async def _same_after_waiting(number: int) -> int:
    await _suspended()
    return number


def _row(
    name: str, series: dict[str, list[float]], ours: str, base: str, base_name: str
) -> Row:
    return compared(name, series[ours], series[base], base_name, "ns", of=min)


def _calls(rounds: int) -> list[Row]:
    off = PerformanceProfiler(enabled=False)
    calls: dict[str, Call] = {
        "ours": PerformanceProfiler().measure("same")(_same),
        "off": off.measure("same")(_same),
        "sample": _Sample().measure("same")(_same),
        "bare": _bare(_same),
    }

    def take(call: Call) -> float:
        begun = time.perf_counter()
        for number in range(CALLS):
            call(number)
        return (time.perf_counter() - begun) / CALLS * NANOSECONDS

    takes = {name: functools.partial(take, call) for name, call in calls.items()}
    series = interleaved(takes, rounds)
    return [
        _row("measured call", series, "ours", "sample", "sample"),
        _row("measured call, off", series, "off", "bare", "bare wrapper"),
    ]


def _coroutines(rounds: int) -> list[Row]:
    off = PerformanceProfiler(enabled=False)
    calls: dict[str, AsyncCall] = {
        "ours": PerformanceProfiler().measure("same")(_same_later),
        "off": off.measure("same")(_same_later),
        "sample": _Sample().measure_coroutine("same")(_same_later),
        "bare": _bare_coroutine(_same_later),
    }

    async def awaited(call: AsyncCall) -> float:
        begun = time.perf_counter()
        for number in range(CALLS):
            await call(number)
        return (time.perf_counter() - begun) / CALLS * NANOSECONDS

    def take(call: AsyncCall) -> float:
        return _run(awaited(call))

    takes = {name: functools.partial(take, call) for name, call in calls.items()}
    series = interleaved(takes, rounds)
    # The sample counts the waiting as work, so it has nothing to do when it is over.
    waits: dict[str, AsyncCall] = {
        "ours": PerformanceProfiler().measure("same")(_same_after_waiting),
        "sample": _Sample().measure_coroutine("same")(_same_after_waiting),
    }
    waits_series = interleaved(
        {name: functools.partial(take, call) for name, call in waits.items()},
        FEW_ROUNDS,
    )
    return [
        _row("measured coroutine", series, "ours", "sample", "sample"),
        _row("measured coroutine, off", series, "off", "bare", "bare wrapper"),
        _row("measured coroutine, waits", waits_series, "ours", "sample", "sample"),
    ]


def _run(coroutine: Coroutine[Any, Any, float]) -> float:
    return asyncio.run(coroutine)


def _blocks(rounds: int) -> list[Row]:
    ours, sample, off = PerformanceProfiler(), _Sample(), PerformanceProfiler(False)

    def take(block: Callable[[str], contextlib.AbstractContextManager[None]]) -> float:
        begun = time.perf_counter()
        for _ in range(CALLS):
            with block("same"):
                pass
        return (time.perf_counter() - begun) / CALLS * NANOSECONDS

    takes = {
        "ours": functools.partial(take, ours.profile_block),
        "off": functools.partial(take, off.profile_block),
        "sample": functools.partial(take, sample.block),
        "bare": functools.partial(take, lambda _name: contextlib.nullcontext()),
    }
    series = interleaved(takes, rounds)
    return [
        _row("measured block", series, "ours", "sample", "sample"),
        _row("measured block, off", series, "off", "bare", "nullcontext()"),
    ]


def _recording(rounds: int) -> list[Row]:
    """A time on its way into the histogram beside one put into a bounded deque."""
    kept = deque[int](maxlen=DEQUE_LENGTH)
    alike = [60 + number * 7919 % 100 for number in range(CALLS)]
    # Of what takes long, the clock tells hardly a time twice.
    different = [1_000_000 + number * 7919 for number in range(CALLS)]

    def recorded(times: Times, durations: list[int]) -> float:
        begun = time.perf_counter()
        for duration in durations:
            times[duration] += 1
        return (time.perf_counter() - begun) / CALLS * NANOSECONDS

    def appended() -> float:
        begun = time.perf_counter()
        for duration in alike:
            kept.append(duration)
        return (time.perf_counter() - begun) / CALLS * NANOSECONDS

    takes = {
        "alike": functools.partial(recorded, Times(Histogram()), alike),
        "different": functools.partial(recorded, Times(Histogram()), different),
        "base": appended,
    }
    series = interleaved(takes, rounds)
    return [
        _row("record alike times", series, "alike", "base", "deque(1000)"),
        _row("record different times", series, "different", "base", "deque(1000)"),
    ]


def _fibonacci(number: int) -> int:
    return number if number < 2 else _fibonacci(number - 1) + _fibonacci(number - 2)


def _sampling(rounds: int, times: int) -> list[Row]:
    """What call-heavy work takes of the processor, by its own thread's clock."""
    shares: list[float] = []

    def work() -> float:
        begun = time.thread_time()
        for _ in range(times):
            _fibonacci(HEAVY_DEPTH)
        return time.thread_time() - begun

    def sampled() -> float:
        sampler = SamplingProfiler()
        sampler.start()
        seconds = work()
        profile = sampler.stop()
        shares.append(profile.cost_seconds / profile.seconds * 100)
        return seconds

    def traced() -> float:
        profile = cProfile.Profile()
        profile.enable()
        try:
            return work()
        finally:
            profile.disable()

    series = interleaved({"ours": sampled, "bare": work, "traced": traced}, rounds)
    ours = series["ours"]
    return [
        compared("work, sampled", ours, series["bare"], "unsampled", "s", of=min),
        compared("work, sampled", ours, series["traced"], "cProfile", "s", of=min),
        held_to("sampler's own share", shares, LIMIT_PERCENT, "%"),
    ]
