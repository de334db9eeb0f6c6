"""Settings: one strict tree, resolved from layers.

default < file < environment < preset < typed flag
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections: immutable, unknown keys refused."""


class ShellSettings(_Section):
    """Which shell runs, and how it is watched."""

    command: str = ""
    """Program to run; empty means $SHELL, then /bin/sh."""
    login: bool = False
    """Start a login shell."""
    integration: bool = True
    """Inject prompt marks, so that commands are captured exactly."""
    resource_interval_seconds: Annotated[float, Meta(ge=0.05, le=10)] = 0.5
    """How often a running command's process tree is sampled."""


class TerminalSettings(_Section):
    """The emulator."""

    scrollback_rows: NotNegative = 10_000
    """Rows kept above the viewport."""
    read_slice_milliseconds: Annotated[int, Meta(ge=1, le=100)] = 8
    """Longest time spent parsing before the event loop runs again."""
    escape_delay_milliseconds: Annotated[int, Meta(ge=1, le=1000)] = 25
    """How long a lone ESC waits for the rest of a key sequence."""


class KeymapSettings(_Section):
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


class InterfaceSettings(_Section):
    """What is on the screen."""

    language: Annotated[str, Meta(pattern="^(auto|en|ko)$")] = "auto"
    theme: Annotated[str, Meta(pattern="^(auto|dark|light|ansi)$")] = "auto"
    """``auto`` asks COLORFGBG; ``ansi`` uses only the host's 16 colours."""
    overlay_below_columns: Positive = 100
    """Below this width the panels become an overlay."""
    panel_columns: Annotated[int, Meta(ge=24, le=200)] = 44
    """Width of the side panels."""
    keys: KeymapSettings = msgspec.field(default_factory=KeymapSettings)


class HistorySettings(_Section):
    """Finished commands."""

    persist: bool = True
    """Keep records in SQLite, redacted; false keeps them in memory only."""
    memory_records: Positive = 1_000
    memory_limit_bytes: Positive = 33_554_432
    output_head_bytes: NotNegative = 65_536
    output_tail_bytes: NotNegative = 196_608
    retention_records: Positive = 100_000
    """Oldest records beyond this count are deleted from disk."""


class AdvisorSettings(_Section):
    """The offline advisor."""

    enabled: bool = True


class AiSettings(_Section):
    """The local model, through Ollama."""

    enabled: bool = True
    """False is ``--offline``: no connection is ever tried."""
    model: str = "qwen2.5-coder:3b"
    host: str = "http://127.0.0.1:11434"
    allow_remote_host: bool = False
    """Permit a host that is not this machine."""
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


class PerformanceSettings(_Section):
    """What ``--optimized`` replaces; every value here is measured by the benchmark."""

    answer_cache_entries: NotNegative = 0
    """Model answers kept in memory; 0 asks the model every time."""
    answer_cache_seconds: Annotated[float, Meta(gt=0)] = 600.0
    strip_cache_rows: NotNegative = 0
    """Painted rows kept; 0 paints every row again."""
    read_chunk_bytes: Annotated[int, Meta(ge=1024, le=1_048_576)] = 4_096
    """Bytes asked of the pty at a time."""
    gc_freeze: bool = False
    """Move start-up objects out of the garbage collector's sight."""


class ProfilerSettings(_Section):
    """The app's own figures."""

    enabled: bool = True
    interval_seconds: Annotated[float, Meta(ge=0.1, le=60)] = 1.0


class LoggingSettings(_Section):
    """The log file in the state directory."""

    level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "warning"


class Settings(_Section):
    """The whole tree, defaults included."""

    shell: ShellSettings = msgspec.field(default_factory=ShellSettings)
    terminal: TerminalSettings = msgspec.field(default_factory=TerminalSettings)
    interface: InterfaceSettings = msgspec.field(default_factory=InterfaceSettings)
    history: HistorySettings = msgspec.field(default_factory=HistorySettings)
    advisor: AdvisorSettings = msgspec.field(default_factory=AdvisorSettings)
    ai: AiSettings = msgspec.field(default_factory=AiSettings)
    performance: PerformanceSettings = msgspec.field(
        default_factory=PerformanceSettings
    )
    profiler: ProfilerSettings = msgspec.field(default_factory=ProfilerSettings)
    logging: LoggingSettings = msgspec.field(default_factory=LoggingSettings)


PRESETS: dict[str, dict[str, dict[str, object]]] = {
    "base": {},
    "optimized": {
        "performance": {
            "answer_cache_entries": 256,
            "strip_cache_rows": 2_000,
            "read_chunk_bytes": 65_536,
            "gc_freeze": True,
        }
    },
}
