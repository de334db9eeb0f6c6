"""A user at a real shell: types, waits with a deadline, never sleeps."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from psutil import STATUS_STOPPED, NoSuchProcess, Process

from terminal_ai.advisor import Advisor
from terminal_ai.config import Settings, ShellSettings
from terminal_ai.history import History
from terminal_ai.records import Advice, CommandRecord, RunningCommand
from terminal_ai.session import IntegrationState, Session, ShellExit
from terminal_ai.terminal.events import Event
from utils.profiler import PerformanceProfiler

DEADLINE_SECONDS = 20.0
POLL_SECONDS = 0.01
QUIET_SECONDS = 0.15
EDITOR_SECONDS = 1.0
"""A shell without a line editor never takes its terminal out of canonical mode."""

STARTUP_FILES = {
    "bash": (".bashrc", "PS1='$ '\n"),
    "zsh": (".zshrc", "PS1='%% '\n"),
    "fish": (".config/fish/config.fish", "set -g fish_greeting\n"),
    "dash": (".profile", ""),
}


class RecordingListener:
    """Keeps all it is told, in order."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.prompts: list[str] = []
        self.started: list[RunningCommand] = []
        self.records: list[CommandRecord] = []
        self.advice: list[tuple[CommandRecord, Advice]] = []
        self.unadvised: list[CommandRecord] = []
        self.events: list[Event] = []
        self.states: list[IntegrationState] = []
        self.insides: list[str] = []
        self.exits: list[ShellExit] = []

    def screen_changed(self) -> None:
        self.changed.set()

    def prompt_ready(self, cwd: str) -> None:
        self.prompts.append(cwd)
        self.changed.set()

    def command_started(self, command: RunningCommand) -> None:
        self.started.append(command)
        self.changed.set()

    def command_finished(self, record: CommandRecord) -> None:
        self.records.append(record)
        self.changed.set()

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        if advice is None:
            self.unadvised.append(record)
        else:
            self.advice.append((record, advice))
        self.changed.set()

    def terminal_event(self, event: Event) -> None:
        self.events.append(event)
        self.changed.set()

    def integration_changed(self, state: IntegrationState) -> None:
        self.states.append(state)
        self.changed.set()

    def inside_changed(self, name: str) -> None:
        self.insides.append(name)
        self.changed.set()

    def shell_exited(self, status: ShellExit) -> None:
        self.exits.append(status)
        self.changed.set()


class Driver:
    """One session and what it told its listener."""

    def __init__(
        self, session: Session, told: RecordingListener, shell: str, home: Path
    ) -> None:
        self.session = session
        self.told = told
        self.shell = shell
        self.home = home

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; fail with the screen if it never does."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                while not holds():
                    self.told.changed.clear()
                    await self.told.changed.wait()
        except TimeoutError:
            screen = self.session.terminal.text()
            pytest.fail(f"never happened; {self.commands}; screen:\n{screen}")

    async def at_prompt(self) -> None:
        await self.until(lambda: self.session.is_at_prompt)
        await self._editing()

    async def _editing(self) -> None:
        """Wait for zsh to read keys one by one.

        It tells of its prompt before: what is typed then is echoed by the kernel, which
        keeps 4,095 characters of a line.
        """
        master = self.session._master
        if self.shell == "zsh" and master is not None:
            deadline = time.monotonic() + EDITOR_SECONDS
            while not master.is_raw and time.monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)

    def type(self, text: str) -> None:
        self.session.press(text.encode())

    async def enter(self, line: str) -> None:
        """Press Enter after a line, and wait for the next prompt."""
        seen = len(self.told.prompts)
        self.type(f"{line}\r")
        await self.until(
            lambda: len(self.told.prompts) > seen and self.session.is_at_prompt
        )
        await self._editing()

    async def run(self, line: str) -> CommandRecord:
        """Run a line that is one command; return its record."""
        seen = len(self.told.records)
        await self.enter(line)
        assert len(self.told.records) == seen + 1, self.commands
        return self.told.records[-1]

    async def start(self, line: str) -> None:
        """Run a line that does not end by itself; return when it is in front.

        Its start is announced before it exists: a signal sent then would be lost.
        """
        started = len(self.told.started)
        self.type(f"{line}\r")
        await self.until(lambda: len(self.told.started) > started)
        await self.until_child_is(line.split()[0])

    async def until_child_is(self, program: str) -> None:
        """Wait until the shell has made its terminal ready and begun a program."""
        pid = self.session.pid
        assert pid is not None
        await polled(lambda: program in _children(pid, Process.name))

    async def until_child_runs(self) -> None:
        """Wait until a suspended program has been resumed."""
        assert self.session.pid is not None
        pid = self.session.pid
        await polled(lambda: STATUS_STOPPED not in _children(pid, Process.status))

    async def quiet(self) -> None:
        """Wait until nothing more arrives.

        fish loses a ^C that comes while it still colours the line.
        """
        while True:
            self.told.changed.clear()
            try:
                await asyncio.wait_for(self.told.changed.wait(), QUIET_SECONDS)
            except TimeoutError:
                return

    async def abandon(self, line: str) -> None:
        """Type a line and ^C, which line editors lose while they draw."""
        self.type(line)
        await self.shows(line)
        await self.quiet()
        prompts = len(self.told.prompts)
        self.type("\x03")
        await self.until(lambda: len(self.told.prompts) > prompts)

    async def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        await self.until(lambda: text in self.session.terminal.text())

    @property
    def commands(self) -> list[str]:
        return [record.command_line for record in self.told.records]


async def polled(holds: Callable[[], object]) -> None:
    """Wait until something holds that announces itself by no event."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)


def _children(pid: int, ask: Callable[[Process], str]) -> list[str]:
    """Ask all children of a shell; its own helpers may end meanwhile."""
    answers = []
    for child in Process(pid).children():
        with suppress(NoSuchProcess):
            answers.append(ask(child))
    return answers


def require_shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def write_startup_file(home: Path, shell: str, extra: str = "") -> None:
    name, text = STARTUP_FILES[shell]
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + extra)


def environment(home: Path, **extra: str) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PWD": str(home),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "someone",
        "LOGNAME": "someone",
        **extra,
    }


@asynccontextmanager
async def driving(
    shell: str,
    home: Path,
    *,
    startup: str = "",
    environ: Mapping[str, str] | None = None,
    history: History | None = None,
    advisor: Advisor | None = None,
    settings: Settings | None = None,
    profiler: PerformanceProfiler | None = None,
    waits: bool = True,
    is_login: bool = False,
) -> AsyncIterator[Driver]:
    """Open a session with a shell that has a home of its own."""
    program = require_shell(shell)
    write_startup_file(home, shell, startup)
    files = home / "runtime"
    files.mkdir(exist_ok=True)
    chosen = msgspec.structs.replace(
        settings or Settings(), shell=ShellSettings(command=program, login=is_login)
    )
    told = RecordingListener()
    session = Session(
        chosen,
        columns=100,
        rows=30,
        listener=told,
        history=history,
        advisor=advisor,
        profiler=profiler,
        environ=environment(home) if environ is None else environ,
        files_directory=files,
    )
    async with session:
        driver = Driver(session, told, shell, home)
        if waits:
            await driver.at_prompt()
        yield driver
