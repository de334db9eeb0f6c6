"""How often a program may ask for the user's attention."""

import time
from collections.abc import Callable

from terminal_ai.terminal.events import (
    Bell,
    ClipboardWritten,
    Event,
    Notification,
    SizeRequested,
)

BELL_BURST, BELL_INTERVAL_SECONDS = 1, 0.5
NOTICE_BURST, NOTICE_INTERVAL_SECONDS = 3, 10.0
COPY_BURST, COPY_INTERVAL_SECONDS = 5, 1.0
SIZE_BURST, SIZE_INTERVAL_SECONDS = 2, 1.0


class RateLimit:
    """Admits a burst, and after it one more in each interval."""

    def __init__(self, burst: int, interval_seconds: float) -> None:
        self._burst = burst
        self._interval_seconds = interval_seconds
        self._left = float(burst)
        self._counted_at: float | None = None

    def admits(self, now: float) -> bool:
        """Tell whether one more may pass now, and count it."""
        passed = 0.0 if self._counted_at is None else now - self._counted_at
        self._counted_at = now
        self._left = min(self._burst, self._left + passed / self._interval_seconds)
        if self._left < 1:
            return False
        self._left -= 1
        return True


class EventGate:
    """Lets a program's bells, notices, copies and new sizes pass at a bounded rate."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits: dict[type, RateLimit] = {
            Bell: RateLimit(BELL_BURST, BELL_INTERVAL_SECONDS),
            Notification: RateLimit(NOTICE_BURST, NOTICE_INTERVAL_SECONDS),
            ClipboardWritten: RateLimit(COPY_BURST, COPY_INTERVAL_SECONDS),
            SizeRequested: RateLimit(SIZE_BURST, SIZE_INTERVAL_SECONDS),
        }

    def admits(self, event: Event) -> bool:
        """Tell whether the app is told of an event; of most it always is."""
        limit = self._limits.get(type(event))
        return limit is None or limit.admits(self._clock())
