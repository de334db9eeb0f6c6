"""A session starts, ends, restarts, and leaves nothing behind."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.config import (
    HistorySettings,
    Settings,
    ShellSettings,
    TerminalSettings,
)
from terminal_ai.errors import ConfigError, PlacementError, ShellError
from terminal_ai.records import CommandCounts, CommandSource
from terminal_ai.session import (
    IntegrationState,
    Session,
    ShellExit,
    prepare_now,
    preparing,
)
from terminal_ai.shell import integration_watch, launch
from terminal_ai.shell.launch import ShellKind
from tests.session.driver import (
    Driver,
    RecordingListener,
    driving,
    environment,
    require_shell,
)
from utils.profiler import PerformanceProfiler

pytestmark = pytest.mark.shells


async def test_shell_that_exits(drive: Driver) -> None:
    pid = drive.session.pid
    drive.type("exit 3\r")
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits == [ShellExit(exit_code=3, is_wanted=True)]
    assert drive.told.exits[0].status == 3
    assert drive.commands == ["exit 3"]
    assert drive.told.records[0].exit_code == 3
    assert drive.session.last_failure is None
    assert not drive.session.is_at_prompt
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_end_of_file_ends_the_shell(drive: Driver) -> None:
    # Before the line editor has the terminal, ^D is the line discipline's and lost.
    await drive.quiet()
    drive.type("\x04")
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits[0].exit_code == 0


@pytest.mark.parametrize("keys", ["exit\r", "\x04"])
async def test_who_leaves_after_a_failure_wants_to(drive: Driver, keys: str) -> None:
    await drive.run("sh -c 'exit 5'")
    await drive.quiet()
    drive.type(keys)
    await drive.until(lambda: drive.told.exits)
    (exit_,) = drive.told.exits
    assert exit_.is_wanted
    # At the end of file fish leaves with 0.
    assert exit_.exit_code == 5 or drive.shell == "fish"


async def test_a_shell_that_a_command_ends_was_not_left(drive: Driver) -> None:
    drive.type("exec sh -c 'exit 4'\r")
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits == [ShellExit(exit_code=4)]


async def test_killed_shell_closes_its_command(drive: Driver) -> None:
    pid = drive.session.pid
    assert pid is not None
    await drive.start("sleep 30")
    os.kill(pid, signal.SIGKILL)
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits == [ShellExit(signal=9)]
    assert drive.told.exits[0].status == 137
    (record,) = drive.told.records
    assert (record.command_line, record.exit_code) == ("sleep 30", 137)
    assert not psutil.pid_exists(pid)


async def test_killed_shell_at_its_prompt_has_no_command(drive: Driver) -> None:
    await drive.run("false")
    pid = drive.session.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits == [ShellExit(signal=9)]
    assert drive.commands == ["false"]
    assert not psutil.pid_exists(pid)


async def test_closed_session_ends_its_command(drive: Driver) -> None:
    await drive.start("sleep 30")
    await drive.session.close()
    (record,) = drive.told.records
    assert record.command_line == "sleep 30"
    # The shell was hung up: what ran in it has the status that it left.
    assert record.exit_code is not None
    assert drive.told.exits == []
    await drive.session.close()
    assert len(drive.told.records) == 1


async def test_close_ends_a_child_that_holds_the_terminal(drive: Driver) -> None:
    drive.type("sh -c 'trap \"\" HUP TERM INT; echo deaf; while :; do sleep 1; done'\r")
    await drive.shows("\ndeaf")
    assert drive.session.pid is not None
    shell = psutil.Process(drive.session.pid)
    everyone = [shell, *shell.children(recursive=True)]
    assert len(everyone) > 1
    async with asyncio.timeout(2):
        await drive.session.close()
    living = [p for p in everyone if p.is_running() and p.status() != "zombie"]
    assert living == []
    (record,) = drive.told.records
    assert record.exit_code is not None


async def test_close_ends_a_flood(drive: Driver) -> None:
    drive.type("yes\r")
    await drive.shows("y\ny\ny\n")
    async with asyncio.timeout(2):
        await drive.session.close()


async def test_restart(drive: Driver) -> None:
    old = drive.session.pid
    await drive.run("cd /usr")
    pid = "$fish_pid" if drive.shell == "fish" else "$$"
    drive.type(f"printf '\\033[?1049h'; kill -9 {pid}\r")
    await drive.until(lambda: drive.told.exits)
    await drive.session.restart()
    await drive.at_prompt()
    assert drive.session.pid not in (None, old)
    assert not drive.session.terminal.is_alternate
    record = await drive.run("pwd")
    assert record.output.text == "/usr"
    assert len({record.id for record in drive.told.records}) == len(drive.told.records)


async def test_what_is_typed_during_a_restart_is_for_the_new_shell(
    drive: Driver,
) -> None:
    restart = asyncio.create_task(drive.session.restart())
    await asyncio.sleep(0)
    drive.type("echo ahead; exit 7\r")
    await restart
    await drive.until(lambda: drive.told.exits)
    assert drive.told.exits[-1].status == 7
    assert drive.commands[-1] == "echo ahead; exit 7"


async def test_restart_of_a_living_shell(drive: Driver) -> None:
    old = drive.session.pid
    assert old is not None
    await drive.session.restart()
    await drive.at_prompt()
    assert not psutil.pid_exists(old)
    assert drive.told.exits == []


async def test_no_descriptor_or_task_is_left(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path) as drive:
        await drive.run("true")
    descriptors = psutil.Process().num_fds()
    tasks = len(asyncio.all_tasks())
    for _ in range(3):
        async with driving(shell, tmp_path) as drive:
            await drive.run("false")
    assert psutil.Process().num_fds() == descriptors
    assert len(asyncio.all_tasks()) == tasks
    assert list((tmp_path / "runtime").iterdir()) == []


async def test_children_inherit_no_descriptor(drive: Driver) -> None:
    record = await drive.run("sh -c 'ls /proc/self/fd | wc -l'")
    # Standard input, output, error and the directory that ls reads.
    assert record.output.text.strip() == "4"


async def test_background_job_outlives_its_shell(drive: Driver) -> None:
    """The end is noticed though a child keeps the terminal open."""
    drive.type("sh -c 'trap \"\" HUP; sleep 3' & disown; exit 0\r")
    await drive.until(lambda: drive.told.exits)


async def test_missing_shell(tmp_path: Path) -> None:
    for command in ("/nonexistent/shell", "no-such-shell", str(tmp_path)):
        session = _bare_session(ShellSettings(command=command), tmp_path)
        with pytest.raises(ShellError) as caught:
            await session.start()
        assert "--shell" in caught.value.hint
        await session.close()
    assert _names(tmp_path) == []


async def test_without_a_place_for_its_files_a_shell_still_runs(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Path:
        raise ConfigError("not yours")

    monkeypatch.setattr(preparing, "runtime_directory", refuse)
    told = RecordingListener()
    settings = ShellSettings(command=require_shell(shell))
    session = _bare_session(settings, tmp_path, told=told, keeps_files=False)
    async with session:
        assert session.integration is IntegrationState.LOST
        driver = Driver(session, told, shell, tmp_path)
        await driver.quiet()
        driver.type("expr 40 + 2\r")
        await driver.shows("42")


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_start_that_is_given_up_leaves_no_files(
    shell: str, tmp_path: Path, is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    written: list[Path | None] = []

    def prepare(*arguments: Any) -> launch.Launch:
        loop.call_soon_threadsafe(entered.set)
        result = launch.prepare_launch(*arguments)
        written.append(result.directory)
        if is_late:
            loop.call_soon_threadsafe(starting.cancel)
        return result

    monkeypatch.setattr(preparing, "prepare_launch", prepare)
    session = _bare_session(ShellSettings(command=shell), tmp_path)
    starting = asyncio.create_task(session.start())
    await entered.wait()
    if not is_late:
        starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with asyncio.timeout(20):
        while not written or _names(tmp_path):  # noqa: ASYNC110 - a thread's doing
            await asyncio.sleep(0.01)
    assert None not in written
    await session.close()


async def test_the_first_start_uses_what_was_prepared(
    shell: str, tmp_path: Path
) -> None:
    settings = ShellSettings(command=require_shell(shell))
    prepared = prepare_now(settings, environment(tmp_path), tmp_path)
    before = _launches(tmp_path)
    session = _bare_session(settings, tmp_path, prepared=prepared)
    await session.start()
    assert _launches(tmp_path) == before
    await session.restart()
    assert _launches(tmp_path) != before
    await session.close()
    assert _launches(tmp_path) == []


async def test_a_session_that_never_starts_leaves_nothing_that_was_prepared(
    shell: str, tmp_path: Path
) -> None:
    settings = ShellSettings(command=require_shell(shell))
    prepared = prepare_now(settings, environment(tmp_path), tmp_path)
    assert _launches(tmp_path)
    await _bare_session(settings, tmp_path, prepared=prepared).close()
    assert _launches(tmp_path) == []


async def test_unstartable_shell(tmp_path: Path) -> None:
    program = tmp_path / "bash"
    program.write_text("#!/nonexistent/interpreter\n")
    program.chmod(0o755)
    descriptors = psutil.Process().num_fds()
    session = _bare_session(ShellSettings(command=str(program)), tmp_path)
    with pytest.raises(ShellError):
        await session.start()
    assert psutil.Process().num_fds() == descriptors
    assert _names(tmp_path) == ["bash"]


@pytest.mark.parametrize("shell", ["bash"])
async def test_replaced_shell_is_reported(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration_watch, "FIRST_MARK_TIMEOUT_SECONDS", 0.2)
    startup = "echo hello; exec sh\n"
    async with driving(shell, tmp_path, startup=startup, waits=False) as drive:
        await drive.until(lambda: drive.told.states == [IntegrationState.LOST])
        assert not drive.session.is_at_prompt


@pytest.mark.parametrize("shell", ["bash"])
async def test_integration_can_be_switched_off(shell: str, tmp_path: Path) -> None:
    settings = ShellSettings(command=shell, integration=False)
    told = RecordingListener()
    async with _bare_session(settings, tmp_path, told=told) as session:
        assert told.states == [IntegrationState.LOST]
        with pytest.raises(PlacementError):
            session.place("ls")
        session.press(b"echo $((40 + 2))\r")
        async with asyncio.timeout(10):
            while "\n42" not in session.terminal.text():
                told.changed.clear()
                await told.changed.wait()
    assert told.records == []


@pytest.mark.parametrize("shell", ["dash", "bash"])
async def test_limited_shells(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shell == "bash":
        monkeypatch.setattr(launch, "shell_kind", lambda _: ShellKind.OLD_BASH)
    async with driving(shell, tmp_path) as drive:
        await drive.enter("")
        drive.type("abandoned")
        await drive.shows("abandoned")
        # readline loses a ^C that comes while it still draws.
        await drive.quiet()
        # Not with Enter: its prompt would end what is typed before it comes.
        prompts = len(drive.told.prompts)
        drive.type("\x03")
        await drive.until(lambda: len(drive.told.prompts) > prompts)
        assert (await drive.run("sh -c 'exit 7'")).exit_code == 7
        record = await drive.run("echo one; echo two")
        assert record.command_line == "echo one; echo two"
        assert record.output.text == "one\ntwo"
        is_told = shell == "bash"
        source = CommandSource.SHELL if is_told else CommandSource.SCREEN
        assert record.source is source
        await drive.run("cd /usr")
        assert drive.session.cwd == "/usr"
        assert drive.session.integration is IntegrationState.LIMITED
    assert not any(record.is_private for record in drive.told.records)


async def test_old_bash_tells_at_the_end_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "shell_kind", lambda _: ShellKind.OLD_BASH)
    startup = "HISTIGNORE='pass*'\nHISTCONTROL=ignoredups\n"
    async with driving("bash", tmp_path, startup=startup) as drive:
        record = await drive.run("cat <<'E'\rü;\\\rE")
        assert record.command_line == "cat <<'E'\nü;\\\nE"
        assert not (await drive.run("echo same")).is_private
        assert not (await drive.run("echo same")).is_private
        assert (await drive.run("pass=1")).is_private
        await drive.run("unset HISTFILE")
        assert (await drive.run("echo unkept")).is_private
        await drive.run("set +o history")
        assert (await drive.run("echo off")).is_private
        assert drive.session.integration is IntegrationState.LIMITED


@pytest.mark.parametrize("shell", ["bash"])
async def test_settings_reach_the_parts(shell: str, tmp_path: Path) -> None:
    settings = Settings(
        terminal=TerminalSettings(scrollback_rows=50),
        history=HistorySettings(output_head_bytes=30, output_tail_bytes=20),
    )
    async with driving(shell, tmp_path, settings=settings) as drive:
        record = await drive.run("seq 1 500")
        assert drive.session.terminal.scrollback_length == 50
    assert len(record.output.head) == 30
    assert len(record.output.tail) == 20


@pytest.mark.parametrize("shell", ["bash"])
async def test_profiler_measures_the_path_of_output(shell: str, tmp_path: Path) -> None:
    profiler = PerformanceProfiler(enabled=True)
    async with driving(shell, tmp_path, profiler=profiler, advisor=Advisor()) as drive:
        await drive.run("gti status")
        await drive.until(lambda: drive.told.advice)
    names = " ".join(timing.name for timing in profiler.timings())
    for part in ("pty.read", "terminal.feed", "tracker.feed", "advisor.diagnose"):
        assert part in names


@pytest.mark.parametrize("shell", ["bash"])
async def test_the_loop_runs_during_a_flood(shell: str, tmp_path: Path) -> None:
    """Between two slices of reading, everything else gets its turn."""
    async with driving(shell, tmp_path) as drive:
        drive.type("yes | head -c 300000\r")
        await drive.until(lambda: drive.told.started)
        turns = 0
        while not drive.told.records:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 5


def _bare_session(
    settings: ShellSettings,
    home: Path,
    *,
    told: RecordingListener | None = None,
    keeps_files: bool = True,
    prepared: launch.Launch | None = None,
) -> Session:
    """A session without history and advisor, its files in the home directory."""
    return Session(
        Settings(shell=settings),
        columns=80,
        rows=24,
        listener=told or RecordingListener(),
        history=None,
        advisor=None,
        environ=environment(home),
        files_directory=home if keeps_files else None,
        prepared=prepared,
    )


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_what_is_counted_outlives_a_shell(drive: Driver) -> None:
    await drive.run("true")
    await drive.run("false")
    before = drive.session.parsed
    assert before[0] > 0
    await drive.session.restart()
    await drive.at_prompt()
    await drive.run("false")
    assert drive.session.commands == CommandCounts(ok=1, failed=2)
    assert all(
        now > then for now, then in zip(drive.session.parsed, before, strict=True)
    )


def _launches(directory: Path) -> list[str]:
    return [name for name in _names(directory) if name.startswith("shell-")]
