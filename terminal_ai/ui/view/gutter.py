"""One column left of the terminal: how each command in view ended."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from terminal_ai.ui.view.frames import row_regions
from terminal_ai.ui.view.marks import STATE_SYMBOLS, Marks

_GOES_ON = "▏"


class Gutter(Widget):
    """Draws the marks it is given, and tells which one was pressed."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "gutter--running",
        "gutter--succeeded",
        "gutter--failed",
        "gutter--unknown",
        "gutter--chosen",
        "gutter--chosen-prompt",
    }

    class Pressed(Message):
        """The user clicked beside a row of the view."""

        def __init__(self, y: int) -> None:
            super().__init__()
            self.y = y

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._marks: Marks = ()

    def show(self, marks: Marks) -> None:
        """Draw other marks, where they differ."""
        before, self._marks = self._marks, marks
        changed = {
            y
            for y in range(max(len(before), len(marks)))
            if before[y : y + 1] != marks[y : y + 1]
        }
        if changed:
            self.refresh(*row_regions(changed, self.size.width))

    def render_line(self, y: int) -> Strip:
        """Paint the mark beside one row."""
        mark = self._marks[y] if y < len(self._marks) else None
        if mark is None:
            return Strip.blank(self.size.width, self.rich_style)
        name = mark.block.state.name.lower() if mark.is_prompt else "chosen"
        style = self.get_component_rich_style(f"gutter--{name}")
        if mark.is_prompt and mark.is_chosen:
            # Its own colour stays: it tells how the command ended.
            chosen = self.get_component_rich_style("gutter--chosen-prompt")
            style += RichStyle(bgcolor=chosen.bgcolor, reverse=chosen.reverse)
        symbol = STATE_SYMBOLS[mark.block.state] if mark.is_prompt else _GOES_ON
        return Strip([Segment(symbol, style)])

    def on_click(self, event: events.Click) -> None:
        """Tell beside which row."""
        event.stop()
        self.post_message(self.Pressed(int(event.y)))
