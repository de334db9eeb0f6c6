"""What tells about the app's own work, built and kept running."""

import logging

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.config.settings import TelemetrySettings
from terminal_ai.telemetry.alerts import Alert, Alerts, rules
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.telemetry.watching import Watchman
from utils.resources import ResourceSampler

_logger = logging.getLogger(__name__)


def build_telemetry(settings: TelemetrySettings) -> Telemetry:
    """Return what the settings ask for; nothing of it runs yet."""
    return Telemetry(
        operations=Operations(slow_seconds=settings.slow_seconds),
        alerts=Alerts(rules(settings.slow_seconds), tell=_log),
    )


def build_watchman(telemetry: Telemetry, assistant: Assistant) -> Watchman:
    """Return who measures the event loop, and raises alerts, while the app runs."""

    def look_ups() -> tuple[int, int]:
        # The first tier is asked every question.
        tiers = assistant.cache_figures
        hits = sum(tier.hits for tier in tiers)
        return hits, tiers[0].hits + tiers[0].misses if tiers else 0

    return Watchman(telemetry, sampler=ResourceSampler(), look_ups=look_ups)


def _log(alert: Alert) -> None:
    if alert.cleared_at is None:
        _logger.warning("alert %s: %s", alert.signal, alert.text)
    else:
        lasted = alert.cleared_at - alert.raised_at
        _logger.info("alert %s is over after %.0f s", alert.signal, lasted)
