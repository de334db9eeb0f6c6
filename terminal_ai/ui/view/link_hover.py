"""The link under the mouse: underlined, and told to who clicks it."""

from typing import Protocol

from rich.style import Style as RichStyle
from textual import events
from textual.strip import Strip

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.modes import MouseTracking
from terminal_ai.ui.reading.folding import FoldedLines
from terminal_ai.ui.reading.links import Link, link_at
from terminal_ai.ui.view.strips import with_style

_UNDERLINE = RichStyle(underline=True)


class Overlaid(Protocol):
    """The part of the view that showing a link needs."""

    @property
    def lines(self) -> FoldedLines | None:
        """The emulator's rows as they are shown."""

    @property
    def rows_up(self) -> int:
        """Rows between the bottom and the view."""

    def show_link(self, link: Link | None) -> None:
        """Underline a link, or none."""


class LinkHover:
    """Follows the mouse over the view; the program's own mouse mode comes first."""

    def __init__(self, view: Overlaid) -> None:
        self._view = view
        self._link: Link | None = None
        self._pressed: tuple[int, int] | None = None

    def press(self, event: events.MouseEvent) -> None:
        """Remember where the button went down: a drag is no click."""
        self._pressed = int(event.x), int(event.y)

    def move(self, event: events.MouseEvent) -> None:
        """Underline the link under the mouse."""
        self._show(self._under(event))

    def leave(self) -> None:
        """Underline nothing."""
        self._show(None)

    def is_click(self, event: events.MouseEvent) -> bool:
        """Tell whether the button went up where it went down."""
        return (int(event.x), int(event.y)) == self._pressed

    def clicked(self, event: events.MouseEvent) -> Link | None:
        """Return the link that a click with Ctrl asks for."""
        return self._under(event) if event.ctrl and self.is_click(event) else None

    def underline(self, row: Row, strip: Strip) -> Strip:
        """Paint a row of the link."""
        for span in self._link.spans if self._link is not None else ():
            if span.row_id == row.id:
                strip = with_style(strip, span.start, span.end, _UNDERLINE)
        return strip

    def _show(self, link: Link | None) -> None:
        if link != self._link:
            self._link = link
            self._view.show_link(link)

    def _under(self, event: events.MouseEvent) -> Link | None:
        lines = self._view.lines
        if lines is None:
            return None
        is_programs = lines.terminal.modes.mouse_tracking is not MouseTracking.OFF
        line = int(event.y) - self._view.rows_up
        is_row = -lines.scrollback_length <= line < lines.rows
        if (is_programs and not event.shift) or not is_row:
            return None
        return link_at(lines, line, int(event.x))
