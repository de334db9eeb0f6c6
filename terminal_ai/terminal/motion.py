"""The control functions that only move the cursor, and the tab stops."""

from terminal_ai.terminal.canvas import Canvas


class Motion(Canvas):
    """A canvas whose cursor programs can move; a count of 0 means "not given"."""

    def backspace(self) -> None:
        """BS: one column left."""
        self.column = max(self.settled_column - 1, 0)

    def tab(self) -> None:
        """HT: to the next tab stop, at most the last column."""
        self.tab_forward(1)

    def linefeed(self) -> None:
        """LF, VT, FF: one row down; with LNM also to the first column."""
        self.index()
        if self.modes.newline:
            self.column = 0

    def carriage_return(self) -> None:
        """CR: to the first column."""
        self.column = 0

    def next_line(self) -> None:
        """NEL: the first column of the next row."""
        self.column = 0
        self.index()

    def cursor_up(self, count: int = 1) -> None:
        """CUU; stops at the top margin."""
        limit = self.top if self.row >= self.top else 0
        self.row = max(self.row - max(count, 1), limit)
        self.column = self.settled_column

    def cursor_down(self, count: int = 1) -> None:
        """CUD; stops at the bottom margin."""
        limit = self.bottom if self.row <= self.bottom else self.rows - 1
        self.row = min(self.row + max(count, 1), limit)
        self.column = self.settled_column

    def cursor_forward(self, count: int = 1) -> None:
        """CUF."""
        self.column = min(self.settled_column + max(count, 1), self.columns - 1)

    def cursor_back(self, count: int = 1) -> None:
        """CUB."""
        self.column = max(self.settled_column - max(count, 1), 0)

    def cursor_down1(self, count: int = 1) -> None:
        """CNL."""
        self.cursor_down(count)
        self.column = 0

    def cursor_up1(self, count: int = 1) -> None:
        """CPL."""
        self.cursor_up(count)
        self.column = 0

    def cursor_to_column(self, column: int = 1) -> None:
        """CHA, HPA."""
        self.column = min(max(column, 1), self.columns) - 1

    def cursor_to_line(self, row: int = 1) -> None:
        """VPA; counted from the top margin with DECOM."""
        self.cursor_position(row, self.settled_column + 1)

    def cursor_position(self, row: int = 1, column: int = 1) -> None:
        """CUP, HVP; counted from the top margin with DECOM."""
        offset = self.top if self.modes.origin else 0
        self.move_to(max(row, 1) - 1 + offset, max(column, 1) - 1)

    def tab_forward(self, count: int = 1) -> None:
        """CHT."""
        column = self.settled_column
        stops = sorted(stop for stop in self.tab_stops if column < stop < self.columns)
        chosen = stops[max(count, 1) - 1 : max(count, 1)]
        self.column = chosen[0] if chosen else self.columns - 1

    def tab_backward(self, count: int = 1) -> None:
        """CBT."""
        column = self.settled_column
        stops = sorted((s for s in self.tab_stops if s < column), reverse=True)
        chosen = stops[max(count, 1) - 1 : max(count, 1)]
        self.column = chosen[0] if chosen else 0

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tab_stops.add(self.settled_column)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: the stop at the cursor, or all."""
        if how == 0:
            self.tab_stops.discard(self.settled_column)
        elif how == 3:
            self.tab_stops.clear()
