"""Turns what the scanner found into calls on the screen.

Text and single controls go to the screen directly, standard sequences through pyte's
``Stream``. What pyte does not know, or gets wrong, is dispatched by the tables here,
and everything else is swallowed and counted.
"""

from collections.abc import Callable
from typing import cast

import pyte

from terminal_ai.terminal import replies
from terminal_ai.terminal.events import PromptMark
from terminal_ai.terminal.screen import Screen

Emit = Callable[[PromptMark], None]

PYTE_SEQUENCES = {
    **dict.fromkeys("@ABCDEFGJKLMPXacdegn", 1),
    **dict.fromkeys("Hfr", 2),
    **dict.fromkeys("hl", 32),
    **dict.fromkeys(("?J", "?K", "?n"), 1),
    **dict.fromkeys(("?h", "?l"), 32),
}
"""Sequences that pyte dispatches right, with the most parameters it bears."""

PYTE_ESCAPES = frozenset(["7", "8", "D", "M", "H", "c", "#8"])

MARK_OPTIONS_LIMIT = 32


class Interpreter:
    """The scanner's sink: drives one screen. ``ignored`` counts unknown sequences."""

    def __init__(
        self, screen: Screen, emit: Emit, take_raw: Callable[[bytes], None]
    ) -> None:
        self._screen = screen
        self._emit = emit
        # pyte is typed for its own Screen; any object with its events will do.
        self._stream = pyte.Stream(cast("pyte.Screen", screen))
        self.text = screen.draw
        self.new_line = screen.next_line
        self.raw = take_raw
        self.ignored = 0
        self._controls: dict[int, Callable[[], None]] = {
            0x07: screen.bell,
            0x08: screen.backspace,
            0x09: screen.tab,
            0x0A: screen.linefeed,
            0x0B: screen.linefeed,
            0x0C: screen.linefeed,
            0x0D: screen.carriage_return,
            0x0E: screen.shift_out,
            0x0F: screen.shift_in,
        }
        self._escapes: dict[str, Callable[[], None]] = {
            "E": screen.next_line,
            "=": lambda: screen.set_keypad(True),
            ">": lambda: screen.set_keypad(False),
        }
        self._counted: dict[str, Callable[[int], None]] = {
            "`": screen.cursor_to_column,
            "b": screen.repeat_character,
            "S": screen.scroll_up,
            "T": screen.scroll_down,
            "I": screen.tab_forward,
            "Z": screen.tab_backward,
            " q": screen.set_cursor_style,
            '"q': screen.set_protection,
            "$p": screen.report_mode,
            "?$p": lambda number: screen.report_mode(number, private=True),
        }
        self._plain: dict[str, Callable[[], None]] = {
            "s": screen.save_cursor,
            "u": screen.restore_cursor,
            "!p": screen.soft_reset,
        }
        self._queries = {
            ">c": replies.SECONDARY_ATTRIBUTES,
            "=c": replies.TERTIARY_ATTRIBUTES,
            ">q": replies.VERSION,
        }
        self._window: dict[int, Callable[[], None]] = {
            18: screen.report_size,
            22: screen.push_title,
            23: screen.pop_title,
        }

    def control(self, code: int) -> None:
        """Run a C0 control; those without a meaning are ignored."""
        if action := self._controls.get(code):
            action()

    def csi(self, kind: str, parameters: str) -> None:
        """Run a control sequence."""
        if kind == "m":
            self._screen.set_graphics(parameters)
        elif (limit := PYTE_SEQUENCES.get(kind)) and ":" not in parameters:
            if parameters.count(";") >= limit:
                parameters = ";".join(parameters.split(";")[:limit])
            prefix = "?" if kind[0] == "?" else ""
            self._stream.feed(f"\x1b[{prefix}{parameters}{kind[-1]}")
        else:
            self._run_own(kind, _number(parameters))

    def _run_own(self, kind: str, number: int) -> None:
        if counted := self._counted.get(kind):
            counted(number)
        elif plain := self._plain.get(kind):
            plain()
        elif (reply := self._queries.get(kind)) and number == 0:
            self._screen.reply(reply)
        elif kind == "t" and (action := self._window.get(number)):
            action()
        else:
            self.ignored += 1

    def escape(self, intermediates: str, final: str) -> None:
        """Run an escape sequence."""
        if intermediates + final in PYTE_ESCAPES:
            self._stream.feed(f"\x1b{intermediates}{final}")
        elif intermediates[:1] in ("(", ")"):
            self._screen.define_charset(intermediates[1:] + final, intermediates[0])
        elif not intermediates and (action := self._escapes.get(final)):
            action()
        else:
            self.ignored += 1

    def osc(self, payload: bytes) -> None:
        """Run an operating system command: only the window title is understood."""
        code, separator, text = payload.partition(b";")
        if separator and code in (b"0", b"2"):
            self._screen.set_title(text.decode("utf-8", "replace"))
        else:
            self.ignored += 1

    def mark(self, payload: bytes) -> None:
        """Report a prompt mark; whether it is genuine is for the shell layer to say."""
        kind, *items = payload[4:].decode("utf-8", "replace").split(";")
        arguments: list[str] = []
        options: dict[str, str] = {}
        for item in items[:MARK_OPTIONS_LIMIT]:
            key, equals, value = item.partition("=")
            if equals and key.isidentifier():
                options.setdefault(key, value)
            else:
                arguments.append(item)
        self._emit(PromptMark(kind, tuple(arguments), options))


def _number(parameters: str) -> int:
    first = parameters.partition(";")[0].partition(":")[0]
    return int(first or 0)
