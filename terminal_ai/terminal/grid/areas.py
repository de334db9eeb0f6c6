"""Rectangles of cells, and what moves them: margins and rectangle operations."""

from collections.abc import Sequence
from dataclasses import dataclass

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.style import Style


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, all four edges inside it."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows in it."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        """Columns in it."""
        return self.right - self.left + 1


def copy_cells(rows: Sequence[Row], area: Area, top: int, left: int) -> None:
    """Put a copy of the area's cells elsewhere; source and target may overlap."""
    held = [Row() for _ in range(area.height)]
    for at, copy in enumerate(held):
        copy.overwrite(0, rows[area.top + at], area.left, area.right + 1)
    for at, copy in enumerate(held):
        rows[top + at].overwrite(left, copy, 0, area.width)


def blank_cells(rows: Sequence[Row], area: Area, blank: Style) -> None:
    """Erase the area's cells, protected or not."""
    for row in rows[area.top : area.bottom + 1]:
        row.erase(area.left, area.right + 1, blank)


def shift_rows(rows: Sequence[Row], area: Area, count: int, blank: Style) -> None:
    """Move the area's cells up, or down for a negative count; blank ones enter."""
    top, left, bottom, right = area.top, area.left, area.bottom, area.right
    if abs(count) >= area.height:
        blank_cells(rows, area, blank)
    elif count > 0:
        copy_cells(rows, Area(top + count, left, bottom, right), top, left)
        blank_cells(rows, Area(bottom - count + 1, left, bottom, right), blank)
    elif count < 0:
        copy_cells(rows, Area(top, left, bottom + count, right), top - count, left)
        blank_cells(rows, Area(top, left, top - count - 1, right), blank)


def shift_columns(rows: Sequence[Row], area: Area, count: int, blank: Style) -> None:
    """Move the area's cells left, or right for a negative count; blank ones enter."""
    for row in rows[area.top : area.bottom + 1]:
        if count > 0:
            row.delete(area.left, count, area.right + 1, blank)
        elif count < 0:
            row.insert(area.left, -count, area.right + 1, blank)
