"""What a second of the profiler's panel costs, beside redrawing all of it.

Both draw the same figures of this process in a running app without a terminal. The
limit is one percent of a core at one reading a second.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from benchmarks.figures import Row, compared, held_to
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.config import AiSettings
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.ui.panels.function_table import Order, table_lines
from terminal_ai.ui.panels.pipeline_block import pipeline_lines
from terminal_ai.ui.panels.profiler_panel import ProfilerPanel
from terminal_ai.ui.panels.vital_lines import Trend, vital_lines
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler
from utils.resources import ResourceSampler

FUNCTIONS = 40
READINGS = 20
ROUNDS = 10
SIZE = (44, 24)
LIMIT_MILLISECONDS = 10.0


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Take readings with both in turn, and compare the processor time of one."""
    return asyncio.run(_measure(extent.some(ROUNDS), extent.some(READINGS)))


async def _measure(rounds: int, readings: int) -> list[Row]:
    profiler = PerformanceProfiler()
    vitals = VitalsReader(
        sampler=ResourceSampler(),
        timings=profiler,
        telemetry=Telemetry(),
        assistant=Assistant(
            AiSettings(enabled=False),
            provider=ScriptedProvider(),
            redact=str,
            language="en",
        ),
        session=lambda: None,
    )
    ours, base = _Ours(vitals), _Whole(vitals)
    ours_ms: list[float] = []
    base_ms: list[float] = []
    async with ours.run_test(size=SIZE) as one, base.run_test(size=SIZE) as other:
        sides = (
            (one, ours.panel.show_sample, ours_ms),
            (other, base.show_sample, base_ms),
        )
        for number in range(rounds):
            for pilot, show, taken in sides[:: 1 if number % 2 == 0 else -1]:
                taken.append(await _cost(profiler, pilot, show, readings))
    name = "a reading in the panel"
    return [
        compared(name, ours_ms, base_ms, "all redrawn, laid out", "ms"),
        held_to(f"{name}: 1 % of a core", ours_ms, LIMIT_MILLISECONDS, "ms"),
    ]


async def _cost(
    profiler: PerformanceProfiler,
    pilot: Pilot[None],
    show: Callable[[], None],
    readings: int,
) -> float:
    """Return the milliseconds of processor time that one reading takes."""
    spent = 0.0
    for reading in range(readings):
        for number in range(FUNCTIONS if reading % 5 == 0 else 3):
            with profiler.profile_block(f"function {number}"):
                pass
        begun = time.process_time()
        show()
        await _painted(pilot.pause)
        spent += time.process_time() - begun
    return spent / readings * 1e3


async def _painted(pause: Callable[[], Awaitable[None]]) -> None:
    await pause()


class _Ours(App[None]):
    """The panel as it is."""

    CSS = "#profiler { height: 1fr; } VitalsView { height: 1fr; }"

    def __init__(self, vitals: VitalsReader) -> None:
        super().__init__()
        self.panel = ProfilerPanel(
            vitals=vitals,
            interval_seconds=3_600,
            id="profiler",
        )

    def compose(self) -> ComposeResult:
        yield self.panel


class _Whole(App[None]):
    """The same lines in one widget that is laid out for each reading."""

    def __init__(self, vitals: VitalsReader) -> None:
        super().__init__()
        self._vitals = vitals
        self._trend = Trend()
        self._all = Static(markup=False)

    def compose(self) -> ComposeResult:
        yield self._all

    def show_sample(self) -> None:
        vitals, width = self._vitals.read(), self.size.width
        self._trend.take(vitals)
        lines = [
            *vital_lines(vitals, self._trend, width),
            *pipeline_lines(vitals, width),
            *table_lines(vitals.timings, width, Order()),
        ]
        self._all.update(Content("\n").join(lines))
