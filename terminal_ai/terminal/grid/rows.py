"""One row of the grid: text with one character a cell, and runs of equal style."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from terminal_ai.terminal.grid.runs import set_style
from terminal_ai.terminal.style import DEFAULT_STYLE, Style
from terminal_ai.terminal.widths import WIDE_SPACER, ZERO_WIDTH_JOINER

MARKS_LIMIT_PER_CELL = 9
"""Characters kept on one cell beyond its first: the longest standard emoji needs nine,
a hostile pile of combining marks is cut here."""

Packed = str | tuple[Any, ...]
"""A row or a longer line at rest. One without styles, marks and continuation is its
text; any other is text, whether it wraps, marks, and each run's start and style."""

_row_ids = itertools.count(1)
_revisions = itertools.count(1)


def reserve_ids(count: int) -> int:
    """Return the first of ``count`` ids that no other row will get."""
    global _row_ids
    first = next(_row_ids)
    _row_ids = itertools.count(first + count)
    return first


def renumber(rows: Sequence["Row"]) -> None:
    """Give rows new ids, growing from the first on."""
    for row_id, row in enumerate(rows, reserve_ids(len(rows))):
        row.id = row_id


def next_revision() -> int:
    """Return a revision that no row has had."""
    return next(_revisions)


_NO_STARTS: list[int] = []
"""Shared by the rows that have no styles: never changed."""


class Row:
    """A row that knows its look, and a revision that changes whenever it does.

    ``id`` is never used for another row; with ``revision`` it keys a painted strip.
    ``wraps`` is true when the text went on in the next row without a line feed. The row
    is only as long as what was written to it: cells beyond are blank and unstyled.
    """

    __slots__ = ("_marks", "_starts", "_styles", "_text", "id", "revision", "wraps")

    def __init__(
        self,
        blank_cells: int = 0,
        style: Style = DEFAULT_STYLE,
        row_id: int | None = None,
    ) -> None:
        self.id = next(_row_ids) if row_id is None else row_id
        self.revision = 0
        self.wraps = False
        self._text = ""
        # Style ``_styles[n]`` holds from cell ``_starts[n]`` up to ``_starts[n + 1]``;
        # None while all of the row has the default style.
        self._styles: list[Style] | None = None
        self._starts: list[int] = _NO_STARTS
        self._marks: dict[int, str] | None = None
        if style is not DEFAULT_STYLE and blank_cells:
            self._text = " " * blank_cells
            self._set_runs([0], [style])

    def __len__(self) -> int:
        """Return the number of cells that were written."""
        return len(self._text)

    @property
    def text(self) -> str:
        """What a reader sees, without the blanks that were never written."""
        text = self._text if self._marks is None else self._marked(0, len(self._text))
        return text.replace(WIDE_SPACER, "")

    @property
    def runs(self) -> tuple[tuple[str, Style], ...]:
        """The text in pieces of one style."""
        return tuple(self._pieces())

    def _pieces(self) -> Iterator[tuple[str, Style]]:
        length = len(self._text)
        if self._styles is None:
            if length:
                yield self.text, DEFAULT_STYLE
            return
        ends = itertools.chain(self._starts[1:], (length,))
        for start, end, style in zip(self._starts, ends, self._styles, strict=True):
            piece = (
                self._text[start:end]
                if self._marks is None
                else self._marked(start, end)
            )
            yield piece.replace(WIDE_SPACER, ""), style

    def _marked(self, start: int, stop: int) -> str:
        marks = self._marks or {}
        pieces = []
        for column in range(start, stop):
            if column in marks:
                # A joiner that has joined nothing would swallow what is painted next.
                mark = marks[column].rstrip(ZERO_WIDTH_JOINER)
                pieces += [self._text[start : column + 1], mark]
                start = column + 1
        pieces.append(self._text[start:stop])
        return "".join(pieces)

    def cell(self, column: int) -> tuple[str, Style]:
        """Return text and style; the text is "" in a wide cell's second half."""
        if column >= len(self._text):
            return " ", DEFAULT_STYLE
        style = self._style_at(column)
        if self._text[column] == WIDE_SPACER:
            return "", style
        return self._marked(column, column + 1), style

    def _style_at(self, column: int) -> Style:
        if self._styles is None:
            return DEFAULT_STYLE
        return self._styles[bisect_right(self._starts, column) - 1]

    def character(self, column: int) -> str:
        """Return the first character of a cell, ``WIDE_SPACER`` in a second half."""
        return self._text[column] if column < len(self._text) else " "

    def is_wide(self, column: int) -> bool:
        """True for the first cell of a wide character."""
        return self._text[column + 1 : column + 2] == WIDE_SPACER

    @property
    def has_marks(self) -> bool:
        """True when any cell holds more than one character."""
        return self._marks is not None

    def marks(self, column: int) -> str:
        """Return the zero-width characters on a cell."""
        return "" if self._marks is None else self._marks.get(column, "")

    def add_mark(self, column: int, mark: str) -> bool:
        """Put one more character on a cell; False when the cell is full."""
        held = self.marks(column)
        if len(held) >= MARKS_LIMIT_PER_CELL:
            return False
        self.pad(column + 1)
        if self._marks is None:
            self._marks = {}
        self._marks[column] = held + mark
        self.revision = next(_revisions)
        return True

    def write(self, column: int, text: str, style: Style) -> None:
        """Replace the cells from ``column`` on; ``text`` has one character a cell."""
        self.revision = next(_revisions)
        held, styles = self._text, self._styles
        length = len(held)
        if column == length and (
            style is DEFAULT_STYLE if styles is None else style is styles[-1]
        ):
            self._text = held + text
            return
        if column >= length:
            if column > length:
                self._append(" " * (column - length), DEFAULT_STYLE)
            self._append(text, style)
            return
        stop = column + len(text)
        # A row without wide characters is spared the search for halves of them.
        if not held.isascii():
            self._split_wide(column)
            self._split_wide(stop)
            held = self._text
        if self._marks is not None:
            self._drop_marks(column, stop)
        self._text = held[:column] + text + held[stop:]
        if self._styles is None:
            if style is DEFAULT_STYLE:
                return
            self._starts, self._styles = [0], [DEFAULT_STYLE]
        set_style(self._starts, self._styles, column, stop, style, len(self._text))

    def erase(self, start: int, stop: int, style: Style) -> None:
        """Blank the cells up to ``stop``; ``style`` is only a background."""
        if style is not DEFAULT_STYLE:
            self.write(start, " " * (stop - start), style)
        elif stop >= len(self._text):
            self.truncate(start)
        else:
            self.write(start, " " * (stop - start), style)

    def erase_unprotected(self, start: int, stop: int, style: Style) -> None:
        """Blank the cells up to ``stop`` that DECSCA has not protected."""
        spans = []
        while start < stop and start < len(self._text):
            end = min(self._run_end(start), stop)
            if not self._style_at(start).is_protected:
                spans.append((start, end))
            start = end
        if start < stop:
            spans.append((start, stop))
        for span in reversed(spans):
            self.erase(*span, style)

    def truncate(self, length: int) -> None:
        """Blank everything from cell ``length`` on."""
        if length >= len(self._text):
            return
        self.revision = next(_revisions)
        self._split_wide(length)
        if self._marks is not None:
            self._drop_marks(length, len(self._text))
        self._text = self._text[:length]
        if self._styles is not None:
            keep = bisect_left(self._starts, length)
            del self._starts[keep:], self._styles[keep:]
            if not keep:
                self._styles = None

    def insert(self, column: int, count: int, limit: int, style: Style) -> None:
        """Shift the cells from ``column`` right; those beyond ``limit`` fall off."""
        if column >= len(self._text) and style is DEFAULT_STYLE:
            return
        moved = self._cut(column, max(column, limit - count))
        tail = self._cut(limit, len(self._text))
        self.truncate(column)
        self.write(column, " " * min(count, limit - column), style)
        self._paste(column + count, moved)
        self._paste(limit, tail)

    def delete(self, column: int, count: int, limit: int, style: Style) -> None:
        """Pull the cells left of ``limit`` over ``count`` deleted ones."""
        if column >= len(self._text) and style is DEFAULT_STYLE:
            return
        count = min(count, limit - column)
        self._split_wide(column)
        self._split_wide(column + count)
        moved = self._cut(column + count, limit)
        tail = self._cut(limit, len(self._text))
        self.truncate(column)
        self._paste(column, moved)
        if style is not DEFAULT_STYLE or tail:
            self.write(limit - count, " " * count, style)
        self._paste(limit, tail)

    def extend(self, source: "Row", start: int, stop: int) -> None:
        """Append cells of another row, with their styles and marks."""
        self._paste(len(self._text), source._cut(start, stop))

    def overwrite(self, column: int, source: "Row", start: int, stop: int) -> None:
        """Replace the cells from ``column`` on by a copy of another row's cells.

        A wide character that is cut by either edge of the copy becomes blank.
        """
        pieces = source._cut(start, stop)
        self.erase(column, column + stop - start, DEFAULT_STYLE)
        self._paste(column, pieces)

    def restyle(self, start: int, stop: int, change: Callable[[Style], Style]) -> None:
        """Change how the cells up to ``stop`` look; wide characters change whole."""
        self.pad(stop)
        start -= self.character(start) == WIDE_SPACER
        stop += self.character(stop) == WIDE_SPACER
        pieces = self._cut(start, stop)
        self._paste(
            start, [(text, change(style), marks) for text, style, marks in pieces]
        )

    @property
    def plain_text(self) -> str | None:
        """The cells of a row that has neither styles nor marks."""
        return self._text if self._styles is None and self._marks is None else None

    def packed(self) -> Packed:
        """Return the row at rest."""
        styles, marks = self._styles, self._marks
        if styles is None or (len(styles) == 1 and styles[0] is DEFAULT_STYLE):
            if marks is None and not self.wraps:
                return self._text
            return self._text, self.wraps, marks
        runs = zip(self._starts, styles, strict=True)
        return self._text, self.wraps, marks, *itertools.chain.from_iterable(runs)

    @classmethod
    def unpacked(cls, packed: Packed, row_id: int, revision: int) -> Self:
        """Return the row that ``packed`` made."""
        # Taking a new id would leave a gap between the rows that are yet to come.
        row = cls(row_id=row_id)
        row.revision = revision
        if isinstance(packed, str):
            row._text = packed
        else:
            row._text, row.wraps, row._marks, *runs = packed
            if runs:
                row._set_runs(runs[::2], runs[1::2])
        return row

    def pad(self, length: int) -> None:
        """Append blank cells up to ``length``."""
        if length > len(self._text):
            self._append(" " * (length - len(self._text)), DEFAULT_STYLE)

    def _append(self, text: str, style: Style) -> None:
        start = len(self._text)
        self._text += text
        styles = self._styles
        if styles is None:
            if style is not DEFAULT_STYLE:
                if start:
                    self._set_runs([0, start], [DEFAULT_STYLE, style])
                else:
                    self._set_runs([0], [style])
        elif styles[-1] is not style:
            self._starts.append(start)
            styles.append(style)

    def _set_runs(self, starts: list[int], styles: list[Style]) -> None:
        self._starts, self._styles = starts, styles

    def _run_end(self, column: int) -> int:
        """Return where the run ends that ``column`` is in."""
        if self._styles is not None:
            run = bisect_right(self._starts, column)
            if run < len(self._starts):
                return self._starts[run]
        return len(self._text)

    def _split_wide(self, column: int) -> None:
        """Blank the wide character whose second half is at ``column``."""
        if self._text[column : column + 1] == WIDE_SPACER:
            self._text = self._text[: column - 1] + "  " + self._text[column + 1 :]
            if self._marks is not None:
                self._marks.pop(column - 1, None)

    def _drop_marks(self, start: int, stop: int) -> None:
        marks = self._marks or {}
        kept = {at: mark for at, mark in marks.items() if not start <= at < stop}
        self._marks = kept or None

    def _cut(self, start: int, stop: int) -> list[tuple[str, Style, dict[int, str]]]:
        """Return cells in pieces of one style, marks keyed from the piece's start."""
        stop = min(stop, len(self._text))
        pieces = []
        if self._text[start : start + 1] == WIDE_SPACER and start < stop:
            pieces.append((" ", self.cell(start)[1], dict[int, str]()))
            start += 1
        while start < stop:
            end = min(self._run_end(start), stop)
            text = self._text[start:end]
            if end == stop and self._text[end : end + 1] == WIDE_SPACER:
                text = text[:-1] + " "
            held = self._marks or {}
            marks = {
                at - start: held[at]
                for at in (range(start, end) if held else ())
                if at in held and text[at - start] != " "
            }
            pieces.append((text, self._style_at(start), marks))
            start = end
        return pieces

    def _paste(
        self, column: int, pieces: list[tuple[str, Style, dict[int, str]]]
    ) -> None:
        for text, style, marks in pieces:
            self.write(column, text, style)
            if marks:
                held = {} if self._marks is None else self._marks
                held.update((column + at, mark) for at, mark in marks.items())
                self._marks = held
            column += len(text)
