"""What a command that failed has left switched on, and the prompt cannot use.

A program that is killed restores nothing: every move of the mouse would be typed at the
prompt. A command that succeeded meant what it did, and a stopped one comes back.
"""

import signal
from collections.abc import Iterable
from dataclasses import fields, replace

from terminal_ai.records import CommandRecord, RunningCommand
from terminal_ai.shell.facts import Fact
from terminal_ai.terminal.modes import Modes, ScreenState

SIGNAL_BASE = 128
"""Shells report a death by signal as this and the signal's number."""

FRESH_START = (
    b"\x1b[<99u\x1b[?1049l\x1b[<99u\x1b[>4m\x1b[>4f\x1b[!p"
    b"\x1b[?9;67;1000;1002;1003;1004;1005;1006;1015;1016;2004;2031;2048l"
    b"\x1b]8;;\x07\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07"
    b"\x1b[?25h\x1b[0m\r\n"
)
"""After a shell was killed inside a full-screen program: leave the alternate screen,
soft reset, plain keys, no reports of mouse, focus, paste, colours or size, no link, the
theme's colours, visible cursor, a fresh line."""

_STOPPED = frozenset(
    SIGNAL_BASE + number
    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
)
# Not bracketed paste: that is the line editor's own.
_OF_PROGRAMS = frozenset(
    {
        "alternate_scroll", "application_cursor", "application_keypad", "autowrap",
        "color_scheme_reports", "cursor_visible", "focus_events", "format_other_keys",
        "insert", "kitty_flags", "modify_other_keys", "mouse_encoding",
        "mouse_tracking", "newline", "origin", "resize_reports", "reverse_screen",
        "synchronized_output",
    }
)  # fmt: skip
_DEFAULTS = {
    field.name: field.default for field in fields(Modes) if field.name in _OF_PROGRAMS
}


def state_for_prompt(
    before: ScreenState, after: ScreenState, exit_code: int | None
) -> ScreenState:
    """Return what the prompt should find after a command that ended like this."""
    if exit_code == 0 or exit_code in _STOPPED:
        return after
    unused = {
        name: default
        for name, default in _DEFAULTS.items()
        if getattr(before.modes, name) == default
    }
    state = replace(after, modes=replace(after.modes, **unused))  # type: ignore[arg-type]
    if exit_code is None or exit_code <= SIGNAL_BASE:
        return state
    return replace(
        state,
        is_alternate=before.is_alternate and after.is_alternate,
        has_margins=before.has_margins and after.has_margins,
        charsets=before.charsets,
    )


class Leftovers:
    """Remembers how the running command has found the screen."""

    def __init__(self) -> None:
        self._running: RunningCommand | None = None
        self._before: ScreenState | None = None

    def follow(
        self, running: RunningCommand | None, facts: Iterable[Fact], state: ScreenState
    ) -> ScreenState | None:
        """Take the moment of a mark; return a state to go back to."""
        before, has_ended = self._before, running is None
        if running is not self._running:
            self._running = running
            self._before = None if has_ended else state
        if before is None or not has_ended:
            return None
        codes = [fact.exit_code for fact in facts if isinstance(fact, CommandRecord)]
        wanted = state_for_prompt(before, state, codes[-1] if codes else None)
        return None if wanted == state else wanted
