"""Bulk output: lines that scroll by unseen are kept as bytes, and read when seen.

Of a large read only the last screenful matters now. Lines of ASCII text, tabs and SGR
before it go to the scrollback as they came. No line may end with a background set: it
would colour the row that scrolls in, which the next line then writes on.
"""

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from terminal_ai.terminal.grid.pages import BytesPage, LineReader
from terminal_ai.terminal.grid.reflow import LOGICAL_LINE_LIMIT_ROWS
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.screen.screen import Screen
from terminal_ai.terminal.style import Style, apply_sgr

SMALLEST_BULK_BYTES = 4096
PAGE_BYTES = 16_384
"""What is read at once when somebody looks: some milliseconds of work."""

WIDEST_LINE_CELLS = 65_535
TAB_CELLS = 8

_TEXT = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_SGR = re.compile(rb"\x1b\[([0-9;:]{0,31}+)m")
# From a background to what plainly resets it; a line feed is found where nothing does.
# Text that looks like a background only costs the speed.
_BACKGROUND = re.compile(
    rb"[\[;:]0*+(?:4[0-8]|10[0-7])[;:m](?:[^\n\x1b]++|\x1b(?!\[0?m))*+(\n?)"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines that can be kept as bytes, and how the screen would be after them."""

    data: bytes
    widths: "array[int]"
    style: Style
    style_after: Style
    last_character: str


class BulkReader:
    """Takes what it can of a large read; ``read_text`` reads the rest at once."""

    def __init__(
        self, screen: Screen, read_text: Callable[[str], None], read_lines: LineReader
    ) -> None:
        self._screen = screen
        self._read_text = read_text
        self._read_lines = read_lines

    def take(self, data: bytes, end: int) -> int:
        """Read from the start of ``data`` up to ``end``; return how far it got."""
        screen = self._screen
        if end < SMALLEST_BULK_BYTES or not self._is_scrolling_plainly():
            return 0
        lines_end = data.rfind(b"\n", 0, end) + 1
        start = data.find(b"\n", 0, end) + 1
        if data.count(b"\n", start, lines_end) <= 2 * screen.rows:
            return 0
        self._read_text(data[:start].decode("utf-8", "replace"))
        if not self._is_scrolling_plainly() or not self._is_on_a_new_last_row():
            return start
        pieces = self._pieces(data, start, lines_end)
        kept = self._without_last_screenful(pieces)
        if kept:
            self._scroll_by(pieces[:kept])
            for piece in pieces[kept:]:
                self._read_text(piece.data.decode("ascii"))
            start += sum(len(piece.data) for piece in pieces)
        return start

    def _is_scrolling_plainly(self) -> bool:
        screen = self._screen
        return (
            screen.is_plain
            and not screen.is_alternate
            and screen.top == 0
            and screen.bottom == screen.rows - 1
            and screen.style.background is None
            and not screen.modes.wraps_tab
        )

    def _is_on_a_new_last_row(self) -> bool:
        screen = self._screen
        return (
            screen.row == screen.rows - 1
            and screen.column == 0
            and len(screen.current_row) == 0
            and not (screen.row and screen.grid.rows[-2].wraps)
        )

    def _pieces(self, data: bytes, start: int, end: int) -> list[_Piece]:
        """Return the longest run of pieces that can be kept as bytes."""
        pieces: list[_Piece] = []
        style, character = self._screen.style, self._screen.last_character
        # The last screenful is a piece of its own: what is kept ends before it.
        last = end
        for _ in range(self._screen.rows):
            last = data.rfind(b"\n", start, last - 1) + 1
        while start < end:
            limit = min(start + PAGE_BYTES, last if start < last else end)
            cut = data.rfind(b"\n", start, limit) + 1
            piece = self._piece(data[start:cut], style, character) if cut else None
            if piece is None:
                break
            pieces.append(piece)
            style, character = piece.style_after, piece.last_character
            start = cut
        return pieces

    def _piece(self, data: bytes, style: Style, character: str) -> _Piece | None:
        escapes = len(data.translate(None, _TEXT))
        text, count = _SGR.subn(b"", data) if escapes else (data, 0)
        backgrounds = _BACKGROUND.findall(data) if escapes else []
        if count != escapes or b"\n" in backgrounds:
            return None
        lines = text.split(b"\r\n")
        ends = len(lines) - 1
        if lines.pop() or text.count(b"\r") != ends or text.count(b"\n") != ends:
            return None
        columns = self._screen.columns
        has_tabs = b"\t" in text
        if has_tabs:
            # A tab only moves the cursor: at the end of a line it leaves no trace.
            lines = [line.rstrip(b"\t").expandtabs(TAB_CELLS) for line in lines]
        longest = max(map(len, lines))
        if longest > min(LOGICAL_LINE_LIMIT_ROWS * columns, WIDEST_LINE_CELLS):
            return None
        # A line that wraps with a background set colours the row that scrolls in.
        if longest > columns and (has_tabs or backgrounds):
            return None
        if has_tabs and not self._has_usual_tab_stops():
            return None
        after = style
        reset = max(data.rfind(b"\x1b[m"), data.rfind(b"\x1b[0m"), 0)
        for parameters in _SGR.findall(data, reset) if escapes else ():
            after = apply_sgr(after, parameters.decode())
        last = text.rstrip(b"\t\r\n")[-1:].decode() or character
        return _Piece(data, array("H", map(len, lines)), style, after, last)

    def _has_usual_tab_stops(self) -> bool:
        columns = self._screen.columns
        return self._screen.tab_stops == set(range(TAB_CELLS, columns, TAB_CELLS))

    def _without_last_screenful(self, pieces: list[_Piece]) -> int:
        """Return how many pieces scroll off the screen."""
        kept, lines = len(pieces), 0
        while kept and lines < self._screen.rows:
            kept -= 1
            lines += len(pieces[kept].widths)
        return kept

    def _scroll_by(self, pieces: list[_Piece]) -> None:
        """Let the screen's rows and the pieces scroll off, and begin at the top."""
        screen = self._screen
        scrollback = screen.grid.scrollback
        scrollback.extend(screen.grid.rows[:-1])
        for piece in pieces:
            scrollback.add_page(
                BytesPage(
                    piece.data,
                    piece.widths,
                    piece.style,
                    screen.columns,
                    self._read_lines,
                )
            )
        screen.grid.rows = [Row() for _ in range(screen.rows)]
        screen.row = 0
        screen.set_style(pieces[-1].style_after)
        screen.last_character = pieces[-1].last_character
