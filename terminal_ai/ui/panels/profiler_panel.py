"""The app's own cost, what the assistant does, and each measured function."""

from collections import deque

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.pipeline_block import PipelineFigures, pipeline_block
from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import MUTED, elapsed, line, short_time, size
from terminal_ai.vitals import Vitals, VitalsReader
from utils.profiler import FunctionTiming
from utils.resources import ResourceSample

SAMPLES_KEPT = 200
FUNCTIONS_SHOWN = 40
FULL_CORE_PERCENT = 100.0
WIDE_COLUMNS = 72
"""From this width on, a function takes one row instead of two."""
_FIGURE_CELLS = 6


class ProfilerPanel(Vertical):
    """Draws a sample and a table at each interval, only while it is shown."""

    def __init__(
        self,
        *,
        vitals: VitalsReader,
        interval_seconds: float,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._vitals = vitals
        self._interval_seconds = interval_seconds
        self._cpu: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self._memory: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self._lines = Static(markup=False)
        self._counts = Static(markup=False)
        self._pipeline = Static(markup=False)
        self._drawn: tuple[PipelineFigures, int] | None = None
        self._table = Static(markup=False)
        self._timer: Timer | None = None
        self._is_measuring = False

    def compose(self) -> ComposeResult:
        """Lay out two sparklines, a line of counts, the assistant's, and the table."""
        self.border_title = _("Profiler")
        yield self._lines
        yield self._counts
        yield self._pipeline
        with VerticalScroll(can_focus=False):
            yield self._table

    def on_mount(self) -> None:
        """Begin to sample, if there is a reader."""
        self._pipeline.display = False
        self._timer = self.set_interval(
            self._interval_seconds, self.show_sample, pause=True
        )
        self.set_shown(is_shown=self.display)

    def set_shown(self, *, is_shown: bool) -> None:
        """Measure while there is a reader, beginning now; else cost nothing.

        Textual's Show and Hide do not come in pairs when a panel is toggled quickly.
        """
        self.display = is_shown
        if self._timer is None or is_shown == self._is_measuring:
            return
        self._is_measuring = is_shown
        if is_shown:
            # The widths are known after the layout.
            self.call_after_refresh(self.show_sample)
            self._timer.resume()
        else:
            self._timer.pause()

    def show_sample(self) -> None:
        """Take one sample and draw it."""
        vitals = self._vitals.read()
        self._cpu.append(vitals.process.cpu_percent)
        self._memory.append(float(vitals.process.rss_bytes))
        self._lines.update(self._sparklines(vitals.process))
        self._counts.update(self._counted(vitals))
        self._show_pipeline(PipelineFigures.of(vitals))
        self._table.update(timing_table(vitals.timings, self._table.size.width))

    def _show_pipeline(self, figures: PipelineFigures) -> None:
        """Draw the assistant's figures where they have changed, once there are any."""
        drawn = figures, self._lines.size.width
        if figures.has_any and drawn != self._drawn:
            self._drawn = drawn
            self._pipeline.update(pipeline_block(*drawn))
            self._pipeline.display = True

    def _sparklines(self, sample: ResourceSample) -> Content:
        figures = (
            (f"CPU {sample.cpu_percent:>6.1f} %  ", self._cpu, FULL_CORE_PERCENT),
            (
                f"RSS {size(sample.rss_bytes):>8}  ",
                self._memory,
                1.5 * max(self._memory),
            ),
        )
        width = self._lines.size.width
        return Content("\n").join(
            Content.assemble(
                label,
                (spark(list(values), width - len(label), ceiling), "$primary"),
            )
            for label, values, ceiling in figures
        )

    def _counted(self, vitals: Vitals) -> Content:
        sample = vitals.process
        parts = [
            _("threads {count}").format(count=sample.threads),
            _("fds {count}").format(count=sample.file_descriptors),
            _("lag {time}").format(time=short_time(vitals.lag_seconds)),
            _("up {time}").format(time=elapsed(sample.uptime_seconds)),
        ]
        return line(" · ".join(parts), MUTED)


def timing_table(timings: tuple[FunctionTiming, ...], width: int) -> Content:
    """Return the table of functions, the most expensive first.

    Wide enough, each has one row; else its name and totals stand over its figures.
    """
    ordered = sorted(timings, key=lambda timing: -timing.total_seconds)
    if not ordered:
        return Content.styled(_("nothing measured yet"), MUTED)
    heads = (_("calls"), _("total"), _("mean"), "p50", "p95", "p99", "max")
    beside = len(heads) if width >= WIDE_COLUMNS else 2
    name_cells = max(0, width - beside * (_FIGURE_CELLS + 1))
    lines = _rows(Content(""), heads, name_cells, beside, MUTED)
    for timing in ordered[:FUNCTIONS_SHOWN]:
        name = line(_name(timing), "bold")
        lines += _rows(name, _figures(timing), name_cells, beside, "")
    return Content("\n").join(lines)


def _rows(
    name: Content, texts: tuple[str, ...], name_cells: int, beside: int, style: str
) -> list[Content]:
    """Return a name with the first figures beside it, and the others below."""
    fitted = name.truncate(max(0, name_cells - 1), ellipsis=True)
    padding = " " * (name_cells - fitted.cell_length)
    first = Content.assemble(fitted, padding, (_cells(texts[:beside]), style))
    if not (below := texts[beside:]):
        return [first]
    figures = _cells(below)
    indent = " " * (first.cell_length - cell_len(figures))
    return [first, Content.styled(indent + figures, style)]


def _name(timing: FunctionTiming) -> str:
    """Return the name without the mark that tells blocks from functions."""
    return timing.name.removeprefix("block.")


def _figures(timing: FunctionTiming) -> tuple[str, ...]:
    seconds = (
        timing.total_seconds,
        timing.mean_seconds,
        timing.p50_seconds,
        timing.p95_seconds,
        timing.p99_seconds,
        timing.max_seconds,
    )
    return (_count(timing.calls), *(short_time(value) for value in seconds))


def _count(calls: int) -> str:
    if calls < 100_000:
        return str(calls)
    return f"{calls / 1000:.0f}k" if calls < 10_000_000 else f"{calls / 1e6:.0f}M"


def _cells(texts: tuple[str, ...]) -> str:
    return "".join(" " * (1 + _FIGURE_CELLS - cell_len(text)) + text for text in texts)
