"""When it is certain that nothing stands at the prompt of a real shell."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.session.typed_line import PAUSE_SECONDS, TypedLine
from terminal_ai.terminal.terminal import Terminal
from tests.session.driver import Driver, driving, polled

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


# What must not make it uncertain for ever


async def becomes_empty(drive: Driver) -> None:
    """Wait until the line is certain to be empty: no event tells."""
    await polled(lambda: is_empty(drive))


@shells
@pytest.mark.parametrize("key", ["\x03", "\x0c", "\r"], ids=["^C", "^L", "Enter"])
async def test_an_empty_line_stays_empty(drive: Driver, key: str) -> None:
    await at_empty_prompt(drive)
    for _ in range(2):
        drive.type(key)
        await drive.quiet()
        await becomes_empty(drive)
    drive.type("x")
    assert not is_empty(drive)
    await drive.quiet()
    assert not is_empty(drive)


@shells
async def test_an_interrupted_program_leaves_an_empty_line(drive: Driver) -> None:
    await drive.start("sleep 60")
    drive.type("\x03")
    await drive.until(lambda: drive.commands == ["sleep 60"])
    await at_empty_prompt(drive)


@shells
async def test_a_fast_command_after_an_interrupt(drive: Driver) -> None:
    await at_empty_prompt(drive)
    drive.type("\x03")
    # Shells throw keys away that come at once.
    await drive.quiet()
    await drive.run("true")
    await at_empty_prompt(drive)


@shells
async def test_a_full_screen_program_leaves_an_empty_line(drive: Driver) -> None:
    await at_empty_prompt(drive)
    await drive.start("less /etc/passwd")
    await drive.until(lambda: drive.session.terminal.is_alternate)
    drive.type("jj")
    drive.type("q")
    await drive.until(lambda: len(drive.commands) == 1)
    await becomes_empty(drive)


@shells
async def test_another_size_changes_nothing(drive: Driver) -> None:
    await at_empty_prompt(drive)
    drive.session.resize(60, 20)
    await drive.quiet()
    await becomes_empty(drive)
    drive.session.resize(100, 30)
    await drive.quiet()
    await becomes_empty(drive)


# Without a shell: the keys, and what is on the screen


def prompt(shown: bytes = b"$ ") -> tuple[Terminal, TypedLine]:
    terminal = Terminal(40, 5)
    terminal.feed(shown)
    return terminal, TypedLine(terminal)


def test_keys_pressed_ahead_are_waited_for_and_looked_for() -> None:
    terminal, line = prompt()
    start = terminal.anchor()
    line.pressed(b"q", 10.0, is_at_prompt=False)
    line.prompt_came(20.0)
    assert not line.is_empty(start, 20.0 + PAUSE_SECONDS / 2)
    assert line.is_empty(start, 20.0 + PAUSE_SECONDS)
    assert not line.is_empty(None, 1e9), "nobody says where input begins"
    terminal.feed(b"q")
    assert not line.is_empty(start, 1e9)
    terminal.feed(b"\b")
    assert not line.is_empty(start, 1e9), "the cursor stands on it"


def test_a_line_entered_at_a_prompt_ends_all_doubt() -> None:
    _terminal, line = prompt()
    line.pressed(b"q", 10.0, is_at_prompt=False)
    line.prompt_came(11.0)
    line.pressed(b"ls\r", 11.0, is_at_prompt=True)
    assert not line.is_empty(None, 11.0)
    line.prompt_came(11.0)
    assert line.is_empty(None, 11.0)


@pytest.mark.parametrize("keys", [(b"a\r", b"b"), (b"a\rb\r", b"")])
def test_of_two_lines_at_once_the_second_may_still_be_read(
    keys: tuple[bytes, ...],
) -> None:
    terminal, line = prompt()
    for data in keys:
        line.pressed(data, 1.0, is_at_prompt=True)
    line.prompt_came(2.0)
    assert not line.is_empty(None, 2.0)
    terminal.feed(b"b")
    assert not line.is_empty(None, 1e9)


@pytest.mark.parametrize("key", [b"\x03", b"\x0c"])
def test_what_follows_an_interrupt_or_a_clearing_is_seen(key: bytes) -> None:
    terminal, line = prompt()
    line.pressed(key, 10.0, is_at_prompt=True)
    assert not line.is_empty(None, 10.0)
    assert line.is_empty(None, 10.0 + PAUSE_SECONDS)
    line.pressed(b"q", 10.1, is_at_prompt=True)
    assert not line.is_empty(None, 1e9)
    if key == b"\x03":
        # The prompt that ^C brings, with the key read after it.
        line.prompt_came(10.2)
        assert not line.is_empty(None, 10.2)
        terminal.feed(b"\r\n$ q")
        assert not line.is_empty(None, 1e9)


def test_a_prompt_that_looks_otherwise_is_not_trusted() -> None:
    terminal, line = prompt()
    line.pressed(b"ls\r", 1.0, is_at_prompt=True)
    line.pressed(b"q", 2.0, is_at_prompt=False)
    terminal.feed(b"\r\n$ ")
    line.prompt_came(3.0)
    assert line.is_empty(None, 4.0)
    terminal.feed(b"q")
    assert not line.is_empty(None, 4.0)
    terminal.feed(b"\b")
    assert not line.is_empty(None, 4.0), "the cursor stands on it"


@given(st.lists(st.tuples(st.binary(max_size=4), st.booleans()), max_size=8))
def test_no_key_since_the_prompt_goes_unnoticed(keys: list[tuple[bytes, bool]]) -> None:
    terminal, line = prompt()
    start = terminal.anchor()
    for data, is_at_prompt in keys:
        line.pressed(data, 1.0, is_at_prompt=is_at_prompt)
    line.prompt_came(11.0)
    line.pressed(b"x", 2.0, is_at_prompt=True)
    assert not line.is_empty(start, 1e9)
    assert not line.is_empty(None, 1e9)
