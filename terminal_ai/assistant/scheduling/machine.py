"""Whether this machine has time and power to spare for what nobody asked for."""

import os
import threading
import time
from collections.abc import Callable

import psutil

LOAD_LIMIT = 1.5
"""Runnable processes a core, over the last minute."""
BUSY_LOAD = 1.0
BUSY_PERCENT = 95.0
"""Of all cores, since the last look; tells only together with ``BUSY_LOAD``."""
BATTERY_SECONDS = 30.0
"""How long a look at the battery is good: some take tens of milliseconds."""


def cores() -> int:
    """Return how many cores there are."""
    return os.cpu_count() or 1


class Machine:
    """Looks at load and battery; may block for some milliseconds, but never samples."""

    def __init__(
        self,
        *,
        load: Callable[[], tuple[float, float, float]] = os.getloadavg,
        cpu_percent: Callable[[], float] = psutil.cpu_percent,
        on_battery: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._cpu_percent = cpu_percent
        self._on_battery = on_battery or _on_battery
        self._clock = clock
        self._battery: tuple[float, bool] | None = None
        self._looking = threading.Lock()

    def is_strained(self) -> bool:
        """Tell whether work that can wait should."""
        with self._looking:
            return self._is_busy() or self._is_on_battery()

    def _is_busy(self) -> bool:
        percent = self._cpu_percent()
        try:
            load = self._load()[0] / cores()
        except OSError:
            return percent >= BUSY_PERCENT
        return load >= LOAD_LIMIT or (load >= BUSY_LOAD and percent >= BUSY_PERCENT)

    def _is_on_battery(self) -> bool:
        now = self._clock()
        if self._battery is None or now - self._battery[0] >= BATTERY_SECONDS:
            self._battery = now, self._on_battery()
        return self._battery[1]


def _on_battery() -> bool:
    look = getattr(psutil, "sensors_battery", None)
    battery = look() if look is not None else None
    return battery is not None and battery.power_plugged is False
