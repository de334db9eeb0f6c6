"""The control functions that erase, insert, delete and scroll."""

import enum

from terminal_ai.terminal.grid.areas import Area, shift_columns
from terminal_ai.terminal.screen.motion import Motion
from terminal_ai.terminal.style import DEFAULT_STYLE, protect


class Protection(enum.Enum):
    """Which erasures spare protected cells: the last function to protect decides."""

    NONE = enum.auto()
    SELECTIVE = enum.auto()
    """DECSCA: only the selective ones."""
    ALL = enum.auto()
    """SPA, as ISO 6429 has it: every one."""


class Editing(Motion):
    """A canvas whose cells programs can edit; a count of 0 means "not given"."""

    def _restore_defaults(self) -> None:
        self.protection = Protection.NONE
        super()._restore_defaults()

    # Erasing; margins make no difference.

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED, DECSED; 3 erases only the scrollback."""
        if how == 3 and not private:
            self.primary.scrollback.clear()
        if how not in (0, 1, 2):
            return
        first = 0 if how else self.row + 1
        last = self.row - 1 if how == 1 else self.rows - 1
        if self._spares(private):
            for row in self.grid.rows[first : last + 1]:
                row.erase_unprotected(0, self.columns, self.blank)
        else:
            self.grid.clear(first, last, self.blank)
        if how != 2:
            self.erase_in_line(how, private)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL, DECSEL."""
        # After the last column was written nothing is right of the cursor.
        column = self.settled_column
        is_at_edge = self.column == self.columns and column == self.columns - 1
        start, stop = {
            0: (self.columns if is_at_edge else column, self.columns),
            1: (0, column + 1),
            2: (0, self.columns),
        }.get(how, (0, 0))
        if start < stop:
            self._erase(start, stop, is_selective=private)
        if stop == self.columns:
            self.current_row.wraps = False

    def erase_characters(self, count: int = 1) -> None:
        """ECH."""
        column = self.settled_column
        stop = min(column + max(count, 1), self.columns)
        self._erase(column, stop, is_selective=False)

    def _erase(self, start: int, stop: int, *, is_selective: bool) -> None:
        row = self.current_row
        spares = self._spares(is_selective)
        (row.erase_unprotected if spares else row.erase)(start, stop, self.blank)

    def _spares(self, is_selective: bool) -> bool:
        if self.protection is Protection.SELECTIVE:
            return is_selective
        return self.protection is Protection.ALL

    def set_protection(self, how: int = 0) -> None:
        """DECSCA."""
        if how in (0, 1, 2):
            self.protection = Protection.SELECTIVE
            self.set_style(protect(self.style, how == 1))

    def start_guarded_area(self) -> None:
        """SPA."""
        self.protection = Protection.ALL
        self.set_style(protect(self.style, True))

    def end_guarded_area(self) -> None:
        """EPA."""
        self.set_style(protect(self.style, False))

    # Inserting and deleting; nothing happens with the cursor outside the margins.

    def insert_characters(self, count: int = 1) -> None:
        """ICH."""
        self._shift_rest_of_row(-max(count, 1))

    def delete_characters(self, count: int = 1) -> None:
        """DCH."""
        self._shift_rest_of_row(max(count, 1))

    def _shift_rest_of_row(self, count: int) -> None:
        self.column = self.settled_column
        if self.is_between_margins:
            area = Area(self.row, self.column, self.row, self.right)
            shift_columns(self.grid.rows, area, count, self.blank)

    def insert_lines(self, count: int = 1) -> None:
        """IL."""
        if self._is_inside_margins:
            self.scroll_rows(self.row, -max(count, 1))
            self.column = self.left

    def delete_lines(self, count: int = 1) -> None:
        """DL; what it deletes never goes to the scrollback."""
        if not self._is_inside_margins:
            return
        if self.is_full_width:
            count = max(count, 1)
            self.grid.delete_rows(self.row, self.bottom, count, self.blank)
        else:
            self.scroll_rows(self.row, max(count, 1))
        self.column = self.left

    def insert_columns(self, count: int = 1) -> None:
        """DECIC."""
        self._shift_columns(self.settled_column, -max(count, 1))

    def delete_columns(self, count: int = 1) -> None:
        """DECDC."""
        self._shift_columns(self.settled_column, max(count, 1))

    def _shift_columns(self, column: int, count: int) -> None:
        if self._is_inside_margins:
            self._shift_from(column, count)

    def _shift_from(self, column: int, count: int) -> None:
        area = Area(self.top, column, self.bottom, self.right)
        shift_columns(self.grid.rows, area, count, self.blank)

    @property
    def _is_inside_margins(self) -> bool:
        return self.top <= self.row <= self.bottom and self.is_between_margins

    # Scrolling.

    def scroll_up(self, count: int = 1) -> None:
        """SU."""
        self.scroll_rows(self.top, max(count, 1))

    def scroll_down(self, count: int = 1) -> None:
        """SD."""
        self.scroll_rows(self.top, -max(count, 1))

    def scroll_left(self, count: int = 1) -> None:
        """SL."""
        self._shift_from(self.left, max(count, 1))

    def scroll_right(self, count: int = 1) -> None:
        """SR."""
        self._shift_from(self.left, -max(count, 1))

    def back_index(self) -> None:
        """DECBI: one column left, scrolling right at the left margin."""
        column = self.settled_column
        if column == self.left:
            self._shift_columns(self.left, -1)
        else:
            self.column = max(column - 1, 0)

    def forward_index(self) -> None:
        """DECFI: one column right, scrolling left at the right margin."""
        column = self.settled_column
        if column == self.right:
            self._shift_columns(self.left, 1)
        else:
            self.column = min(column + 1, self.columns - 1)

    # Filling.

    def repeat_character(self, count: int = 1) -> None:
        """REP: draw the last character again, at most a screenful of times."""
        if self.last_character:
            limit = self.columns * self.rows
            is_last = self._previous()[1] == self.last_character
            cluster = self.last_character + (self._marks_before() if is_last else "")
            self.draw(cluster * min(max(count, 1), max(limit // len(cluster), 1)))

    def alignment_display(self) -> None:
        """DECALN: fill the screen with E, margins reset, cursor home."""
        self.reset_margins()
        self.row = self.column = 0
        self.grid.clear(0, self.rows - 1, DEFAULT_STYLE)
        for row in self.grid.rows:
            row.write(0, "E" * self.columns, DEFAULT_STYLE)
