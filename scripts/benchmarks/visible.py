"""From a failure to what the user sees of it: its card, and that the model works.

The real app without a host terminal: what it would write is rendered and read. Nothing
polls beside it; each paint is stamped as it happens.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from benchmarks.figures import Row, at_percent, compared, held_to
from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.config import InterfaceSettings, Settings, ShellSettings
from terminal_ai.history.history import History
from terminal_ai.session import Session, SessionListener
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.ui.app import TerminalApp
from terminal_ai.ui.panels.cards import FailureCard
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler
from utils.resources import ResourceSampler

LIMIT_MILLISECONDS = 20.0
SIZE = (120, 40)
WORKING, READY = "asking the model…", "answer ready"
WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.1
"""Between failures: what still settles is not what is measured."""


class StampedApp(TerminalApp):
    """Keeps when the card of a failure, and what it says of the model, was painted."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.command_line = ""
        self.card_at = self.working_at = 0.0
        self.painted_at: list[float] = []
        self.is_ready = asyncio.Event()

    def await_card(self, command_line: str) -> None:
        """Stamp the card of this command from now on."""
        self.command_line = command_line
        self.card_at = self.working_at = 0.0
        self.painted_at.clear()
        self.is_ready.clear()

    def _display(self, screen: Screen[object], renderable: RenderableType) -> None:
        super()._display(screen, renderable)
        if not isinstance(renderable, CompositorUpdate):
            return
        # Without a host nothing would be written.
        written = renderable.render_segments(self.console)
        at = time.perf_counter()
        self.painted_at.append(at)
        seen = screen._compositor.visible_widgets
        if WORKING in written:
            self.working_at = self.working_at or at
        # A query would look at all widgets, at each paint: its time would be in ours.
        for card in self._main.assistant._cards.children:
            if not isinstance(card, FailureCard):
                continue
            if card.record.command_line == self.command_line and card in seen:
                self.card_at = self.card_at or at
                if READY in written:
                    self.is_ready.set()


class StampedListener:
    """Passes on what the session tells, and keeps when a command had ended."""

    def __init__(self, listener: SessionListener) -> None:
        self._listener = listener
        self.prompt = asyncio.Event()
        self.ended_at = 0.0

    def prompt_ready(self, cwd: str) -> None:
        """The next command may be typed."""
        self.prompt.set()
        self._listener.prompt_ready(cwd)

    def command_finished(self, record: object) -> None:
        """Keep the time: the end mark has just been read."""
        self.ended_at = time.perf_counter()
        self._listener.command_finished(record)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._listener, name)


async def failure_to_visible(assistant: Assistant, failures: int) -> list[Row]:
    """Fail in a real bash; from its end mark to the card, and to the working state.

    The peer is whatever is painted first after the mark: the terminal itself.
    """
    cards, working, first = [], [], []
    async with opened_app(assistant) as (app, session, ears):
        for number in range(failures + 1):
            await asyncio.wait_for(ears.prompt.wait(), WAIT_SECONDS)
            ears.prompt.clear()
            app.await_card(f"gti{number} status")
            session.press(f"gti{number} status\r".encode())
            await asyncio.wait_for(app.is_ready.wait(), WAIT_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)
            if number:  # the first one loads what the others find
                cards.append((app.card_at - ears.ended_at) * 1e3)
                working.append((app.working_at - ears.ended_at) * 1e3)
                painted = next(at for at in app.painted_at if at >= ears.ended_at)
                first.append((painted - ears.ended_at) * 1e3)
    rows = [
        compared(
            f"failure to {name}, p{percent}",
            taken,
            first,
            "the first paint",
            "ms",
            of=at_percent(percent),
        )
        for name, taken in (("visible card", cards), ("working state", working))
        for percent in (50, 95)
    ]
    limit, p95 = LIMIT_MILLISECONDS, at_percent(95)
    return [
        *rows,
        held_to("failure to working state, p95", working, limit, "ms", of=p95),
    ]


@contextlib.asynccontextmanager
async def opened_app(
    assistant: Assistant,
) -> AsyncIterator[tuple[StampedApp, Session, StampedListener]]:
    """Run the app with a bash of its own."""
    with tempfile.TemporaryDirectory() as home:
        environ = {"HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm"}
        settings = Settings(
            shell=ShellSettings(command="bash"),
            interface=InterfaceSettings(theme="dark", language="en"),
        )
        history = History(settings.history, None, redact=str)
        profiler = PerformanceProfiler()
        telemetry = Telemetry()
        opened: list[tuple[Session, StampedListener]] = []

        def open_session(listener: SessionListener, columns: int, rows: int) -> Session:
            ears = StampedListener(listener)
            session = Session(
                settings,
                columns=columns,
                rows=rows,
                listener=ears,  # type: ignore[arg-type]
                history=history,
                advisor=Advisor(),
                profiler=profiler,
                environ=environ,
                files_directory=Path(home),
            )
            opened.append((session, ears))
            return session

        app = StampedApp(
            settings,
            session_factory=open_session,
            assistant=assistant,
            history=history,
            profiler=profiler,
            vitals=VitalsReader(
                sampler=ResourceSampler(),
                timings=profiler,
                telemetry=telemetry,
                assistant=assistant,
                session=lambda: opened[-1][0] if opened else None,
            ),
            tracer=telemetry.tracer,
            environ=environ,
        )
        async with app.run_test(size=SIZE):
            session, ears = opened[0]
            try:
                yield app, session, ears
            finally:
                await session.close()
        history.close()
