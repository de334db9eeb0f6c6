"""When it is certain that nothing stands at the prompt of a real shell."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.session.typed_line import PAUSE_SECONDS, TypedLine
from terminal_ai.terminal.terminal import Terminal
from tests.session.driver import Driver, driving

shells = pytest.mark.shells

RIGHT_PROMPTS = {
    "bash": "PS1='\\[\\e[s\\e[70Cright\\e[u\\]$ '\n",
    "zsh": "PROMPT='%% '\nRPROMPT='right'\n",
    "fish": (
        "function fish_prompt; echo -n '> '; end\n"
        "function fish_right_prompt; echo -n right; end\n"
    ),
}


def is_empty(drive: Driver) -> bool:
    return drive.session.is_line_empty


async def at_empty_prompt(drive: Driver) -> None:
    await drive.until(lambda: drive.session.is_at_prompt)
    await drive.quiet()
    assert is_empty(drive)


@shells
async def test_a_new_prompt_is_empty(drive: Driver) -> None:
    await at_empty_prompt(drive)
    for line in ("true", "echo one", "false", ""):
        await drive.enter(line)
        await at_empty_prompt(drive)


@shells
@pytest.mark.parametrize("key", ["a", " ", "\x15", "\x1b[A", "\x12", "\x1b"])
async def test_any_key_ends_the_certainty(drive: Driver, key: str) -> None:
    await drive.run("echo one")
    await at_empty_prompt(drive)
    drive.type(key)
    assert not is_empty(drive)
    await drive.quiet()
    assert not is_empty(drive)


@shells
async def test_pasted_and_placed_text_is_seen(drive: Driver) -> None:
    await at_empty_prompt(drive)
    drive.session.paste("ls")
    assert not is_empty(drive)
    drive.type("\r")
    await drive.until(lambda: drive.commands == ["ls"])
    await at_empty_prompt(drive)
    drive.session.place("ls")
    await drive.quiet()
    assert not is_empty(drive)


@shells
async def test_a_focus_report_is_no_text(drive: Driver) -> None:
    await at_empty_prompt(drive)
    drive.session.report_focus(b"")
    assert is_empty(drive)


@shells
async def test_nothing_is_empty_while_a_command_runs(drive: Driver) -> None:
    await at_empty_prompt(drive)
    await drive.start("sleep 60")
    assert not is_empty(drive)


@shells
async def test_text_typed_ahead_is_not_overlooked(drive: Driver) -> None:
    await drive.start("sleep 0.3")
    drive.type("abc")
    await drive.until(lambda: drive.commands == ["sleep 0.3"])
    assert not is_empty(drive)
    await drive.until(lambda: drive.session.is_at_prompt)
    await drive.quiet()
    assert not is_empty(drive)


@shells
async def test_a_line_that_is_continued_is_not_empty(drive: Driver) -> None:
    await at_empty_prompt(drive)
    drive.type("echo 'one\r")
    await drive.quiet()
    assert not is_empty(drive)


@shells
async def test_a_right_prompt_is_no_text(shell: str, tmp_path: Path) -> None:
    async with driving(shell, tmp_path, startup=RIGHT_PROMPTS[shell]) as drive:
        await drive.run("true")
        await drive.shows("right")
        await at_empty_prompt(drive)


@shells
async def test_vi_keys_count_as_text(tmp_path: Path) -> None:
    async with driving("bash", tmp_path, startup="set -o vi\n") as drive:
        await drive.run("true")
        await at_empty_prompt(drive)
        drive.type("\x1b")
        assert not is_empty(drive)


@shells
async def test_a_shell_without_marks_is_never_known_to_be_empty(tmp_path: Path) -> None:
    async with driving("dash", tmp_path) as drive:
        await drive.run("true")
        assert not is_empty(drive)


# Without a shell: the keys, and what is on the screen


def prompt(shown: bytes = b"$ ") -> tuple[Terminal, TypedLine]:
    terminal = Terminal(40, 5)
    terminal.feed(shown)
    return terminal, TypedLine()


def test_keys_pressed_ahead_are_waited_for_and_looked_for() -> None:
    terminal, line = prompt()
    start = terminal.anchor()
    line.pressed(b"q", 10.0, is_at_prompt=False)
    line.prompt_came()
    assert not line.is_empty(terminal, start, 10.0 + PAUSE_SECONDS / 2)
    assert line.is_empty(terminal, start, 10.0 + PAUSE_SECONDS)
    assert not line.is_empty(terminal, None, 1e9), "nobody says where input begins"
    terminal.feed(b"q")
    assert not line.is_empty(terminal, start, 1e9)
    terminal.feed(b"\b")
    assert not line.is_empty(terminal, start, 1e9), "the cursor stands on it"


def test_a_line_entered_at_a_prompt_ends_all_doubt() -> None:
    terminal, line = prompt()
    line.pressed(b"q", 10.0, is_at_prompt=False)
    line.prompt_came()
    line.pressed(b"ls\r", 11.0, is_at_prompt=True)
    assert not line.is_empty(terminal, None, 11.0)
    line.prompt_came()
    assert line.is_empty(terminal, None, 11.0)


def test_of_two_lines_at_once_the_second_may_still_be_read() -> None:
    terminal, line = prompt()
    line.pressed(b"a\r", 1.0, is_at_prompt=True)
    line.pressed(b"b", 1.0, is_at_prompt=True)
    line.prompt_came()
    assert not line.is_empty(terminal, None, 1e9)
    line = TypedLine()
    line.pressed(b"a\rb\r", 1.0, is_at_prompt=True)
    assert not line.is_empty(terminal, None, 1e9)


@given(st.lists(st.tuples(st.binary(max_size=4), st.booleans()), max_size=8))
def test_no_key_since_the_prompt_goes_unnoticed(keys: list[tuple[bytes, bool]]) -> None:
    terminal, line = prompt()
    start = terminal.anchor()
    for data, is_at_prompt in keys:
        line.pressed(data, 1.0, is_at_prompt=is_at_prompt)
    line.prompt_came()
    line.pressed(b"x", 2.0, is_at_prompt=True)
    assert not line.is_empty(terminal, start, 1e9)
    assert not line.is_empty(terminal, None, 1e9)
