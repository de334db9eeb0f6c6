"""The app's and the shell's cost, in lines of sparks and a grid of figures."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import MUTED, elapsed, line, short_time, size
from terminal_ai.vitals import Vitals

SAMPLES_KEPT = 200
"""As many as the widest sparkline has bars."""
FULL_CORE_PERCENT = 100.0
ALERTS_SHOWN = 3
ALERT_SIGN = "▲"
UNKNOWN = "–"
_VALUE_CELLS = 8
_GRID_GAP = 2


class Trend:
    """What the newest readings were, and how fast the counters grew between two."""

    def __init__(self) -> None:
        self.cpu: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self.memory: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self.shell_cpu: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self.shell_memory: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self.frames_per_second: float | None = None
        self.parsed_per_second: float | None = None
        """Bytes that the emulator reads in a second of work, of the newest output."""
        self._last: Vitals | None = None

    def take(self, vitals: Vitals) -> None:
        """Add a reading; two of the same moment say nothing about speed."""
        self.cpu.append(vitals.process.cpu_percent)
        self.memory.append(float(vitals.process.rss_bytes))
        if vitals.shell is not None:
            self.shell_cpu.append(vitals.shell.cpu_percent)
            self.shell_memory.append(float(vitals.shell.rss_bytes))
        last, self._last = self._last, vitals
        if last is None:
            return
        seconds = vitals.process.uptime_seconds - last.process.uptime_seconds
        if seconds > 0:
            painted = max(0, vitals.frames - last.frames)
            self.frames_per_second = painted / seconds
        worked = vitals.parsed_seconds - last.parsed_seconds
        if worked > 0:
            self.parsed_per_second = (vitals.parsed_bytes - last.parsed_bytes) / worked


def vital_lines(vitals: Vitals, trend: Trend, width: int) -> list[Content]:
    """Return the alerts that last, four sparklines, and the figures below them."""
    return [
        *_alerts(vitals, width),
        *_sparks(vitals, trend, width),
        *grid(_figures(vitals, trend), width),
    ]


def _alerts(vitals: Vitals, width: int) -> list[Content]:
    return [
        row.truncate(width)
        for alert in vitals.alerts[:ALERTS_SHOWN]
        for row in line(f"{ALERT_SIGN} {alert.text}", "bold $text-error").wrap(width)
    ]


def _sparks(vitals: Vitals, trend: Trend, width: int) -> list[Content]:
    """Return processor and memory of the app, and of the shell once it was seen."""
    process, shell = vitals.process, vitals.shell
    rows = [
        (_("app"), "CPU", _percent(process.cpu_percent), trend.cpu),
        ("", "RSS", size(process.rss_bytes), trend.memory),
        (
            _("shell"),
            "CPU",
            _percent(shell.cpu_percent) if shell else UNKNOWN,
            trend.shell_cpu,
        ),
        ("", "RSS", size(shell.rss_bytes) if shell else UNKNOWN, trend.shell_memory),
    ]
    name_cells = max(cell_len(name) for name, *_rest in rows) + 1
    lines = []
    for name, kind, value, values in rows:
        highest = max(values, default=0.0)
        ceiling = FULL_CORE_PERCENT if kind == "CPU" else 1.5 * highest
        begin = Content.assemble(
            name,
            " " * (name_cells - cell_len(name)),
            (kind, MUTED),
            f" {_right(value, _VALUE_CELLS)}  ",
        )
        room = width - begin.cell_length
        bars = spark(list(values), room, ceiling)
        lines.append(Content.assemble(begin, (bars, "$primary")).truncate(width))
    return lines


class Figure(NamedTuple):
    """A label, its value, and how many cells the value may come to need."""

    label: str
    value: str
    cells: int


def _figures(vitals: Vitals, trend: Trend) -> list[Figure]:
    process, shell = vitals.process, vitals.shell
    processes = UNKNOWN
    if shell is not None:
        processes = f"{shell.processes}{'+' if shell.is_cut else ''}"
    parsed, frames = trend.parsed_per_second, trend.frames_per_second
    return [
        Figure(_("lag"), short_time(vitals.lag.newest_seconds), 6),
        Figure("p99", short_time(vitals.lag.recent_p99_seconds), 6),
        Figure(_("up"), elapsed(process.uptime_seconds), 9),
        Figure(_("frames"), UNKNOWN if frames is None else f"{frames:.0f}/s", 5),
        Figure(_("parse"), UNKNOWN if parsed is None else _speed(parsed), 6),
        Figure(_("procs"), processes, 4),
        Figure(_("threads"), str(process.threads), 4),
        Figure(_("fds"), str(process.file_descriptors), 5),
    ]


def grid(figures: Sequence[Figure], width: int) -> list[Content]:
    """Return labels and values in columns of one width, so that nothing moves."""
    least = max(
        cell_len(each.label) + 1 + max(each.cells, cell_len(each.value))
        for each in figures
    )
    columns = (width + _GRID_GAP) // (least + _GRID_GAP)
    columns = max(1, min(len(figures), columns))
    cells = (width + _GRID_GAP) // columns - _GRID_GAP
    lines = []
    for start in range(0, len(figures), columns):
        shown = [
            Content.assemble(
                (each.label, MUTED),
                _right(each.value, max(1, cells - cell_len(each.label))),
            )
            for each in figures[start : start + columns]
        ]
        lines.append(Content(" " * _GRID_GAP).join(shown).truncate(width))
    return lines


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _speed(bytes_per_second: float) -> str:
    """Return megabytes a second, in at most six characters."""
    value = bytes_per_second / 1e6
    if value < 9.95:
        return f"{value:.1f}M/s"
    return f"{value:.0f}M/s" if value < 9_999.5 else f"{value / 1e3:.0f}G/s"


def _right(text: str, cells: int) -> str:
    return " " * (cells - cell_len(text)) + text
