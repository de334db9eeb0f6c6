"""The two screens, cursor, margins and pen: what every control function acts on."""

from dataclasses import dataclass, replace

from terminal_ai.terminal import charsets
from terminal_ai.terminal.grid.areas import Area, shift_rows
from terminal_ai.terminal.grid.grid import Grid
from terminal_ai.terminal.grid.reflow import Position
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.grid.scrollback import NO_SCROLLBACK, ScrollbackLimits
from terminal_ai.terminal.modes import Modes
from terminal_ai.terminal.style import DEFAULT_STYLE, Style, background_only

MINIMUM_COLUMNS = 2
"""A wide character must fit on a row."""

COLUMNS_LIMIT = 2000
ROWS_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class SavedCursor:
    """What DECSC keeps."""

    row: int = 0
    column: int = 0
    style: Style = DEFAULT_STYLE
    sets: tuple[str, ...] = charsets.ALL_ASCII
    shift: int = 0
    is_origin: bool = False


class Canvas:
    """Grids, cursor, margins and pen.

    ``column`` equals ``columns`` while a wrap is pending: the last column, or the right
    margin, was written, which ``wraps_after`` tells, and the next character decides
    whether the row goes on. While ``is_plain``, text needs nothing looked up: ASCII
    characters go to the screen's full width, replace what is there, and wrap.
    """

    is_plain: bool
    shift_waits: int
    """G2 or G3 when the next character alone comes from there, or else 0."""
    is_full_width: bool
    """True while no left or right margin is set."""

    def __init__(self, columns: int, rows: int, limits: ScrollbackLimits) -> None:
        self.columns = max(columns, MINIMUM_COLUMNS)
        self.rows = max(rows, 1)
        self.primary = Grid(self.columns, self.rows, limits)
        self.alternate = Grid(self.columns, self.rows, NO_SCROLLBACK)
        self._restore_defaults()

    def _restore_defaults(self) -> None:
        self.modes = Modes()
        self.left, self.right = 0, self.columns - 1
        self.wraps_after = self.columns - 1
        self.grid = self.primary
        self.row = self.column = 0
        self.top, self.bottom = 0, self.rows - 1
        self.style = DEFAULT_STYLE
        self.saved = {False: SavedCursor(), True: SavedCursor()}
        self.parked = Position(0, 0)
        self.tab_stops = set(range(8, self.columns, 8))
        self.sets: tuple[str, ...] = charsets.ALL_ASCII
        self.shift = 0
        self.last_character = ""
        self._choose_charset()
        self.primary.scrollback.clear()
        self.primary.clear(0, self.rows - 1, DEFAULT_STYLE)
        self.alternate.clear(0, self.rows - 1, DEFAULT_STYLE)

    @property
    def is_alternate(self) -> bool:
        """True while the alternate screen is shown."""
        return self.grid is self.alternate

    @property
    def current_row(self) -> Row:
        """The row the cursor is on."""
        return self.grid.rows[self.row]

    def set_style(self, style: Style) -> None:
        """Change the pen."""
        self.style = style

    @property
    def blank(self) -> Style:
        """The look of what is erased or scrolled in."""
        style = self.style
        return style if style is DEFAULT_STYLE else background_only(style)

    def set_sets(self, sets: tuple[str, ...], shift: int) -> None:
        """Designate G0 to G3, and choose the one in use."""
        self.sets, self.shift = sets, shift
        self._choose_charset()

    def shift_once(self, shift: int) -> None:
        """SS2, SS3: take the next character from G2 or G3."""
        self.shift_waits = shift
        self._look_whether_plain()

    def _choose_charset(self) -> None:
        self.shift_waits = 0
        self._translation = charsets.TRANSLATIONS.get(self.sets[self.shift])
        self._look_whether_plain()

    def change_modes(self, modes: Modes) -> None:
        """Take other modes; everything that depends on them follows."""
        self.modes = modes
        self._look_whether_plain()

    def _look_whether_plain(self) -> None:
        self.is_full_width = self.left == 0 and self.right == self.columns - 1
        self.is_plain = (
            self._translation is None
            and not self.shift_waits
            and self.modes.autowrap
            and not self.modes.insert
            and self.is_full_width
        )

    @property
    def is_between_margins(self) -> bool:
        """True when the cursor is neither left nor right of the margins."""
        return self.left <= self.settled_column <= self.right

    def index(self) -> None:
        """IND: one row down, scrolling at the bottom margin."""
        if self.row == self.bottom:
            if self.is_full_width:
                self.grid.scroll_up(self.top, self.bottom, 1, self.blank)
            elif self.is_between_margins:
                self.scroll_rows(self.top, 1)
        elif self.row < self.rows - 1:
            self.row += 1

    def reverse_index(self) -> None:
        """RI: one row up, scrolling at the top margin."""
        if self.row == self.top:
            if self.is_between_margins:
                self.scroll_rows(self.top, -1)
        elif self.row > 0:
            self.row -= 1

    def scroll_rows(self, top: int, count: int) -> None:
        """Move what is inside the margins from row ``top`` on up, or down if negative.

        Only whole rows that leave through the top of the screen reach the scrollback.
        """
        if not self.is_full_width:
            area = Area(top, self.left, self.bottom, self.right)
            shift_rows(self.grid.rows, area, count, self.blank)
        elif count > 0:
            self.grid.scroll_up(top, self.bottom, count, self.blank)
        else:
            self.grid.scroll_down(top, self.bottom, -count, self.blank)

    def set_side_margins(self, left: int, right: int) -> None:
        """Choose the columns between which text wraps and scrolls."""
        # A wrap that waits at a margin that is gone waits no more.
        if self.column == self.columns and right != self.wraps_after:
            self.column = self.wraps_after
        self.left, self.right = left, right
        self._look_whether_plain()

    def reset_margins(self) -> None:
        """Let the whole screen scroll."""
        self.top, self.bottom = 0, self.rows - 1
        self.set_side_margins(0, self.columns - 1)

    def move_to(self, row: int, column: int) -> None:
        """Place the cursor, kept inside the screen or, with DECOM, the margins."""
        if self.modes.origin:
            self.row = min(max(row, self.top), self.bottom)
            self.column = min(max(column, self.left), self.right)
        else:
            self.row = min(max(row, 0), self.rows - 1)
            self.column = min(max(column, 0), self.columns - 1)

    @property
    def home(self) -> tuple[int, int]:
        """The row and column that programs call 1 and 1: DECOM puts them inside."""
        return (self.top, self.left) if self.modes.origin else (0, 0)

    @property
    def settled_column(self) -> int:
        """The cursor's column as seen: a pending wrap is still on the last one."""
        return self.column if self.column < self.columns else self.wraps_after

    def save_cursor(self) -> None:
        """DECSC: keep cursor, pen, character sets and origin mode, per screen."""
        waits_at_edge = self.wraps_after == self.columns - 1
        self.saved[self.is_alternate] = SavedCursor(
            self.row,
            self.column if waits_at_edge else self.settled_column,
            self.style,
            self.sets,
            self.shift,
            self.modes.origin,
        )

    def restore_cursor(self) -> None:
        """DECRC: back to what was saved, or home."""
        saved = self.saved[self.is_alternate]
        self.change_modes(self.modes.switched("origin", saved.is_origin))
        self.row = min(saved.row, self.rows - 1)
        self.column = min(saved.column, self.columns)
        self.wraps_after = self.columns - 1
        self.set_style(saved.style)
        self.set_sets(saved.sets, saved.shift)

    def show_alternate(self, is_shown: bool) -> None:
        """Switch between the primary and the alternate screen; the cursor stays."""
        if is_shown and not self.is_alternate:
            self.parked = Position(self.row, self.column)
        self.grid = self.alternate if is_shown else self.primary

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of both screens; the margins are reset."""
        columns, rows = max(columns, MINIMUM_COLUMNS), max(rows, 1)
        if columns == self.columns and rows == self.rows:
            return
        self.set_side_margins(0, self.columns - 1)
        self.tab_stops |= {
            stop for stop in range(8, columns, 8) if stop >= self.columns
        }
        here = Position(self.row, self.column)
        parked = self.parked if self.is_alternate else here
        moved = self.primary.resize(columns, rows, parked, reflows=True)
        self._move_saved(False, parked, moved, columns, rows)
        if self.is_alternate:
            self.parked = moved
            moved = self.alternate.resize(columns, rows, here, reflows=False)
            self._move_saved(True, here, moved, columns, rows)
        else:
            self.alternate.resize(columns, rows, Position(0, 0), reflows=False)
        self.columns, self.rows = columns, rows
        self.top, self.bottom = 0, rows - 1
        self.wraps_after = columns - 1
        self.set_side_margins(0, columns - 1)
        self.row = min(max(moved.row, 0), rows - 1)
        self.column = min(moved.column, columns)

    def _move_saved(
        self, is_alternate: bool, old: Position, new: Position, columns: int, rows: int
    ) -> None:
        """Let a cursor saved at ``old`` go with its cell, keep any other inside."""
        saved = self.saved[is_alternate]
        if (saved.row, saved.column) == (old.row, old.column):
            saved = replace(saved, row=new.row, column=new.column)
        row, column = min(max(saved.row, 0), rows - 1), min(saved.column, columns)
        self.saved[is_alternate] = replace(saved, row=row, column=column)
