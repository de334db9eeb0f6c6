"""How long what has one name runs: the profiler's innermost part, made to be cheap.

A call costs two readings of the clock, a guard against counting recursion twice, and
one count in a dictionary of times as the clock tells them: what runs for a microsecond
takes the same few hundred times again and again. Only when the dictionary is full, or
somebody asks, does it go into the histogram. Times are whole nanoseconds here.
"""

import functools
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from dataclasses import dataclass
from threading import get_ident
from types import FrameType, TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

from utils.histogram import Histogram
from utils.stretches import (
    Step,
    awaited_further,
    awaited_in_stretches,
    in_stretches,
)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

PENDING_LIMIT = 512
"""Different times that wait to go into the histogram."""
NEVER = 1 << 62
"""Longer than anything takes."""

Clock = Callable[[], int]

_SECOND = 1e9
_MEASURED = "measured"


class Switch(Protocol):
    """Tells whether to measure; asked at each call."""

    @property
    def enabled(self) -> bool:
        """True to measure."""


@dataclass(frozen=True, slots=True)
class FunctionTiming:
    """The figures of one function or block; quantiles are within 6.25 %.

    Each time is one of *running*; ``suspended_seconds`` stands beside it.
    """

    name: str
    calls: int
    total_seconds: float
    mean_seconds: float
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float
    max_seconds: float
    min_seconds: float = 0.0
    suspended_seconds: float = 0.0
    """How long the calls were held up in an ``await`` or at a ``yield``, added up."""
    slow_calls: int = 0
    """Calls that took longer than the name's threshold."""
    file: str = ""
    line: int = 0
    """Where the function begins, or the block was first used; 0 if unknown."""

    @property
    def source(self) -> str:
        """``file:line``, or nothing if unknown."""
        return f"{self.file}:{self.line}" if self.line else ""


class Times(dict[int, int]):
    """How often which time was taken, on the way into a histogram."""

    __slots__ = ("_durations", "_sum")

    def __init__(self, durations: Histogram) -> None:
        self._durations = durations
        self._sum = 0

    def __missing__(self, time: int) -> int:
        """Make room for a time that was not taken lately."""
        if len(self) >= PENDING_LIMIT:
            self.count_up()
        return 0

    def count_up(self) -> int:
        """Empty into the histogram, and return the sum of all times so far."""
        durations = self._durations
        counts = self.copy()
        self.clear()
        before = durations.total
        durations.record_counts(counts)
        self._sum += durations.total - before
        return self._sum

    def forget(self) -> None:
        """Begin anew."""
        self.clear()
        self._sum = 0


class Stopwatch:
    """The figures under one name; any number of threads may be inside at a time."""

    __slots__ = (
        "_counted",
        "_durations",
        "_slow_calls",
        "_suspended",
        "_tell_slow",
        "call_started",
        "clock",
        "file",
        "inside",
        "line",
        "name",
        "outermost",
        "parts",
        "slow_from",
    )

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        slow_seconds: float | None,
        tell_slow: Callable[[str, float], None],
        file: str = "",
        line: int = 0,
    ) -> None:
        self.name = name
        self.clock = clock
        self.file = file
        self.line = line
        self.call_started = 0
        """When the one call began that found nobody inside; 0 if there is none.

        It does not say of which thread it is: to read its number would be a tenth of
        what a call costs. Who finds it looks whether it is its own.
        """
        self.inside: dict[int, int] = {}
        """How deep each other thread is, and that one in all but its first call."""
        self._durations = Histogram()
        self.outermost = Times(self._durations)
        """Calls that count for the total."""
        self.parts = Times(self._durations)
        """Calls whose time is in it already, or only in part."""
        self._tell_slow = tell_slow
        self._counted = self._suspended = self._slow_calls = 0
        self.set_slow(slow_seconds)

    def clear(self) -> None:
        """Forget all figures; who is inside stays inside."""
        self.outermost.forget()
        self.parts.forget()
        self._durations.clear()
        self._counted = self._suspended = self._slow_calls = 0

    def set_slow(self, seconds: float | None) -> None:
        """Tell from when on a call is slow, None for never."""
        self.slow_from = NEVER if seconds is None else round(seconds * _SECOND)

    def enter(self, thread: int) -> bool:
        """Let the current thread in; True unless it was inside already."""
        depth = self.inside.get(thread, 0)
        started = self.call_started
        is_outermost = not depth and not (started and _is_calling(started))
        self.inside[thread] = depth + 1
        return is_outermost

    def leave(self, thread: int) -> None:
        """Let it out."""
        depth = self.inside[thread] - 1
        if depth:
            self.inside[thread] = depth
        else:
            del self.inside[thread]

    def take(self, running: int, counted: int, suspended: int) -> None:
        """Take a call that ran so long, of which a part counts for the total."""
        self.parts[running] += 1
        self._counted += counted
        self._suspended += suspended
        if counted > self.slow_from:
            self.tell_slow(counted)

    def tell_slow(self, counted: int) -> None:
        """Tell of a call that was slow."""
        self._slow_calls += 1
        self._tell_slow(self.name, counted / _SECOND)

    def timing(self) -> FunctionTiming | None:
        """Return the figures, None if nothing has been measured."""
        self.parts.count_up()
        total = (self.outermost.count_up() + self._counted) / _SECOND
        durations = self._durations
        if not durations.count:
            return None
        p50, p95, p99 = durations.quantiles((0.50, 0.95, 0.99))
        return FunctionTiming(
            name=self.name,
            calls=durations.count,
            total_seconds=total,
            mean_seconds=total / durations.count,
            p50_seconds=p50 / _SECOND,
            p95_seconds=p95 / _SECOND,
            p99_seconds=p99 / _SECOND,
            max_seconds=durations.largest / _SECOND,
            min_seconds=durations.smallest / _SECOND,
            suspended_seconds=self._suspended / _SECOND,
            slow_calls=self._slow_calls,
            file=self.file,
            line=self.line,
        )


def _is_calling(started: int) -> bool:
    """Tell whether the current thread is in the measured call that began then."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if (
            frame.f_code.co_name == _MEASURED
            and frame.f_locals.get("started") is started
        ):
            return True
        frame = frame.f_back
    return False


class Run:
    """One call that runs in stretches: a coroutine's or a generator's."""

    __slots__ = ("_counted", "_left", "_running", "_suspended", "_watch")

    def __init__(
        self, watch: Stopwatch, *, running: int = 0, left: int = NEVER
    ) -> None:
        """Begin with what ran outermost already, until it was left."""
        self._watch = watch
        self._running = self._counted = running
        self._suspended = 0
        self._left = left

    def end(self) -> None:
        """Hand over what was measured."""
        self._watch.take(self._running, self._counted, self._suspended)

    def stretch(self, step: Step, argument: object) -> Any:
        """Measure one stretch."""
        watch = self._watch
        thread = get_ident()
        started = watch.clock()
        is_outermost = watch.enter(thread)
        try:
            return step(argument)
        finally:
            watch.leave(thread)
            left = watch.clock()
            self._running += left - started
            if is_outermost:
                self._counted += left - started
                self._suspended += max(0, started - self._left)
            self._left = left


def measured_function(
    function: Callable[Parameters, Result], watch: Stopwatch, switch: Switch
) -> Callable[Parameters, Result]:
    """Return a function that measures another one while the switch is on."""
    call: Callable[..., Result] = function
    clock = watch.clock
    times = watch.outermost

    @functools.wraps(function)
    def measured(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not switch.enabled:
            # Without keywords, Python spares itself a dictionary.
            return call(*args, **kwargs) if kwargs else call(*args)
        started = clock()
        if watch.call_started or watch.inside:
            return _crowded(call, args, kwargs, watch, started)
        # No thread and no interrupt comes between here and the try: nothing is called.
        watch.call_started = started
        try:
            return call(*args, **kwargs) if kwargs else call(*args)
        finally:
            watch.call_started = 0
            elapsed = clock() - started
            times[elapsed] += 1
            if elapsed > watch.slow_from:
                watch.tell_slow(elapsed)

    return measured


def _crowded(
    function: Callable[..., Result],
    args: tuple[object, ...],
    kwargs: dict[str, object],
    watch: Stopwatch,
    started: int,
) -> Result:
    """Call a function that this thread or another one is inside of already."""
    thread = get_ident()
    is_outermost = watch.enter(thread)
    try:
        return function(*args, **kwargs)
    finally:
        watch.leave(thread)
        elapsed = watch.clock() - started
        watch.take(elapsed, elapsed if is_outermost else 0, 0)


def measured_coroutine_function(
    function: Callable[Parameters, Coroutine[Any, Any, Any]],
    watch: Stopwatch,
    switch: Switch,
) -> Callable[Parameters, Coroutine[Any, Any, Any]]:
    """Return a coroutine function that measures another one's running time."""

    clock = watch.clock
    times = watch.outermost

    @functools.wraps(function)
    async def measured(*args: Parameters.args, **kwargs: Parameters.kwargs) -> object:
        if not switch.enabled:
            return await function(*args, **kwargs)
        coroutine = function(*args, **kwargs)
        started = clock()
        if watch.call_started or watch.inside:
            run = Run(watch)
            try:
                return await awaited_in_stretches(coroutine, run.stretch)
            finally:
                run.end()
        # Most end without being suspended: they are spared the rest.
        is_over = True
        watch.call_started = started
        try:
            waited_for = coroutine.send(None)
            is_over = False
        except StopIteration as stop:
            return stop.value
        finally:
            watch.call_started = 0
            left = clock()
            if is_over:
                times[left - started] += 1
                if left - started > watch.slow_from:
                    watch.tell_slow(left - started)
        run = Run(watch, running=left - started, left=left)
        try:
            return await awaited_further(coroutine, run.stretch, waited_for)
        finally:
            run.end()

    return measured


def measured_generator_function(
    function: Callable[Parameters, Generator[Any, Any, Any]],
    watch: Stopwatch,
    switch: Switch,
) -> Callable[Parameters, Generator[Any, Any, Any]]:
    """Return a generator function that measures another one's running time."""

    @functools.wraps(function)
    def measured(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        if not switch.enabled:
            return (yield from generator)
        run = Run(watch)
        try:
            return (yield from in_stretches(generator, run.stretch))
        finally:
            run.end()

    return measured


def measured_async_generator_function(
    function: Callable[Parameters, AsyncGenerator[Any, Any]],
    watch: Stopwatch,
    switch: Switch,
) -> Callable[Parameters, AsyncGenerator[Any, Any]]:
    """Return an async generator function that measures another one's running time."""

    @functools.wraps(function)
    async def measured(
        *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        run = Run(watch)
        stretch = run.stretch if switch.enabled else _unmeasured
        step = generator.asend(None)
        try:
            while True:
                try:
                    item = await awaited_in_stretches(step, stretch)
                except StopAsyncIteration:
                    return
                try:
                    step = generator.asend((yield item))
                except GeneratorExit:
                    await awaited_in_stretches(generator.aclose(), stretch)
                    raise
                except BaseException as error:  # noqa: BLE001 - the generator's to handle
                    step = generator.athrow(error)
        finally:
            if stretch is not _unmeasured:
                run.end()

    return measured


def _unmeasured(step: Step, argument: object) -> Any:
    return step(argument)


class Block:
    """One measured ``with`` body; use each object once."""

    __slots__ = ("_is_outermost", "_started", "_thread", "_watch")

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    def __enter__(self) -> None:
        watch = self._watch
        self._thread = thread = get_ident()
        self._is_outermost = watch.enter(thread)
        self._started = watch.clock()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watch = self._watch
        elapsed = watch.clock() - self._started
        watch.leave(self._thread)
        watch.take(elapsed, elapsed if self._is_outermost else 0, 0)
