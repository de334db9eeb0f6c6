"""The figures that alerts are raised by, gathered cheaply while the app runs."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from terminal_ai.telemetry.alerts import Readings, Signal
from terminal_ai.telemetry.telemetry import Telemetry
from utils.resources import ResourceSample

CHECK_SECONDS = 2.0
TELLING_LAGS = 300
"""Of fewer looks at the loop, the few long ones of the start would be the rule."""
TELLING_LOOK_UPS = 20
"""A hit rate of fewer questions says nothing."""

LookUps = Callable[[], tuple[int, int]]
"""Returns how many questions a cache answered, and how many it was asked."""


class Sampler(Protocol):
    """Where the process's figures come from."""

    def sample(self) -> ResourceSample:
        """Return the figures of now, without blocking."""


class Watchman:
    """Looks at what may be wrong every ``CHECK_SECONDS``.

    The sampler must be its own: CPU is told since the last look.
    """

    def __init__(
        self, telemetry: Telemetry, *, sampler: Sampler, look_ups: LookUps
    ) -> None:
        self._telemetry = telemetry
        self._sampler = sampler
        self._look_ups = look_ups
        self._hits_before, self._asked_before = look_ups()
        self._hit_rate: float | None = None

    async def watch(self) -> None:
        """Measure the event loop and look again and again, until cancelled."""
        self._telemetry.lag.start()
        try:
            while True:
                self.look()
                await asyncio.sleep(CHECK_SECONDS)
        finally:
            self._telemetry.lag.stop()

    def look(self) -> None:
        """Look once, and have alerts raised and cleared."""
        self._telemetry.alerts.check(self._readings())

    def _readings(self) -> Readings:
        telemetry, sample = self._telemetry, self._sampler.sample()
        slow = telemetry.operations.recent_p95_seconds()
        found = {
            (Signal.LOOP_LAG, ""): self._recent_lag(),
            (Signal.MEMORY, ""): float(sample.rss_bytes),
            (Signal.CPU, ""): sample.cpu_percent,
            (Signal.ERROR_RATE, ""): telemetry.operations.error_rate(),
            (Signal.HIT_RATE, ""): self._recent_hit_rate(),
            **{(Signal.SLOW_OPERATION, name): each for name, each in slow.items()},
        }
        return {key: value for key, value in found.items() if value is not None}

    def _recent_lag(self) -> float | None:
        lag = self._telemetry.lag
        return lag.recent_p99_seconds if lag.samples >= TELLING_LAGS else None

    def _recent_hit_rate(self) -> float | None:
        """Return the rate of the newest questions, of at least so many."""
        hits, asked = self._look_ups()
        since = asked - self._asked_before
        if since >= TELLING_LOOK_UPS:
            self._hit_rate = (hits - self._hits_before) / since
            self._hits_before, self._asked_before = hits, asked
        return self._hit_rate
