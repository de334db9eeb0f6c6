"""The settings tree: every value the program can be told, with its default."""

import functools
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

# Upper bounds keep a typing slip from becoming an overflow or a full memory.
COUNT_LIMIT = 1_000_000_000
BYTES_LIMIT = 1 << 40
DAYS_LIMIT = 36_500
MONTH_SECONDS = 2_678_400

TEAM_KEY_VARIABLE = "TERMINAL_AI_TEAM_KEY"
"""Holds a secret, not a setting, although its name looks like one's."""

Positive = Annotated[int, Meta(ge=1, le=COUNT_LIMIT)]
NotNegative = Annotated[int, Meta(ge=0, le=COUNT_LIMIT)]


class ShellSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Which shell runs, and how it is watched."""

    command: str = ""
    """Program to run; empty means $SHELL, then /bin/sh."""
    login: bool = False
    """Start a login shell."""
    integration: bool = True
    """Inject prompt marks, so that commands are captured exactly."""
    resource_interval_seconds: Annotated[float, Meta(ge=0.05, le=10)] = 0.5
    """How often a running command's process tree is sampled."""


class TerminalSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The emulator."""

    parser: Literal["pyte", "fast"] = "fast"
    """Who reads the shell's output: pyte's stream, or ours; the screen is the same."""
    scrollback_rows: NotNegative = 10_000
    """Rows kept above the viewport."""
    scrollback_limit_bytes: Annotated[int, Meta(ge=1, le=BYTES_LIMIT)] = 67_108_864
    """Most memory these rows may take."""
    read_slice_milliseconds: Annotated[int, Meta(ge=1, le=100)] = 4
    """Longest time spent parsing before the event loop runs again."""
    escape_delay_milliseconds: Annotated[int, Meta(ge=1, le=1000)] = 25
    """How long a lone ESC waits for the rest of a key sequence."""
    clipboard_writes: bool = False
    """Let programs put text on the clipboard (OSC 52); reading it is never allowed."""
    resize_requests: bool = False
    """Pass on to the host when a program asks for another size (XTWINOPS)."""
    clipboard: Literal["auto", "osc52", "tool", "off"] = "auto"
    """How copied text leaves: OSC 52 to the host, the desktop's tools, or both."""
    cursor_blink: Literal["auto", "off"] = "auto"
    """``auto`` lets programs make the cursor blink."""
    bell: Literal["visual", "host", "off"] = "visual"
    """A mark in the status bar, the host terminal's own bell, or nothing."""


class KeymapSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The few keys the app takes from the shell; everything else is the shell's."""

    leader: str = "ctrl+backslash"
    """Pressed twice, it goes through to the shell. On the alternate screen it is the
    only key of ours."""
    help: str = "f1"
    assistant: str = "f2"
    profiler: str = "f3"
    history: str = "f4"
    ask: str = "f5"
    place: str = "f6"


class InterfaceSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What is on the screen."""

    language: Literal["auto", "en", "ko"] = "auto"
    theme: Literal["auto", "dark", "light", "ansi"] = "auto"
    """``auto`` asks COLORFGBG; ``ansi`` uses only the host's 16 colours."""
    color: bool = True
    """False draws without colours, as a non-empty NO_COLOR does."""
    overlay_below_columns: Positive = 100
    """Below this width the panels become an overlay."""
    panel_columns: Annotated[int, Meta(ge=24, le=200)] = 44
    """Width of the side panels."""
    gutter: Literal["auto", "on", "off"] = "auto"
    """One column beside the terminal for marks: ``auto`` where the panels stand beside
    it; elsewhere prompts are tinted. ``off`` marks nothing."""
    fold_rows: Positive = 50
    """Command mode's ``Z`` folds the outputs of more rows than these."""
    sentence_key: str = "?"
    """At an empty prompt it asks for a command in words; ``""`` leaves it alone."""
    keys: KeymapSettings = msgspec.field(default_factory=KeymapSettings)


class HistorySettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Finished commands."""

    persist: bool = True
    """Keep records in SQLite, redacted; false keeps them in memory only."""
    memory_records: Positive = 1_000
    memory_limit_bytes: Annotated[int, Meta(ge=1, le=BYTES_LIMIT)] = 33_554_432
    output_head_bytes: NotNegative = 65_536
    output_tail_bytes: NotNegative = 196_608
    retention_records: Positive = 100_000
    """Oldest records beyond this count are deleted from disk."""
    retention_days: Annotated[int, Meta(ge=0, le=DAYS_LIMIT)] = 365
    """Records older than this are deleted from disk; 0 keeps them."""
    retention_bytes: Annotated[int, Meta(ge=0, le=BYTES_LIMIT)] = 1_073_741_824
    """Oldest records are deleted when the file and its WAL take more; 0 lets them."""


class AdvisorSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The offline advisor."""

    enabled: bool = True


class AiSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The local model, through Ollama."""

    enabled: bool = True
    """False is ``--offline``: no connection is ever tried."""
    model: str = "qwen2.5-coder:3b"
    """The heavy role: fixes and open questions."""
    light_model: str = ""
    """The light role: short texts; empty takes ``model``."""
    host: str = "http://127.0.0.1:11434"
    allow_remote_host: bool = False
    """Permit a host that is not this machine."""
    allow_cloud: bool = False
    """Permit models that the service forwards to its makers' machines."""
    token_variable: str = ""
    """The environment variable whose value is sent to ``host``, and nowhere else."""
    certificate_file: str = ""
    """Certificates to trust besides the system's, for an https host of one's own."""
    prefetch: Literal["auto", "on", "off"] = "auto"
    """Ask about a failure before the user does; ``auto`` not on battery or under
    load."""
    prefetch_pause_milliseconds: Annotated[int, Meta(ge=0, le=60_000)] = 500
    """A failure that follows another sooner waits until this long has passed."""
    warm_up: bool = True
    """Load the model while the user types."""
    requests_at_once: Annotated[int, Meta(ge=1, le=64)] = 1
    """What the service works on in parallel; Ollama's own default is 1."""
    throttle_requests: Positive = 5
    """Most requests in ``throttle_seconds``; cached answers are not counted."""
    throttle_seconds: Annotated[float, Meta(gt=0, le=3600)] = 1.0
    waiting_limit: Annotated[int, Meta(ge=1, le=10_000)] = 32
    """Most requests that wait for their turn."""
    breaker_failures: Annotated[int, Meta(ge=1, le=1000)] = 3
    """After so many failures in a row the service is left alone for a while."""
    breaker_seconds: Annotated[float, Meta(gt=0, le=3600)] = 15.0
    retries: Annotated[int, Meta(ge=0, le=10)] = 2
    """Further attempts where nothing of an answer has come yet."""
    connect_timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 2.0
    first_token_timeout_seconds: Annotated[float, Meta(gt=0, le=3600)] = 120.0
    retry_interval_seconds: Annotated[float, Meta(ge=1, le=3600)] = 5.0
    """How often an absent service is looked for again."""
    keep_alive: str = "10m"
    context_tokens: Annotated[int, Meta(ge=1024, le=1_048_576)] = 4096
    answer_tokens: Annotated[int, Meta(ge=64, le=65_536)] = 768
    temperature: Annotated[float, Meta(ge=0, le=2)] = 0.2
    context_records: Annotated[int, Meta(ge=0, le=50)] = 5
    """Earlier commands sent along with a question."""


class TeamCacheSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Answers shared through a Redis of one's own; needs ``terminal-ai[redis]``."""

    url: str = ""
    """``redis://``, ``rediss://`` or ``unix://``; empty shares nothing."""
    key_variable: str = TEAM_KEY_VARIABLE
    """The environment variable with the team's secret: who does not know it can
    neither ask for an answer nor forge one."""
    certificate_file: str = ""
    """Certificates to trust besides the system's, for ``rediss://``."""
    seconds: Annotated[float, Meta(gt=0, le=MONTH_SECONDS)] = 604_800.0
    timeout_seconds: Annotated[float, Meta(gt=0, le=10)] = 0.25


class PerformanceSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What ``--optimized`` sets, which is the default, and ``--no-optimized`` unsets.

    Every value here is measured by the benchmark, with and without.
    """

    preset: Literal["optimized", "base"] = "optimized"
    """The named group of values to start from; only the loader reads it."""
    answer_cache_entries: NotNegative = 256
    """Model answers kept in memory; 0 keeps none."""
    answer_cache_limit_bytes: Annotated[int, Meta(ge=1, le=BYTES_LIMIT)] = 4_194_304
    answer_cache_seconds: Annotated[float, Meta(gt=0, le=MONTH_SECONDS)] = 3_600.0
    disk_cache_entries: NotNegative = 5_000
    """Model answers kept on disk, without secrets; 0 keeps none."""
    disk_cache_limit_bytes: Annotated[int, Meta(ge=1, le=BYTES_LIMIT)] = 33_554_432
    disk_cache_seconds: Annotated[float, Meta(gt=0, le=MONTH_SECONDS)] = 604_800.0
    read_chunk_bytes: Annotated[int, Meta(ge=1024, le=1_048_576)] = 65_536
    """Most bytes read, and parsed, at a time."""
    gc_freeze: bool = True
    """Collect no garbage while starting, move start-up objects out of the collector's
    sight, and leave its long passes to quiet moments."""
    thread_switch_milliseconds: Annotated[float, Meta(ge=0.1, le=100)] = 1.0
    """How soon a thread at work in the background gives way to the event loop."""


class ProfilerSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The app's own figures."""

    enabled: bool = True
    interval_seconds: Annotated[float, Meta(ge=0.1, le=60)] = 1.0
    sampling_seconds: Annotated[float, Meta(ge=0, le=3600)] = 10.0
    """How long the key in the panel samples what the app does."""
    sampling_every_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    """How often it is sampled so long without a key, for ``stats``; 0 is never."""
    exit_report: Literal["short", "full", "off"] = "short"
    """What is printed when the app ends; ``terminal-ai stats`` shows all of it."""


class TelemetrySettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What is told about the app's own work; nothing leaves this machine."""

    traces: Literal["off", "jsonl", "otlp"] = "off"
    """Write finished spans to the state directory, one a line or as OTLP's JSON."""
    slow_seconds: Annotated[float, Meta(gt=0, le=3600)] = 1.0
    """An operation that holds us up longer than this is in the log of slow ones."""
    metrics_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    """Serve Prometheus's metrics on this port of 127.0.0.1; 0 serves none."""
    maintenance_seconds: Annotated[float, Meta(ge=1, le=86_400)] = 300.0
    """How often caches are tidied and the report is written, while nothing is typed."""


class LoggingSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The log file in the state directory."""

    level: Literal["debug", "info", "warning", "error"] = "warning"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole tree, defaults included."""

    shell: ShellSettings = msgspec.field(default_factory=ShellSettings)
    terminal: TerminalSettings = msgspec.field(default_factory=TerminalSettings)
    interface: InterfaceSettings = msgspec.field(default_factory=InterfaceSettings)
    history: HistorySettings = msgspec.field(default_factory=HistorySettings)
    advisor: AdvisorSettings = msgspec.field(default_factory=AdvisorSettings)
    ai: AiSettings = msgspec.field(default_factory=AiSettings)
    team_cache: TeamCacheSettings = msgspec.field(default_factory=TeamCacheSettings)
    performance: PerformanceSettings = msgspec.field(
        default_factory=PerformanceSettings
    )
    profiler: ProfilerSettings = msgspec.field(default_factory=ProfilerSettings)
    telemetry: TelemetrySettings = msgspec.field(default_factory=TelemetrySettings)
    logging: LoggingSettings = msgspec.field(default_factory=LoggingSettings)


PRESET_KEY = "performance.preset"

# Base and optimized set the same keys: a comparison of them compares nothing else.
_PRESETS: dict[str, dict[str, object]] = {
    "base": {
        "terminal.parser": "pyte",
        "ai.prefetch": "off",
        "ai.warm_up": False,
        "performance.answer_cache_entries": 0,
        "performance.disk_cache_entries": 0,
        "performance.read_chunk_bytes": 4_096,
        "performance.gc_freeze": False,
        "performance.thread_switch_milliseconds": 5.0,
    },
    "optimized": {
        "terminal.parser": "fast",
        "ai.prefetch": "auto",
        "ai.warm_up": True,
        "performance.answer_cache_entries": 256,
        "performance.disk_cache_entries": 5_000,
        "performance.read_chunk_bytes": 65_536,
        "performance.gc_freeze": True,
        "performance.thread_switch_milliseconds": 1.0,
    },
}


@functools.cache
def leaf_types() -> Mapping[str, object]:
    """Return the type of every single value, by dotted key, in the tree's order."""
    return dict(_walk(Settings, ""))


@functools.cache
def default_values() -> Mapping[str, object]:
    """Return the default of every single value, by dotted key."""
    return flatten(Settings())


@functools.cache
def section_keys() -> frozenset[str]:
    """Return the dotted key of every section, nested ones included."""
    names = [key.split(".") for key in leaf_types()]
    return frozenset(
        ".".join(parts[:depth]) for parts in names for depth in range(1, len(parts))
    )


def presets() -> Mapping[str, Mapping[str, object]]:
    """Return the values each preset sets."""
    return _PRESETS


def flatten(settings: Settings) -> dict[str, object]:
    """Return every single value of ``settings`` by dotted key."""
    values: dict[str, object] = {}
    for key in leaf_types():
        value: object = settings
        for name in key.split("."):
            value = getattr(value, name)
        values[key] = value
    return values


def build(values: Mapping[str, object]) -> Settings:
    """Return the tree for checked values by dotted key; the rest are defaults."""
    tree: dict[str, object] = {}
    for key, value in values.items():
        *sections, name = key.split(".")
        branch = tree
        for section in sections:
            inner = branch.setdefault(section, {})
            assert isinstance(inner, dict)
            branch = inner
        branch[name] = value
    return msgspec.convert(tree, Settings)


def _walk(struct: type[msgspec.Struct], prefix: str) -> list[tuple[str, object]]:
    leaves: list[tuple[str, object]] = []
    for field in msgspec.structs.fields(struct):
        key = f"{prefix}{field.name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            leaves.extend(_walk(field.type, f"{key}."))
        else:
            leaves.append((key, field.type))
    return leaves
