"""What the app tells about its own work, as one object to pass around."""

from dataclasses import dataclass, field

from terminal_ai.telemetry.alerts import Alerts, rules
from terminal_ai.telemetry.export import SpanFile
from terminal_ai.telemetry.loop_lag import IDLE_INTERVAL_SECONDS, LoopLagMonitor
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.spans import Tracer


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Spans, what they add up to, alerts, and the event loop's lag."""

    tracer: Tracer = field(default_factory=Tracer)
    operations: Operations = field(default_factory=Operations)
    alerts: Alerts = field(default_factory=lambda: Alerts(rules()))
    lag: LoopLagMonitor = field(
        default_factory=lambda: LoopLagMonitor(idle_seconds=IDLE_INTERVAL_SECONDS)
    )
    file: SpanFile | None = None
    """Where spans are written, if the user wants that."""

    def __post_init__(self) -> None:
        """Have each span counted, and written."""
        self.tracer.add_listener(self.operations.take)
        if self.file is not None:
            self.tracer.add_listener(self.file.take)
            self.file.start()

    def close(self) -> None:
        """Write what waits, for a bounded time."""
        if self.file is not None:
            self.file.close()
