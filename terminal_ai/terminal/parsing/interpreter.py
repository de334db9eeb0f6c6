"""Turns what the scanner found into calls on the screen.

What each sequence means is looked up in the tables of ``dispatch``; what is not there
is swallowed and counted.
"""

from collections.abc import Callable

from terminal_ai.terminal.events import Event, ForeignMark, PromptMark
from terminal_ai.terminal.parsing.dispatch import CONTROLS, ESCAPES, SEQUENCES
from terminal_ai.terminal.parsing.osc import OperatingSystemCommands
from terminal_ai.terminal.screen.screen import Screen

Emit = Callable[[Event], None]

MARK_OPTIONS_LIMIT = 32
_PROMPT_MARKS = frozenset({b"133", b"633"})
_FOREIGN_MARKS = frozenset({b"7", b"1337"})


class Interpreter:
    """The scanner's sink: drives one screen."""

    def __init__(
        self, screen: Screen, emit: Emit, take_raw: Callable[[bytes], None]
    ) -> None:
        self._screen = screen
        self._emit = emit
        self.text = screen.draw
        self.new_line = screen.new_line
        self.raw = take_raw
        self._commands = OperatingSystemCommands(screen, emit)

    def control(self, code: int) -> None:
        """Run a C0 control; those without a meaning are ignored."""
        if action := CONTROLS.get(code):
            action(self._screen)

    def csi(self, kind: str, parameters: str) -> None:
        """Run a control sequence."""
        if action := SEQUENCES.get(kind):
            action(self._screen, parameters)
        else:
            self._screen.ignore_sequence()

    def escape(self, intermediates: str, final: str) -> None:
        """Run an escape sequence."""
        if action := ESCAPES.get(intermediates + final):
            action(self._screen)
        else:
            self._screen.ignore_sequence()

    def dcs(self, payload: bytes) -> None:
        """Run a device control string: DECRQSS and XTGETTCAP are understood."""
        text = payload.decode("latin-1")
        if text.startswith("$q"):
            self._screen.report_setting(text[2:])
        elif text.startswith("+q"):
            self._screen.report_capabilities(text[2:])
        else:
            self._screen.ignore_sequence()

    def osc(self, payload: bytes) -> None:
        """Run an operating system command."""
        if not self._commands.run(payload):
            self._screen.ignore_sequence()

    def mark(self, payload: bytes) -> None:
        """Report a prompt mark; whether it is genuine is for the shell layer to say."""
        code, _, fields = payload.partition(b";")
        if code not in _PROMPT_MARKS:
            if code in _FOREIGN_MARKS:
                self._emit(ForeignMark(int(code)))
            self.osc(payload)
            return
        kind, *items = fields.decode("utf-8", "replace").split(";")
        arguments: list[str] = []
        options: dict[str, str] = {}
        for item in items[:MARK_OPTIONS_LIMIT]:
            key, equals, value = item.partition("=")
            if equals and key.isidentifier():
                options.setdefault(key, value)
            else:
                arguments.append(item)
        row_id = self._screen.current_row.id
        self._emit(PromptMark(kind, tuple(arguments), options, row_id))
