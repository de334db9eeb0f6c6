"""Options, traps and variables of the user that our hooks must not trip or show in."""

import asyncio
from pathlib import Path

import pytest

from terminal_ai.shell import launch
from tests.session.driver import Driver, driving

pytestmark = pytest.mark.shells

OURS = "__terminal_ai"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_traces_show_nothing_of_ours(drive: Driver) -> None:
    await drive.run("set -x")
    record = await drive.run("echo 'ü'")
    assert record.output.text.splitlines()[1:] == ["ü"]
    assert not (await drive.run("false")).output.text.count("\n")
    await drive.enter("")
    assert OURS not in drive.session.terminal.text()


@pytest.mark.parametrize("shell", ["bash"])
async def test_traps_do_not_notice_our_hooks(drive: Driver) -> None:
    await drive.run("set -ET; trap 'echo debug' DEBUG")
    assert (await drive.run("echo one")).output.text == "debug\none"
    await drive.run("trap 'echo return' RETURN; trap - DEBUG")
    await drive.run("trap 'echo error' ERR")
    assert (await drive.run("false")).output.text == "error"
    await drive.enter("")
    shown = drive.session.terminal.text().splitlines()
    assert shown.count("error") == 1
    assert "return" not in shown


@pytest.mark.parametrize("shell", ["bash"])
async def test_abandoned_line_under_errexit(drive: Driver) -> None:
    await drive.run("set -e")
    await drive.abandon("half")
    assert (await drive.run("echo alive")).output.text == "alive"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_children_inherit_nothing_under_allexport(
    shell: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup="set -a\n") as drive:
        await drive.run("true")
        record = await drive.run("env | grep __terminal_ai_ | grep -v ^PS")
    assert record.output.text == ""


@pytest.mark.parametrize("shell", ["bash"])
async def test_every_history_change_keeps_private_commands_private(
    shell: str, tmp_path: Path
) -> None:
    changes = (
        "history -d -2",
        "history -c; history -s a b; history -s c",
        "set +o history",
    )
    async with driving(shell, tmp_path, startup="HISTCONTROL=ignorespace\n") as drive:
        for number, change in enumerate(changes):
            await drive.run(f"echo open {number}")
            await drive.run(change)
            record = await drive.run(f" echo hidden {number}")
            assert record.is_private, change
            assert record.command_line == f" echo hidden {number}"
        await drive.run("set -o history")
        assert not (await drive.run("echo open again")).is_private


@pytest.mark.parametrize("shell", ["bash"])
async def test_readonly_variables(shell: str, tmp_path: Path) -> None:
    startup = """
HISTCONTROL=ignoreboth
HISTTIMEFORMAT='%F %T '
readonly HISTTIMEFORMAT PS2 LC_ALL=C.UTF-8
readonly status=x now=x text=x entry=x fields=x start=x end=x code=x byte=x hex=x
shopt -s localvar_inherit
"""
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("echo 'ü;'")
        await drive.run("false")
        await drive.run("false")
        assert (await drive.run(" echo hidden")).is_private
        shown = drive.session.terminal.text()
    assert drive.commands == ["echo 'ü;'", "false", "false", " echo hidden"]
    assert [record.exit_code for record in drive.told.records] == [0, 1, 1, 0]
    assert "readonly" not in shown


@pytest.mark.parametrize("shell", ["bash"])
async def test_readonly_prompt(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup="readonly PS1\n") as drive:
        assert (await drive.run("false")).exit_code == 1
        assert "readonly" not in drive.session.terminal.text()


@pytest.mark.parametrize("shell", ["bash"])
@pytest.mark.parametrize("startup", ["shopt -u promptvars\n", "readonly PS0\n"])
async def test_shell_that_cannot_announce_commands_shows_nothing_of_ours(
    shell: str, startup: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=startup, waits=False) as drive:
        drive.type("echo one\r")
        await drive.shows("\none\n$")
        drive.type("\r")
        await drive.quiet()
        assert "terminal_ai" not in drive.session.terminal.text()
        assert not drive.session.is_at_prompt
        assert drive.told.states == []


@pytest.mark.parametrize("shell", ["bash"])
async def test_prompt_expansion_switched_off_and_on(drive: Driver) -> None:
    drive.type("shopt -u promptvars\r")
    await drive.until(lambda: drive.told.records)
    drive.type("echo unseen\r")
    await drive.shows("\nunseen\n$")
    assert "terminal_ai" not in drive.session.terminal.text()
    assert not drive.session.is_at_prompt
    await drive.enter("shopt -s promptvars")
    assert (await drive.run("echo seen")).output.text == "seen"


@pytest.mark.parametrize("shell", ["bash"])
async def test_output_in_the_background_is_no_failed_command(
    shell: str, tmp_path: Path
) -> None:
    startup = "bind 'set enable-bracketed-paste off'\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("(sleep 0.2; echo one; echo two) & false")
        await drive.shows("\ntwo")
        await drive.enter("")
        await drive.run("echo after")
    assert drive.commands[1:] == ["echo after"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_what_hooks_print_is_not_output(shell: str, tmp_path: Path) -> None:
    startup = {
        "bash": "PROMPT_COMMAND='echo hooked'\n",
        "zsh": "precmd() { print hooked }\n",
    }[shell]
    async with driving(shell, tmp_path, startup=startup) as drive:
        assert (await drive.run("printf one")).output.text == "one"
        assert (await drive.run("echo two")).output.text == "two"
        assert "hooked" in drive.session.terminal.text()


async def test_program_killed_on_the_alternate_screen(drive: Driver) -> None:
    lines = (
        r"printf '\033[?1049h'",
        "echo one",
        r"printf 'two\033[?1049l'",
        "echo three",
    )
    for line in lines:
        await _enter_on_any_screen(drive, line)
    assert drive.commands == list(lines)
    shown = [record.output.text for record in drive.told.records]
    assert shown == ["", "one", "two", "three"]


async def test_placing_in_vi_command_mode_only_inserts(
    shell: str, tmp_path: Path
) -> None:
    startup = {
        "bash": "set -o vi\n",
        "zsh": "bindkey -v\n",
        "fish": "fish_vi_key_bindings\n",
    }[shell]
    # What "v" would open in bash, and "#" would enter.
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\ntouch ~/opened\n")
    editor.chmod(0o755)
    startup += f"export EDITOR={editor}\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        drive.type("half")
        await drive.shows("half")
        drive.type("\x1b")
        # The editor waits for the rest of a sequence before it takes a lone ESC.
        await asyncio.sleep(0.6)
        drive.session.place("vim #v ZZ")
        await drive.shows("vim #v ZZ")
        await drive.quiet()
        assert drive.session.is_at_prompt
        assert drive.told.started == []
    assert not (tmp_path / "opened").exists()


async def _enter_on_any_screen(drive: Driver, line: str) -> None:
    """Run a line where nothing can be placed, so that only the prompt is awaited."""
    seen = len(drive.told.prompts)
    drive.type(f"{line}\r")
    await drive.until(lambda: len(drive.told.prompts) > seen)


@pytest.mark.parametrize("shell", ["bash"])
@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (
            "DEBUG",
            ["true 2", f"{OURS}_first_hook", "false", *[f"{OURS}_first_hook"] * 2],
        ),
        # The one process that reads the history.
        ("CHLD", ["true 2", "false"]),
        ("ERR", ["false"]),
        ("EXIT", []),
    ],
)
async def test_what_traps_see_of_us(
    shell: str, tmp_path: Path, signal: str, expected: list[str]
) -> None:
    startup = f"trap 'echo \"$BASH_COMMAND\" >> ~/seen' {signal}\n"
    seen = tmp_path / "seen"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("true 1")
        seen.write_text("")
        for line in ("true 2", "false", ""):
            await drive.enter(line)
        told = seen.read_text().splitlines()
    if signal == "CHLD":
        assert len(told) == len(expected)
    else:
        assert told == expected


@pytest.mark.parametrize("shell", ["bash"])
async def test_hooks_in_a_string(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before bash 5.1 PROMPT_COMMAND was no array."""
    install = launch._install

    def install_for_old_bash(
        started: launch.Launch, source: str, target: Path, **values: str
    ) -> None:
        install(started, source, target, **values)
        text = target.read_text()
        assert ">= 501" in text
        target.write_text(text.replace(">= 501", ">= 5010"))

    monkeypatch.setattr(launch, "_install", install_for_old_bash)
    startup = "set -u\nPROMPT_COMMAND='echo \"hook $?\" >> ~/hooks'\nset -o vi\n"
    async with driving(shell, tmp_path, startup=startup) as drive:
        assert (await drive.run("sh -c 'exit 3'")).exit_code == 3
        assert (await drive.run("fi")).exit_code == 2
        await drive.run("PS1='new> '")
        assert (await drive.run("printf x")).output.text == "x"
        # Taken away, there is still what PS0 and PS1 tell.
        await drive.run("export PROMPT_COMMAND PS1 PS0")
        record = await drive.run("bash --norc -ic 'exit 4'")
        assert (record.exit_code, record.output.text) == (4, "exit")
    assert "hook 3" in (tmp_path / "hooks").read_text()
