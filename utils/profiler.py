"""How long functions and blocks take, cheap enough to stay on.

    profiler = PerformanceProfiler(thresholds={"app.import": 5.0, "app.serve": None})

    @profiler.measure()                     # "module.qualified name", or a name given
    def parse(text): ...

    with profiler.profile_block("load"):    # "block.load"
        ...
    print(profiler.get_report())

What is measured is the time a function *runs*. For what can be suspended - coroutines,
generators, asynchronous generators - that is the time it holds the thread; how long
it was suspended in an ``await`` or at a ``yield`` is told beside it, so waiting for a
model or a disk never looks like slow code. A recursive call counts as a call, but its
time only once in the total.

Any number of threads may measure at the same time, without a lock: figures stay sound,
and at worst one of two simultaneous records is lost.
"""

import inspect
import logging
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from utils.measured import (
    measured_async_generator_function,
    measured_function,
    measured_generator_function,
)
from utils.measured_coroutine import measured_coroutine_function
from utils.stopwatch import Block, FunctionTiming, Stopwatch

if TYPE_CHECKING:
    from utils.resources import ResourceSampler

__all__ = ["FunctionTiming", "PerformanceProfiler", "SlowCall", "profiler"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FUNCTION_LIMIT = 1_000
"""Names beyond this many share one row."""
OVERFLOW_NAME = "(other)"
SLOW_SECONDS = 1.0
"""A call that ran longer is slow, unless its name has a threshold of its own."""
SLOW_CALLS_KEPT = 100
LOGGED_LIMIT = 10
LOGGED_SECONDS = 60.0
"""At most so many slow calls are logged in so many seconds."""

BYTES_PER_MB = 1024 * 1024

ReportFormat = Literal["text", "markdown", "json"]

_logger = logging.getLogger(__name__)
_clock = time.perf_counter_ns
_UNMEASURED: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class SlowCall:
    """A call that ran longer than the threshold of its name."""

    name: str
    seconds: float
    at: float
    """When it ended, in seconds since 1970."""


class PerformanceProfiler:
    """Measures what it is asked to. ``enabled`` may be switched at any time.

    ``thresholds`` says for each name in seconds from when on a call is slow, None for
    never; without one, ``slow_seconds`` does. Only running time counts. Slow calls are
    logged, a few a minute, and the last ones kept.
    """

    def __init__(
        self,
        enabled: bool = True,
        *,
        thresholds: Mapping[str, float | None] | None = None,
        slow_seconds: float | None = SLOW_SECONDS,
    ) -> None:
        self._is_enabled = enabled
        self._slow_seconds = _threshold(slow_seconds)
        self._thresholds = {
            name: _threshold(seconds) for name, seconds in (thresholds or {}).items()
        }
        self._stopwatches: dict[str, Stopwatch] = {}
        self._blocks: dict[str, Stopwatch] = {}
        self._slow_calls: deque[SlowCall] = deque(maxlen=SLOW_CALLS_KEPT)
        self._log = _SlowLog()
        self._resources: ResourceSampler | None = None

    @property
    def enabled(self) -> bool:
        """Whether what begins now is measured."""
        return self._is_enabled

    @enabled.setter
    def enabled(self, is_enabled: bool) -> None:
        self._is_enabled = is_enabled
        for watch in tuple(self._stopwatches.values()):
            watch.switch(is_enabled)

    @property
    def slow_calls(self) -> tuple[SlowCall, ...]:
        """The last slow calls, the latest last."""
        return tuple(self._slow_calls)

    def set_threshold(self, name: str, seconds: float | None) -> None:
        """Say from when on a call of this name is slow, None for never."""
        self._thresholds[name] = _threshold(seconds)
        if name in self._stopwatches:
            self._stopwatches[name].set_slow(seconds)

    def measure(
        self, name: str | None = None
    ) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
        """Return a decorator for functions of any kind, generators and async included.

        Without a name, the function's module and qualified name are used. Raises
        TypeError for what is no function, as a class or a ``classmethod`` object.
        """
        if callable(name):
            raise TypeError("measure takes a name: write @profiler.measure()")

        def decorate(
            function: Callable[Parameters, Result],
        ) -> Callable[Parameters, Result]:
            if isinstance(function, type):
                raise TypeError("cannot measure a class: measure its __init__")
            if not callable(function) or isinstance(function, staticmethod):
                kind = type(function).__name__
                raise TypeError(f"cannot measure a {kind}: put @measure below it")
            watch = self._stopwatch(name or _name_of(function), *_place_of(function))
            return _measured(function, watch)

        return decorate

    def profile_block(self, name: str) -> AbstractContextManager[None]:
        """Return a context manager that measures its body as ``block.NAME``.

        The body must not await: the time of others would be counted.
        """
        if not self._is_enabled:
            return _UNMEASURED
        watch = self._blocks.get(name)
        return Block(watch or self._new_block(name, sys._getframe(1)))

    def timings(self) -> tuple[FunctionTiming, ...]:
        """Return the figures of all that was called, largest total first."""
        timings = [
            timing
            for watch in tuple(self._stopwatches.values())
            if (timing := watch.timing())
        ]
        timings.sort(key=lambda timing: timing.total_seconds, reverse=True)
        return tuple(timings)

    def reset(self) -> None:
        """Forget all figures and slow calls."""
        for watch in tuple(self._stopwatches.values()):
            watch.clear()
        self._slow_calls.clear()

    def get_resource_usage(self, *, open_files: bool = False) -> dict[str, float]:
        """Return what this process uses now, without waiting for a moment to pass.

        ``cpu_percent`` (of one core) is since the last call, or at the first one since
        the process started; ``memory_mb`` is resident and of 1024 * 1024 bytes;
        ``threads``; ``num_fds``; ``uptime`` of the process in seconds. ``open_files``
        takes a look at every descriptor, and so is told only when asked for.
        """
        # psutil is slow to load, and who only measures has no need of it.
        from utils.resources import ResourceSampler

        is_first = self._resources is None
        if self._resources is None:
            self._resources = ResourceSampler()
        sample = self._resources.sample()
        percent = sample.cpu_percent
        if is_first and sample.uptime_seconds:
            percent = time.process_time() / sample.uptime_seconds * 100
        usage = {
            "cpu_percent": percent,
            "memory_mb": sample.rss_bytes / BYTES_PER_MB,
            "threads": sample.threads,
            "num_fds": sample.file_descriptors,
            "uptime": sample.uptime_seconds,
        }
        if open_files:
            usage["open_files"] = self._resources.open_files()
        return usage

    def get_report(self, format: ReportFormat = "text", *, top: int = 20) -> str:
        """Return the resources and the functions with the largest totals.

        ``format`` is ``text``, ``markdown`` or ``json``; ValueError for any other.
        """
        from utils.profiler_report import report

        return report(
            format,
            usage=self.get_resource_usage(),
            timings=self.timings(),
            slow_calls=self.slow_calls,
            top=top,
        )

    @staticmethod
    def profile_function(
        function: Callable[..., object], *args: object, top: int = 20
    ) -> str:
        """Call a function under cProfile; return the ``top`` by cumulative time.

        A coroutine function is run in an event loop of its own; in a running one,
        await ``profile_coroutine``. The profiler is removed also when the function
        fails, and its error passed on. Raises RuntimeError if another one is active.
        """
        from utils.function_profile import profile_function

        return profile_function(function, *args, top=top)

    @staticmethod
    async def profile_coroutine(
        coroutine: Coroutine[Any, Any, object], *, top: int = 20
    ) -> str:
        """Await a coroutine under cProfile, which sees nothing of other tasks."""
        from utils.function_profile import profile_coroutine

        return await profile_coroutine(coroutine, top=top)

    def _stopwatch(self, name: str, file: str = "", line: int = 0) -> Stopwatch:
        if name not in self._stopwatches and len(self._stopwatches) >= FUNCTION_LIMIT:
            name, file, line = OVERFLOW_NAME, "", 0
        watch = self._stopwatches.get(name)
        if watch is None:
            watch = Stopwatch(
                name,
                clock=_clock,
                slow_seconds=self._thresholds.get(name, self._slow_seconds),
                tell_slow=self._tell_slow,
                file=file,
                line=line,
            )
        # Another thread may have been here meanwhile, or have switched.
        watch = self._stopwatches.setdefault(name, watch)
        watch.switch(self._is_enabled)
        return watch

    def _new_block(self, name: str, frame: FrameType) -> Stopwatch:
        watch = self._stopwatch(
            f"block.{name}", frame.f_code.co_filename, frame.f_lineno
        )
        if watch.name != OVERFLOW_NAME:
            self._blocks[name] = watch
        return watch

    def _tell_slow(self, name: str, seconds: float) -> None:
        self._slow_calls.append(SlowCall(name, seconds, time.time()))
        self._log.tell(name, seconds)


class _SlowLog:
    """Logs slow calls, but no more than a few a minute."""

    def __init__(self) -> None:
        self._logged_at: deque[float] = deque(maxlen=LOGGED_LIMIT)
        self._unlogged = 0

    def tell(self, name: str, seconds: float) -> None:
        now = time.monotonic()
        is_full = len(self._logged_at) == LOGGED_LIMIT
        if is_full and now - self._logged_at[0] < LOGGED_SECONDS:
            self._unlogged += 1
            return
        self._logged_at.append(now)
        more = f" ({self._unlogged} more were not logged)" if self._unlogged else ""
        self._unlogged = 0
        _logger.warning("Slow function: %s took %.2fs%s", name, seconds, more)


def _threshold(seconds: float | None) -> float | None:
    if seconds is not None and not 0 <= seconds < math.inf:
        raise ValueError(f"a threshold of {seconds} s: give seconds, or None for never")
    return seconds


def _measured(
    function: Callable[Parameters, Any], watch: Stopwatch
) -> Callable[Parameters, Any]:
    def is_(kind: Callable[[object], bool]) -> bool:
        # An object may have a method of that kind for its calls.
        return kind(function) or kind(type(function).__call__)

    if is_(inspect.iscoroutinefunction):
        return measured_coroutine_function(function, watch)
    if is_(inspect.isgeneratorfunction):
        return measured_generator_function(function, watch)
    if is_(inspect.isasyncgenfunction):
        return measured_async_generator_function(function, watch)
    return measured_function(function, watch)


def _name_of(function: Callable[..., object]) -> str:
    """Return the module and the qualified name; of an object, those of its class."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


def _place_of(function: Callable[..., object]) -> tuple[str, int]:
    """Return the file and line where a function begins, if it was written in Python."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return "", 0
    return code.co_filename, code.co_firstlineno


profiler = PerformanceProfiler()
"""For who has no other; the app makes one of its own and passes it on."""
