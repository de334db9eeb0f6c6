"""How late the event loop runs what is due: the responsiveness a user feels."""

import asyncio
from collections import deque

INTERVAL_SECONDS = 0.1
KEPT_SAMPLES = 10


class LoopLagMonitor:
    """Asks the loop for a call at a known time and keeps how late each came.

    The newest ``KEPT_SAMPLES`` lags are kept: one second at the default interval.
    """

    def __init__(self, *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._interval_seconds = interval_seconds
        self._lags: deque[float] = deque(maxlen=KEPT_SAMPLES)
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin on the running event loop."""
        if self._timer is None:
            self._arm(asyncio.get_running_loop())

    def stop(self) -> None:
        """Stop asking; what was measured stays readable."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def lag_seconds(self) -> float:
        """The longest of the lags kept; 0.0 before the first."""
        return max(self._lags, default=0.0)

    def record(self, lag_seconds: float) -> None:
        """Keep one lag; a call that came early counts as none."""
        self._lags.append(max(0.0, lag_seconds))

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + self._interval_seconds
        self._timer = loop.call_at(self._due, self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self.record(loop.time() - self._due)
        self._arm(loop)
