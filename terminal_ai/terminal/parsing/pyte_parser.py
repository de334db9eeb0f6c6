"""The parser that lets pyte dispatch: every sequence that pyte reads right.

What pyte does not know, or gets wrong, is looked up in the tables of ``dispatch``.
"""

import re
from collections.abc import Callable
from typing import cast

import pyte

from terminal_ai.terminal.parsing.interpreter import Emit, Interpreter
from terminal_ai.terminal.screen.screen import Screen

PYTE_SEQUENCES = {
    **dict.fromkeys("@ABCDEFGJKLMPXcdg", 1),
    **dict.fromkeys("Hfr", 2),
    **dict.fromkeys("hlm", 32),
    **dict.fromkeys(("?J", "?K"), 1),
    **dict.fromkeys(("?h", "?l"), 32),
}
"""Sequences that pyte dispatches right, with the most parameters it bears."""

_BEYOND_PYTE = re.compile(r":|[0-9]{5}")
"""Sub-parameters, and the numbers that pyte cuts down to 9999."""

PYTE_ESCAPES = frozenset(["7", "8", "D", "M", "H", "c", "#8"])
PYTE_CONTROLS = frozenset(b"\x07\x08\t\n\x0b\x0c\r")


class PyteInterpreter(Interpreter):
    """The scanner's sink that drives the screen through ``pyte.Stream``."""

    def __init__(
        self, screen: Screen, emit: Emit, take_raw: Callable[[bytes], None]
    ) -> None:
        super().__init__(screen, emit, take_raw)
        # pyte is typed for its own Screen; any object with its events will do.
        self._stream = pyte.Stream(cast("pyte.Screen", screen))
        self.text = self._feed_text
        self.new_line = self._feed_line

    def _feed_text(self, text: str) -> None:
        # pyte takes C1 controls for sequences, also where UTF-8 says they are text.
        if text.isprintable():
            self._stream.feed(text)
        else:
            self._screen.draw(text)

    def _feed_line(self) -> None:
        self._stream.feed("\r\n")

    def control(self, code: int) -> None:
        """Run a C0 control."""
        if code in PYTE_CONTROLS:
            self._stream.feed(chr(code))
        else:
            super().control(code)

    def csi(self, kind: str, parameters: str) -> None:
        """Run a control sequence."""
        limit = PYTE_SEQUENCES.get(kind)
        if limit and not _BEYOND_PYTE.search(parameters):
            if parameters.count(";") >= limit:
                parameters = ";".join(parameters.split(";")[:limit])
            prefix = "?" if kind[0] == "?" else ""
            self._stream.feed(f"\x1b[{prefix}{parameters}{kind[-1]}")
        else:
            super().csi(kind, parameters)

    def escape(self, intermediates: str, final: str) -> None:
        """Run an escape sequence."""
        if intermediates + final in PYTE_ESCAPES:
            self._stream.feed(f"\x1b{intermediates}{final}")
        else:
            super().escape(intermediates, final)
