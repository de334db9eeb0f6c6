"""A view that the mouse scrolls, selects in and clicks, or reports to the program."""

from textual import events
from textual.message import Message

from terminal_ai.terminal.input.keys import encode_key
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.links import Link
from terminal_ai.ui.view.link_hover import LinkHover
from terminal_ai.ui.view.marked_view import MarkedView
from terminal_ai.ui.view.mouse import (
    WHEEL_DOWN,
    WHEEL_LEFT,
    WHEEL_RIGHT,
    WHEEL_UP,
    encode_mouse,
    event_button,
)

WHEEL_ROWS = 3


class MouseView(MarkedView):
    """Gives the mouse to the program that asked for it, and uses it otherwise."""

    class LinkChosen(Message):
        """The user pointed at a link and asks for it."""

        def __init__(self, link: Link) -> None:
            super().__init__()
            self.link = link

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._last_mouse_report = b""
        self._hover = LinkHover(self)

    def show_link(self, link: Link | None) -> None:
        """Underline a link, and make the pointer a hand on it."""
        self.styles.pointer = "default" if link is None else "pointer"
        self.set_overlay("link", None if link is None else self._hover.underline)

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
        if report := self._encoded(event, button, terminal):
            self._session.press(report)

    def _encoded(
        self,
        event: events.MouseEvent,
        button: int,
        terminal: Terminal,
        *,
        is_move: bool = False,
        is_release: bool = False,
    ) -> bytes:
        """Return the report for the program, with the row that it knows."""
        return encode_mouse(
            event,
            button,
            terminal.modes,
            is_move=is_move,
            is_release=is_release,
            moved_rows=self._moved_rows(int(event.y)),
        )

    def _wheel(
        self, event: events.MouseEvent, button: int, key: str, rows: int
    ) -> None:
        event.stop()
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        is_ours = self._copy_mode is not None
        if not is_ours and (report := self._encoded(event, button, terminal)):
            self._session.press(report)
        elif terminal.is_alternate and not is_ours:
            self._session.press(encode_key(key, None, terminal.modes) * WHEEL_ROWS)
        else:
            self._scroll_by(rows)
            self._follow_pointer()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin or extend a selection, or report the button to the program."""
        self._hover.press(event)
        if event.button == 1 and self._press_header(int(event.y)):
            return
        lines = self._lines
        is_programs = self._is_programs(int(event.y)) and self._report_mouse(event)
        if not is_programs and event.button == 1 and lines is not None:
            self._begin_drag(event, lines)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection, or report the move to the program."""
        self._hover.move(event)
        if not self._selector.is_dragging:
            self._report_mouse(event, is_move=True)
            return
        self._drag(event)

    def on_leave(self) -> None:
        """Underline no link any more."""
        self._hover.leave()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection, or report the button to the program."""
        if not self._selector.is_dragging:
            self._report_mouse(event, is_release=True)
            return
        self._end_drag()

    def on_click(self, event: events.Click) -> None:
        """Unfold what was clicked, or ask for the link that was clicked with Ctrl."""
        if self._hover.is_click(event) and self._unfold_at(int(event.y)):
            return
        if (link := self._hover.clicked(event)) is not None:
            self.post_message(self.LinkChosen(link))

    def _report_mouse(
        self,
        event: events.MouseEvent,
        *,
        is_move: bool = False,
        is_release: bool = False,
    ) -> bool:
        terminal = self._terminal
        if self._session is None or terminal is None or self._copy_mode is not None:
            return False
        report = self._encoded(
            event,
            event_button(event),
            terminal,
            is_move=is_move,
            is_release=is_release,
        )
        # A host that counts pixels tells of moves within a cell.
        if report and not (is_move and report == self._last_mouse_report):
            self._session.press(report)
        self._last_mouse_report = report
        return bool(report)
