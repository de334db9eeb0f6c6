"""What the app tells about its own work, as one object to pass around."""

from dataclasses import dataclass, field

from terminal_ai.telemetry.alerts import Alerts, rules
from terminal_ai.telemetry.loop_lag import LoopLagMonitor
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.spans import Tracer


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Spans, what they add up to, alerts, and the event loop's lag."""

    tracer: Tracer = field(default_factory=Tracer)
    operations: Operations = field(default_factory=Operations)
    alerts: Alerts = field(default_factory=lambda: Alerts(rules()))
    lag: LoopLagMonitor = field(default_factory=LoopLagMonitor)

    def __post_init__(self) -> None:
        """Have each span counted."""
        self.tracer.add_listener(self.operations.take)
