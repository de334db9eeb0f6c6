"""The VT420's operations on rectangles of cells."""

import enum
from collections.abc import Callable, Sequence

from terminal_ai.terminal.grid.areas import Area, blank_cells, copy_cells
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.screen.editing import Editing, Protection
from terminal_ai.terminal.style import Style, apply_sgr

SPACE = 0x20
PRINTABLE = (*range(0x20, 0x7F), *range(0xA0, 0x100))
"""What DECFRA may fill with."""


class Extent(enum.IntEnum):
    """DECSACE: whether attributes change in a stream of cells or in a rectangle."""

    DEFAULT = 0
    STREAM = 1
    RECTANGLE = 2


class Checksum(enum.IntFlag):
    """XTCHECKSUM: how DECRQCRA counts."""

    POSITIVE = 1
    """The sum is not negated."""
    WITHOUT_ATTRIBUTES = 2
    WITH_BLANKS = 4
    """Cells that were never written count as spaces."""
    WHOLE_CHARACTERS = 16
    """Not only the low byte of the first character of a cell."""


DEFAULT_CHECKSUM = (
    Checksum.POSITIVE | Checksum.WITHOUT_ATTRIBUTES | Checksum.WITH_BLANKS
)
_ALL_FLAGS = DEFAULT_CHECKSUM | Checksum.WHOLE_CHARACTERS

_LOOKS = {1: "bold", 4: "underline", 5: "blink", 7: "reverse", 8: "hidden"}
"""SGR codes that rectangles know, and what they switch."""

_OFF = {1: "22", 4: "24", 5: "25", 7: "27", 8: "28"}
_CHANGES = {
    0: ";".join(_OFF.values()),
    **{code: str(code) for code in _LOOKS},
    **{int(code): code for code in _OFF.values()},
}
_WEIGHTS = {
    "is_protected": 0x04,
    "hidden": 0x08,
    "underline": 0x10,
    "reverse": 0x20,
    "blink": 0x40,
    "bold": 0x80,
}
"""What each look adds to the checksum of a cell."""


class Rectangles(Editing):
    """A canvas that can be changed by rectangles.

    The parameters are top, left, bottom and right, counted from 1, from the margins
    with DECOM; 0 or none is the first row or column, and the last.
    """

    def _restore_defaults(self) -> None:
        self.extent = Extent.DEFAULT
        self.checksum = DEFAULT_CHECKSUM
        super()._restore_defaults()

    def _area(self, top: int, left: int, bottom: int, right: int) -> Area | None:
        """Return the part of the rectangle that is on the screen, if there is any."""
        first_row, first_column = self.home
        last_row, last_column = self.rows - 1, self.columns - 1
        if self.modes.origin:
            last_row, last_column = self.bottom, self.right
        area = Area(
            min(first_row + max(top, 1) - 1, last_row),
            min(first_column + max(left, 1) - 1, last_column),
            min(first_row + bottom - 1, last_row) if bottom else last_row,
            min(first_column + right - 1, last_column) if right else last_column,
        )
        return area if area.height > 0 and area.width > 0 else None

    def fill_rectangle(
        self,
        code: int = 0,
        top: int = 0,
        left: int = 0,
        bottom: int = 0,
        right: int = 0,
    ) -> None:
        """DECFRA: fill with one character in the look of the pen."""
        area = self._area(top, left, bottom, right)
        if area is not None and (code or SPACE) in PRINTABLE:
            for row in self._rows(area):
                row.write(area.left, chr(code or SPACE) * area.width, self.style)

    def erase_rectangle(
        self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0
    ) -> None:
        """DECERA."""
        if (area := self._area(top, left, bottom, right)) is not None:
            blank_cells(self.grid.rows, area, self.blank)

    def erase_rectangle_selectively(
        self, top: int = 0, left: int = 0, bottom: int = 0, right: int = 0
    ) -> None:
        """DECSERA: cells that DECSCA protects stay."""
        area = self._area(top, left, bottom, right)
        if area is None:
            return
        if self.protection is not Protection.SELECTIVE:
            blank_cells(self.grid.rows, area, self.blank)
        else:
            for row in self._rows(area):
                row.erase_unprotected(area.left, area.right + 1, self.blank)

    def copy_rectangle(
        self,
        top: int = 0,
        left: int = 0,
        bottom: int = 0,
        right: int = 0,
        page: int = 0,  # noqa: ARG002 - there is one page
        to_top: int = 0,
        to_left: int = 0,
    ) -> None:
        """DECCRA: what would go beyond the last row or column is not copied."""
        if (area := self._area(top, left, bottom, right)) is None:
            return
        first_row, first_column = self.home
        row, column = first_row + max(to_top, 1) - 1, first_column + max(to_left, 1) - 1
        last_row, last_column = self.rows - 1, self.columns - 1
        if self.modes.origin:
            last_row, last_column = self.bottom, self.right
        if row > last_row or column > last_column:
            return
        fitting = Area(
            area.top,
            area.left,
            min(area.bottom, area.top + last_row - row),
            min(area.right, area.left + last_column - column),
        )
        copy_cells(self.grid.rows, fitting, row, column)

    def change_rectangle(self, edges: Sequence[int], codes: Sequence[int]) -> None:
        """DECCARA: give cells some of the looks of SGR."""
        wanted = [_CHANGES[code] for code in codes or (0,) if code in _CHANGES]
        self._restyle(edges, lambda style: apply_sgr(style, ";".join(wanted)))

    def reverse_rectangle(self, edges: Sequence[int], codes: Sequence[int]) -> None:
        """DECRARA: turn looks on where they are off, and off where they are on."""
        wanted = [code for code in _LOOKS if code in codes or 0 in (codes or (0,))]

        def changed(style: Style) -> Style:
            switches = (
                _OFF[code] if getattr(style, _LOOKS[code]) else str(code)
                for code in wanted
            )
            return apply_sgr(style, ";".join(switches))

        if wanted:
            self._restyle(edges, changed)

    def _restyle(self, edges: Sequence[int], change: Callable[[Style], Style]) -> None:
        top, left, bottom, right = (*edges, 0, 0, 0, 0)[:4]
        if self.extent is Extent.RECTANGLE:
            area = self._area(top, left, bottom, right)
            spans = [] if area is None else [(area.left, area.right)] * area.height
            first = 0 if area is None else area.top
        else:
            first, spans = self._stream(top, left, bottom, right)
        for row, (start, last) in zip(self.grid.rows[first:], spans, strict=False):
            row.restyle(start, last + 1, change)

    def _stream(
        self, top: int, left: int, bottom: int, right: int
    ) -> tuple[int, list[tuple[int, int]]]:
        """Return a first row, and from which to which column each row is meant."""
        first, start = self._place(top, left)
        last, stop = self._place(bottom or self.rows, right or self.columns)
        if (last, stop) < (first, start):
            return first, []
        spans = [(0, self.columns - 1) for _ in range(first, last + 1)]
        spans[-1] = (0, stop)
        spans[0] = (start, spans[0][1])
        return first, spans

    def _place(self, row: int, column: int) -> tuple[int, int]:
        first_row, first_column = self.home
        return (
            min(first_row + max(row, 1) - 1, self.rows - 1),
            min(first_column + max(column, 1) - 1, self.columns - 1),
        )

    def _rows(self, area: Area) -> list[Row]:
        return self.grid.rows[area.top : area.bottom + 1]

    def set_extent(self, extent: int = 0) -> None:
        """DECSACE."""
        if extent <= max(Extent):
            self.extent = Extent(extent)

    def set_checksum(self, flags: int = 0) -> None:
        """XTCHECKSUM."""
        self.checksum = Checksum(flags & _ALL_FLAGS)

    def checksum_of(self, top: int, left: int, bottom: int, right: int) -> int:
        """DECRQCRA: a sum of the characters, 16 bits of it."""
        area = self._area(top, left, bottom, right)
        total = 0
        if area is not None:
            for row in self._rows(area):
                for column in range(area.left, area.right + 1):
                    total += self._cell_sum(row, column)
        return (total if Checksum.POSITIVE in self.checksum else -total) & 0xFFFF

    def _cell_sum(self, row: Row, column: int) -> int:
        if column >= len(row) and Checksum.WITH_BLANKS not in self.checksum:
            return 0
        text, style = row.cell(column)
        if Checksum.WHOLE_CHARACTERS in self.checksum:
            total = sum(map(ord, text))
        else:
            total = ord(text[0]) & 0xFF if text else 0
        if Checksum.WITHOUT_ATTRIBUTES not in self.checksum:
            total += sum(
                weight for name, weight in _WEIGHTS.items() if getattr(style, name)
            )
        return total
