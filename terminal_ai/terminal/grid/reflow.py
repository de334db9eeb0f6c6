"""Rewrapping rows to another width: what wrapped is joined, what is too long wraps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from terminal_ai.terminal.grid.rows import Row

LOGICAL_LINE_LIMIT_ROWS = 200
"""A longer line is rewrapped in parts, so that the cost stays linear."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place among rows; the column may be one past the last cell."""

    row: int
    column: int


def rewrap(
    rows: Sequence[Row], old_columns: int, columns: int, anchors: Sequence[Position]
) -> tuple[list[Row], list[Position]]:
    """Return the rows at the new width, and where each anchor has gone.

    A row that needs no change stays the same object, with its id.
    """
    result: list[Row] = []
    moved = list(anchors)
    for first, last in _logical_lines(rows):
        start = len(result)
        if first == last and len(rows[first]) <= columns and not rows[first].wraps:
            result.append(rows[first])
            offsets, starts = [0], [0]
        else:
            line, offsets = _join(rows[first : last + 1], old_columns)
            pieces = split_row(line, columns, goes_on=rows[last].wraps)
            result += [piece for _, piece in pieces]
            starts = [at for at, _ in pieces]
        for index, anchor in enumerate(anchors):
            if first <= anchor.row <= last:
                offset = offsets[anchor.row - first] + anchor.column
                piece_row = max(n for n, at in enumerate(starts) if at <= offset)
                moved[index] = Position(
                    start + piece_row, min(offset - starts[piece_row], columns)
                )
    return result, moved


def _logical_lines(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    first = 0
    for at, row in enumerate(rows):
        is_last = at + 1 == len(rows) or not row.wraps
        if is_last or at + 1 - first >= LOGICAL_LINE_LIMIT_ROWS:
            yield first, at
            first = at + 1


def _join(rows: Sequence[Row], old_columns: int) -> tuple[Row, list[int]]:
    """Return one long row, and the offset in it at which each row begins."""
    line, offsets = Row(), list[int]()
    for at, row in enumerate(rows):
        offsets.append(len(line))
        line.extend(row, 0, len(row))
        # One cell may be missing because a wide character did not fit in it.
        if at + 1 < len(rows) and len(row) < old_columns - 1:
            line.pad(offsets[-1] + old_columns)
    return line, offsets


def split_row(line: Row, columns: int, *, goes_on: bool) -> list[tuple[int, Row]]:
    """Return the pieces of a long row that fit, each with the offset it begins at."""
    pieces = []
    start = 0
    while True:
        stop = min(start + columns, len(line))
        if stop < len(line) and line.is_wide(stop - 1):
            stop -= 1
        piece = Row()
        piece.extend(line, start, stop)
        piece.wraps = stop < len(line) or goes_on
        pieces.append((start, piece))
        if stop >= len(line):
            return pieces
        start = stop
