"""What is known of the line at the prompt from the keys alone: was anything typed?"""

from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.terminal import Terminal

PAUSE_SECONDS = 1.0
"""Keys that were pressed before the prompt came are shown on it sooner."""

_LINE_ENDS = frozenset(b"\r\n")
# Carriage return, line feed, and the ^C that abandons a line.
_ENDS_LINE = frozenset(b"\r\n\x03")


class TypedLine:
    """Counts every key as text: what a key means to a line editor is the user's choice.

    Keys pressed while no prompt was in front may still wait to be read. Only a line
    entered at a prompt makes certain that none does.
    """

    def __init__(self) -> None:
        self._is_touched = False
        self._is_entered = False
        self._pressed_ahead_at: float | None = None

    def pressed(self, data: bytes, now: float, *, is_at_prompt: bool) -> None:
        """Take keys, a paste or a placed line, at a time in seconds."""
        if not data:
            return
        if not is_at_prompt or self._is_entered:
            self._pressed_ahead_at = now
            return
        self._is_touched = True
        is_one_line = sum(byte in _LINE_ENDS for byte in data) <= 1
        if data[-1] in _ENDS_LINE and is_one_line:
            self._is_entered = True
            self._pressed_ahead_at = None

    def prompt_came(self) -> None:
        """A new prompt is there, for a new line."""
        self._is_touched = self._is_entered = False

    def is_empty(self, terminal: Terminal, start: Anchor | None, now: float) -> bool:
        """Tell whether it is certain that the line at the prompt holds nothing.

        ``start`` is where its input begins, None for a shell that does not tell.
        """
        if self._is_touched or self._is_entered:
            return False
        ahead_at = self._pressed_ahead_at
        if start is None:
            return ahead_at is None
        if not terminal.is_cursor_at(start):
            return False
        if ahead_at is None:
            return True
        cursor = terminal.cursor
        character = terminal.line(cursor.row).cell(cursor.column)[0]
        return now - ahead_at >= PAUSE_SECONDS and not character.strip()
