"""What tells about the app's own work, built and kept running."""

import logging
from pathlib import Path

from terminal_ai.config import Settings
from terminal_ai.telemetry.alerts import Alert, Alerts, rules
from terminal_ai.telemetry.export import SpanFile
from terminal_ai.telemetry.names import SLOW_SECONDS
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.spans import Tracer
from terminal_ai.telemetry.telemetry import Telemetry

_logger = logging.getLogger(__name__)


def build_telemetry(settings: Settings, directory: Path | None) -> Telemetry:
    """Return what the settings ask for; its owner closes it.

    Without a ``directory``, where spans would be written, none are.
    """
    form, slow_seconds = settings.telemetry.traces, settings.telemetry.slow_seconds
    return Telemetry(
        tracer=Tracer(is_enabled=settings.profiler.enabled),
        operations=Operations(slow_seconds=slow_seconds, limits=SLOW_SECONDS),
        alerts=Alerts(rules(slow_seconds), tell=_log),
        file=SpanFile(directory, form) if directory and form != "off" else None,
    )


def _log(alert: Alert) -> None:
    if alert.cleared_at is None:
        _logger.warning("alert %s: %s", alert.signal, alert.text)
    else:
        lasted = alert.cleared_at - alert.raised_at
        _logger.info("alert %s is over after %.0f s", alert.signal, lasted)
