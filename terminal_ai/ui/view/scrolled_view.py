"""A view of the terminal's rows: where it stands, and where its cursor is."""

from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from terminal_ai.session import Session
from terminal_ai.terminal.modes import Cursor
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.folding import FoldedLines
from terminal_ai.ui.reading.lines import Point
from terminal_ai.ui.view.cursor import BLINK_INTERVAL_SECONDS, Blink
from terminal_ai.ui.view.frames import row_regions
from terminal_ai.ui.view.scroll import ScrollPosition


class ScrolledView(Widget):
    """Scrolls through the rows of a session, and keeps the time of its cursor."""

    class Scrolled(Message):
        """The view moved; 0 rows up means it follows the output."""

        def __init__(self, rows_up: int) -> None:
            super().__init__()
            self.rows_up = rows_up

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(id=id)
        self._session: Session | None = None
        self._lines: FoldedLines | None = None
        self._scroll = ScrollPosition()
        self._cursor_may_blink = cursor_may_blink
        self._blink = Blink()
        self._blink_timer: Timer | None = None

    @property
    def _terminal(self) -> Terminal | None:
        return None if self._session is None else self._session.terminal

    def _read(self, session: Session) -> None:
        """Show the rows of this session from now on."""
        self._session = session
        if self._lines is None or self._lines.terminal is not session.terminal:
            self._lines = FoldedLines(session.terminal)

    # -- what others look at, and where they go ------------------------------------

    @property
    def terminal(self) -> Terminal | None:
        """The emulator that is shown."""
        return self._terminal

    @property
    def lines(self) -> FoldedLines | None:
        """The emulator's rows as they are shown: some may be folded."""
        return self._lines

    @property
    def rows_up(self) -> int:
        """Rows between the bottom and the view; 0 follows the output."""
        return self._scroll.offset

    def scroll_rows_up(self, rows_up: int) -> None:
        """Show the rows so far above the bottom; 0 follows the output."""
        self._scroll_by(rows_up - self._scroll.offset)

    def show_line(self, line: int) -> None:
        """Scroll one of the lines to the middle, unless it is in view."""
        y = line + self._scroll.offset
        if not 0 <= y < self.size.height:
            self._scroll_by(self.size.height // 2 - y)

    # -- scrolling ---------------------------------------------------------------

    def _refresh_rows(self, rows: frozenset[int]) -> None:
        shown = {row + self._scroll.offset for row in rows}
        regions = row_regions(shown & {*range(self.size.height)}, self.size.width)
        if regions:
            self.refresh(*regions)

    @property
    def _page_rows(self) -> int:
        return max(1, self.size.height - 1)

    def _scroll_by_key(self, key: str, lines: FoldedLines) -> bool:
        """Scroll; the keys that some shells know are theirs where nothing scrolls."""
        match key:
            case "shift+pageup":
                self._scroll_by(self._page_rows)
            case "shift+pagedown":
                self._scroll_by(-self._page_rows)
            case "shift+home":
                return self._scroll_by(lines.scrollback_length)
            case "shift+end":
                return self._scroll_by(-self._scroll.offset)
            case _:
                return False
        return True

    def _scroll_by(self, rows: int) -> bool:
        lines = self._lines
        has_moved = lines is not None and self._scroll.move(rows, lines)
        if has_moved:
            self._tell_scroll()
        return has_moved

    def _follow(self) -> None:
        if self._scroll.follow():
            self._tell_scroll()

    def _tell_scroll(self) -> None:
        self.refresh()
        self._wake_cursor()
        self.post_message(self.Scrolled(self._scroll.offset))

    # -- the cursor --------------------------------------------------------------

    def _wake_cursor(self) -> None:
        """Light the cursor after anything that happened, and let it blink if it may."""
        if self._blink.wake():
            self._refresh_cursor()
        if not self._is_blinking:
            self._stop_blinking()
        elif self._blink_timer is None:
            self._blink_timer = self.set_interval(
                BLINK_INTERVAL_SECONDS, self._tick_cursor
            )

    @property
    def _is_blinking(self) -> bool:
        terminal = self._terminal
        if terminal is None or not self._cursor_may_blink or not self.has_focus:
            return False
        return terminal.cursor.is_blinking and self._scroll.offset == 0

    def _tick_cursor(self) -> None:
        if not self._is_host_behind and self._blink.tick():
            self._refresh_cursor()
        if self._blink.is_over:
            self._stop_blinking()

    @property
    def _is_host_behind(self) -> bool:
        """True while nothing more may be painted than needed."""
        return False

    def _stop_blinking(self) -> None:
        if self._blink_timer is not None:
            self._blink_timer.stop()
            self._blink_timer = None

    def _cursor_place(self, cursor: Cursor) -> Point:
        """Return where a cursor is drawn; the program has set its own there."""
        lines = self._lines
        row = cursor.row if lines is None else lines.shown_line(cursor.row)
        return Point(row, cursor.column)

    def _refresh_cursor(self) -> None:
        if self._terminal is not None:
            line = self._cursor_place(self._terminal.cursor).line
            self._refresh_rows(frozenset({line}))

    def _tell_host_cursor(self) -> None:
        """Keep the host's hidden cursor on ours: input methods open there."""
        terminal = self._terminal
        if terminal is not None and self.has_focus:
            place = self._cursor_place(terminal.cursor)
            self.app.cursor_position = self.content_region.offset + Offset(
                place.column, place.line + self._scroll.offset
            )
