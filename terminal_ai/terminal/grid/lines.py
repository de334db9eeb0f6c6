"""Logical lines, packed small: what the scrollback keeps instead of rows.

A line is what a program wrote up to a line feed, however many rows it filled. A plain
one is its text and nothing else.
"""

from collections.abc import Iterable, Sequence
from sys import getsizeof

from terminal_ai.terminal.grid.reflow import split_row
from terminal_ai.terminal.grid.rows import Packed, Row
from terminal_ai.terminal.widths import WIDE_SPACER

MARK_BYTES = 80
"""What a character on top of another takes, about."""

STYLE_BYTES = 640
"""What a style that nothing else uses takes, about."""


def packed_line(rows: Sequence[Row]) -> Packed:
    """Return rows of one line as one. All but the last must be full: see ``joins``."""
    if len(rows) == 1:
        return rows[0].packed()
    wraps = rows[-1].wraps
    if not wraps and None not in (texts := [row.plain_text for row in rows]):
        return "".join(text for text in texts if text)
    line = Row()
    for row in rows:
        line.extend(row, 0, len(row))
    line.wraps = wraps
    return line.packed()


def joins(row: Row, following: Row, columns: int) -> bool:
    """True when both rows can be one line that is cut again where it was cut before."""
    if not row.wraps or not len(following):
        return False
    # A wide character that did not fit leaves one cell free.
    is_full = len(row) == columns
    return is_full or (len(row) == columns - 1 and following.is_wide(0))


def height(line: Packed, columns: int) -> int:
    """Return how many rows a line takes."""
    text = line if isinstance(line, str) else line[0]
    length = len(text)
    if length <= columns:
        return 1
    if text.isascii() or WIDE_SPACER not in text:
        return -(-length // columns)
    rows = start = 0
    while start < length:
        start += columns
        if text[start : start + 1] == WIDE_SPACER:
            start -= 1
        rows += 1
    return rows


def rows_of(line: Packed, columns: int, row_id: int, revision: int) -> list[Row]:
    """Return a line as rows with ids from ``row_id`` on."""
    whole = Row.unpacked(line, row_id, revision)
    if len(whole) <= columns:
        return [whole]
    rows = [piece for _, piece in split_row(whole, columns, goes_on=whole.wraps)]
    for at, row in enumerate(rows):
        row.id, row.revision = row_id + at, revision
    return rows


def piece_starts(line: Packed, columns: int) -> list[int]:
    """Return the cell at which each row of a line begins."""
    if height(line, columns) == 1:
        return [0]
    whole = Row.unpacked(line, 0, 0)
    return [at for at, _ in split_row(whole, columns, goes_on=whole.wraps)]


def size_bytes(line: Packed) -> int:
    """Return the memory a line takes."""
    if isinstance(line, str):
        return getsizeof(line)
    text, _, marks, *_ = line
    on_top = sum(map(len, marks.values())) if marks else 0
    return getsizeof(line) + getsizeof(text) + on_top * MARK_BYTES


def styles_size_bytes(lines: Iterable[Packed]) -> int:
    """Return the memory that the styles of lines take, if only these lines use them.

    A picture made of characters has a style of its own in every cell.
    """
    styles = {
        style for line in lines if not isinstance(line, str) for style in line[4::2]
    }
    return sum(STYLE_BYTES + len(style.link or "") for style in styles)
