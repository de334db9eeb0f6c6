"""What the app tells of its own run, kept in a small file for each process.

The file holds figures and the names of our own functions, and no text of the user's.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec

from terminal_ai.config import private_directory
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

DIRECTORY = "reports"
KEPT_REPORTS = 20
"""Files in the directory; the oldest go first."""
FILE_LIMIT_BYTES = 1_048_576
"""More than any report has; what is larger is none of ours."""
ROWS_LIMIT = 200
"""Functions, and operations, in a report: those that took most of the time."""
RUNNING = "running"
ANCESTORS_LIMIT = 64

# What is no text, no report, or nested without end, is none of ours either.
_UNREADABLE = (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PROC = Path("/proc")
_NAME = re.compile(r"\d+-\d+\.json")
# Later than the year 9999 nobody can name the day.
_Moment = Annotated[float, msgspec.Meta(ge=0, lt=253_402_214_400)]


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a function, or of a kind of operation; times in seconds."""

    name: str
    calls: int = 0
    total_seconds: float = 0.0
    mean_seconds: float = 0.0
    p50_seconds: float = 0.0
    p95_seconds: float = 0.0
    p99_seconds: float = 0.0
    max_seconds: float = 0.0


class Lookups(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked up in one tier of the answers' cache."""

    name: str
    hits: int = 0
    misses: int = 0
    failures: int = 0


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in memory: entries of each cache, objects of each pool."""

    memory_mb: float = 0.0
    caches: Mapping[str, int] = {}
    pools: Mapping[str, int] = {}
    weak_refs: int = 0
    gc_stats: tuple[Mapping[str, int], ...] = ()
    """As ``gc.get_stats`` tells them, for each generation."""


class HotLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that the newest periodic profile found at work."""

    place: str
    """File, line and function of ours or of a library's."""
    seconds: float = 0.0
    share: float = 0.0
    """Its part (0 to 1) of all time in which there was something to do."""


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What periodic maintenance did."""

    runs: int = 0
    failures: int = 0
    freed_bytes: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run of the app; counters since it began.

    ``ending`` is ``running``, or how it ended: ``quit``, ``exception``, or a signal's
    name. Times are in seconds since the epoch.
    """

    version: str
    pid: int
    started_at: _Moment
    written_at: _Moment
    process_began: int | None = None
    """The process's start as the kernel counts it: a later one of that number has
    another. None where that is not told."""
    ending: str = RUNNING
    preset: str = ""
    cpu_seconds: float = 0.0
    rss_bytes: int = 0
    peak_rss_bytes: int = 0
    threads: int = 0
    file_descriptors: int = 0
    commands_ok: int = 0
    commands_failed: int = 0
    commands_unknown: int = 0
    parsed_bytes: int = 0
    parsed_seconds: float = 0.0
    frames: int = 0
    lag: Timing | None = None
    echo: Timing | None = None
    """From a key's coming to what it changed on the screen."""
    requests: int = 0
    caches: tuple[Lookups, ...] = ()
    model_answers: int = 0
    model_seconds: float = 0.0
    first_token_seconds: float | None = None
    """Of the newest answer, as is the next."""
    tokens_per_second: float | None = None
    memory: Memory = Memory()
    maintenance: Upkeep = Upkeep()
    functions: tuple[Timing, ...] = ()
    operations: tuple[Timing, ...] = ()
    hot_lines: tuple[HotLine, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return max(0.0, self.written_at - self.started_at)

    @property
    def is_alive(self) -> bool:
        """True while the process that wrote it runs, as far as can be told."""
        return (
            self.ending == RUNNING
            and _runs(self.pid)
            and self.process_began in (None, process_began(self.pid))
        )


def write(report: Report, directory: Path) -> Path:
    """Write a process's report in place of its earlier one; return the file.

    ``directory`` is the state directory. Raises OSError, or a ConfigError,
    where it cannot be written.
    """
    place = private_directory(directory / DIRECTORY)
    path = place / f"{report.started_at * 1000:.0f}-{report.pid}.json"
    # Whole or not at all, and private: mkstemp makes files of mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=".", dir=place)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=1))
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _forget_old(place)
    return path


def read_all(directory: Path) -> tuple[Report, ...]:
    """Return every readable report of the state directory, the newest first.

    Raises ConfigError where the directory cannot be looked into.
    """
    place = directory / DIRECTORY
    try:
        paths = _files(place)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(
            _("cannot read {path}: {reason}").format(path=place, reason=error.strerror),
            hint=_("check who owns it and what its mode is"),
        ) from error
    found: list[Report] = []
    for path in paths:
        with suppress(*_UNREADABLE), path.open("rb") as file:
            data = file.read(FILE_LIMIT_BYTES)
            found.append(msgspec.json.decode(data, type=Report))
    found.sort(key=lambda report: report.written_at, reverse=True)
    return tuple(found)


def choose(reports: tuple[Report, ...]) -> Report | None:
    """Return the app's that we run in, else the newest of a running one, or of any."""
    ancestors = _ancestors()
    alive = [report for report in reports if report.is_alive]
    around = [report for report in alive if report.pid in ancestors]
    return next(iter((*around, *alive, *reports)), None)


def process_began(pid: int) -> int | None:
    """Return when a process began, in the kernel's ticks since the machine's start."""
    try:
        return int(_stat_fields(pid)[19])
    except (OSError, ValueError, IndexError):
        return None


def _stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; raises OSError."""
    stat = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
    return stat.rpartition(")")[2].split()


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if _is_ours(path))


def _is_ours(path: Path) -> bool:
    is_named = _NAME.fullmatch(path.name) is not None
    return is_named and path.is_file() and not path.is_symlink()


def _forget_old(place: Path) -> None:
    """Delete the oldest reports; their names begin with the time of their start."""
    dated = sorted(_files(place), key=lambda path: path.name.zfill(40))
    for path in dated[:-KEPT_REPORTS]:
        with suppress(OSError):
            path.unlink()


def _runs(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False  # another user's: the number was given anew
    except (OSError, OverflowError):
        return False
    return True


def _ancestors() -> frozenset[int]:
    """Return the processes that have started us, as far as the system tells."""
    found: list[int] = [os.getppid()]
    while found[-1] > 1 and len(found) < ANCESTORS_LIMIT:
        try:
            found.append(int(_stat_fields(found[-1])[1]))
        except (OSError, ValueError, IndexError):
            break
    return frozenset(found)
