"""The app's own figures at one moment: one value for all who show or export them.

The profiler's panel draws it, Prometheus scrapes it, the report at the end keeps it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.records import CommandCounts, ModelRole, ModelStatus, ModelUsage
from terminal_ai.shell.process_tree import TreeSample, TreeSampler
from terminal_ai.telemetry.alerts import Alert
from terminal_ai.telemetry.loop_lag import LagFigures
from terminal_ai.telemetry.operations import OperationFigures, SlowOperation
from terminal_ai.telemetry.requests import RequestFigures, RequestTimes
from terminal_ai.telemetry.telemetry import Telemetry
from utils.profiler import FunctionTiming
from utils.resources import ResourceSample


class ModelUses(Protocol):
    """What the models were used for."""

    @property
    def usage(self) -> Mapping[str, ModelUsage]:
        """The use of each model, by its name."""


class AssistantFigures(Protocol):
    """What the assistant counts."""

    @property
    def models(self) -> ModelUses:
        """The models that answer."""

    @property
    def figures(self) -> SchedulerFigures:
        """What is asked of the service now, and was so far."""

    @property
    def prefetches(self) -> PrefetchFigures:
        """What asking ahead was good for until now."""

    @property
    def requests(self) -> RequestTimes:
        """How long requests took, and how they ended."""

    @property
    def cache_figures(self) -> tuple[TierFigures, ...]:
        """What each tier of the cache did so far, the fastest first."""

    def model_name(self, role: ModelRole) -> str:
        """Return the name of the model that plays a role."""


class ShellFigures(Protocol):
    """What a shell's session counts."""

    @property
    def parsed(self) -> tuple[int, float]:
        """Bytes of output read by the emulator, and the seconds it took."""

    @property
    def commands(self) -> CommandCounts:
        """The commands that have ended."""

    @property
    def pid(self) -> int | None:
        """The shell's process; None while there is none."""


class Tree(Protocol):
    """Where the figures of the shell's processes come from."""

    def sample(self, pid: int | None) -> TreeSample | None:
        """Return those of now, without blocking."""


class Sampler(Protocol):
    """Where the process's figures come from."""

    def sample(self) -> ResourceSample:
        """Return the figures of now, without blocking."""


class Timings(Protocol):
    """Where the functions' figures come from."""

    def timings(self) -> tuple[FunctionTiming, ...]:
        """Return the figures of every measured function."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything the app knows about itself; counters since it started."""

    process: ResourceSample
    shell: TreeSample | None = None
    """The shell and all below it; None while there is none, or it was not seen yet."""
    lag: LagFigures = field(default_factory=LagFigures)
    parsed_bytes: int = 0
    parsed_seconds: float = 0.0
    frames: int = 0
    commands: CommandCounts = field(default_factory=CommandCounts)
    requests_begun: int = 0
    requests: tuple[RequestFigures, ...] = ()
    tiers: tuple[TierFigures, ...] = ()
    queue: SchedulerFigures = field(default_factory=SchedulerFigures)
    prefetches: PrefetchFigures = field(default_factory=PrefetchFigures)
    usage: ModelUsage = field(default_factory=ModelUsage)
    model: ModelStatus | None = None
    """What was heard of the model last; None before the service was asked."""
    timings: tuple[FunctionTiming, ...] = ()
    operations: tuple[OperationFigures, ...] = ()
    """Each kind of operation, by name."""
    slow: tuple[SlowOperation, ...] = ()
    """The newest operations that held us up, the newest first."""
    slow_count: int = 0
    alerts: tuple[Alert, ...] = ()
    """What is wrong now, the newest first."""
    past_alerts: tuple[Alert, ...] = ()
    alert_count: int = 0
    """How many were raised, those that last included."""

    @property
    def is_model_loaded(self) -> bool:
        """True while the model is known to be in memory."""
        return self.model is not None and self.model.is_loaded

    @property
    def lag_seconds(self) -> float:
        """How late the event loop ran at most in the last second."""
        return self.lag.newest_seconds


PAINT = "block.ui.paint"
"""The profiler's name for one painted frame of the terminal."""


class VitalsReader:
    """Reads all figures where they are counted; costs nothing until it is asked."""

    def __init__(
        self,
        *,
        sampler: Sampler,
        timings: Timings,
        telemetry: Telemetry,
        assistant: AssistantFigures,
        session: Callable[[], ShellFigures | None],
        tree: Tree | None = None,
    ) -> None:
        self._sampler = sampler
        self._timings = timings
        self._telemetry = telemetry
        self._assistant = assistant
        self._session = session
        self._tree = tree or TreeSampler()
        self.model: ModelStatus | None = None
        """Told by whoever last heard of the model."""

    def read(self) -> Vitals:
        """Return the figures of now; takes about a millisecond and never waits."""
        session = self._session()
        parsed_bytes, parsed_seconds = session.parsed if session else (0, 0.0)
        timings = self._timings.timings()
        assistant, telemetry = self._assistant, self._telemetry
        name = assistant.model_name(ModelRole.HEAVY)
        return Vitals(
            process=self._sampler.sample(),
            shell=self._tree.sample(session.pid if session else None),
            lag=telemetry.lag.figures,
            parsed_bytes=parsed_bytes,
            parsed_seconds=parsed_seconds,
            frames=sum(each.calls for each in timings if each.name == PAINT),
            commands=session.commands if session else CommandCounts(),
            requests_begun=assistant.requests.begun,
            requests=assistant.requests.figures,
            tiers=assistant.cache_figures,
            queue=assistant.figures,
            prefetches=assistant.prefetches,
            usage=assistant.models.usage.get(name, ModelUsage()),
            model=self.model,
            timings=timings,
            operations=telemetry.operations.figures(),
            slow=telemetry.operations.slow,
            slow_count=telemetry.operations.slow_count,
            alerts=telemetry.alerts.current,
            past_alerts=telemetry.alerts.past,
            alert_count=telemetry.alerts.raised_count,
        )
