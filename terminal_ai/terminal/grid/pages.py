"""Pages of the scrollback: packed lines, or bytes that nobody has read yet."""

from array import array
from collections.abc import Callable
from typing import Protocol

from terminal_ai.terminal.grid.lines import (
    height,
    packed_line,
    rows_of,
    size_bytes,
    styles_size_bytes,
)
from terminal_ai.terminal.grid.rows import Packed, Row, next_revision
from terminal_ai.terminal.style import Style

PAGE_OVERHEAD_BYTES = 500
LIST_ITEM_BYTES = 8

LineReader = Callable[[bytes, Style, int], list[Packed]]
"""Reads complete lines that begin with a style, at a width."""


class Page(Protocol):
    """Some lines of the scrollback.

    Its rows have the ids from ``first_id`` up to ``next_id``.
    """

    first_id: int
    next_id: int

    @property
    def size_bytes(self) -> int:
        """The memory it takes while nobody looks."""

    def height(self, columns: int) -> int:
        """Return how many rows it takes."""

    def lines(self) -> list[Packed]:
        """Return its lines."""

    def rows(self, columns: int) -> list[Row]:
        """Return its rows; they are kept until ``forget``."""

    def renumber(self, first_id: int, rows: int) -> None:
        """Give its rows other ids."""

    def forget(self) -> None:
        """Drop the rows that were made to look at."""


class LinesPage:
    """Lines that were on the screen."""

    __slots__ = ("_lines", "_revision", "_rows", "_unpacked", "first_id", "next_id")

    def __init__(self, first_id: int, lines: list[Packed], rows: int) -> None:
        self._lines = lines
        self._rows: list[Row] = []
        self._unpacked = 0
        self.renumber(first_id, rows)

    def append(self, line: Packed, rows: int) -> None:
        """Add a line that takes some rows."""
        self._lines.append(line)
        self.next_id += rows

    def pop(self, columns: int) -> list[Row]:
        """Take the last line away, as rows."""
        line = self._lines.pop()
        self.next_id -= height(line, columns)
        # The rows come back changed, under the same ids.
        rows = rows_of(line, columns, self.next_id, next_revision())
        self.renumber(self.first_id, self.next_id - self.first_id)
        return rows

    @property
    def size_bytes(self) -> int:
        """The memory it takes while nobody looks."""
        lines = self._lines
        return (
            sum(map(size_bytes, lines))
            + styles_size_bytes(lines)
            + len(lines) * LIST_ITEM_BYTES
            + PAGE_OVERHEAD_BYTES
        )

    def height(self, columns: int) -> int:
        """Return how many rows it takes."""
        return sum(height(line, columns) for line in self._lines)

    def lines(self) -> list[Packed]:
        """Return its lines."""
        return self._lines

    def rows(self, columns: int) -> list[Row]:
        """Return its rows; they are kept until ``forget``."""
        rows = self._rows
        for line in self._lines[self._unpacked :]:
            rows += rows_of(line, columns, self.first_id + len(rows), self._revision)
        self._unpacked = len(self._lines)
        return rows

    def renumber(self, first_id: int, rows: int) -> None:
        """Give its rows other ids."""
        self.first_id, self.next_id = first_id, first_id + rows
        self._revision = next_revision()
        self.forget()

    def forget(self) -> None:
        """Drop the rows that were made to look at."""
        self._rows = []
        self._unpacked = 0


class BytesPage:
    """Output as it came: complete lines of ASCII text, tabs and SGR."""

    __slots__ = (
        "_columns",
        "_data",
        "_page",
        "_read",
        "_style",
        "_widths",
        "first_id",
        "next_id",
    )

    def __init__(
        self,
        data: bytes,
        widths: "array[int]",
        style: Style,
        columns: int,
        read: LineReader,
    ) -> None:
        self._data = data
        self._widths = widths
        self._style = style
        self._columns = columns
        self._read = read
        self._page: LinesPage | None = None
        self.first_id = self.next_id = 0

    @property
    def size_bytes(self) -> int:
        """The memory it takes while nobody looks."""
        widths = self._widths
        return len(self._data) + len(widths) * widths.itemsize + PAGE_OVERHEAD_BYTES

    def height(self, columns: int) -> int:
        """Return how many rows it takes."""
        if max(self._widths) <= columns:
            return len(self._widths)
        return sum([-(-width // columns) or 1 for width in self._widths])

    def lines(self) -> list[Packed]:
        """Return its lines."""
        return self._read(self._data, self._style, self._columns)

    def rows(self, columns: int) -> list[Row]:
        """Return its rows; they are kept until ``forget``."""
        if self._page is None:
            self._page = unread(self)
        return self._page.rows(columns)

    def renumber(self, first_id: int, rows: int) -> None:
        """Give its rows other ids."""
        self.first_id, self.next_id = first_id, first_id + rows
        self.forget()

    def forget(self) -> None:
        """Drop the rows that were made to look at."""
        self._page = None


def unread(page: Page) -> LinesPage:
    """Return a page as one that lines can be taken from."""
    if isinstance(page, LinesPage):
        return page
    return LinesPage(page.first_id, page.lines(), page.next_id - page.first_id)


def without_first_rows(page: Page, count: int, columns: int) -> LinesPage:
    """Return what is left of a page when its first rows are gone."""
    lines = list(page.lines())
    kept = 0
    while count >= (rows := height(lines[kept], columns)):
        count -= rows
        kept += 1
    if count:
        rest = rows_of(lines[kept], columns, 0, 0)[count:]
        lines[kept] = packed_line(rest)
    del lines[:kept]
    return LinesPage(0, lines, sum(height(line, columns) for line in lines))
