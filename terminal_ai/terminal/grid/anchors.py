"""Places that stay on their text when a resize gives every row another id."""

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from terminal_ai.terminal.grid.lines import height, piece_starts
from terminal_ai.terminal.grid.rows import Packed, Row


@dataclass(slots=True, eq=False, weakref_slot=True)
class Anchor:
    """A cell. Once its row is erased it stands before the row that came after it.

    While the row is on the screen it is held itself: its id may change when it leaves.
    """

    column: int
    is_lost: bool = False
    _row: Row | None = None
    _row_id: int = 0

    @property
    def row_id(self) -> int:
        """The row's id now."""
        return self._row_id if self._row is None else self._row.id

    @property
    def row(self) -> Row | None:
        """The row that it holds, which nobody changes once it has left the screen."""
        return self._row

    def hold(self, row: Row) -> None:
        """Stand on a row of the screen."""
        self._row = row

    def lose(self) -> None:
        """Stand at the start of whatever row comes next: this one is gone."""
        self.is_lost, self.column = True, 0

    def rest(self, row_id: int) -> None:
        """Stand on a row that does not change any more."""
        self._row, self._row_id = None, row_id

    def leave(self, shown: Container[int]) -> bool:
        """Rest unless the row is among those shown, told by ``id``; True at rest."""
        if self._row is not None and id(self._row) not in shown:
            self.rest(self._row.id)
        return self._row is None


@dataclass(frozen=True, slots=True)
class Spot:
    """An anchor's cell in one of some lines, whatever the width."""

    anchor: Anchor
    line: int
    cell: int


def held_rows(
    anchors: Iterable[Anchor], rows: Sequence[Row]
) -> tuple[list[tuple[Anchor, int]], list[Anchor]]:
    """Return the anchors whose row is one of these, each with where, and the others."""
    places = {row.id: at for at, row in enumerate(rows)}
    held, others = list[tuple[Anchor, int]](), list[Anchor]()
    for anchor in anchors:
        at = places.get(anchor.row_id)
        if at is None:
            others.append(anchor)
        else:
            held.append((anchor, at))
    return held, others


def next_row(row_id: int, rows: Sequence[Row]) -> int:
    """Return where the first row stands that came after an id, the last one if none."""
    later = (at for at, row in enumerate(rows) if row.id > row_id)
    return next(later, len(rows) - 1)


def spots(
    rows: Iterable[tuple[Anchor, int]], lines: Sequence[Packed], columns: int
) -> list[Spot]:
    """Return the anchors' cells in the lines; each anchor comes with its row there."""
    starts = _first_rows(lines, columns)
    found = []
    for anchor, row in rows:
        line = bisect_right(starts, row) - 1
        pieces = piece_starts(lines[line], columns)
        found.append(Spot(anchor, line, pieces[row - starts[line]] + anchor.column))
    return found


def settle(
    placed: Iterable[Spot], lines: Sequence[Packed], first_id: int, columns: int
) -> None:
    """Let anchors rest where their cells are at a width; row ids begin at an id."""
    starts = _first_rows(lines, columns)
    for spot in placed:
        pieces = piece_starts(lines[spot.line], columns)
        row = bisect_right(pieces, spot.cell) - 1
        spot.anchor.column = min(spot.cell - pieces[row], columns)
        spot.anchor.rest(first_id + starts[spot.line] + row)


def _first_rows(lines: Sequence[Packed], columns: int) -> list[int]:
    """Return the row at which each line begins."""
    return list(accumulate((height(line, columns) for line in lines), initial=0))[:-1]
