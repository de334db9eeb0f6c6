"""What ended spans add up to: for each kind of operation its figures, and the slow."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from terminal_ai.telemetry.spans import Span, SpanStatus
from utils.histogram import Histogram

WINDOW_SPANS = 1_000
"""The newest spans of a name that its recent percentiles are of."""
NAMES_LIMIT = 200
OVERFLOW_NAME = "(other)"
"""Names beyond the limit share this one."""
THROUGHPUT_SECONDS = 60
"""How far back throughput is told."""
SLOW_LIMIT = 50
"""The newest slow operations are kept."""
SLOW_SECONDS = 1.0
TELLING_SPANS = 20
"""A percentile, or a rate, of fewer spans says nothing."""

_NANOSECONDS = 1e9
# Looking a member up in its enumeration costs as much as the rest of such a line.
_OK, _ERROR = SpanStatus.OK, SpanStatus.ERROR
_RING = THROUGHPUT_SECONDS + 1
_FRACTIONS = (0.50, 0.95, 0.99)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """How long the quickest half, 95 and 99 of a hundred took at most."""

    p50_seconds: float = 0.0
    p95_seconds: float = 0.0
    p99_seconds: float = 0.0


_NONE = Percentiles()


@dataclass(frozen=True, slots=True)
class Throughput:
    """How many ended in a second: the newest whole one, on average, and at most.

    Of the last ``THROUGHPUT_SECONDS``, or since the first if that was later.
    """

    current: float = 0.0
    mean: float = 0.0
    peak: float = 0.0


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """The figures of one kind of operation since the start.

    ``recent`` is exact, of the newest ``WINDOW_SPANS``; ``overall`` is of all, within
    6.25 %. ``waiting_seconds`` of the total were spent waiting for somebody else.
    """

    name: str
    count: int
    errors: int
    cancelled: int
    total_seconds: float
    waiting_seconds: float
    mean_seconds: float
    min_seconds: float
    max_seconds: float
    recent: Percentiles
    overall: Percentiles
    throughput: Throughput


@dataclass(frozen=True, slots=True)
class SlowOperation:
    """An operation that held us up longer than it should.

    ``seconds`` is without the time that somebody else took. ``at`` is when it began, in
    seconds since the epoch.
    """

    name: str
    seconds: float
    limit_seconds: float
    at: float
    trace_id: int
    status: SpanStatus


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Return the value at a fraction (0 to 1) of sorted values; 0.0 for none.

    Between two values it is on the line between them, as numpy's default has it.
    """
    if not ordered:
        return 0.0
    place = (len(ordered) - 1) * fraction
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    below, above = ordered[low], ordered[high]
    return min(max(below + (above - below) * (place - low), below), above)


class RateWindow:
    """Counts events a second, as far back as ``THROUGHPUT_SECONDS`` whole seconds."""

    __slots__ = ("_counts", "_first", "_newest")

    def __init__(self) -> None:
        self._counts = [0] * _RING
        self._first: int | None = None
        self._newest = 0

    def add(self, now: float) -> None:
        """Count one event; ``now`` is in seconds and does not run backwards."""
        second = int(now)
        if second != self._newest or self._first is None:
            self._go_on(second)
        self._counts[self._newest % _RING] += 1

    def counted(self, now: float) -> int:
        """Return how many there were in the window, the second that runs included."""
        self._go_on(int(now))
        return sum(self._counts)

    def throughput(self, now: float) -> Throughput:
        """Return the rates of the window's whole seconds."""
        self._go_on(int(now))
        if self._first is None:
            return Throughput()
        counts = self._counts
        whole = min(self._newest - self._first, THROUGHPUT_SECONDS)
        if not whole:
            return Throughput()
        newest = self._newest
        rates = [counts[(newest - ago) % _RING] for ago in range(1, whole + 1)]
        return Throughput(float(rates[0]), sum(rates) / whole, float(max(rates)))

    def _go_on(self, second: int) -> None:
        if self._first is None:
            self._first = self._newest = second
        for passed in range(min(second - self._newest, _RING)):
            self._counts[(second - passed) % _RING] = 0
        self._newest = max(self._newest, second)


class _Operation:
    """What is counted under one name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.errors = 0
        self.cancelled = 0
        self.waiting_seconds = 0.0
        self._durations = Histogram()
        self._total = 0.0
        self._least = math.inf
        self._most = 0.0
        self._newest: deque[float] = deque(maxlen=WINDOW_SPANS)
        self._rate = RateWindow()
        self._told: tuple[int, Percentiles, Percentiles] = (0, _NONE, _NONE)

    def take(self, span: Span, seconds: float, now: float) -> None:
        if span.status is not _OK:
            self.errors += span.status is SpanStatus.ERROR
            self.cancelled += span.status is SpanStatus.CANCELLED
        self.waiting_seconds += span.waiting_seconds
        self._total += seconds
        if seconds < self._least:
            self._least = seconds
        if seconds > self._most:
            self._most = seconds
        self._durations.record(int(seconds * _NANOSECONDS))
        self._newest.append(seconds)
        self._rate.add(now)

    def figures(self, now: float) -> OperationFigures:
        count, recent, overall = self._percentiles()
        return OperationFigures(
            name=self.name,
            count=count,
            errors=self.errors,
            cancelled=self.cancelled,
            total_seconds=self._total,
            waiting_seconds=self.waiting_seconds,
            mean_seconds=self._total / max(count, 1),
            min_seconds=self._least if count else 0.0,
            max_seconds=self._most,
            recent=recent,
            overall=overall,
            throughput=self._rate.throughput(now),
        )

    @property
    def recent_p95_seconds(self) -> float | None:
        """The newest spans' 95th percentile; None where too few tell nothing."""
        if len(self._newest) < TELLING_SPANS or self.waiting_seconds:
            return None
        return self._percentiles()[1].p95_seconds

    def _percentiles(self) -> tuple[int, Percentiles, Percentiles]:
        # Sorting a thousand values for somebody who looks each second is not for free.
        count = self._durations.count
        if self._told[0] != count:
            ordered = sorted(self._newest)
            recent = [percentile(ordered, each) for each in _FRACTIONS]
            overall = [
                self._durations.quantile(each) / _NANOSECONDS for each in _FRACTIONS
            ]
            self._told = count, Percentiles(*recent), Percentiles(*overall)
        return self._told


class Operations:
    """Hears of every span that ends; may be told, and asked, by any thread.

    Slower than its limit is an operation that held us up: the time in which it waited
    for somebody else does not count. ``limits`` has the names with a limit of their
    own; an infinite one exempts the name. ``clock`` is in seconds, for the rates.
    """

    def __init__(
        self,
        *,
        slow_seconds: float = SLOW_SECONDS,
        limits: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slow_seconds = slow_seconds
        self._limits = dict(limits or {})
        self._clock = clock
        self._lock = threading.Lock()
        self._operations: dict[str, _Operation] = {}
        self._slow: deque[SlowOperation] = deque(maxlen=SLOW_LIMIT)
        self._slow_count = 0
        self._ended = RateWindow()
        self._failed = RateWindow()

    def take(self, span: Span) -> None:
        """Count a span that has ended."""
        seconds = span.seconds
        if seconds is None:
            return
        now = self._clock()
        with self._lock:
            operation = self._operations.get(span.name)
            if operation is None:
                operation = self._added(span.name)
            operation.take(span, seconds, now)
            self._ended.add(now)
            if span.status is _ERROR:
                self._failed.add(now)
        held = seconds - span.waiting_seconds
        if held > self._limits.get(span.name, self._slow_seconds):
            self._take_slow(span, held)

    def figures(self) -> tuple[OperationFigures, ...]:
        """Return the figures of every kind of operation, by name."""
        with self._lock:
            now = self._clock()
            known = sorted(self._operations.items())
            return tuple(operation.figures(now) for _name, operation in known)

    @property
    def slow(self) -> tuple[SlowOperation, ...]:
        """The newest slow operations, the newest first."""
        with self._lock:
            return tuple(reversed(self._slow))

    @property
    def slow_count(self) -> int:
        """How many slow operations there were since the start."""
        return self._slow_count

    def error_rate(self) -> float | None:
        """Return the part (0 to 1) of the last minute's spans that failed.

        None where too few tell nothing.
        """
        with self._lock:
            now = self._clock()
            ended = self._ended.counted(now)
            is_telling = ended >= TELLING_SPANS
            return self._failed.counted(now) / ended if is_telling else None

    def recent_p95_seconds(self) -> dict[str, float]:
        """Return the newest spans' 95th percentile by name.

        Names with too few spans are left out, and those that wait for somebody else.
        """
        with self._lock:
            known = self._operations.items()
            found = {name: each.recent_p95_seconds for name, each in known}
        return {name: value for name, value in found.items() if value is not None}

    def _added(self, name: str) -> _Operation:
        if len(self._operations) >= NAMES_LIMIT:
            name = OVERFLOW_NAME
        return self._operations.setdefault(name, _Operation(name))

    def _take_slow(self, span: Span, held_seconds: float) -> None:
        slow = SlowOperation(
            name=span.name,
            seconds=held_seconds,
            limit_seconds=self._limits.get(span.name, self._slow_seconds),
            at=span.started_at,
            trace_id=span.trace_id,
            status=span.status,
        )
        with self._lock:
            self._slow.append(slow)
            self._slow_count += 1
        _logger.warning(
            "slow: %s took %.2f s (limit %.2f s, %s, trace %032x)",
            slow.name,
            slow.seconds,
            slow.limit_seconds,
            slow.status,
            slow.trace_id,
        )
