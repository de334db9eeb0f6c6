"""The output of the highlighted record, scrolled up to its whole length."""

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from terminal_ai.ui.screens.history.row import MATCH_STYLE
from terminal_ai.ui.texts import literal

PIECE_CHARACTERS = 20_000
"""Laid out at a time; the next piece when the reader comes near its end."""
HIGHLIGHTS_LIMIT = 2_000
"""Matches marked in one piece."""


class RecordPreview(VerticalScroll, can_focus=True):
    """Shows a header and an output, in pieces."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("space", "page_down", show=False),
        Binding("b", "page_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G,end", "to_end", show=False),
        Binding("c,ctrl+c", "screen.copy", show=False),
        Binding("o", "screen.copy_output", show=False),
        Binding("m,y", "screen.copy_markdown", show=False),
        Binding("e", "screen.export('markdown')", show=False),
        Binding("E", "screen.export('asciicast')", show=False),
        Binding("x", "screen.choose_export", show=False),
        Binding("a", "screen.ask", show=False),
        Binding("d,delete", "screen.delete('d')", show=False),
        Binding("n", "screen.move(1)", show=False),
        Binding("p", "screen.move(-1)", show=False),
        Binding("enter", "screen.place", show=False),
        Binding("q,slash", "screen.search", show=False),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._header = Static(id="history-header", markup=False)
        self._pattern: re.Pattern[str] | None = None
        self._rest = ""

    def compose(self) -> ComposeResult:
        """Lay out the header; the output comes below it."""
        yield self._header

    def show_nothing(self, reason: Content) -> None:
        """Show why there is no record."""
        self._begin(reason, "", None)

    def show_record(
        self, header: Content, output: str, pattern: re.Pattern[str] | None
    ) -> None:
        """Show a record from its beginning; ``pattern`` is marked in it."""
        if pattern is not None:
            header = header.highlight_regex(pattern, style=MATCH_STYLE)
        self._begin(header, output, pattern)

    def _begin(
        self, header: Content, output: str, pattern: re.Pattern[str] | None
    ) -> None:
        for piece in self.query(".piece"):
            piece.remove()
        self._pattern = pattern
        self._rest = output.rstrip("\n")
        self._header.update(header)
        self.scroll_home(animate=False)
        self._show_piece()

    def _show_piece(self) -> None:
        """Append the next piece, cut at a line's end where there is one."""
        if not self._rest:
            return
        end = len(self._rest)
        if end > PIECE_CHARACTERS:
            end = self._rest.rfind("\n", 0, PIECE_CHARACTERS) + 1 or PIECE_CHARACTERS
        text, self._rest = self._rest[:end], self._rest[end:]
        content = literal(text.removesuffix("\n"))
        if self._pattern is not None:
            content = content.highlight_regex(
                self._pattern, style=MATCH_STYLE, maximum_highlights=HIGHLIGHTS_LIMIT
            )
        self.mount(Static(content, classes="piece", markup=False))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Append what comes next before the reader gets there."""
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value + self.size.height >= self.max_scroll_y:
            self._show_piece()

    def scroll_pages(self, step: int) -> None:
        """Scroll by pages, from wherever the focus is."""
        self.scroll_relative(y=step * self.size.height, animate=False)

    def action_to_end(self) -> None:
        """Show the whole output, and its last line."""
        while self._rest:
            self._show_piece()
        self.scroll_end(animate=False)
