"""What is worth mending first: functions by a score, and alerts above thresholds.

    with BottleneckProfiler(memory=True) as run:  # memory makes it eight times slower
        work()
    print(run.detector.get_report())

The score is from 0 to 100:

    100 * (1 - (1 - share) * (1 - slowness) * (1 - memory))

    share     the function's part of all time: of its own time among all that was
              sampled or, where nothing was, of its total among all totals
    slowness  t / (t + time threshold), t being its longest single call
    memory    m / (m + memory threshold), m being what it allocated and kept

Each of the three is 0 for nothing and near 1 at the worst; one alone is enough for a
high score, several add up, and none can lower it. What reaches a threshold has 50.
"""

import ast
import functools
import logging
import tracemalloc
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from utils.profiler import PerformanceProfiler
from utils.sampling import SamplingProfiler
from utils.stack_profile import StackProfile, short_file
from utils.stopwatch import FunctionTiming

TIME_THRESHOLD_SECONDS = 1.0
MEMORY_THRESHOLD_BYTES = 100 * 1024 * 1024
REPORT_TOP = 10
ALERTS_KEPT = 100
FUNCTIONS_LIMIT = 1_000
"""Of each source, the functions with the largest figures are looked at."""
PARSED_FILES_KEPT = 64

_MB = 1024 * 1024
_RULE = "=" * 80
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MemoryGrowth:
    """What a function allocated between two moments and still held at the second."""

    function: str
    file: str
    line: int
    """The line that allocated most of it."""
    first_line: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A function, what it costs, and how much that matters."""

    function: str
    file: str
    line: int
    """The hottest line if that is known, else where the function begins."""
    own_seconds: float = 0.0
    """Sampled in the function itself, not in what it calls."""
    total_seconds: float = 0.0
    """Measured, with all it calls."""
    longest_seconds: float = 0.0
    calls: int = 0
    memory_bytes: int = 0
    score: float = 0.0

    @property
    def place(self) -> str:
        """``file:line:function``."""
        return f"{short_file(self.file)}:{self.line}:{self.function}"


class BottleneckDetector:
    """Gathers what was measured, sampled and allocated, and ranks the functions."""

    def __init__(
        self,
        *,
        time_threshold: float = TIME_THRESHOLD_SECONDS,
        memory_threshold: int = MEMORY_THRESHOLD_BYTES,
    ) -> None:
        for name, value in (("time", time_threshold), ("memory", memory_threshold)):
            if value <= 0:
                raise ValueError(f"{name}_threshold is {value}; it must be above 0")
        self.time_threshold = time_threshold
        self.memory_threshold = memory_threshold
        self._alerts: deque[str] = deque(maxlen=ALERTS_KEPT)
        self._found: dict[tuple[str, int | str], Bottleneck] = {}

    @property
    def alerts(self) -> tuple[str, ...]:
        """The last alerts, the latest last."""
        return tuple(self._alerts)

    def detect_time_bottleneck(self, name: str, seconds: float) -> str | None:
        """Alert if a call took longer than the threshold; return the alert's text."""
        if seconds <= self.time_threshold:
            return None
        return self._alert(
            f"Time bottleneck: {name} took {seconds:.2f}s "
            f"(threshold: {self.time_threshold:.1f}s)"
        )

    def detect_memory_bottleneck(self, name: str, size: int) -> str | None:
        """Alert if so many bytes are above the threshold; return the alert's text."""
        if size <= self.memory_threshold:
            return None
        return self._alert(
            f"Memory bottleneck: {name} took {size / _MB:.2f}MB "
            f"(threshold: {self.memory_threshold / _MB:.1f}MB)"
        )

    def add_timings(self, timings: Iterable[FunctionTiming]) -> None:
        """Take what was measured; alert of each that had a call above the threshold."""
        for timing in sorted(timings, key=_by_total)[:FUNCTIONS_LIMIT]:
            self.detect_time_bottleneck(timing.name, timing.max_seconds)
            key = (timing.file, timing.line or timing.name)
            known = self._found.get(key)
            found = known or Bottleneck(timing.name, timing.file, timing.line)
            self._found[key] = replace(
                found,
                total_seconds=found.total_seconds + timing.total_seconds,
                longest_seconds=max(found.longest_seconds, timing.max_seconds),
                calls=found.calls + timing.calls,
            )

    def add_samples(self, profile: StackProfile) -> None:
        """Take what was sampled: own time of functions, and their hottest lines."""
        hottest: dict[tuple[str, str], int] = {}
        for spot in profile.hot_lines(FUNCTIONS_LIMIT):
            hottest.setdefault((spot.file, spot.function), spot.line)
        for spot in profile.hot_functions(FUNCTIONS_LIMIT):
            key = (spot.file, spot.line)
            line = hottest.get((spot.file, spot.function), spot.line)
            found = self._found.get(key) or Bottleneck(spot.function, spot.file, line)
            self._found[key] = replace(
                found, line=line, own_seconds=found.own_seconds + spot.self_seconds
            )

    def add_memory(self, growths: Iterable[MemoryGrowth]) -> None:
        """Take what was allocated; alert of each function above the threshold."""
        for growth in sorted(growths, key=_by_bytes)[:FUNCTIONS_LIMIT]:
            self.detect_memory_bottleneck(growth.function, growth.bytes)
            key = (growth.file, growth.first_line)
            found = self._found.get(key) or Bottleneck(
                growth.function, growth.file, growth.line
            )
            self._found[key] = replace(
                found, memory_bytes=found.memory_bytes + growth.bytes
            )

    def get_bottlenecks(self, top: int = REPORT_TOP) -> tuple[Bottleneck, ...]:
        """Return the functions with the highest scores, the worst first."""
        own = sum(found.own_seconds for found in self._found.values())
        total = sum(found.total_seconds for found in self._found.values())
        scored = [
            replace(found, score=self._score(found, own, total))
            for found in self._found.values()
        ]
        scored.sort(key=lambda found: (-found.score, found.file, found.line))
        return tuple(scored[:top])

    def get_report(self, top_n: int = REPORT_TOP) -> str:
        """Return the worst functions as text; a figure nobody took is left out."""
        lines = ["Performance Report (Top Bottlenecks)", _RULE]
        for rank, found in enumerate(self.get_bottlenecks(top_n), start=1):
            lines += [
                "",
                f"{rank}. {found.place}",
                f"   Bottleneck Score: {found.score:.2f}/100",
            ]
            if found.own_seconds:
                lines.append(f"   Own Time: {found.own_seconds:.4f}s")
            if found.calls:
                lines += [
                    f"   Cumulative Time: {found.total_seconds:.4f}s",
                    f"   Longest Call: {found.longest_seconds:.4f}s",
                    f"   Calls: {found.calls}",
                ]
            if found.memory_bytes:
                lines.append(f"   Memory: {found.memory_bytes / _MB:.2f} MB")
        if not self._found:
            lines += ["", "nothing measured"]
        if self._alerts:
            lines += ["", *(f"Alert: {alert}" for alert in self._alerts)]
        return "\n".join(lines) + "\n"

    def _score(self, found: Bottleneck, own: float, total: float) -> float:
        share = found.own_seconds / own if own else _part(found.total_seconds, total)
        slowness = found.longest_seconds / (found.longest_seconds + self.time_threshold)
        memory = found.memory_bytes / (found.memory_bytes + self.memory_threshold)
        return 100 * (1 - (1 - share) * (1 - slowness) * (1 - memory))

    def _alert(self, text: str) -> str:
        self._alerts.append(text)
        _logger.warning(text)
        return text


class MemoryRecorder:
    """Tells what was allocated between two moments, and where; for a while only.

    Python runs up to eight times slower meanwhile, and a look takes long when there is
    much to look at: nothing for an event loop with a person before it.
    """

    def __init__(self) -> None:
        self._before: tracemalloc.Snapshot | None = None
        self._is_ours = False

    def start(self) -> None:
        """Begin; if somebody traces allocations already, go along.

        Raises RuntimeError if it records already.
        """
        if self._before is not None:
            raise RuntimeError("already recording: stop it first")
        self._is_ours = not tracemalloc.is_tracing()
        if self._is_ours:
            tracemalloc.start()
        self._before = tracemalloc.take_snapshot()

    def stop(self) -> tuple[MemoryGrowth, ...]:
        """End, and return the functions that hold more than before, the most first."""
        if self._before is None:
            raise RuntimeError("not recording: start it first")
        before, self._before = self._before, None
        after = tracemalloc.take_snapshot()
        if self._is_ours:
            tracemalloc.stop()
        hidden = (tracemalloc.Filter(False, tracemalloc.__file__),)
        grown = after.filter_traces(hidden).compare_to(
            before.filter_traces(hidden), "lineno"
        )
        functions: dict[tuple[str, int], MemoryGrowth] = {}
        # The largest first, so a function's first line here is its worst.
        for difference in grown[:FUNCTIONS_LIMIT]:
            frame = difference.traceback[0]
            name, first_line = function_at(frame.filename, frame.lineno)
            key = (frame.filename, first_line)
            known = functions.get(key) or MemoryGrowth(
                name, frame.filename, frame.lineno, first_line, 0
            )
            functions[key] = replace(known, bytes=known.bytes + difference.size_diff)
        kept = [each for each in functions.values() if each.bytes > 0]
        return tuple(sorted(kept, key=_by_bytes))


class BottleneckProfiler:
    """Samples a body, records its memory if asked to, and ranks what it finds.

    With a ``profiler``, what that has measured until the end counts as well.
    """

    def __init__(
        self,
        *,
        memory: bool = False,
        profiler: PerformanceProfiler | None = None,
        detector: BottleneckDetector | None = None,
    ) -> None:
        self.detector = detector or BottleneckDetector()
        self._profiler = profiler
        self._sampler = SamplingProfiler()
        self._memory = MemoryRecorder() if memory else None

    def start(self) -> None:
        """Begin to look at the calling thread."""
        if self._memory:
            self._memory.start()
        self._sampler.start()

    def stop(self) -> BottleneckDetector:
        """End, and return the detector with all that was found."""
        self.detector.add_samples(self._sampler.stop())
        if self._memory:
            self.detector.add_memory(self._memory.stop())
        if self._profiler:
            self.detector.add_timings(self._profiler.timings())
        return self.detector

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def function_at(file: str, line: int) -> tuple[str, int]:
    """Return the qualified name of the function round a line, and its first line.

    Outside of functions, and of what cannot be read, that is ``<module>`` and 1.
    """
    best = ("<module>", 1)
    for first, last, name in _functions_of(file):
        if first <= line <= last:
            best = (name, first)
    return best


@functools.lru_cache(PARSED_FILES_KEPT)
def _functions_of(file: str) -> tuple[tuple[int, int, str], ...]:
    """Return first line, last line and name of each function, an outer one first."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    functions: list[tuple[int, int, str]] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, prefix = waiting.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, ast.ClassDef):
                inner = f"{prefix}{child.name}."
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                decorators = (each.lineno for each in child.decorator_list)
                first = min(child.lineno, *decorators, child.lineno)
                name = f"{prefix}{child.name}"
                functions.append((first, child.end_lineno or first, name))
                inner = f"{name}.<locals>."
            waiting.append((child, inner))
    return tuple(sorted(functions, key=lambda each: (each[0], -each[1])))


def _part(value: float, whole: float) -> float:
    return value / whole if whole else 0.0


def _by_total(timing: FunctionTiming) -> float:
    return -timing.total_seconds


def _by_bytes(growth: MemoryGrowth) -> int:
    return -growth.bytes
