"""What became of a run: one value, as JSON or as a table."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

LIMIT_LAG_P99_MS = 50.0
LIMIT_SLOPE_BYTES = 1_024
_NAME_WIDTH = 36
_WIDTH = 14


@dataclass(slots=True)
class Outcome:
    """What became of one preset's run. Percentiles are in milliseconds.

    ``overhead`` is a command's time without its own sleep. ``slope`` is None for too
    few commands. ``troubles`` are the first of each kind.
    """

    preset: str
    shell: str
    shells: int
    commands: int
    lost: int = 0
    wrong: int = 0
    doubled: int = 0
    errors_expected: int = 0
    errors_captured: int = 0
    duration_seconds: float = 0.0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    overhead_p50_ms: float = 0.0
    overhead_p95_ms: float = 0.0
    overhead_p99_ms: float = 0.0
    cpu_ms_per_command: float = 0.0
    loop_lag_p99_ms: float = 0.0
    loop_lag_max_ms: float = 0.0
    loop_lag_own_p99_ms: float = 0.0
    """Without what the loop's thread waited for a processor."""
    loop_lag_own_max_ms: float = 0.0
    rss_start_bytes: int = 0
    rss_end_bytes: int = 0
    slope_bytes_per_command: float | None = None
    advice_p95_ms: float = 0.0
    unadvised: int = 0
    request_p95_ms: float = 0.0
    answer_p50_ms: float = 0.0
    questions: int = 0
    answered: int = 0
    cache_hits: int = 0
    refused: int = 0
    unanswered: int = 0
    breaker_opened: bool = False
    breaker_closed: bool = False
    flood_bytes: int = 0
    resizes: int = 0
    keys: int = 0
    descriptors_start: int = 0
    descriptors_end: int = 0
    tasks_start: int = 0
    tasks_end: int = 0
    threads_start: int = 0
    threads_end: int = 0
    children_start: int = 0
    children_end: int = 0
    warnings: int = 0
    """Lines in the app's log; ``first_warnings`` are some of them."""
    first_warnings: list[str] = field(default_factory=list)
    is_complete: bool = False
    troubles: list[str] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """True if one record, answer or resource is not where it belongs."""
        is_leaking = (
            self.descriptors_end > self.descriptors_start
            or self.tasks_end > self.tasks_start
            or self.children_end > self.children_start
        )
        counts = (self.lost, self.wrong, self.doubled, self.unadvised, self.unanswered)
        is_unequal = self.errors_captured != self.errors_expected
        return any(counts) or is_unequal or is_leaking or not self.is_complete


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table: a field, how it is told, and whether it has a gain."""

    name: str
    told: str
    scale: float = 1.0
    unit: str = ""
    has_gain: bool = False


_ROWS: tuple[_Row, ...] = (
    _Row("commands", "commands"),
    _Row("lost", "lost"),
    _Row("wrong", "wrong"),
    _Row("doubled", "doubled"),
    _Row("errors_expected", "errors expected"),
    _Row("errors_captured", "errors captured"),
    _Row("unadvised", "failures without advice"),
    _Row("duration_seconds", "duration", 1, "s", has_gain=True),
    _Row("p50_ms", "command, p50", 1, "ms", has_gain=True),
    _Row("p95_ms", "command, p95", 1, "ms", has_gain=True),
    _Row("p99_ms", "command, p99", 1, "ms", has_gain=True),
    _Row("overhead_p50_ms", "over its own sleep, p50", 1, "ms", has_gain=True),
    _Row("overhead_p95_ms", "over its own sleep, p95", 1, "ms", has_gain=True),
    _Row("overhead_p99_ms", "over its own sleep, p99", 1, "ms", has_gain=True),
    _Row("cpu_ms_per_command", "our processor time a command", 1, "ms", has_gain=True),
    _Row("loop_lag_p99_ms", "loop lag, p99", 1, "ms", has_gain=True),
    _Row("loop_lag_max_ms", "loop lag, longest", 1, "ms"),
    _Row("loop_lag_own_p99_ms", "loop lag of our own, p99", 1, "ms", has_gain=True),
    _Row("loop_lag_own_max_ms", "loop lag of our own, longest", 1, "ms"),
    _Row("rss_start_bytes", "memory at the start", 1 / 1_048_576, "MiB"),
    _Row("rss_end_bytes", "memory at the end", 1 / 1_048_576, "MiB"),
    _Row("slope_bytes_per_command", "growth a command after warm-up", 1, "B"),
    _Row("advice_p95_ms", "failure to advice, p95", 1, "ms", has_gain=True),
    _Row("request_p95_ms", "failure to request, p95", 1, "ms", has_gain=True),
    _Row("answer_p50_ms", "question to answer, p50", 1, "ms", has_gain=True),
    _Row("questions", "questions"),
    _Row("answered", "answered"),
    _Row("cache_hits", "of these from the cache"),
    _Row("refused", "refused in the outage"),
    _Row("unanswered", "unanswered or wrong"),
    _Row("flood_bytes", "flood", 1e-6, "MB"),
    _Row("resizes", "resizes"),
    _Row("keys", "keys typed and erased"),
    _Row("warnings", "warnings in the log"),
    _Row("descriptors_start", "descriptors before"),
    _Row("descriptors_end", "descriptors after"),
    _Row("tasks_start", "tasks before"),
    _Row("tasks_end", "tasks after"),
    _Row("threads_start", "threads before"),
    _Row("threads_end", "threads after"),
)


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return a list of one object for each preset."""
    return json.dumps([dataclasses.asdict(each) for each in outcomes], indent=2)


def from_json(text: str) -> list[Outcome]:
    """Return what ``as_json`` wrote."""
    return [Outcome(**fields) for fields in json.loads(text)]


def as_table(outcomes: Sequence[Outcome]) -> str:
    """Return the presets side by side; of two, the gain of the second."""
    told = [_line("", [each.preset for each in outcomes], "gain")]
    for row in _ROWS:
        values = [getattr(each, row.name) for each in outcomes]
        is_pair = row.has_gain and len(values) == 2 and all(values)
        gain = f"{values[0] / values[1]:.2f}x" if is_pair else ""
        told.append(_line(row.told, [_shown(value, row) for value in values], gain))
    for each in outcomes:
        shown = (*each.troubles, *each.first_warnings)
        told += [f"{each.preset}: {trouble}" for trouble in shown]
        verdict = "FAILED" if each.has_failed else "every record accounted for"
        told.append(f"{each.preset}: {verdict}")
        told += [f"{each.preset}: {warning}" for warning in _warnings(each)]
    return "\n".join(told)


def _warnings(outcome: Outcome) -> list[str]:
    """Tell of speed and growth, which depend on the machine and fail nothing."""
    found = []
    if outcome.loop_lag_p99_ms > LIMIT_LAG_P99_MS:
        found.append(f"the loop's lag is above {LIMIT_LAG_P99_MS:.0f} ms at p99")
    slope = outcome.slope_bytes_per_command
    if slope is not None and slope > LIMIT_SLOPE_BYTES:
        found.append(f"memory grows by more than {LIMIT_SLOPE_BYTES} bytes a command")
    return found


def _line(name: str, values: Sequence[str], gain: str) -> str:
    cells = "".join(f"{value:>{_WIDTH}}" for value in values)
    return f"{name:<{_NAME_WIDTH}}{cells}{gain:>10}".rstrip()


def _shown(value: float | None, row: _Row) -> str:
    if value is None:
        return "-"
    if not row.unit:
        return str(value)
    return f"{value * row.scale:.1f} {row.unit}"
