"""How long what has one name runs: the profiler's innermost part, made to be cheap.

A call costs two readings of the clock, a guard against counting recursion twice, and
one count in a dictionary of times as the clock tells them: what runs for a microsecond
takes the same few hundred times again and again. Only when the dictionary is full, or
somebody asks, does it go into the histogram. Times are whole nanoseconds here.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from types import FrameType, TracebackType
from typing import Any

from utils.histogram import Histogram
from utils.stretches import Step

PENDING_LIMIT = 512
"""Different times that wait to go into the histogram."""
NEVER = 1 << 62
"""Longer than anything takes."""

Clock = Callable[[], int]

_SECOND = 1e9
_OFF = -1
"""The number of no thread."""
_MEASURED = "measured"


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
    """How often which time was taken, on the way into a histogram.

    One of more than ``slow_from`` is refused with KeyError: who counts a time has
    nothing to ask, for in here are none but those that need not be told.
    """

    __slots__ = ("_durations", "_slow_from", "_sum")

    def __init__(self, durations: Histogram) -> None:
        self._durations = durations
        self._slow_from = NEVER
        self._sum = 0

    def refuse(self, slow_from: int) -> None:
        """Refuse what is longer, from now on."""
        self._slow_from = slow_from
        self.count_up()

    def __missing__(self, time: int) -> int:
        """Make room for a time that was not taken lately."""
        if time > self._slow_from:
            raise KeyError(time)
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
        "_slow_from",
        "_suspended",
        "_tell_slow",
        "call_started",
        "clock",
        "file",
        "inside",
        "is_on",
        "line",
        "name",
        "outermost",
        "parts",
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
        """How deep each other thread is, and that one in all but its first call.

        While nothing is measured it holds ``_OFF`` as well, so that a call which finds
        it empty, and ``call_started`` 0, has nothing else to ask.
        """
        self.switch(True)
        self._durations = Histogram()
        self.outermost = Times(self._durations)
        """Calls that count for the total, but for the slow ones."""
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
        self._slow_from = NEVER if seconds is None else round(seconds * _SECOND)
        self.outermost.refuse(self._slow_from)

    def switch(self, is_on: bool) -> None:
        """Measure the calls that begin from now on, or do not."""
        self.is_on = is_on
        if is_on:
            self.inside.pop(_OFF, None)
        else:
            self.inside[_OFF] = 1

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
        if counted > self._slow_from:
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
