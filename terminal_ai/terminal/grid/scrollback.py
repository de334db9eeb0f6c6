"""The rows above the screen: packed by the page, bounded by rows and by bytes."""

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from terminal_ai.terminal.grid.anchors import Anchor, Spot, settle, spots
from terminal_ai.terminal.grid.lines import joins, packed_line
from terminal_ai.terminal.grid.pages import LinesPage, Page, unread, without_first_rows
from terminal_ai.terminal.grid.reflow import LOGICAL_LINE_LIMIT_ROWS
from terminal_ai.terminal.grid.rows import Packed, Row, reserve_ids

SCROLLBACK_ROWS = 10_000
SCROLLBACK_LIMIT_BYTES = 1 << 26
PAGE_ROWS = 256
LOOKED_AT_PAGES = 8
"""Pages whose rows are kept ready, because somebody looked at them."""


@dataclass(frozen=True, slots=True)
class ScrollbackLimits:
    """How many rows are kept, and how much memory they may take."""

    rows: int = SCROLLBACK_ROWS
    size_bytes: int = SCROLLBACK_LIMIT_BYTES


NO_SCROLLBACK = ScrollbackLimits(rows=0)

_numberings = itertools.count(1)


class Scrollback:
    """Rows that have left the screen, oldest first; they never change.

    A row keeps its id once its line is complete, and ids grow from old to new: a row
    that a program had put between older ones gets a new id when it arrives. Another
    width costs one look at the length of each line: they are cut into rows when
    somebody looks.
    """

    def __init__(self, columns: int, limits: ScrollbackLimits) -> None:
        self._columns = columns
        self._limit_rows = limits.rows
        self._limit_bytes = limits.size_bytes
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._pages: list[Page] = []
        # Rows are numbered from the first that ever came; each page's first number.
        self._numbers: list[int] = []
        self._first = self._end = 0
        self.numbering = next(_numberings)
        self._size_bytes = 0
        self._open: LinesPage | None = None
        self._unfinished: list[Row] = []
        self._last_reserved_id = 0
        self._looked_at: list[Page] = []

    def __len__(self) -> int:
        """Return how many rows there are."""
        self._drop_surplus()
        return self._end - self._first + len(self._unfinished)

    @property
    def next_number(self) -> int:
        """The number of the row that arrives next; they begin anew with ``numbering``.

        A row that scrolls off is counted even where none is kept.
        """
        return self._end + len(self._unfinished)

    def __getitem__(self, index: int) -> Row:
        """Return a row; nobody may change it."""
        number = self._number(index)
        if number >= self._end:
            return self._unfinished[number - self._end]
        at = bisect_right(self._numbers, number) - 1
        return self._rows_of(self._pages[at])[number - self._numbers[at]]

    def row_id(self, index: int) -> int:
        """Return a row's id; the row is not made for it."""
        number = self._number(index)
        if number >= self._end:
            return self._unfinished[number - self._end].id
        at = bisect_right(self._numbers, number) - 1
        return self._pages[at].first_id + number - self._numbers[at]

    def _number(self, index: int) -> int:
        length = len(self)
        if not -length <= index < length:
            raise IndexError(index)
        return self._first + index % length

    def lines(self) -> list[Packed]:
        """Return all lines that are finished."""
        return [line for page in self._pages for line in page.lines()]

    def extend(self, rows: Iterable[Row]) -> None:
        """Take rows, the oldest first."""
        for row in rows:
            self.push(row)

    def push(self, row: Row) -> None:
        """Take the row that has just left the screen."""
        if not self._limit_rows:
            self._end += 1
            self._first = self._end
            return
        page = self._open
        if page is None or row.id != page.next_id or self._unfinished or row.wraps:
            self._push_carefully(row)
            return
        page.append(row.packed(), 1)
        self._end += 1
        if page.next_id - page.first_id >= PAGE_ROWS:
            self._close()

    def add_page(self, page: Page) -> None:
        """Take a page of lines that follow the newest."""
        self._finish()
        self._close()
        rows = page.height(self._columns)
        page.renumber(reserve_ids(rows), rows)
        self._pages.append(page)
        self._numbers.append(self._end)
        self._end += rows
        self._size_bytes += page.size_bytes
        self._drop_surplus()

    def pop(self) -> Row:
        """Take the newest row back."""
        if not self._unfinished:
            self._reopen()
            page = self._open
            assert page is not None
            self._unfinished = page.pop(self._columns)
            self._end -= len(self._unfinished)
        return self._unfinished.pop()

    def end_line(self) -> None:
        """Let the newest row be the last one of its line."""
        if self._unfinished:
            self._unfinished[-1].wraps = False
            self._finish()

    def take_unfinished(self) -> list[Row]:
        """Take back the rows of a line that goes on in the screen."""
        length = len(self)
        rows, self._unfinished = self._unfinished, []
        self._first = min(self._first, self._end)
        return rows[-length:] if length else []

    def resize(self, columns: int, anchors: Iterable[Anchor] = ()) -> list[Anchor]:
        """Lay the lines out at another width; every row gets a new id.

        Return the anchors that stand behind all rows. One whose row is gone goes to the
        next row there is.
        """
        self._drop_surplus()
        self._finish()
        self._close()
        behind, places = list[Anchor](), list[tuple[Anchor, int]]()
        first_ids = [page.first_id for page in self._pages]
        for anchor in anchors:
            number, is_there = self._number_of(anchor.row_id, first_ids)
            if number == self._end:
                behind.append(anchor)
                continue
            if not is_there:
                anchor.lose()
            places.append((anchor, number))
        if self._pages and self._first > self._numbers[0]:
            gone = self._first - self._numbers[0]
            self._size_bytes -= self._pages[0].size_bytes
            self._pages[0] = without_first_rows(self._pages[0], gone, self._columns)
            self._size_bytes += self._pages[0].size_bytes
            self._numbers[0] = self._first
        spots = self._spots(places)
        self._columns = columns
        self._looked_at = []
        self._numbers = []
        self._first = self._end = 0
        self.numbering = next(_numberings)
        for page in self._pages:
            rows = page.height(columns)
            page.renumber(reserve_ids(rows), rows)
            self._numbers.append(self._end)
            self._end += rows
        for page, on_page in spots:
            settle(on_page, page.lines(), page.first_id, columns)
        self._drop_surplus()
        return behind

    def _number_of(self, row_id: int, first_ids: list[int]) -> tuple[int, bool]:
        """Return a row's number, or the next row's, and whether the row is there."""
        at = bisect_right(first_ids, row_id) - 1
        if at < 0:
            return self._first, False
        number = self._numbers[at] + row_id - first_ids[at]
        if row_id >= self._pages[at].next_id:
            return self._page_end(at), False
        return max(number, self._first), number >= self._first

    def _spots(
        self, places: Iterable[tuple[Anchor, int]]
    ) -> list[tuple[Page, list[Spot]]]:
        """Return the anchors of each page with the cells of its lines they stand on."""
        rows: dict[int, list[tuple[Anchor, int]]] = {}
        for anchor, number in places:
            at = bisect_right(self._numbers, number) - 1
            rows.setdefault(at, []).append((anchor, number - self._numbers[at]))
        return [
            (page, spots(on_page, page.lines(), self._columns))
            for page, on_page in ((self._pages[at], rows[at]) for at in rows)
        ]

    def _push_carefully(self, row: Row) -> None:
        """Take a row that has another id than expected, or is a part of a line."""
        expected = self._next_id()
        held = self._unfinished
        if (
            held
            and joins(held[-1], row, self._columns)
            and len(held) < LOGICAL_LINE_LIMIT_ROWS
        ):
            # One line has ids without a gap, whatever rows were made meanwhile.
            row.id = expected
        else:
            self._finish()
            if row.id < expected:
                row.id = expected if self._is_reserved(expected) else self._reserve()
        self._unfinished.append(row)
        if not row.wraps:
            self._finish()

    def _next_id(self) -> int:
        if self._unfinished:
            return self._unfinished[-1].id + 1
        return self._pages[-1].next_id if self._pages else 0

    def _is_reserved(self, row_id: int) -> bool:
        return self._last_reserved_id - PAGE_ROWS < row_id <= self._last_reserved_id

    def _reserve(self) -> int:
        """Return a new id; rows that come out of order next get those after it."""
        first = reserve_ids(PAGE_ROWS)
        self._last_reserved_id = first + PAGE_ROWS - 1
        return first

    def _finish(self) -> None:
        """Put the rows that wait for the rest of their line into a page."""
        rows, self._unfinished = self._unfinished, []
        if not rows:
            return
        first_id = rows[0].id
        if self._open is None or self._open.next_id != first_id:
            self._close()
            self._open = LinesPage(first_id, [], 0)
            self._pages.append(self._open)
            self._numbers.append(self._end)
        self._open.append(packed_line(rows), len(rows))
        self._end += len(rows)
        if self._open.next_id - self._open.first_id >= PAGE_ROWS:
            self._close()

    def _close(self) -> None:
        """Let the next row begin a new page."""
        if self._open is not None:
            self._size_bytes += self._open.size_bytes
            self._open = None
            self._drop_surplus()

    def _reopen(self) -> None:
        """Make the newest page one that rows can be taken from."""
        while self._open is None or self._open.next_id == self._open.first_id:
            if self._open is not None:
                self._pages.pop()
                self._numbers.pop()
            self._size_bytes -= self._pages[-1].size_bytes
            self._open = unread(self._pages[-1])
            self._pages[-1] = self._open
            self._looked_at = []

    def _drop_surplus(self) -> None:
        """Drop the oldest rows beyond the limit, and the pages that are gone."""
        rows = self._end - self._first + len(self._unfinished)
        if rows > self._limit_rows:
            self._first += rows - self._limit_rows
        while self._pages and (
            self._size_bytes > self._limit_bytes or self._page_end(0) <= self._first
        ):
            self._drop_page()

    def _page_end(self, at: int) -> int:
        return self._numbers[at + 1] if at + 1 < len(self._numbers) else self._end

    def _drop_page(self) -> None:
        self._first = max(self._first, self._page_end(0))
        page = self._pages.pop(0)
        self._numbers.pop(0)
        if page is self._open:
            self._open = None
        else:
            self._size_bytes -= page.size_bytes
        if page in self._looked_at:
            self._looked_at.remove(page)

    def _rows_of(self, page: Page) -> list[Row]:
        looked_at = self._looked_at
        if not looked_at or looked_at[-1] is not page:
            if page in looked_at:
                looked_at.remove(page)
            looked_at.append(page)
            if len(looked_at) > LOOKED_AT_PAGES:
                looked_at.pop(0).forget()
        return page.rows(self._columns)
