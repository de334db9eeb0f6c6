"""How late the event loop runs what is due: the responsiveness a user feels."""

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from terminal_ai.telemetry.buckets import BucketCounts, BucketFigures
from terminal_ai.telemetry.operations import percentile
from utils.histogram import Histogram

INTERVAL_SECONDS = 0.1
IDLE_INTERVAL_SECONDS = 0.25
"""A loop that has nothing to do is not woken ten times a second for a figure."""
IDLE_SHARE = 0.05
"""A loop that used less of the time than this had nothing to do."""
KEPT_SAMPLES = 10
"""The newest figure is the largest of so many: of one second at work."""
RECENT_SAMPLES = 600
"""The recent percentiles are of so many: of one minute at work."""
BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
STALL_SECONDS = 0.25
"""A loop that stands still for longer is noticed by anybody."""
STALLS_LIMIT = 50
"""The newest stalls are kept."""
FRAMES_LIMIT = 200
"""How far up a stack our own code is looked for."""
OUR_PACKAGES = ("terminal_ai.", "utils.")

_NANOSECONDS = 1e9
_NO_LAGS = BucketCounts(BOUNDS_SECONDS).figures


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which the loop ran one thing only.

    ``at`` is its end, in seconds since the epoch; ``place`` is our function that ran
    then, with its line, or "" where nobody looked in time.
    """

    seconds: float
    at: float
    place: str


@dataclass(frozen=True, slots=True)
class LagFigures:
    """How late the loop ran: in the last second, the last minute, and since the start.

    ``recent_p99_seconds`` is exact, the others' percentiles are within 6.25 %.
    """

    newest_seconds: float = 0.0
    recent_p99_seconds: float = 0.0
    p50_seconds: float = 0.0
    p95_seconds: float = 0.0
    p99_seconds: float = 0.0
    max_seconds: float = 0.0
    samples: int = 0
    stall_count: int = 0
    stalls: tuple[Stall, ...] = ()
    durations: BucketFigures = _NO_LAGS
    """Exact counts of all lags below fixed bounds."""


class LoopLagMonitor:
    """Asks the loop for a call at a known time and keeps how late each came.

    A thread looks in the meantime whether the loop still turns, and where it stands if
    not: once the late call comes, nobody could tell any more. While the loop is idle,
    it asks every ``idle_seconds`` only, if that is given.
    """

    def __init__(
        self,
        *,
        interval_seconds: float = INTERVAL_SECONDS,
        idle_seconds: float | None = None,
    ) -> None:
        self._interval_seconds = interval_seconds
        self._idle_seconds = idle_seconds or interval_seconds
        self._used_seconds = 0.0
        self._lags: deque[float] = deque(maxlen=RECENT_SAMPLES)
        self._all = Histogram()
        self._buckets = BucketCounts(BOUNDS_SECONDS)
        self._stalls: deque[Stall] = deque(maxlen=STALLS_LIMIT)
        self._stall_count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._watch: StallWatch | None = None

    def start(self) -> None:
        """Begin on the running event loop; whoever has begun already is left alone."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._watch = StallWatch(loop.time, lambda: self._due)
            self._arm(loop)
            self._watch.start()

    def stop(self) -> None:
        """Stop asking; what was measured stays readable."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    @property
    def lag_seconds(self) -> float:
        """The longest lag of the last second; 0.0 before the first."""
        lags = self._lags
        newest = [lags[-each] for each in range(1, min(len(lags), KEPT_SAMPLES) + 1)]
        return max(newest, default=0.0)

    @property
    def samples(self) -> int:
        """How often the loop was looked at."""
        return self._all.count

    @property
    def recent_p99_seconds(self) -> float:
        """The 99th percentile of the last minute."""
        return percentile(sorted(self._lags), 0.99)

    @property
    def figures(self) -> LagFigures:
        """All that is known."""
        lags = self._all
        return LagFigures(
            newest_seconds=self.lag_seconds,
            recent_p99_seconds=self.recent_p99_seconds,
            p50_seconds=lags.quantile(0.50) / _NANOSECONDS,
            p95_seconds=lags.quantile(0.95) / _NANOSECONDS,
            p99_seconds=lags.quantile(0.99) / _NANOSECONDS,
            max_seconds=lags.largest / _NANOSECONDS,
            samples=lags.count,
            stall_count=self._stall_count,
            stalls=tuple(reversed(self._stalls)),
            durations=self._buckets.figures,
        )

    def record(self, lag_seconds: float) -> None:
        """Keep one lag; a call that came early counts as none."""
        lag = max(0.0, lag_seconds)
        self._lags.append(lag)
        self._all.record(int(lag * _NANOSECONDS))
        self._buckets.record(lag)
        if lag >= STALL_SECONDS:
            self._stall_count += 1
            place = self._watch.place if self._watch is not None else ""
            self._stalls.append(Stall(lag, time.time(), place))

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop's own thread: what others use does not make it late.
        before, self._used_seconds = self._used_seconds, time.thread_time()
        was_idle = self._used_seconds - before < IDLE_SHARE * self._interval_seconds
        seconds = self._idle_seconds if was_idle else self._interval_seconds
        self._due = loop.time() + seconds
        self._timer = loop.call_at(self._due, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.record(loop.time() - self._due)
        self._arm(loop)


class StallWatch:
    """Looks from a thread where the loop of another stands while it is late.

    ``due`` is when the loop should have been back, by ``clock``. ``place`` belongs to
    the lateness that lasts, or that has just ended.
    """

    def __init__(self, clock: Callable[[], float], due: Callable[[], float]) -> None:
        self._clock = clock
        self._due = due
        self._watched = threading.get_ident()
        self._is_over = threading.Event()
        self._place = ""
        self._seen_due = 0.0

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, name="stall-watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more; does not wait for the thread."""
        self._is_over.set()

    @property
    def place(self) -> str:
        """Where the loop stood, or "" if nobody saw it stand."""
        return self._place if self._seen_due == self._due() else ""

    def look(self) -> None:
        """Note where the loop is, if it is late; once for each time."""
        due = self._due()
        is_late = self._clock() - due >= STALL_SECONDS / 2
        if is_late and due != self._seen_due:
            frame = sys._current_frames().get(self._watched)
            self._place = place_of(frame)
            self._seen_due = due

    def _run(self) -> None:
        # As late as half a stall, so that whatever lasts a whole one is seen.
        late = STALL_SECONDS / 2
        while not self._is_over.wait(max(self._due() + late - self._clock(), late)):
            self.look()


def place_of(frame: FrameType | None) -> str:
    """Return our innermost function of a stack, as ``module.name:line``.

    Where none is ours, the innermost of all: a library may be busy by itself.
    """
    innermost = "" if frame is None else _named(frame)
    for _depth in range(FRAMES_LIMIT):
        if frame is None:
            break
        if frame.f_globals.get("__name__", "").startswith(OUR_PACKAGES):
            return _named(frame)
        frame = frame.f_back
    return innermost


def _named(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__", "?")
    return f"{module}.{frame.f_code.co_qualname}:{frame.f_lineno}"
