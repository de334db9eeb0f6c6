"""Make docs/screenshot.svg: the real app, a real bash, real failures, no model.

Run it after the interface has changed: ``.venv/bin/python scripts/screenshot.py``.
"""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.scripted import ScriptedProvider
from terminal_ai.config import (
    AiSettings,
    InterfaceSettings,
    Settings,
    ShellSettings,
)
from terminal_ai.history.history import History
from terminal_ai.safety.redact import redact
from terminal_ai.session import Session, SessionListener
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.ui.app import TerminalApp
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler
from utils.resources import ResourceSampler

TARGET = Path(__file__).resolve().parent.parent / "docs" / "screenshot.svg"
SIZE = (120, 34)
COMMANDS = ("ls --color=always", "git comit -m 'first steps'", "gti status")
WAIT_SECONDS = 15.0
SETTLE_SECONDS = 3.0


def main() -> None:
    """Draw the app once and write the picture."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        environ = _furnish(home)
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(asyncio.run(_draw(home, environ)))
    print(f"written: {TARGET.name}")


def _furnish(home: Path) -> dict[str, str]:
    project = home / "project"
    (project / "src").mkdir(parents=True)
    for name in ("README.md", "main.py", "Makefile"):
        (project / name).touch()
    (home / ".bashrc").write_text("PS1='\\[\\e[32m\\]\\W\\[\\e[0m\\] \\$ '\n")
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    kept = ("PATH", "USER", "LOGNAME")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return environ | {"HOME": str(home), "PWD": str(project), "LC_ALL": "C.UTF-8"}


async def _draw(home: Path, environ: dict[str, str]) -> str:
    settings = Settings(
        shell=ShellSettings(command="bash"),
        interface=InterfaceSettings(theme="dark", language="en"),
        ai=AiSettings(enabled=False),
    )
    history = History(settings.history, None, redact=str)
    profiler = PerformanceProfiler()
    telemetry = Telemetry()
    sessions: list[Session] = []

    def open_session(listener: SessionListener, columns: int, rows: int) -> Session:
        session = Session(
            settings,
            columns=columns,
            rows=rows,
            listener=listener,
            history=history,
            advisor=Advisor(),
            profiler=profiler,
            environ=environ,
            files_directory=home,
        )
        sessions.append(session)
        return session

    assistant = Assistant(
        settings.ai, provider=ScriptedProvider(), redact=redact, language="en"
    )
    app = TerminalApp(
        settings,
        session_factory=open_session,
        assistant=assistant,
        history=history,
        profiler=profiler,
        vitals=VitalsReader(
            sampler=ResourceSampler(),
            timings=profiler,
            tracer=telemetry.tracer,
            assistant=assistant,
            session=lambda: sessions[-1] if sessions else None,
        ),
        tracer=telemetry.tracer,
        environ=environ,
    )
    async with app.run_test(size=SIZE) as pilot:
        telemetry.lag.start()
        session = sessions[0]
        # The advisor reads its rules at the first prompt, beside all else.
        await _until(lambda: session.is_at_prompt)
        await asyncio.sleep(SETTLE_SECONDS)
        for number, command in enumerate(COMMANDS):
            await _until(lambda: session.is_at_prompt)
            session.press(f"{command}\r".encode())
            await _until(lambda: len(history.records(10)) > number)  # noqa: B023
            await pilot.pause()
        await asyncio.sleep(SETTLE_SECONDS)
        picture = app.export_screenshot(title="terminal-ai")
        telemetry.lag.stop()
        await session.close()
    history.close()
    return picture


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not holds():  # noqa: ASYNC110 - many facts, none of them an event
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    main()
