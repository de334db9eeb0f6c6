"""The widget that shows the emulator and hands every key to the shell."""

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from terminal_ai.session import Session
from terminal_ai.terminal.keys import encode_key
from terminal_ai.terminal.modes import Cursor, CursorShape
from terminal_ai.terminal.rows import Row
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.mouse import (
    WHEEL_DOWN,
    WHEEL_LEFT,
    WHEEL_RIGHT,
    WHEEL_UP,
    encode_mouse,
    event_button,
)
from terminal_ai.ui.scroll import ScrollPosition
from terminal_ai.ui.selection import Point, Selection, line_at, word_at
from terminal_ai.ui.strips import (
    StripPainter,
    reversed_strip,
    with_bar_cursor,
    with_block_cursor,
    with_selection,
    with_underline_cursor,
)
from terminal_ai.ui.theme import Palette
from utils.profiler import PerformanceProfiler

SYNCHRONIZED_LIMIT_SECONDS = 0.15
"""A program that never ends its synchronized output is painted anyway."""
WHEEL_ROWS = 3
DOUBLE_CLICK, TRIPLE_CLICK = 2, 3


Overlay = Callable[[Row, Strip], Strip]
"""Changes how a row is painted, never its width."""


class TerminalView(Widget, can_focus=True):
    """Draws the grid row by row, and forwards keys, pastes and the mouse."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "terminal-view--selection",
        "terminal-view--match",
        "terminal-view--current-match",
        "terminal-view--link",
    }

    class Scrolled(Message):
        """The view moved; 0 rows up means it follows the output."""

        def __init__(self, rows_up: int) -> None:
            super().__init__()
            self.rows_up = rows_up

    class CopyWanted(Message):
        """The host sent its copy key."""

    def __init__(
        self,
        palette: Palette,
        *,
        strip_cache_rows: int,
        profiler: PerformanceProfiler,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._profiler = profiler
        self._painter = StripPainter(palette, strip_cache_rows)
        self._session: Session | None = None
        self._scroll = ScrollPosition()
        self._selection: Selection | None = None
        self._is_selecting = False
        self._scrollback_length = 0
        self._shown_cursor: Cursor | None = None
        self._hold_timer: Timer | None = None
        self._overlays: dict[str, Overlay] = {}

    # -- the session's side ------------------------------------------------------

    def attach(self, session: Session) -> None:
        """Show this session from now on."""
        self._session = session
        self._fit()
        self.refresh()

    def screen_changed(self) -> None:
        """Repaint what changed, unless the program asked to hold the screen."""
        terminal = self._terminal
        if terminal is None:
            return
        if not terminal.modes.synchronized_output:
            self._show_changes()
        elif self._hold_timer is None:
            self._hold_timer = self.set_timer(
                SYNCHRONIZED_LIMIT_SECONDS, self._show_changes
            )

    def _show_changes(self) -> None:
        if self._hold_timer is not None:
            self._hold_timer.stop()
            self._hold_timer = None
        terminal = self._terminal
        if terminal is None:
            return
        damage = terminal.take_damage()
        grown = terminal.scrollback_length - self._scrollback_length
        self._scrollback_length = terminal.scrollback_length
        self._keep_selection(grown, damage.rows, is_full=damage.is_full)
        if terminal.is_alternate:
            self._follow()
        elif self._scroll.keep_still(terminal):
            self.post_message(self.Scrolled(self._scroll.offset))
        if damage.is_full or (grown and self._scroll.offset):
            self.refresh()
        else:
            self._refresh_rows(damage.rows | self._moved_cursor_rows(terminal.cursor))
        self._shown_cursor = terminal.cursor
        self._tell_host_cursor()

    def _refresh_rows(self, rows: frozenset[int]) -> None:
        shown = sorted(row + self._scroll.offset for row in rows)
        regions = [
            Region(0, row, self.size.width, 1)
            for row in shown
            if row < self.size.height
        ]
        if regions:
            self.refresh(*regions)

    def _moved_cursor_rows(self, cursor: Cursor) -> frozenset[int]:
        old = self._shown_cursor
        if old == cursor:
            return frozenset()
        return frozenset({cursor.row} | ({old.row} if old is not None else set()))

    def _tell_host_cursor(self) -> None:
        """Keep the host's hidden cursor on ours: input methods open there."""
        terminal = self._terminal
        if terminal is not None and self.has_focus:
            cursor = terminal.cursor
            self.app.cursor_position = self.content_region.offset + Offset(
                cursor.column, cursor.row
            )

    # -- painting ----------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows that changed, measured as one frame."""
        with self._profiler.block("ui.paint"):
            return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one row of the view."""
        terminal = self._terminal
        line = y - self._scroll.offset
        if terminal is None or line >= terminal.rows:
            return Strip.blank(self.size.width, self.rich_style)
        base = self.rich_style
        strip = self._painter.paint(terminal.line(line), base)
        strip = strip.extend_cell_length(self.size.width, base)
        if terminal.modes.reverse_screen:
            strip = reversed_strip(strip)
        for overlay in self._overlays.values():
            strip = overlay(terminal.line(line), strip)
        if self._selection is not None and (span := self._selection.span(line)):
            end = min(span[1], self.size.width)
            strip = with_selection(strip, span[0], end, self._selection_style)
        cursor = terminal.cursor
        if line == cursor.row and cursor.is_visible:
            strip = self._with_cursor(strip, cursor)
        return strip

    def _with_cursor(self, strip: Strip, cursor: Cursor) -> Strip:
        column = min(cursor.column, max(0, self.size.width - 1))
        if not self.has_focus or cursor.shape is CursorShape.UNDERLINE:
            return with_underline_cursor(strip, column)
        if cursor.shape is CursorShape.BAR:
            return with_bar_cursor(strip, column)
        return with_block_cursor(strip, column)

    @property
    def _selection_style(self) -> RichStyle:
        return self.get_component_rich_style("terminal-view--selection")

    @property
    def _terminal(self) -> Terminal | None:
        return None if self._session is None else self._session.terminal

    # -- what others draw over it, and where they go -------------------------------

    @property
    def terminal(self) -> Terminal | None:
        """The emulator that is shown."""
        return self._terminal

    @property
    def rows_up(self) -> int:
        """Rows between the bottom and the view; 0 follows the output."""
        return self._scroll.offset

    def set_overlay(self, name: str, overlay: Overlay | None) -> None:
        """Have each painted row changed by ``overlay``, or by it no more."""
        self._overlays.pop(name, None)
        if overlay is not None:
            self._overlays[name] = overlay
        self.refresh()

    def scroll_rows_up(self, rows_up: int) -> None:
        """Show the rows so far above the bottom; 0 follows the output."""
        self._scroll_by(rows_up - self._scroll.offset)

    def show_line(self, line: int) -> None:
        """Scroll a row of the terminal to the middle, unless it is in view."""
        y = line + self._scroll.offset
        if not 0 <= y < self.size.height:
            self._scroll_by(self.size.height // 2 - y)

    # -- size and focus ----------------------------------------------------------

    def on_resize(self) -> None:
        """Give the pty the size of the view."""
        self._fit()

    def _fit(self) -> None:
        columns, rows = self.content_size
        if self._session is None or not columns or not rows:
            return
        terminal = self._session.terminal
        if (terminal.columns, terminal.rows) != (columns, rows):
            self._session.resize(columns, rows)
            self._scroll.follow()
            self._selection = None
            self.screen_changed()

    def on_focus(self) -> None:
        """Tell the program, if it asked, and draw the cursor solid."""
        self._report_focus(b"\x1b[I")

    def on_blur(self) -> None:
        """Tell the program, if it asked, and draw the cursor as a line."""
        self._report_focus(b"\x1b[O")

    def _report_focus(self, report: bytes) -> None:
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        if terminal.modes.focus_events:
            self._session.press(report)
        self._refresh_rows(frozenset({terminal.cursor.row}))
        self._tell_host_cursor()

    # -- keyboard ----------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Send the key to the shell at once; only scrolling keys stay here."""
        event.stop()
        event.prevent_default()
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        if event.key == "ctrl+shift+c":
            self.post_message(self.CopyWanted())
            return
        if not terminal.is_alternate and self._scroll_by_key(event.key):
            return
        raw = getattr(event, "raw", None)
        data = encode_key(event.key, event.character, terminal.modes, raw=raw)
        if data:
            self._before_input()
            self._session.press(data)

    def on_paste(self, event: events.Paste) -> None:
        """Paste what the host pasted."""
        event.stop()
        if self._session is not None:
            self._before_input()
            self._session.paste(event.text)

    def _before_input(self) -> None:
        self._follow()
        self._select(None)

    def _scroll_by_key(self, key: str) -> bool:
        page = max(1, self.size.height - 1)
        match key:
            case "shift+pageup":
                self._scroll_by(page)
            case "shift+pagedown":
                self._scroll_by(-page)
            case _:
                return False
        return True

    def _scroll_by(self, rows: int) -> None:
        terminal = self._terminal
        if terminal is not None and self._scroll.move(rows, terminal):
            self.refresh()
            self.post_message(self.Scrolled(self._scroll.offset))

    def _follow(self) -> None:
        if self._scroll.follow():
            self.refresh()
            self.post_message(self.Scrolled(0))

    # -- mouse -------------------------------------------------------------------

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up, or let a full-screen program do so."""
        self._wheel(event, WHEEL_UP, "up", WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down, or let a full-screen program do so."""
        self._wheel(event, WHEEL_DOWN, "down", -WHEEL_ROWS)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Report it to a program that asked."""
        self._report_wheel(event, WHEEL_LEFT)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Report it to a program that asked."""
        self._report_wheel(event, WHEEL_RIGHT)

    def _report_wheel(self, event: events.MouseEvent, button: int) -> None:
        event.stop()
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        if report := encode_mouse(event, button, terminal.modes):
            self._session.press(report)

    def _wheel(
        self, event: events.MouseEvent, button: int, key: str, rows: int
    ) -> None:
        event.stop()
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        if report := encode_mouse(event, button, terminal.modes):
            self._session.press(report)
        elif terminal.is_alternate:
            self._session.press(encode_key(key, None, terminal.modes) * WHEEL_ROWS)
        else:
            self._scroll_by(rows)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a selection, or report the button to the program."""
        if self._report_mouse(event):
            return
        self._select(None)
        if event.button == 1:
            point = self._point(event)
            self._selection = Selection(point, point)
            self._is_selecting = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection, or report the move to the program."""
        if self._is_selecting and self._selection is not None:
            self._select(Selection(self._selection.anchor, self._point(event)))
        else:
            self._report_mouse(event, is_move=True)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection, or report the button to the program."""
        if not self._is_selecting:
            self._report_mouse(event, is_release=True)
            return
        self._is_selecting = False
        self.release_mouse()
        if (
            self._selection is not None
            and self._selection.anchor == self._selection.head
        ):
            self._select(None)

    def on_click(self, event: events.Click) -> None:
        """Select a word on a double click, a line on a triple click."""
        terminal = self._terminal
        if terminal is None or terminal.modes.mouse_tracking:
            return
        if event.chain == DOUBLE_CLICK:
            self._select(word_at(self._point(event), terminal.line))
        elif event.chain == TRIPLE_CLICK:
            self._select(line_at(self._point(event)))

    def _report_mouse(
        self,
        event: events.MouseEvent,
        *,
        is_move: bool = False,
        is_release: bool = False,
    ) -> bool:
        terminal = self._terminal
        if self._session is None or terminal is None:
            return False
        report = encode_mouse(
            event,
            event_button(event),
            terminal.modes,
            is_move=is_move,
            is_release=is_release,
        )
        if report:
            self._session.press(report)
        return bool(report)

    def _point(self, event: events.MouseEvent) -> Point:
        column = max(0, min(int(event.x), self.size.width - 1))
        row = max(0, min(int(event.y), self.size.height - 1))
        terminal = self._terminal
        last = terminal.rows - 1 if terminal is not None else 0
        return Point(min(row - self._scroll.offset, last), column)

    # -- selection ---------------------------------------------------------------

    @property
    def selected_text(self) -> str:
        """The text under the selection, empty if there is none."""
        terminal = self._terminal
        if self._selection is None or terminal is None:
            return ""
        return self._selection.text(terminal.line)

    def _select(self, selection: Selection | None) -> None:
        if selection != self._selection:
            self._selection = selection
            self.refresh()

    def _keep_selection(
        self, grown: int, rows: frozenset[int], *, is_full: bool
    ) -> None:
        """Move the selection along with its text, or drop it when that changed."""
        if self._selection is None:
            return
        moved = self._selection.moved(-grown)
        terminal = self._terminal
        is_gone = terminal is None or moved.first.line < -terminal.scrollback_length
        is_touched = not grown and any(moved.span(row) for row in rows)
        if is_gone or is_touched or (is_full and not grown):
            self._select(None)
            self._is_selecting = False
        else:
            self._select(moved)
