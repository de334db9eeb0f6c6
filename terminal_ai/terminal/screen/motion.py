"""The control functions that only move the cursor, and the tab stops."""

from terminal_ai.terminal.screen.writing import Writing


class Motion(Writing):
    """A canvas whose cursor programs can move; a count of 0 means "not given"."""

    def backspace(self) -> None:
        """BS: one column left, with reverse wrap also back onto the row before."""
        self.cursor_back(1)

    def tab(self) -> None:
        """HT: to the next tab stop, at most the last column."""
        self.tab_forward(1)

    def linefeed(self) -> None:
        """LF, VT, FF: one row down; with LNM also to the first column."""
        self.index()
        if self.modes.newline:
            self.carriage_return()

    def carriage_return(self) -> None:
        """CR: to the left margin, or to the first column from left of it."""
        is_inside = self.modes.origin or self.settled_column >= self.left
        self.column = self.left if is_inside else 0

    def next_line(self) -> None:
        """NEL: the first column of the next row."""
        self.index()
        self.carriage_return()

    def new_line(self) -> None:
        """CR LF: right of the margins CR comes back into what LF then scrolls."""
        if self.is_full_width:
            self.column = 0
        else:
            self.carriage_return()
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
        """CUF; stops at the right margin."""
        column = self.settled_column
        limit = self.right if column <= self.right else self.columns - 1
        self.column = min(column + max(count, 1), limit)

    def cursor_back(self, count: int = 1) -> None:
        """CUB; stops at the left margin, or goes on in the row before."""
        column, count = self.settled_column, max(count, 1)
        limit = self.left if column >= self.left else 0
        if self.modes.autowrap and self.modes.reverse_wrap:
            is_pending = self.column == self.columns
            self._move_back(column, count - is_pending, limit)
        else:
            self.column = max(column - count, limit)

    def _move_back(self, column: int, count: int, limit: int) -> None:
        """Walk back as if the rows inside the margins were one endless line."""
        if column - count >= limit:
            self.column = column - count
            return
        width = self.right - self.left + 1
        back = count - (column - limit) - 1
        is_inside = self.top <= self.row <= self.bottom
        first, last = (self.top, self.bottom) if is_inside else (0, self.rows - 1)
        rows = last - first + 1
        self.row = first + (self.row - first - 1 - back // width) % rows
        self.column = self.right - back % width

    def cursor_down1(self, count: int = 1) -> None:
        """CNL."""
        self.cursor_down(count)
        self.carriage_return()

    def cursor_up1(self, count: int = 1) -> None:
        """CPL."""
        self.cursor_up(count)
        self.carriage_return()

    def cursor_to_column(self, column: int = 1) -> None:
        """CHA, HPA; counted from the left margin with DECOM."""
        self.move_to(self.row, self.home[1] + max(column, 1) - 1)

    def cursor_to_line(self, row: int = 1) -> None:
        """VPA; counted from the top margin with DECOM."""
        self.move_to(self.home[0] + max(row, 1) - 1, self.settled_column)

    def cursor_position(self, row: int = 1, column: int = 1) -> None:
        """CUP, HVP; counted from the margins with DECOM."""
        if self.modes.origin:
            self.move_to(self.top + max(row, 1) - 1, self.left + max(column, 1) - 1)
        else:
            self.row = min(row or 1, self.rows) - 1
            self.column = min(column or 1, self.columns) - 1

    def column_forward(self, count: int = 1) -> None:
        """HPR: margins stop it only with DECOM."""
        self.move_to(self.row, self.settled_column + max(count, 1))

    def line_forward(self, count: int = 1) -> None:
        """VPR: margins stop it only with DECOM."""
        self.move_to(self.row + max(count, 1), self.settled_column)

    def column_back(self, count: int = 1) -> None:
        """HPB: margins stop it only with DECOM."""
        self.move_to(self.row, self.settled_column - max(count, 1))

    def line_back(self, count: int = 1) -> None:
        """VPB: margins stop it only with DECOM."""
        self.move_to(self.row - max(count, 1), self.settled_column)

    def tab_forward(self, count: int = 1) -> None:
        """CHT; stops at the right margin, and leaves a pending wrap pending."""
        if self.column == self.columns:
            if not self.modes.wraps_tab:
                return
            self._wrap()
        column = self.settled_column
        limit = self.right if column <= self.right else self.columns - 1
        stops = sorted(stop for stop in self.tab_stops if column < stop < limit)
        chosen = stops[max(count, 1) - 1 : max(count, 1)]
        self.column = chosen[0] if chosen else limit

    def tab_backward(self, count: int = 1) -> None:
        """CBT; with DECOM it stops at the left margin."""
        column, limit = self.settled_column, self.home[1]
        stops = sorted((s for s in self.tab_stops if limit < s < column), reverse=True)
        chosen = stops[max(count, 1) - 1 : max(count, 1)]
        self.column = chosen[0] if chosen else limit

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tab_stops.add(self.settled_column)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: the stop at the cursor, or all."""
        if how == 0:
            self.tab_stops.discard(self.settled_column)
        elif how == 3:
            self.tab_stops.clear()
