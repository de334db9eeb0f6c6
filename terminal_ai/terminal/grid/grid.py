"""Rows of one screen, and the scrollback above them."""

from bisect import bisect_left
from collections.abc import Iterable
from weakref import WeakSet

from terminal_ai.terminal.grid.anchors import Anchor, held_rows, next_row
from terminal_ai.terminal.grid.reflow import Position, rewrap
from terminal_ai.terminal.grid.rows import Row, renumber
from terminal_ai.terminal.grid.scrollback import Scrollback, ScrollbackLimits
from terminal_ai.terminal.style import DEFAULT_STYLE, Style


class Grid:
    """The rows of the primary or the alternate screen.

    Rows that leave through the top of a region that starts at row 0 go to the
    scrollback, oldest first. Ids only grow there: who remembers one finds its row by
    bisection.
    """

    def __init__(self, columns: int, rows: int, limits: ScrollbackLimits) -> None:
        self.columns = columns
        self.height = rows
        self.rows = [Row() for _ in range(rows)]
        self.scrollback = Scrollback(columns, limits)
        self._anchors: WeakSet[Anchor] = WeakSet()

    def anchor(self, row: int, column: int) -> Anchor:
        """Return a place that stays on this cell for as long as somebody holds it."""
        anchor = Anchor(column)
        anchor.hold(self.rows[row])
        self._anchors.add(anchor)
        return anchor

    def anchor_below(self, anchor: Anchor) -> Anchor | None:
        """Return the start of the line after the one that an anchor stands in."""
        at = self.place(anchor.row_id)
        if at is None:
            return None
        while at < self.height - 1 and self.row(at).wraps:
            at += 1
        below = at + 1
        if below >= 0:
            return self.anchor(below, 0) if below < self.height else None
        resting = Anchor(0)
        resting.rest(self.scrollback.row_id(below))
        self._anchors.add(resting)
        return resting

    def unwrap(self, anchor: Anchor) -> None:
        """Let an anchor after the last column go to where the next character went."""
        at = self.place(anchor.row_id) if anchor.column >= self.columns else None
        if at is None or at + 1 >= self.height or not self.row(at).wraps:
            return
        anchor.column = 0
        if at + 1 >= 0:
            anchor.hold(self.rows[at + 1])
        else:
            anchor.rest(self.scrollback.row_id(at + 1))

    def let_rest(self, anchors: Iterable[Anchor]) -> bool:
        """Let anchors go from rows that have left the screen; True if all have."""
        shown = set(map(id, self.rows))
        at_rest = [anchor.leave(shown) for anchor in anchors]
        return all(at_rest)

    def place(self, row_id: int) -> int | None:
        """Return where a row is: from 0 on in the screen, below 0 above it."""
        for at, row in enumerate(self.rows):
            if row.id == row_id:
                return at
        scrollback = self.scrollback
        length = len(scrollback)
        at = bisect_left(range(length), row_id, key=scrollback.row_id)
        is_found = at < length and scrollback.row_id(at) == row_id
        return at - length if is_found else None

    def row(self, at: int) -> Row:
        """Return a row: 0 is the screen's first, -1 the newest above it."""
        return self.rows[at] if at >= 0 else self.scrollback[at]

    def scroll_up(self, top: int, bottom: int, count: int, blank: Style) -> None:
        """Move rows ``top`` to ``bottom`` up; blank rows enter at the bottom."""
        rows = self.rows
        for _ in range(min(count, bottom - top + 1)):
            row = rows.pop(top)
            rows.insert(bottom, Row(self.columns, blank))
            if top == 0:
                self._push(row)

    def _push(self, row: Row) -> None:
        row_id = row.id
        self.scrollback.push(row)
        if row.id != row_id:
            # It took the id with which its line goes on: no other row may keep that.
            renumber([other for other in self.rows if other.id == row.id])

    def scroll_down(self, top: int, bottom: int, count: int, blank: Style) -> None:
        """Move rows ``top`` to ``bottom`` down; blank rows enter at the top."""
        count = min(count, bottom - top + 1)
        rows = self.rows
        del rows[bottom + 1 - count : bottom + 1]
        rows[top:top] = [Row(self.columns, blank) for _ in range(count)]

    def delete_rows(self, top: int, bottom: int, count: int, blank: Style) -> None:
        """Scroll up without feeding the scrollback, as DL does."""
        count = min(count, bottom - top + 1)
        del self.rows[top : top + count]
        at = bottom + 1 - count
        self.rows[at:at] = [Row(self.columns, blank) for _ in range(count)]

    def clear(self, first: int, last: int, blank: Style) -> None:
        """Replace rows ``first`` to ``last`` by blank ones."""
        if first == 0:
            # What is written there next is no part of a line that went on there.
            self.scrollback.end_line()
        self.rows[first : last + 1] = [
            Row(self.columns, blank) for _ in range(first, last + 1)
        ]

    def resize(
        self, columns: int, rows: int, cursor: Position, *, reflows: bool
    ) -> Position:
        """Change the size; return where the cursor's cell has gone."""
        if columns != self.columns:
            if reflows:
                cursor = self._reflow(columns, cursor)
            else:
                for row in self.rows:
                    row.truncate(columns)
            self.columns = columns
        cursor = Position(self._resize_height(rows, cursor.row), cursor.column)
        # Rows that came back from the scrollback can change again.
        for anchor, at in held_rows(self._anchors, self.rows)[0]:
            anchor.hold(self.rows[at])
        return cursor

    def _reflow(self, columns: int, cursor: Position) -> Position:
        above = self.scrollback.take_unfinished()
        used = max(cursor.row + 1, self._used_rows())
        before = [*above, *self.rows[:used]]
        held, others = held_rows(self._anchors, before)
        for anchor in self.scrollback.resize(columns, others):
            anchor.lose()
            held.append((anchor, next_row(anchor.row_id, before)))
        places = (
            Position(len(above), 0),
            Position(len(above) + cursor.row, cursor.column),
            *(Position(at, anchor.column) for anchor, at in held),
        )
        after, (top, place, *moved) = rewrap(before, self.columns, columns, places)
        renumber(after)
        for (anchor, _), position in zip(held, moved, strict=True):
            anchor.hold(after[position.row])
            anchor.column = position.column
        self.scrollback.extend(after[: top.row])
        self.rows = after[top.row :]
        # A full screen stays full; one that was cleared gets nothing old to show.
        pulled = self._pull(self.height - len(self.rows)) if used == self.height else 0
        return Position(place.row - top.row + pulled, place.column)

    def _used_rows(self) -> int:
        rows = self.rows
        return max((at + 1 for at in range(len(rows)) if len(rows[at])), default=0)

    def _pull(self, wanted: int) -> int:
        """Take the newest rows of the scrollback back; return how many there were."""
        count = max(0, min(wanted, len(self.scrollback)))
        self.rows[:0] = [self.scrollback.pop() for _ in range(count)][::-1]
        return count

    def _resize_height(self, height: int, cursor_row: int) -> int:
        """Push rows above the cursor out, or pull them back; drop what is below."""
        rows = self.rows
        pushed = max(0, min(cursor_row, self._used_rows() - height))
        pushed = max(pushed, cursor_row + 1 - height)
        for _ in range(pushed):
            self._push(rows.pop(0))
        del rows[height:]
        pulled = self._pull(height - len(rows)) if height > self.height else 0
        rows.extend(Row(self.columns, DEFAULT_STYLE) for _ in range(height - len(rows)))
        self.height = height
        return cursor_row - pushed + pulled
