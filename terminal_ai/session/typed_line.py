"""What is known of the line at the prompt from the keys alone: was anything typed?"""

from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.terminal import Terminal

PAUSE_SECONDS = 0.5
"""Keys that were pressed before the prompt came are shown on it sooner."""

_INTERRUPT = b"\x03"
_CLEAR = b"\x0c"
_LINE_ENDS = frozenset(b"\r\n")
# Carriage return, line feed, and the ^C that abandons a line.
_ENDS_LINE = _LINE_ENDS | frozenset(_INTERRUPT)


class TypedLine:
    """Counts every key as text: what a key means to a line editor is the user's choice.

    Keys pressed while no prompt was in front may still wait to be read. Only a line
    entered at a prompt makes certain that none does; else the screen must show that the
    line is as it was when it was empty. So it must after ^C or ^L on an empty line.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_touched = False
        self._is_entered = False
        self._is_abandoned = False
        self._doubtful_since: float | None = None
        self._shown_when_empty = ""

    def pressed(self, data: bytes, now: float, *, is_at_prompt: bool) -> None:
        """Take keys, a paste or a placed line, at a time in seconds."""
        if not data:
            return
        if not is_at_prompt or self._is_entered:
            # A signal for the program in front is no text, whoever reads it.
            if data != _INTERRUPT:
                self._doubtful_since = now
            return
        if not self._is_touched and self._doubtful_since is None:
            self._shown_when_empty = self._before_cursor()
        if not self._is_touched and data in (_INTERRUPT, _CLEAR):
            # fish draws no new prompt after ^C on an empty line.
            self._is_abandoned = data == _INTERRUPT
            self._doubtful_since = now
            return
        if self._is_abandoned:
            # It may be read after the prompt that ^C brings.
            self._is_abandoned = False
            self._doubtful_since = now
        self._is_touched = True
        is_one_line = sum(byte in _LINE_ENDS for byte in data) <= 1
        if not is_one_line:
            self._doubtful_since = now
        elif data[-1] in _ENDS_LINE:
            self._is_entered = True
            self._doubtful_since = None

    def prompt_came(self, now: float) -> None:
        """A new prompt is there, for a new line."""
        if self._is_abandoned:
            self._doubtful_since = None
        elif self._doubtful_since is not None:
            self._doubtful_since = now
        self._is_touched = self._is_entered = self._is_abandoned = False

    def is_empty(self, start: Anchor | None, now: float) -> bool:
        """Tell whether it is certain that the line at the prompt holds nothing.

        ``start`` is where its input begins, None for a shell that does not tell.
        """
        if self._is_touched or self._is_entered:
            return False
        if start is not None and not self._terminal.is_cursor_at(start):
            return False
        if self._doubtful_since is None:
            return True
        if now - self._doubtful_since < PAUSE_SECONDS:
            return False
        return not self._at_cursor() and (start is not None or self._is_shown_as_empty)

    @property
    def _is_shown_as_empty(self) -> bool:
        """True where the prompt looks as it did when nothing stood at it."""
        shown = self._before_cursor()
        return bool(shown.strip()) and shown == self._shown_when_empty

    def _before_cursor(self) -> str:
        cursor = self._terminal.cursor
        line = self._terminal.line(cursor.row)
        return "".join(line.cell(column)[0] for column in range(cursor.column))

    def _at_cursor(self) -> str:
        cursor = self._terminal.cursor
        return self._terminal.line(cursor.row).cell(cursor.column)[0].strip()
