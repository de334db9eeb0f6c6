"""XTWINOPS: what a program may learn and, where permitted, change about the window."""

from collections.abc import Callable

from terminal_ai.terminal import replies
from terminal_ai.terminal.events import SizeRequested
from terminal_ai.terminal.screen.canvas import COLUMNS_LIMIT, ROWS_LIMIT
from terminal_ai.terminal.screen.dialogue import Dialogue

DISPLAY_COLUMNS, DISPLAY_ROWS = 240, 67
"""The largest window there could be: of the real display nothing is known."""

LEAST_DECSLPP = 24
"""From this number on the parameter of XTWINOPS is a count of rows."""


class Window(Dialogue):
    """A canvas with a size that programs ask for.

    The window itself belongs to the host: it has no position, is never hidden, and a
    cell has an assumed size. A permitted change of size is obeyed at once and told to
    the host, whose own ``resize`` has the last word.
    """

    def _restore_defaults(self) -> None:
        self._size_before: tuple[int, int] | None = None
        super()._restore_defaults()

    def window_operation(self, operation: int, *parameters: int | None) -> None:
        """XTWINOPS; None stands for a parameter that was left out."""
        first, second, *_ = *parameters, None, None
        if operation in _REPORTS:
            self.reply(_REPORTS[operation](self.columns, self.rows))
        elif operation == 20:
            self.report_icon_name()
        elif operation == 21:
            self.report_title()
        elif operation == 22:
            self.push_title()
        elif operation == 23:
            self.pop_title(first or 0)
        elif not self._resize_window(operation, first, second):
            self.ignore_sequence()

    def _resize_window(
        self, operation: int, first: int | None, second: int | None
    ) -> bool:
        """Obey an operation that changes the size; False for any other.

        None keeps the size as it is, and 0 makes it the largest.
        """
        if operation in (9, 10):
            return self._maximize(operation, first or 0)
        if operation == 4:
            first = first and max(first // replies.CELL_HEIGHT_PIXELS, 1)
            second = second and max(second // replies.CELL_WIDTH_PIXELS, 1)
        elif operation >= LEAST_DECSLPP:
            first, second = operation, None
        elif operation != 8:
            return False
        rows = self.rows if first is None else first or DISPLAY_ROWS
        columns = self.columns if second is None else second or DISPLAY_COLUMNS
        return self.request_size(columns, rows)

    def _maximize(self, operation: int, how: int) -> bool:
        """XTWINOPS 9 and 10: to the size of the display, and back."""
        if operation == 10 and how == 2:
            how = 1 if self._size_before is None else 0
        before = self._size_before
        if how == 0:
            self._size_before = None
            return before is not None and self.request_size(*before)
        columns = self.columns if (operation, how) == (9, 2) else DISPLAY_COLUMNS
        rows = self.rows if (operation, how) == (9, 3) else DISPLAY_ROWS
        self._size_before = before or (self.columns, self.rows)
        return self.request_size(columns, rows)

    def request_size(self, columns: int, rows: int) -> bool:
        """Take another size if the user permits programs to choose it."""
        if not self.permissions.resizes_window:
            return False
        self.resize(min(columns, COLUMNS_LIMIT), min(rows, ROWS_LIMIT))
        self._emit(SizeRequested(self.columns, self.rows))
        return True

    def set_lines_per_page(self, rows: int = 0) -> None:
        """DECSNLS."""
        if rows == 0 or not self.request_size(self.columns, rows):
            self.ignore_sequence()

    def set_columns_per_page(self, columns: int = 0) -> None:
        """DECSCPP: 80, the default, or 132."""
        columns = columns or 80
        if columns not in (80, 132) or not self.request_size(columns, self.rows):
            self.ignore_sequence()


def _display(columns: int, rows: int) -> tuple[int, int]:
    return max(DISPLAY_COLUMNS, columns), max(DISPLAY_ROWS, rows)


_REPORTS: dict[int, Callable[[int, int], bytes]] = {
    11: lambda *_: replies.WINDOW_IS_SHOWN,
    13: lambda *_: replies.WINDOW_POSITION,
    14: lambda *size: replies.size_in_pixels(4, *size),
    15: lambda *size: replies.size_in_pixels(5, *_display(*size)),
    16: lambda *_: replies.size_in_pixels(6, 1, 1),
    18: lambda *size: replies.size_in_cells(8, *size),
    19: lambda *size: replies.size_in_cells(9, *_display(*size)),
}
"""What each operation reports about a size in columns and rows."""
