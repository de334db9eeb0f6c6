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

from benchmarks.figures import Row, percentile
from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.config import InterfaceSettings, Settings, ShellSettings
from terminal_ai.history.history import History
from terminal_ai.session import Session, SessionListener
from terminal_ai.telemetry.resources import ResourceSampler
from terminal_ai.ui.app import TerminalApp
from utils.profiler import PerformanceProfiler

FAILURES = 40
LIMIT_MILLISECONDS = 20.0
SIZE = (120, 40)
WORKING, READY = "asking the model…", "answer ready"
WAIT_SECONDS = 30.0


class StampedApp(TerminalApp):
    """Tells when a text that is waited for has been painted."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._awaited: dict[str, asyncio.Future[float]] = {}

    def painted(self, text: str) -> asyncio.Future[float]:
        """Return when the text is painted from now on, in seconds of the clock."""
        future = asyncio.get_running_loop().create_future()
        self._awaited[text] = future
        return future

    def _display(self, screen: Screen[object], renderable: RenderableType) -> None:
        super()._display(screen, renderable)
        if self._awaited and isinstance(renderable, CompositorUpdate):
            written = renderable.render_segments(self.console)
            at = time.perf_counter()
            for text in [text for text in self._awaited if text in written]:
                self._awaited.pop(text).set_result(at)


class _StampedListener:
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


async def failure_to_visible(assistant: Assistant) -> list[Row]:
    """Fail in a real bash; from its end mark to the card, and to the working state."""
    cards, working = [], []
    async with _opened(assistant) as (app, session, ears):
        for number in range(FAILURES + 1):
            await asyncio.wait_for(ears.prompt.wait(), WAIT_SECONDS)
            ears.prompt.clear()
            awaited = [
                app.painted(text)
                for text in (f"gti{number} was not found", WORKING, READY)
            ]
            session.press(f"gti{number} status\r".encode())
            async with asyncio.timeout(WAIT_SECONDS):
                card_at, working_at, _ready_at = await asyncio.gather(*awaited)
            if number:  # the first one loads what the others find
                cards.append((card_at - ears.ended_at) * 1e3)
                working.append((working_at - ears.ended_at) * 1e3)
    return [
        row
        for name, values in (
            ("failure to visible card", cards),
            ("failure to visible working state", working),
        )
        for row in (
            Row(f"{name}, p50", percentile(values, 50), None, "", "ms"),
            Row(
                f"{name}, p95",
                percentile(values, 95),
                LIMIT_MILLISECONDS,
                "limit",
                "ms",
            ),
        )
    ]


@contextlib.asynccontextmanager
async def _opened(
    assistant: Assistant,
) -> AsyncIterator[tuple[StampedApp, Session, _StampedListener]]:
    """Run the app with a bash of its own."""
    with tempfile.TemporaryDirectory() as home:
        environ = {"HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm"}
        settings = Settings(
            shell=ShellSettings(command="bash"),
            interface=InterfaceSettings(theme="dark", language="en"),
        )
        history = History(settings.history, None, redact=str)
        profiler = PerformanceProfiler()
        opened: list[tuple[Session, _StampedListener]] = []

        def open_session(listener: SessionListener, columns: int, rows: int) -> Session:
            ears = _StampedListener(listener)
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
            sampler=ResourceSampler(),
            environ=environ,
        )
        async with app.run_test(size=SIZE):
            session, ears = opened[0]
            try:
                yield app, session, ears
            finally:
                await session.close()
        history.close()
