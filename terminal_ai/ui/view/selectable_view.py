"""A view in which text is selected, with the mouse or with the keyboard."""

from collections.abc import Callable
from math import floor
from typing import ParamSpec

from textual import events
from textual.message import Message
from textual.timer import Timer

from terminal_ai.terminal.modes import Cursor
from terminal_ai.ui.reading.folding import FoldedLines
from terminal_ai.ui.reading.lines import Point
from terminal_ai.ui.reading.selection import Selection, SelectionKind
from terminal_ai.ui.view.copy_mode import CopyMode, Outcome
from terminal_ai.ui.view.edge_scroll import INTERVAL_SECONDS, EdgeScroll
from terminal_ai.ui.view.scrolled_view import ScrolledView
from terminal_ai.ui.view.selector import ClickChain, Selector, Spot

CLICK_CHAIN_SECONDS = 0.5

Arguments = ParamSpec("Arguments")


class SelectableView(ScrolledView):
    """Holds the one selection, and the copy mode while it goes on."""

    class CopyWanted(Message):
        """The user asked for the selection's text on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class CopyModeChanged(Message):
        """The keyboard began, went on or ended to select; None outside the mode."""

        def __init__(self, mode: CopyMode | None) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._selector = Selector()
        self._clicks = ClickChain(CLICK_CHAIN_SECONDS)
        self._pointer = (0.0, 0.0)
        self._edge = EdgeScroll()
        self._edge_timer: Timer | None = None
        self._copy_mode: CopyMode | None = None

    def _cursor_place(self, cursor: Cursor) -> Point:
        if self._copy_mode is not None:
            return self._copy_mode.cursor
        return super()._cursor_place(cursor)

    @property
    def _is_blinking(self) -> bool:
        return super()._is_blinking and self._copy_mode is None

    def _fit_selection(self, lines: FoldedLines) -> None:
        """After a change of the size, which moves all text."""
        self._selector.clear()
        if self._copy_mode is None:
            self._follow()
        else:
            self._scroll.hold(lines)
            self._copy_mode.page_rows = self._page_rows

    # -- the mouse ---------------------------------------------------------------

    def _begin_drag(self, event: events.MouseDown, lines: FoldedLines) -> None:
        """Begin a selection, or extend it with Shift if the mouse is ours anyway."""
        spot = self._spot(event)
        if event.shift and not lines.terminal.modes.mouse_tracking:
            self._clicks.reset()
            self._select(self._selector.extend, spot, lines)
        else:
            self._select(
                self._selector.press,
                spot,
                lines,
                clicks=self._clicks.press(event.time, event.x, event.y),
                is_block=event.ctrl or event.meta,
            )
        self._take_into_copy_mode(spot.point)
        self.capture_mouse()

    def _drag(self, event: events.MouseMove) -> None:
        self._drag_to(self._spot(event))
        self._edge.aim(
            floor(event.pointer_y),
            self.size.height,
            is_at_screen_top=self.region.y == 0,
        )
        if self._edge.is_wanted and self._edge_timer is None:
            self._edge_timer = self.set_interval(INTERVAL_SECONDS, self._scroll_at_edge)

    def _end_drag(self) -> None:
        self._selector.release()
        self._stop_edge_scroll()
        self.release_mouse()

    def _drag_to(self, spot: Spot) -> None:
        if self._lines is not None:
            self._select(self._selector.drag, spot, self._lines)
            self._take_into_copy_mode(spot.point)

    def _scroll_at_edge(self) -> None:
        rows = self._edge.tick()
        if not self._edge.is_wanted or not self._selector.is_dragging:
            self._stop_edge_scroll()
        elif rows and self._scroll_by(rows):
            self._follow_pointer()

    def _stop_edge_scroll(self) -> None:
        self._edge.stop()
        if self._edge_timer is not None:
            self._edge_timer.stop()
            self._edge_timer = None

    def _follow_pointer(self) -> None:
        """After scrolling: what is dragged goes on to the pointer, wherever that is."""
        if self._selector.is_dragging:
            self._drag_to(self._spot_at(*self._pointer))
        elif self._copy_mode is not None:
            top = -self._scroll.offset
            cursor = self._copy_mode.cursor
            line = max(top, min(cursor.line, top + self.size.height - 1))
            self.move_copy_cursor(Point(line, cursor.column))

    def _spot(self, event: events.MouseEvent) -> Spot:
        self._pointer = (event.pointer_x, event.pointer_y)
        if not float(event.pointer_x).is_integer():
            self._selector.has_half_cells = True
        return self._spot_at(*self._pointer)

    def _spot_at(self, x: float, y: float) -> Spot:
        width = self.size.width
        row = max(0, min(floor(y), self.size.height - 1))
        last = self._lines.rows - 1 if self._lines is not None else 0
        point = Point(
            min(row - self._scroll.offset, last), max(0, min(floor(x), width - 1))
        )
        return Spot(point, is_right_half=x >= width or (x > 0 and x % 1 >= 0.5))

    # -- the selection -----------------------------------------------------------

    @property
    def selected_text(self) -> str:
        """The text under the selection, folded rows too; empty if there is none."""
        lines, selection = self._lines, self._selector.selection
        if selection is None or lines is None:
            return ""
        selection = lines.unfolded(selection)
        return "" if selection is None else selection.text(lines.terminal)

    def _select(
        self,
        change: Callable[Arguments, None],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> None:
        """Change the selection, and paint the rows again that it enters or leaves."""
        before = self._selector.selection
        change(*args, **kwargs)
        after = self._selector.selection
        if before != after:
            top = -self._scroll.offset
            self._refresh_rows(
                frozenset(
                    line
                    for line in range(top, top + self.size.height)
                    if _span(before, line) != _span(after, line)
                )
            )

    def _keep_selection(self, lines: FoldedLines) -> None:
        """Move the selection along with its text, or drop it when that changed."""
        self._select(self._selector.keep, lines)
        if self._copy_mode is not None:
            old = self._copy_mode.cursor
            self._copy_mode.keep()
            self._show_copy_mode(self._copy_mode, old, scrolls=False)

    # -- copy mode ---------------------------------------------------------------

    @property
    def copy_mode(self) -> CopyMode | None:
        """The keyboard's selecting, while it goes on."""
        return self._copy_mode

    def start_copy_mode(self) -> None:
        """Let the keys select from now on; the view stands still meanwhile."""
        lines = self._lines
        if lines is None or self._copy_mode is not None:
            return
        cursor = self._cursor_place(lines.terminal.cursor)
        line = min(cursor.line, self.size.height - 1 - self._scroll.offset)
        mode = CopyMode(lines, Point(line, cursor.column), self._page_rows)
        if (selection := self._selector.selection) is not None:
            kind = (
                SelectionKind.BLOCK if selection.is_block else SelectionKind.CHARACTER
            )
            mode.take(kind, selection.anchor, selection.head)
        self._scroll.hold(lines)
        self._copy_mode = mode
        self._stop_blinking()
        self._refresh_cursor()
        self._show_copy_mode(mode, mode.cursor)

    def leave_copy_mode(self) -> None:
        """Give the keys back to the shell, and follow the output again."""
        if self._copy_mode is not None:
            self._copy_mode = None
            self._selector.clear()
            self._follow()
            self.refresh()
            self._wake_cursor()
            self._tell_host_cursor()
            self.post_message(self.CopyModeChanged(None))

    def move_copy_cursor(self, point: Point) -> None:
        """Move the copy mode's cursor, scrolling to it."""
        if self._copy_mode is not None:
            old = self._copy_mode.cursor
            self._copy_mode.move_to(point)
            self._show_copy_mode(self._copy_mode, old)

    def _press_in_copy_mode(self, mode: CopyMode, event: events.Key) -> None:
        old = mode.cursor
        is_typed = event.is_printable and event.character is not None
        match mode.press((event.character or "") if is_typed else event.key):
            case Outcome.CHANGED:
                self._show_copy_mode(mode, old)
            case Outcome.COPY:
                self.post_message(self.CopyWanted(self.selected_text))
                self.leave_copy_mode()
            case Outcome.LEAVE:
                self.leave_copy_mode()
            case Outcome.IGNORED:
                pass

    def _take_into_copy_mode(self, point: Point) -> None:
        """Put the copy mode's cursor where the mouse selects."""
        mode = self._copy_mode
        if mode is None:
            return
        old, selection = mode.cursor, self._selector.selection
        if selection is None:
            mode.anchor = None
            mode.move_to(point)
        else:
            mode.take(self._selector.kind, selection.anchor, selection.head)
        self._refresh_rows(frozenset({old.line, mode.cursor.line}))
        self.post_message(self.CopyModeChanged(mode))

    def _show_copy_mode(
        self, mode: CopyMode, old: Point, *, scrolls: bool = True
    ) -> None:
        if not self._selector.is_dragging:
            self._select(self._selector.choose, mode.selection, mode.lines)
        if scrolls and self._scroll.reveal(
            mode.cursor.line, self.size.height, mode.lines
        ):
            self._tell_scroll()
        self._refresh_rows(frozenset({old.line, mode.cursor.line}))
        self._tell_host_cursor()
        self.post_message(self.CopyModeChanged(mode))


def _span(selection: Selection | None, line: int) -> tuple[int, int] | None:
    return None if selection is None else selection.span(line)
