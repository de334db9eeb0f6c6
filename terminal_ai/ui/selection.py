"""A stretch of text selected with the mouse, in lines counted from the viewport."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rich.cells import split_graphemes

from terminal_ai.terminal.rows import Row

_WORD_BREAKS = frozenset(" \t\"'`()[]{}<>|;,│")
LINE_END = 1 << 16
"""A column beyond every line."""

LineReader = Callable[[int], Row]


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A cell: ``line`` 0 is the viewport's first row, negative ones lie above."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Selection:
    """From ``anchor``, where the mouse went down, to ``head``, both included."""

    anchor: Point
    head: Point

    @property
    def first(self) -> Point:
        """The upper end."""
        return min(self.anchor, self.head)

    @property
    def last(self) -> Point:
        """The lower end."""
        return max(self.anchor, self.head)

    def span(self, line: int) -> tuple[int, int] | None:
        """Return the selected cells of a line as start and end, None for none."""
        first, last = self.first, self.last
        if not first.line <= line <= last.line:
            return None
        start = first.column if line == first.line else 0
        end = last.column + 1 if line == last.line else LINE_END
        return start, end

    def moved(self, lines: int) -> "Selection":
        """Return the same text after the rows moved."""
        return Selection(
            replace(self.anchor, line=self.anchor.line + lines),
            replace(self.head, line=self.head.line + lines),
        )

    def text(self, read_line: LineReader) -> str:
        """Return the selected text; rows that wrapped are one line."""
        pieces: list[str] = []
        for line in range(self.first.line, self.last.line + 1):
            row = read_line(line)
            start, end = self.span(line) or (0, 0)
            piece = cells_of(row.text, start, end)
            pieces.append(piece if row.wraps else piece.rstrip() + "\n")
        return "".join(pieces).removesuffix("\n")


def word_at(point: Point, read_line: LineReader) -> Selection:
    """Select the word under a point."""
    cells = _cells(read_line(point.line).text)
    if point.column >= len(cells) or cells[point.column] in _WORD_BREAKS:
        return Selection(point, point)
    start = end = point.column
    while start > 0 and cells[start - 1] not in _WORD_BREAKS:
        start -= 1
    while end + 1 < len(cells) and cells[end + 1] not in _WORD_BREAKS:
        end += 1
    return Selection(Point(point.line, start), Point(point.line, end))


def line_at(point: Point) -> Selection:
    """Select a whole line."""
    return Selection(Point(point.line, 0), Point(point.line, LINE_END))


def cells_of(text: str, start: int, end: int) -> str:
    """Return the characters whose cells lie between two columns."""
    if text.isascii():
        return text[start:end]
    picked: list[str] = []
    column = 0
    for begin, stop, width in split_graphemes(text)[0]:
        if column + width > start and column < end:
            picked.append(text[begin:stop])
        column += width
    return "".join(picked)


def _cells(text: str) -> list[str]:
    """Return the text one entry a cell; a wide character fills both of its cells."""
    cells: list[str] = []
    for begin, stop, width in split_graphemes(text)[0]:
        cells.extend([text[begin:stop]] * width)
    return cells
