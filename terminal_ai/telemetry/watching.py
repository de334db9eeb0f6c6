"""The figures that alerts are raised by, gathered cheaply while the app runs."""

import asyncio
from typing import Protocol

from terminal_ai.telemetry.alerts import Readings, Signal
from terminal_ai.telemetry.telemetry import Telemetry
from utils.resources import ResourceSample

CHECK_SECONDS = 2.0
TELLING_LAGS = 300
"""Of fewer looks at the loop, the few long ones of the start would be the rule."""


class Sampler(Protocol):
    """Where the process's figures come from."""

    def sample(self) -> ResourceSample:
        """Return the figures of now, without blocking."""


class Watchman:
    """Looks at what may be wrong every ``CHECK_SECONDS``.

    The sampler must be its own: CPU is told since the last look.
    """

    def __init__(self, telemetry: Telemetry, *, sampler: Sampler) -> None:
        self._telemetry = telemetry
        self._sampler = sampler

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
            **{(Signal.SLOW_OPERATION, name): each for name, each in slow.items()},
        }
        return {key: value for key, value in found.items() if value is not None}

    def _recent_lag(self) -> float | None:
        lag = self._telemetry.lag
        return lag.recent_p99_seconds if lag.samples >= TELLING_LAGS else None
