"""What a session records of real commands in real shells."""

import asyncio
import logging
import os
import sys
from pathlib import Path

import pytest

from terminal_ai.config import HistorySettings
from terminal_ai.history import History
from terminal_ai.records import CommandSource
from terminal_ai.session import IntegrationState
from tests.session.driver import Driver, driving

pytestmark = pytest.mark.shells


async def test_exit_codes(drive: Driver) -> None:
    lines = ["false", "sh -c 'exit 42'", "sh -c 'kill -9 $$'", "no_such_program_here"]
    codes = [(await drive.run(line)).exit_code for line in lines]
    assert codes == [1, 42, 137, 127]
    assert drive.commands == lines
    assert drive.session.integration is IntegrationState.ACTIVE


async def test_compound_command_text_is_exact(drive: Driver) -> None:
    line = "echo a; echo b | cat"
    record = await drive.run(line)
    assert record.command_line == line
    assert record.output.text == "a\nb"
    assert record.source is CommandSource.SHELL
    assert record.shell == drive.shell


async def test_special_characters_survive(drive: Driver) -> None:
    line = "printf '%s' ';\\x1b \\\\ ü 漢 😀 %41 ; n=zzz;c=' # é"
    if drive.shell == "zsh":
        await drive.run("setopt interactivecomments")
    record = await drive.run(line)
    assert record.command_line == line


async def test_loop_over_lines_is_one_command(drive: Driver) -> None:
    lines = {
        "fish": ["for i in 1 2", "echo it$i", "end"],
    }.get(drive.shell, ["for i in 1 2; do", "echo it$i", "done"])
    for line in lines[:-1]:
        drive.type(f"{line}\r")
    record = await drive.run(lines[-1])
    assert record.output.text == "it1\nit2"
    assert record.command_line.count("echo it$i") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_heredoc_is_one_command(drive: Driver) -> None:
    drive.type("cat <<'E'\r")
    drive.type("x;y \\ z\r")
    record = await drive.run("E")
    assert record.command_line == "cat <<'E'\nx;y \\ z\nE"
    assert record.output.text == "x;y \\ z"


async def test_empty_lines_and_abandoned_text_are_no_commands(drive: Driver) -> None:
    await drive.run("false")
    for _ in range(3):
        await drive.enter("")
    drive.type("rm -rf half")
    await drive.shows("rm -rf half")
    await drive.quiet()
    prompts = len(drive.told.prompts)
    drive.type("\x03")
    await drive.until(lambda: len(drive.told.prompts) > prompts)
    await drive.run("echo after")
    assert drive.commands == ["false", "echo after"]


async def test_interrupted_command(drive: Driver) -> None:
    await drive.start("sleep 30")
    assert drive.session.running
    drive.type("\x03")
    await drive.until(lambda: drive.told.records)
    record = drive.told.records[0]
    assert (record.command_line, record.exit_code) == ("sleep 30", 130)
    await drive.at_prompt()
    assert drive.session.running is None


async def test_suspended_and_resumed_command(drive: Driver) -> None:
    drive.type("sh -c 'echo on; read line; echo got $line'\r")
    await drive.until(lambda: "\non" in drive.session.terminal.text())
    drive.type("\x1a")
    await drive.until(lambda: drive.told.records)
    await drive.at_prompt()
    suspended = drive.told.records[0]
    assert suspended.command_line.startswith("sh -c")
    # fish does not count a suspended job as failed.
    assert suspended.exit_code == (0 if drive.shell == "fish" else 148)
    drive.type("fg\r")
    await drive.until(lambda: len(drive.told.started) == 2)
    await drive.until_child_runs()
    drive.type("back\r")
    await drive.until(lambda: len(drive.told.records) == 2)
    assert drive.told.records[1].exit_code == 0
    assert "got back" in drive.told.records[1].output.text


async def test_quit_signal(drive: Driver) -> None:
    await drive.start("sleep 30")
    drive.type("\x1c")
    await drive.until(lambda: drive.told.records)
    assert drive.told.records[0].exit_code == 131


async def test_output_without_final_newline(drive: Driver) -> None:
    record = await drive.run("printf abc")
    assert record.output.text == "abc"
    assert b"%" not in record.output.head


async def test_private_command(
    shell: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    startup = {"bash": "HISTCONTROL=ignoreboth\n", "zsh": "setopt histignorespace\n"}
    file = tmp_path / "history.sqlite"
    history = History(HistorySettings(), file, redact=str)
    async with driving(
        shell, tmp_path, startup=startup.get(shell, ""), history=history
    ) as drive:
        await drive.run("echo open")
        record = await drive.run(" echo hidden")
        assert record.is_private
        assert record.command_line.strip() == "echo hidden"
        assert record.exit_code == 0
        assert not (await drive.run("echo open again")).is_private
    assert len(history.records(10)) == 3
    await asyncio.to_thread(history.close)
    stored = file.read_bytes()
    assert b"echo open again" in stored
    assert b"hidden" not in stored
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("shell", ["bash"])
async def test_histignore_and_history_off_are_private(
    shell: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup="HISTIGNORE='pass*'\n") as drive:
        await drive.run("echo open")
        assert (await drive.run("pass show")).is_private
        await drive.run("set +o history")
        record = await drive.run("echo 'not kept'")
        assert record.is_private
        assert record.command_line == "echo 'not kept'"


@pytest.mark.parametrize("shell", ["fish"])
async def test_fish_without_history_is_private(drive: Driver) -> None:
    await drive.run("set -g fish_history elsewhere")
    assert (await drive.run(" echo hidden")).is_private
    assert not (await drive.run("echo open")).is_private
    await drive.run("set -g fish_history ''")
    assert (await drive.run("echo unkept")).is_private


@pytest.mark.parametrize("shell", ["zsh"])
async def test_zsh_history_ignore_is_private(drive: Driver) -> None:
    await drive.run("HISTORY_IGNORE='(pass *|secret)'")
    assert (await drive.run("pass show")).is_private
    assert not (await drive.run("echo open")).is_private


async def test_repeated_command(shell: str, tmp_path: Path) -> None:
    startup = {
        "bash": "HISTCONTROL=ignoredups\n",
        "zsh": "setopt histignorealldups\n",
    }
    async with driving(shell, tmp_path, startup=startup.get(shell, "")) as drive:
        for _ in range(2):
            await drive.run("echo same")
        await drive.run("\x1b[A")  # the previous line again
    assert drive.commands == ["echo same"] * 3
    assert not any(record.is_private for record in drive.told.records)


@pytest.mark.parametrize("shell", ["bash"])
@pytest.mark.parametrize(
    "keys",
    [
        ("\x12", "same", ""),  # found by an incremental search
        ("cho the same line", "\x01", "e", ""),
        ("echo me line", *["\x1b[D"] * 7, "the sa", ""),
        ("echo the same lineXX", "\x1b[D", "\x08", "\x04", ""),
    ],
    ids=["search", "at the start", "in the middle", "deleted"],
)
async def test_repeated_command_that_was_edited(
    keys: tuple[str, ...], shell: str, tmp_path: Path
) -> None:
    startup = "HISTCONTROL=ignoreboth\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        line = "echo the same line"
        await drive.run(line)
        for key in keys:
            drive.type(key)
            await drive.quiet()
        record = await drive.run("")
    assert (record.command_line, record.is_private) == (line, False)


@pytest.mark.parametrize("shell", ["bash"])
async def test_repeated_command_that_wraps_and_was_edited(
    shell: str, tmp_path: Path
) -> None:
    line = f"echo {'x' * 150} end"
    startup = "HISTCONTROL=ignoreboth\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run(line)
        drive.type(line[1:])
        await drive.quiet()
        drive.type("\x01")
        await drive.quiet()
        repeated = await drive.run("e")
        drive.type(line)
        await drive.quiet()
        drive.type("\x01")
        await drive.quiet()
        private = await drive.run(" ")
    assert (repeated.command_line, repeated.is_private) == (line, False)
    assert (private.command_line, private.is_private) == (f" {line}", True)


async def test_syntax_error_is_a_failed_command(drive: Driver) -> None:
    await drive.run("true")
    record = await drive.run("if)")
    assert record.command_line == "if)"
    assert record.exit_code not in (0, None)
    assert len(record.output.text) > 5
    # fish leaves the line to be mended.
    drive.type("\x15\x15")
    assert (await drive.run("echo fine")).output.text == "fine"


async def test_directory_follows_the_shell(drive: Driver) -> None:
    odd = drive.home / "a;b\\c dé"
    odd.mkdir()
    record = await drive.run("cd a*")
    assert record.cwd == str(drive.home)
    assert drive.session.cwd == str(odd)
    record = await drive.run("sh -c 'cd /; true'")
    assert record.cwd == str(odd)
    assert drive.session.cwd == str(odd)


async def test_directory_that_is_not_text(drive: Driver) -> None:
    (drive.home / "dir").mkdir()
    name = os.fsencode(drive.home) + b"/dir/a\n\xff\xfe"
    os.mkdir(name)  # noqa: PTH102 - bytes
    await drive.run("cd dir; cd *")
    assert os.fsencode(drive.session.cwd) == name
    record = await drive.run("true")
    assert os.fsencode(record.cwd) == name
    await drive.session.restart()
    await drive.at_prompt()
    assert os.fsencode(drive.session.cwd) == name


async def test_resizing_while_typing(drive: Driver) -> None:
    line = "echo resized $COLUMNS " + "a" * 40
    drive.type(line)
    await drive.shows("resized")
    for columns in (40, 120, 33, 61):
        drive.session.resize(columns, 20)
    record = await drive.run("")
    assert record.command_line == line
    assert record.output.text.startswith("resized 61")


async def test_window_size_reaches_the_program(drive: Driver) -> None:
    drive.session.resize(91, 17)
    assert (await drive.run("stty size")).output.text == "17 91"


async def test_resize_signals_the_running_program(drive: Driver) -> None:
    drive.type(
        'sh -c \'trap "stty size; exit 3" WINCH; '
        "echo ok; while :; do sleep .05; done'\r"
    )
    await drive.until(lambda: "\nok" in drive.session.terminal.text())
    drive.session.resize(77, 13)
    await drive.until(lambda: drive.told.records)
    assert "13 77" in drive.told.records[0].output.text
    assert drive.told.records[0].exit_code == 3


async def test_resizing_and_clearing_while_it_prints(drive: Driver) -> None:
    long = "x" * 100
    drive.type(f"sh -c 'echo {long}; read a; printf \"\\033[3J\"; echo b; read c'\r")
    await drive.until(lambda: f"\n{long[:80]}" in drive.session.terminal.text())
    for columns in (40, 120, 33, 61):
        drive.session.resize(columns, 10)
    drive.type("\r")
    await drive.shows("\nb\n")
    for columns in (200, 20):
        drive.session.resize(columns, 5)
    drive.type("\r")
    await drive.until(lambda: drive.told.records)
    assert drive.told.records[0].output.text.split() == [long, "b"]
    assert len(drive.told.records) == 1


async def test_alternate_screen_is_left_out(drive: Driver) -> None:
    record = await drive.run(r"printf 'in\033[?1049hELSEWHERE\033[2J\033[?1049lout'")
    assert record.output.text == "inout"
    assert record.used_alternate_screen


async def test_typed_ahead_commands(drive: Driver) -> None:
    lines = [f"echo n{number}" for number in range(20)]
    drive.type("".join(f"{line}\r" for line in lines))
    await drive.until(lambda: len(drive.told.records) == len(lines))
    assert drive.commands == lines
    assert [record.output.text for record in drive.told.records] == [
        f"n{number}" for number in range(20)
    ]


async def test_long_command_line(drive: Driver) -> None:
    line = "echo " + "x" * 5000
    record = await drive.run(line)
    assert record.command_line == line


async def test_large_output_is_bounded(drive: Driver) -> None:
    record = await drive.run("seq 1 100000")
    limits = 65_536 + 196_608
    assert len(record.output.head) + len(record.output.tail) == limits
    assert record.output.text.startswith("1\n2\n3\n")
    assert record.output.tail.endswith(b"100000\r\n")
    assert record.output.elided_bytes > 0


async def test_resources_of_the_process_tree(drive: Driver) -> None:
    program = "import time; x = b'x' * 60_000_000; time.sleep(1)"
    record = await drive.run(f'python3 -c "{program}"')
    assert record.resources.peak_rss_bytes is not None
    assert record.resources.peak_rss_bytes > 50_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel keeps no accounts")
async def test_processor_time_is_charged_to_the_command_that_used_it(
    drive: Driver,
) -> None:
    program = "import time; all(time.process_time() < 0.4 for _ in iter(int, 1))"
    busy = await drive.run(f'python3 -c "{program}"')
    idle = await drive.run("sleep 0.2")
    assert busy.resources.cpu_seconds is not None
    assert busy.resources.cpu_seconds > 0.35
    assert idle.resources.cpu_seconds is not None
    assert idle.resources.cpu_seconds < 0.35
    assert idle.resources.read_bytes is not None
    assert idle.resources.written_bytes is not None
