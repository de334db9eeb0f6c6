"""What is taken back from a command that ended without doing so itself."""

import signal
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.records import CapturedOutput, CommandRecord, RunningCommand
from terminal_ai.shell.leftovers import Leftovers, state_for_prompt
from terminal_ai.terminal.kitty_flags import KittyFlags
from terminal_ai.terminal.modes import Modes, MouseEncoding, MouseTracking, ScreenState
from terminal_ai.terminal.terminal import Terminal

KILLED = 128 + signal.SIGKILL
UNTOUCHED = Terminal(20, 5).state
SWITCHES: dict[bytes, str] = {
    b"\x1b[?1000h": "mouse_tracking",
    b"\x1b[?1006h": "mouse_encoding",
    b"\x1b[?1004h": "focus_events",
    b"\x1b[?2026h": "synchronized_output",
    b"\x1b[?25l": "cursor_visible",
    b"\x1b[>1u": "kitty_flags",
    b"\x1b[>4;2m": "modify_other_keys",
    b"\x1b[>4;1f": "format_other_keys",
    b"\x1b[?1h": "application_cursor",
    b"\x1b[?7l": "autowrap",
    b"\x1b[?2031h": "color_scheme_reports",
    b"\x1b[?2048h": "resize_reports",
}

switches = st.lists(st.sampled_from(sorted(SWITCHES)), max_size=6)


def terminal_after(*scripts: list[bytes]) -> Terminal:
    terminal = Terminal(20, 5)
    for script in scripts:
        terminal.feed(b"".join(script))
    return terminal


@given(switches, switches, st.sampled_from([None, 1, 42, 127, KILLED]))
def test_what_a_failed_command_switched_is_switched_back(
    shell_s: list[bytes], its_own: list[bytes], exit_code: int | None
) -> None:
    before = terminal_after(shell_s).state
    terminal = terminal_after(shell_s, its_own)
    terminal.restore(state_for_prompt(before, terminal.state, exit_code))
    for field in fields(Modes):
        expected = getattr(before.modes, field.name)
        assert getattr(terminal.modes, field.name) == expected


@given(
    switches, st.sampled_from([0, *(128 + n for n in (signal.SIGSTOP, signal.SIGTSTP))])
)
def test_success_and_a_stop_keep_all(its_own: list[bytes], exit_code: int) -> None:
    after = terminal_after([*its_own, b"\x1b[?1049h\x1b[2;3r\x1b(0"]).state
    assert state_for_prompt(UNTOUCHED, after, exit_code) is after


@pytest.mark.parametrize("exit_code", [None, 1, 128])
def test_only_a_signal_takes_the_screen_back(exit_code: int | None) -> None:
    after = terminal_after([b"\x1b[?1049h\x1b[2;3r\x1b(0\x1b[?1000h"]).state
    kept = state_for_prompt(UNTOUCHED, after, exit_code)
    assert kept == replace(after, modes=UNTOUCHED.modes)
    assert state_for_prompt(UNTOUCHED, after, KILLED) == UNTOUCHED


def test_what_was_there_before_stays_there() -> None:
    before = terminal_after([b"\x1b[?1049h\x1b[2;3r\x1b[>5u\x1b[?1003;1006h"]).state
    assert state_for_prompt(before, before, KILLED) == before
    assert before.modes.mouse_tracking is MouseTracking.MOTION


def test_bracketed_paste_belongs_to_the_line_editor() -> None:
    after = terminal_after([b"\x1b[?2004h\x1b[?1000h"]).state
    modes = state_for_prompt(UNTOUCHED, after, KILLED).modes
    assert modes == replace(UNTOUCHED.modes, bracketed_paste=True)


def test_a_screen_is_left_as_its_program_would_have() -> None:
    terminal = Terminal(20, 5)
    terminal.feed(b"\x1b[>1u$ vim\r\n")
    before = terminal.state
    terminal.feed(b"\x1b[?1049h\x1b[>5u\x1b[>9u\x1b[2;3r\x1b[5;5Hfull screen")
    events = terminal.restore(state_for_prompt(before, terminal.state, KILLED))
    assert [type(event).__name__ for event in events] == ["AlternateScreenChanged"]
    assert terminal.text().split() == ["$", "vim"]
    assert (terminal.cursor.row, terminal.cursor.column) == (1, 0)
    assert int(terminal.modes.kitty_flags) == KittyFlags.DISAMBIGUATE, "the shell's"
    terminal.feed(b"\r\n" * 9 + b"end")
    assert terminal.text().splitlines()[-1] == "end", "and the whole screen scrolls"
    terminal.feed(b"\x1b[?1049h")
    assert not terminal.modes.kitty_flags


def record(exit_code: int | None) -> CommandRecord:
    return CommandRecord(
        id="r1",
        command_line="vim",
        cwd="/",
        exit_code=exit_code,
        started_at=0.0,
        duration_seconds=1.0,
        output=CapturedOutput(b""),
        shell="bash",
    )


RUNNING = RunningCommand("vim", "/", 0.0)
MOUSE = replace(
    UNTOUCHED,
    modes=replace(
        UNTOUCHED.modes,
        mouse_tracking=MouseTracking.CLICKS,
        mouse_encoding=MouseEncoding.SGR,
    ),
)


@pytest.mark.parametrize(
    ("exit_code", "wanted"), [(0, None), (1, UNTOUCHED), (KILLED, UNTOUCHED)]
)
def test_the_state_at_the_command_s_start_counts(
    exit_code: int, wanted: ScreenState | None
) -> None:
    leftovers = Leftovers()
    assert leftovers.follow(None, (), MOUSE) is None
    assert leftovers.follow(RUNNING, (RUNNING,), UNTOUCHED) is None
    assert leftovers.follow(RUNNING, (), MOUSE) is None
    assert leftovers.follow(None, (record(exit_code),), MOUSE) == wanted
    assert leftovers.follow(None, (), MOUSE) is None, "once"


def test_a_prompt_without_an_exit_code_is_an_end_too() -> None:
    leftovers = Leftovers()
    leftovers.follow(RUNNING, (RUNNING,), UNTOUCHED)
    assert leftovers.follow(None, (), MOUSE) == UNTOUCHED
