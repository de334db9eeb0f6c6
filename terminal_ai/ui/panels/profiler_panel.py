"""The app's own cost, what the assistant does, and each measured function."""

from collections import deque
from typing import Protocol

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from terminal_ai.messages import gettext as _
from terminal_ai.records import ModelStatus
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.panels.pipeline_block import PipelineFigures, pipeline_block
from terminal_ai.ui.panels.spark import spark
from terminal_ai.ui.texts import MUTED, elapsed, line, short_time, size
from utils.profiler import FunctionTiming
from utils.resources import ResourceSample

SAMPLES_KEPT = 200
FUNCTIONS_SHOWN = 40
FULL_CORE_PERCENT = 100.0
WIDE_COLUMNS = 72
"""From this width on, a function takes one row instead of two."""
_FIGURE_CELLS = 6


class Sampler(Protocol):
    """Where the process's figures come from."""

    def sample(self) -> ResourceSample:
        """Return the figures of now, without blocking."""


class Timings(Protocol):
    """Where the functions' figures come from."""

    def timings(self) -> tuple[FunctionTiming, ...]:
        """Return the figures of every measured function."""


class LagMonitor(Protocol):
    """Where the event loop's lag comes from."""

    @property
    def lag_seconds(self) -> float:
        """How late the loop ran lately."""

    def start(self) -> None:
        """Begin to measure."""

    def stop(self) -> None:
        """Stop measuring."""


class ProfilerPanel(Vertical):
    """Draws a sample and a table at each interval, only while it is shown."""

    def __init__(
        self,
        *,
        sampler: Sampler,
        timings: Timings,
        lag: LagMonitor,
        answerer: Answerer,
        interval_seconds: float,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._sampler = sampler
        self._timings = timings
        self._lag = lag
        self._answerer = answerer
        self._is_model_loaded = False
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
            self._lag.start()
            # The widths are known after the layout.
            self.call_after_refresh(self.show_sample)
            self._timer.resume()
        else:
            self._lag.stop()
            self._timer.pause()

    def on_unmount(self) -> None:
        """Leave no timer behind."""
        self._lag.stop()

    def show_sample(self) -> None:
        """Take one sample and draw it."""
        sample = self._sampler.sample()
        self._cpu.append(sample.cpu_percent)
        self._memory.append(float(sample.rss_bytes))
        self._lines.update(self._sparklines(sample))
        self._counts.update(self._counted(sample))
        self._show_pipeline()
        self._table.update(
            timing_table(self._timings.timings(), self._table.size.width)
        )

    def show_model(self, status: ModelStatus) -> None:
        """Keep whether the model is loaded, for the next sample."""
        self._is_model_loaded = status.is_loaded

    def _show_pipeline(self) -> None:
        """Draw the assistant's figures where they have changed, once there are any."""
        figures = PipelineFigures.of(self._answerer, is_loaded=self._is_model_loaded)
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

    def _counted(self, sample: ResourceSample) -> Content:
        parts = [
            _("threads {count}").format(count=sample.threads),
            _("fds {count}").format(count=sample.file_descriptors),
            _("lag {time}").format(time=short_time(self._lag.lag_seconds)),
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
