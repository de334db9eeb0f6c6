"""How long functions and blocks take, cheap enough to stay on.

What is measured: the time a function *runs*. For a coroutine function that is the time
it holds the event loop; time suspended in ``await`` is not counted, so waiting for a
model or a disk never looks like slow code. A recursive call is counted as a call, but
its time only once in the total.

Threads may record at the same time without a lock: figures stay sound, and at worst
one of two simultaneous records is lost.
"""

import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from threading import get_ident
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from utils.histogram import Histogram

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FUNCTION_LIMIT = 1_000
"""Names beyond this many share one row."""
OVERFLOW_NAME = "(other)"

_NANOSECONDS = 1e9
_clock = time.perf_counter_ns


@dataclass(frozen=True, slots=True)
class FunctionTiming:
    """The figures of one function or block; quantiles are within 6.25 %."""

    name: str
    calls: int
    total_seconds: float
    mean_seconds: float
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float
    max_seconds: float


class _Stopwatch:
    """Figures under one name, and which threads are inside it now."""

    __slots__ = ("depths", "durations", "name", "outermost_nanoseconds")

    def __init__(self, name: str) -> None:
        self.name = name
        self.durations = Histogram()
        self.outermost_nanoseconds = 0
        self.depths: dict[int, int] = {}

    def enter(self) -> int:
        thread = get_ident()
        self.depths[thread] = self.depths.get(thread, 0) + 1
        return _clock()

    def leave(self, started: int) -> int:
        """End the innermost run of this thread and return how long it took."""
        elapsed = _clock() - started
        thread = get_ident()
        depth = self.depths.get(thread, 1) - 1
        if depth:
            self.depths[thread] = depth
        else:
            self.depths.pop(thread, None)
            self.outermost_nanoseconds += elapsed
        return elapsed

    def clear(self) -> None:
        self.durations.clear()
        self.outermost_nanoseconds = 0

    def timing(self) -> FunctionTiming:
        durations = self.durations
        total = self.outermost_nanoseconds / _NANOSECONDS
        return FunctionTiming(
            name=self.name,
            calls=durations.count,
            total_seconds=total,
            mean_seconds=total / max(durations.count, 1),
            p50_seconds=durations.quantile(0.50) / _NANOSECONDS,
            p95_seconds=durations.quantile(0.95) / _NANOSECONDS,
            p99_seconds=durations.quantile(0.99) / _NANOSECONDS,
            max_seconds=durations.largest / _NANOSECONDS,
        )


class PerformanceProfiler:
    """Measures what it is asked to. ``enabled`` may be switched at any time."""

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self._stopwatches: dict[str, _Stopwatch] = {}

    def measure(
        self, name: str | None = None
    ) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
        """Return a decorator for functions and coroutine functions.

        Without a name, the function's module and qualified name are used. Generators
        are refused: their time is their consumer's; measure a ``profile_block`` inside.
        """

        def decorate(
            function: Callable[Parameters, Result],
        ) -> Callable[Parameters, Result]:
            if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(
                function
            ):
                raise TypeError(f"cannot measure the generator {function.__qualname__}")
            key = name or f"{function.__module__}.{function.__qualname__}"
            stopwatch = self._stopwatch(key)
            if inspect.iscoroutinefunction(function):
                return cast(
                    "Callable[Parameters, Result]",
                    self._measured_coroutine_function(function, stopwatch),
                )
            return self._measured_function(function, stopwatch)

        return decorate

    def profile_block(self, name: str) -> "_Block":
        """Return a context manager that measures its body as ``block.NAME``.

        The body must not await: the time of others would be counted.
        """
        return _Block(self, self._stopwatch(f"block.{name}"))

    def timings(self) -> tuple[FunctionTiming, ...]:
        """Return the figures of all that was called, largest total first."""
        timings = [
            stopwatch.timing()
            for stopwatch in tuple(self._stopwatches.values())
            if stopwatch.durations.count
        ]
        timings.sort(key=lambda timing: timing.total_seconds, reverse=True)
        return tuple(timings)

    def reset(self) -> None:
        """Forget all figures."""
        for stopwatch in tuple(self._stopwatches.values()):
            stopwatch.clear()

    def _stopwatch(self, name: str) -> _Stopwatch:
        if name not in self._stopwatches and len(self._stopwatches) >= FUNCTION_LIMIT:
            name = OVERFLOW_NAME
        return self._stopwatches.setdefault(name, _Stopwatch(name))

    def _measured_function(
        self, function: Callable[Parameters, Result], stopwatch: _Stopwatch
    ) -> Callable[Parameters, Result]:
        @functools.wraps(function)
        def measured(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            if not self.enabled:
                return function(*args, **kwargs)
            started = stopwatch.enter()
            try:
                return function(*args, **kwargs)
            finally:
                stopwatch.durations.record(stopwatch.leave(started))

        return measured

    def _measured_coroutine_function(
        self,
        function: Callable[Parameters, Coroutine[Any, Any, Any]],
        stopwatch: _Stopwatch,
    ) -> Callable[Parameters, Coroutine[Any, Any, Any]]:
        @functools.wraps(function)
        async def measured(
            *args: Parameters.args, **kwargs: Parameters.kwargs
        ) -> object:
            coroutine = function(*args, **kwargs)
            if not self.enabled:
                return await coroutine
            return await _Running(coroutine, stopwatch)

        return measured


class _Running(Awaitable[object]):
    """Runs a coroutine and counts only the stretches in which it runs."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], stopwatch: _Stopwatch
    ) -> None:
        self._coroutine = coroutine
        self._stopwatch = stopwatch

    def __await__(self) -> Generator[Any, Any, object]:
        stopwatch = self._stopwatch
        resume = functools.partial(self._coroutine.send, None)
        elapsed = 0
        try:
            while True:
                started = stopwatch.enter()
                try:
                    waited_for = resume()
                except StopIteration as stop:
                    return stop.value
                finally:
                    elapsed += stopwatch.leave(started)
                try:
                    sent = yield waited_for
                except GeneratorExit:
                    self._coroutine.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - the coroutine's to handle
                    resume = functools.partial(self._coroutine.throw, error)
                else:
                    resume = functools.partial(self._coroutine.send, sent)
        finally:
            stopwatch.durations.record(elapsed)


class _Block:
    """One measured ``with`` body; use each object once."""

    __slots__ = ("_profiler", "_started", "_stopwatch")

    def __init__(self, profiler: PerformanceProfiler, stopwatch: _Stopwatch) -> None:
        self._profiler = profiler
        self._stopwatch = stopwatch
        self._started = 0

    def __enter__(self) -> None:
        if self._profiler.enabled:
            self._started = self._stopwatch.enter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._started:
            stopwatch = self._stopwatch
            stopwatch.durations.record(stopwatch.leave(self._started))
            self._started = 0
