"""The fast parser: one sweep over all that needs no care.

Text, cursor movement, erasing and SGR make up nearly all output. A stretch of nothing
else is decoded at once and cut by one pattern; whatever else is found (strings, modes,
queries, the malformed, the unfinished) is left to the scanner, so that both parsers
agree on it. Nothing in such a stretch makes an event.
"""

import codecs
import re
import sys
from functools import lru_cache

from terminal_ai.terminal.grid.rows import Packed
from terminal_ai.terminal.grid.scrollback import ScrollbackLimits
from terminal_ai.terminal.parsing.bulk import BulkReader
from terminal_ai.terminal.parsing.dispatch import CONTROLS, SEQUENCES
from terminal_ai.terminal.parsing.interpreter import Interpreter
from terminal_ai.terminal.parsing.parameters import Action, numbers
from terminal_ai.terminal.screen.screen import Screen
from terminal_ai.terminal.style import SGR_CACHE_ENTRIES, Style, apply_sgr

SWEPT_FINALS = "@ABCDEFGHIKPXZ`adefgr"
"""Control sequences that make no event and change one row at most: after any other the
scanner looks whether it has to stop. ``m`` may have more parameters than these."""

STRETCH_BYTES = 4096
"""Read in one go, so that a feed that has to stop can do so soon."""

_SGR = r"\x1b\[[0-9;:]*+m"
# Few parameters of few digits: here the limits of the scanner are never reached.
_SWEPT = re.compile(
    rb"(?:[\x08-\x0f\x20-\x7e\x80-\xff]++|\x1b(?:\[(?:[0-9;:]{0,31}+m"
    rb"|(?:[0-9]{0,5}+;)?+[0-9]{0,5}+[%b]"
    rb"|(?:[0-9]{0,5}+[;:]){0,20}+[0-9]{0,5}+m)|[()][0B]))*+" % SWEPT_FINALS.encode()
)
_TOKEN = re.compile(
    f"({_SGR})?"
    r"([^\x00-\x1f\x7f]++)(\r\n)?"
    r"|(\r\n|[\x08-\x0f])"
    rf"|({_SGR})"
    r"|\x1b\[([0-9;]*+)(.)"
    r"|\x1b([()])(.)"
)

_CONTROLS: dict[str, Action] = {
    **{chr(code): CONTROLS[code] for code in range(0x08, 0x10)},
    "\r\n": Screen.new_line,
}


class FastParser:
    """Reads stretches of plain output, and tells the scanner how far it got."""

    def __init__(self, screen: Screen, interpreter: Interpreter) -> None:
        self._screen = screen
        self._escape = interpreter.escape
        self._bulk = BulkReader(screen, self._read, _read_lines)

    def sweep(self, data: bytes, start: int) -> int:
        """Read what needs no care from ``start`` on; return where that ends."""
        if not self._screen.is_full_width:
            return start
        if start == 0 and (taken := self._bulk.take(data, _swept_end(data, 0))):
            return taken
        stop = start + STRETCH_BYTES
        end = _swept_end(data, start, stop)
        # A character that is cut at the end waits there for its rest.
        is_cut = end in (stop, len(data))
        text, used = codecs.utf_8_decode(data[start:end], "replace", not is_cut)
        self._read(text)
        return start + used

    def _read(self, data: str) -> None:
        screen = self._screen
        draw, new_line = screen.draw, screen.new_line
        move_cursor = screen.cursor_position
        for (
            sgr,
            text,
            line,
            control,
            lone_sgr,
            parameters,
            final,
            slot,
            code,
        ) in _TOKEN.findall(data):
            if text:
                if sgr:
                    screen.style = _styled(screen.style, sgr)
                draw(text)
                if line:
                    new_line()
            elif lone_sgr:
                screen.style = _styled(screen.style, lone_sgr)
            elif final == "H":
                move_cursor(*numbers(parameters))
            elif final:
                SEQUENCES[final](screen, parameters)
            elif control:
                _CONTROLS[control](screen)
            else:
                self._escape(slot, code)


def _swept_end(data: bytes, start: int, stop: int = sys.maxsize) -> int:
    """Return where what needs no care ends."""
    match = _SWEPT.match(data, start, stop)
    return match.end() if match else start


def _read_lines(data: bytes, style: Style, columns: int) -> list[Packed]:
    """Read complete lines of plain text and SGR as a terminal of this width would."""
    limits = ScrollbackLimits(rows=len(data), size_bytes=sys.maxsize)
    screen = Screen(columns, 1, limits, lambda _: None)
    screen.set_style(style)
    interpreter = Interpreter(screen, lambda _: None, lambda _: None)
    FastParser(screen, interpreter)._read(data.decode("ascii"))
    return screen.primary.scrollback.lines()


@lru_cache(maxsize=SGR_CACHE_ENTRIES)
def _styled(style: Style, sequence: str) -> Style:
    return apply_sgr(style, sequence[2:-1])
