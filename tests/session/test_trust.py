"""Nothing a program prints or inherits can fake or steal a prompt mark."""

from collections.abc import Callable
from pathlib import Path

import pytest

from terminal_ai.session import IntegrationState
from terminal_ai.shell import integration_watch
from tests.session.driver import Driver, driving, require_shell

pytestmark = pytest.mark.shells


async def test_printed_marks_are_ignored_and_counted(drive: Driver) -> None:
    foreign = drive.session.foreign_marks
    record = await drive.run(
        r"printf 'a\033]133;D;0\007\033]133;A\007\033]133;B\007fake$ "
        r"\033]133;C\007\033]633;E;rm -rf /;deadbeef\007"
        r"\033]7;file:///etc\007\033]7;x\007\033]1337;CurrentDir=/etc\007b'; false"
    )
    assert record.exit_code == 1
    assert record.output.text == "afake$ b"
    assert drive.session.foreign_marks == foreign + 8
    assert drive.session.cwd == str(drive.home)
    assert len(drive.told.records) == 1


@pytest.mark.parametrize("shell", ["bash"])
async def test_nested_shell_with_our_prompt_is_ignored(drive: Driver) -> None:
    await drive.run("export PS1 PS2 PS0 PROMPT_COMMAND")
    prompts = len(drive.told.prompts)
    foreign = drive.session.foreign_marks
    drive.type("bash --norc\r")
    await drive.until(lambda: len(drive.told.started) == 2)
    await drive.until(lambda: drive.session.foreign_marks > foreign)
    drive.type("echo inside\r")
    await drive.shows("\ninside")
    assert "not found" not in drive.session.terminal.text()
    drive.type("exit 5\r")
    await drive.until(lambda: len(drive.told.records) == 2)
    record = drive.told.records[1]
    assert (record.command_line, record.exit_code) == ("bash --norc", 5)
    assert "inside" in record.output.text
    await drive.until(lambda: len(drive.told.prompts) == prompts + 1)


@pytest.mark.parametrize("shell", ["bash"])
async def test_printing_our_own_prompt_ends_nothing(drive: Driver) -> None:
    record = await drive.run('echo "${PS1@P}"; echo tail; false')
    assert record.exit_code == 1
    assert record.output.text.endswith("tail")
    assert len(drive.told.records) == 1


async def test_marks_of_an_earlier_session_change_nothing(
    shell: str, tmp_path: Path
) -> None:
    """What a session of ours has printed, shown by ``cat`` in the next one."""
    recording = tmp_path / "recording"
    async with driving(shell, tmp_path) as earlier:
        stream = earlier.session._stream
        assert stream is not None
        consume, seen = stream._on_data, bytearray()

        def keep(data: bytes, is_over: Callable[[], bool]) -> bytes:
            rest = consume(data, is_over)
            seen.extend(data[: len(data) - len(rest)])
            return rest

        stream._on_data = keep
        await earlier.run("echo old; false")
        await earlier.quiet()
        marks = seen.count(b"\x1b]133;")
        recording.write_bytes(seen)
    assert marks > 3
    async with driving(shell, tmp_path) as drive:
        foreign = drive.session.foreign_marks
        prompts = len(drive.told.prompts)
        record = await drive.run(f"cat '{recording}'; sh -c 'exit 4'")
        assert record.exit_code == 4
        assert "old" in record.output.text
        assert "133;" not in record.output.text
        assert drive.commands == [f"cat '{recording}'; sh -c 'exit 4'"]
        assert len(drive.told.prompts) == prompts + 1
        assert drive.session.foreign_marks - foreign == marks
        assert drive.session.cwd == str(tmp_path)


async def test_nonce_with_another_pid_is_refused(drive: Driver) -> None:
    foreign = drive.session.foreign_marks
    record = await drive.run(
        r"printf '\033]133;D;0;n=%s;p=%s\007' $__terminal_ai_nonce 1; false"
    )
    assert record.exit_code == 1
    assert drive.session.foreign_marks == foreign + 1


async def test_a_nested_shell_of_any_kind_tells_nothing(drive: Driver) -> None:
    await drive.run("export PS1=x; true")
    for program in ("bash --norc", "zsh -f", "fish --no-config", "dash"):
        require_shell(program.split()[0])
        record = await drive.run(f"echo 'true; false; exit 6' | {program}")
        assert record.exit_code == 6
    assert len(drive.told.records) == 5


async def test_children_never_see_the_nonce(drive: Driver) -> None:
    nonce = await _nonce(drive)
    pid = "$fish_pid" if drive.shell == "fish" else "$$"
    record = await drive.run(
        f"env; tr '\\0' '\\n' < /proc/{pid}/environ; ps -o args= -p {pid}"
    )
    assert record.exit_code == 0
    assert "TERM_PROGRAM=terminal_ai" in record.output.text
    assert nonce not in record.output.text
    # What looks like a secret of ours was not merely blotted out.
    assert "*" * len(nonce) not in record.output.text


async def test_listed_variables_do_not_show_the_nonce(drive: Driver) -> None:
    nonce = await _nonce(drive)
    record = await drive.run("set")
    assert "__terminal_ai_nonce" in record.output.text
    assert nonce not in record.output.text


async def test_integration_files_are_gone_at_the_prompt(drive: Driver) -> None:
    assert list((drive.home / "runtime").iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_integration_files_are_gone_while_startup_files_run(
    shell: str, tmp_path: Path
) -> None:
    startup = "while ls -A ~/runtime | grep -q .; do sleep 0.02; done\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        record = await drive.run("echo captured")
    assert record.output.text == "captured"


@pytest.mark.parametrize("shell", ["fish"])
async def test_what_a_lost_shell_starts_finds_no_integration_files(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_shell("bash")
    monkeypatch.setattr(integration_watch, "FIRST_MARK_TIMEOUT_SECONDS", 0.1)
    startup = "exec bash --norc\n"
    async with driving(shell, tmp_path, startup=startup, waits=False) as drive:
        lost = IntegrationState.LOST
        await drive.until(lambda: drive.session.integration is lost)
        await drive.quiet()
        drive.type('echo "files: $(ls -A ~/runtime)."\r')
        await drive.shows("files: .")


async def test_other_terminals_leave_no_trace(shell: str, tmp_path: Path) -> None:
    from tests.session.driver import environment

    inherited = environment(
        tmp_path,
        VSCODE_NONCE="x",
        TMUX="/tmp/tmux",
        KITTY_WINDOW_ID="1",
        TERM_PROGRAM="vscode",
        TERM="dumb",
        COLUMNS="10",
        __terminal_ai_nonce="x",
        KEPT="yes",
    )
    async with driving(shell, tmp_path, environ=inherited) as drive:
        text = (await drive.run("env")).output.text
    for gone in ("VSCODE_", "TMUX", "KITTY_", "vscode", "dumb", "TERMINAL_AI_"):
        assert gone not in text
    for kept in ("KEPT=yes", "TERM=xterm-256color", "COLORTERM=truecolor"):
        assert kept in text


async def _nonce(drive: Driver) -> str:
    """Ask the shell itself, in a form that is not blotted out."""
    target = drive.home / "nonce"
    await drive.run(f"echo $__terminal_ai_nonce > '{target}'")
    nonce = target.read_text().strip()
    assert len(nonce) == 32
    return nonce
