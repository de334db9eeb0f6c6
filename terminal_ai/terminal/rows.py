"""One row of the grid: text with one character a cell, and runs of equal style."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from terminal_ai.terminal.style import DEFAULT_STYLE, Style
from terminal_ai.terminal.widths import WIDE_SPACER, ZERO_WIDTH_JOINER

MARKS_LIMIT_PER_CELL = 9
"""Characters kept on one cell beyond its first: the longest standard emoji needs nine,
a hostile pile of combining marks is cut here."""

_row_ids = itertools.count(1)


class Row:
    """A row that knows its look, and a revision that changes whenever it does.

    ``id`` is never used for another row; with ``revision`` it keys a painted strip.
    ``wraps`` is true when the text went on in the next row without a line feed. The row
    is only as long as what was written to it: cells beyond are blank and unstyled.
    """

    __slots__ = ("_ends", "_marks", "_styles", "_text", "id", "revision", "wraps")

    def __init__(self, blank_cells: int = 0, style: Style = DEFAULT_STYLE) -> None:
        self.id = next(_row_ids)
        self.revision = 0
        self.wraps = False
        self._text = ""
        # Style ``_styles[n]`` holds from cell ``_ends[n - 1]`` up to ``_ends[n]``.
        self._ends: list[int] = []
        self._styles: list[Style] = []
        self._marks: dict[int, str] | None = None
        if style is not DEFAULT_STYLE and blank_cells:
            self._text = " " * blank_cells
            self._ends.append(blank_cells)
            self._styles.append(style)

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
        start = 0
        for end, style in zip(self._ends, self._styles, strict=True):
            piece = (
                self._text[start:end]
                if self._marks is None
                else self._marked(start, end)
            )
            yield piece.replace(WIDE_SPACER, ""), style
            start = end

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
        style = self._styles[bisect_right(self._ends, column)]
        if self._text[column] == WIDE_SPACER:
            return "", style
        return self._marked(column, column + 1), style

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
        self.revision += 1
        return True

    def write(self, column: int, text: str, style: Style) -> None:
        """Replace the cells from ``column`` on; ``text`` has one character a cell."""
        self.revision += 1
        length = len(self._text)
        if column > length:
            self._append(" " * (column - length), DEFAULT_STYLE)
            length = column
        if column == length:
            self._append(text, style)
            return
        stop = column + len(text)
        self._split_wide(column)
        self._split_wide(stop)
        if self._marks is not None:
            self._drop_marks(column, stop)
        self._text = self._text[:column] + text + self._text[stop:]
        self._restyle(column, stop, style)

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
        first = bisect_right(self._ends, start)
        spans = []
        for end, look in zip(self._ends[first:], self._styles[first:], strict=True):
            if start >= stop:
                break
            if not look.is_protected:
                spans.append((start, min(end, stop)))
            start = end
        if start < stop:
            spans.append((start, stop))
        for span in reversed(spans):
            self.erase(*span, style)

    def truncate(self, length: int) -> None:
        """Blank everything from cell ``length`` on."""
        if length >= len(self._text):
            return
        self.revision += 1
        self._split_wide(length)
        if self._marks is not None:
            self._drop_marks(length, len(self._text))
        self._text = self._text[:length]
        keep = bisect_left(self._ends, length)
        if length:
            self._ends[keep:] = [length]
            del self._styles[keep + 1 :]
        else:
            self._ends.clear()
            self._styles.clear()

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

    def pad(self, length: int) -> None:
        """Append blank cells up to ``length``."""
        if length > len(self._text):
            self._append(" " * (length - len(self._text)), DEFAULT_STYLE)

    def _append(self, text: str, style: Style) -> None:
        self._text += text
        if self._styles and self._styles[-1] is style:
            self._ends[-1] = len(self._text)
        else:
            self._ends.append(len(self._text))
            self._styles.append(style)

    def _restyle(self, start: int, stop: int, style: Style) -> None:
        ends, styles = self._ends, self._styles
        first = bisect_right(ends, start)
        last = bisect_left(ends, stop)
        if first == last and styles[first] is style:
            return
        tail_end = ends[last] if last < len(ends) else stop
        tail_style = styles[last] if last < len(styles) else style
        begins = ends[first - 1] if first else 0
        if begins == start and first and styles[first - 1] is style:
            first -= 1
            begins = ends[first - 1] if first else 0
        if stop == tail_end and last + 1 < len(styles) and styles[last + 1] is style:
            last += 1
            tail_end, tail_style = ends[last], style
        new_ends, new_styles = [], []
        if begins < start and styles[first] is not style:
            new_ends.append(start)
            new_styles.append(styles[first])
        if tail_style is style:
            new_ends.append(max(stop, tail_end))
            new_styles.append(style)
        else:
            new_ends.append(stop)
            new_styles.append(style)
            if tail_end > stop:
                new_ends.append(tail_end)
                new_styles.append(tail_style)
        ends[first : last + 1] = new_ends
        styles[first : last + 1] = new_styles

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
            run = bisect_right(self._ends, start)
            end = min(self._ends[run], stop)
            text = self._text[start:end]
            if end == stop and self._text[end : end + 1] == WIDE_SPACER:
                text = text[:-1] + " "
            held = self._marks or {}
            marks = {
                at - start: held[at]
                for at in (range(start, end) if held else ())
                if at in held and text[at - start] != " "
            }
            pieces.append((text, self._styles[run], marks))
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
