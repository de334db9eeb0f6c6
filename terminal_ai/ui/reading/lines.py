"""Places in the terminal's text: scrollback and viewport as one list of lines."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Protocol

from rich.cells import split_graphemes

from terminal_ai.terminal.grid.rows import Row

LOGICAL_LINE_LIMIT_ROWS = 10_000
"""Rows that wrapped into each other are joined up to this many on either side."""


class Lines(Protocol):
    """The part of the emulator that selecting and scrolling need."""

    @property
    def columns(self) -> int:
        """Cells in a row."""

    @property
    def rows(self) -> int:
        """Rows in the viewport."""

    @property
    def scrollback_length(self) -> int:
        """Rows above the viewport."""

    @property
    def first_number(self) -> int:
        """How many lines came before the viewport's first."""

    @property
    def numbering(self) -> object:
        """Another one when lines are numbered anew."""

    def is_settled(self, index: int) -> bool:
        """Tell whether ``line(index)`` has left the viewport: it changes no more."""

    def row_id(self, index: int) -> int:
        """Return the id of ``line(index)``."""

    def line(self, index: int) -> Row:
        """Return a row: 0 is the viewport's first, -1 the newest above it."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A cell: ``line`` 0 is the viewport's first row, negative ones lie above."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A place that stays on its text: it knows the row, not only where it was.

    A row that goes on a wrapped line may get another id when it leaves the viewport:
    there it is known by its number.
    """

    row_id: int
    point: Point
    _number: int
    _numbering: object

    @classmethod
    def at(cls, point: Point, lines: Lines) -> "Bookmark":
        """Remember a place, the nearest one where there is no such line."""
        place = within(point, lines)
        number = lines.first_number + place.line
        return cls(lines.row_id(place.line), place, number, lines.numbering)

    def found(self, lines: Lines) -> Point | None:
        """Return where the place is now; None when its row is gone."""
        line = line_of(self.row_id, lines, near=self.point.line)
        if line is None and self._numbering == lines.numbering:
            place = self._number - lines.first_number
            is_there = place >= -lines.scrollback_length and lines.is_settled(place)
            line = place if is_there else None
        return None if line is None else Point(line, self.point.column)


def within(point: Point, lines: Lines) -> Point:
    """Return the nearest point that exists."""
    line = max(-lines.scrollback_length, min(point.line, lines.rows - 1))
    return Point(line, max(0, min(point.column, lines.columns - 1)))


def line_of(row_id: int, lines: Lines, *, near: int) -> int | None:
    """Return the line that a row is on now, looking first where it was."""
    length = lines.scrollback_length
    if -length <= near < lines.rows and lines.row_id(near) == row_id:
        return near
    for line in range(lines.rows):
        if lines.row_id(line) == row_id:
            return line
    # Row ids grow from old to new, so the scrollback is searched by bisection.
    place = bisect_left(range(length), row_id, key=lambda at: lines.row_id(at - length))
    is_found = place < length and lines.row_id(place - length) == row_id
    return place - length if is_found else None


def logical_line(
    line: int, lines: Lines, *, limit_rows: int = LOGICAL_LINE_LIMIT_ROWS
) -> tuple[int, int]:
    """Return the first and the last row of the line that wrapped into this row."""
    first = last = line
    oldest = max(-lines.scrollback_length, line - limit_rows)
    newest = min(lines.rows - 1, line + limit_rows)
    while first > oldest and lines.line(first - 1).wraps:
        first -= 1
    while last < newest and lines.line(last).wraps:
        last += 1
    return first, last


def cells_of(text: str, start: int, end: int) -> str:
    """Return the characters whose cells lie between two columns, wide ones whole."""
    if text.isascii():
        return text[start:end]
    picked: list[str] = []
    column = 0
    for begin, stop, width in split_graphemes(text)[0]:
        if column + width > start and column < end:
            picked.append(text[begin:stop])
        column += width
    return "".join(picked)


def cells(row: Row, columns: int) -> list[str]:
    """Return the row one entry a cell; a wide character's second cell is "".

    A row that wrapped is as long as the screen is wide. Its last cell is "" where a
    wide character did not fit into it.
    """
    text = row.text
    listed: list[str] = []
    if text.isascii():
        listed.extend(text)
    else:
        for begin, stop, width in split_graphemes(text)[0]:
            listed.extend([text[begin:stop], *[""] * (width - 1)][:width])
    if row.wraps and len(listed) < columns:
        missing = columns - len(listed)
        listed.extend([""] if missing == 1 else [" "] * missing)
    return listed[:columns]


def first_cell(point: Point, lines: Lines) -> Point:
    """Return the cell at which the character under a point begins."""
    listed = cells(lines.line(point.line), lines.columns)
    column = point.column
    while 0 < column < len(listed) and not listed[column]:
        column -= 1
    return Point(point.line, column)
