"""The line where a search is typed, and the keys that go through its matches."""

from dataclasses import dataclass

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input

from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.reading.query import QUERY_LIMIT_CHARACTERS

OLDER, NEWER = 1, -1
_STEPS = {"up": OLDER, "down": NEWER, "shift+enter": NEWER}
_LETTER_STEPS = {"n": OLDER, "N": NEWER}


class FindInput(Input):
    """An input that keeps its letters, until Enter makes n and N go on from there."""

    @dataclass
    class Stepped(Message):
        """Go to another match."""

        step: int

    class Kept(Message):
        """Stay where the match is."""

    class Left(Message):
        """Close the search."""

    class RegexToggled(Message):
        """Take the text for a regular expression, or no longer."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id, select_on_focus=False, max_length=QUERY_LIMIT_CHARACTERS
        )
        self.is_kept = False

    async def on_key(self, event: events.Key) -> None:
        """Take the keys of the search; letters after all others are typed."""
        message = self._message(event)
        if message is not None:
            event.stop()
            event.prevent_default()
            self.post_message(message)

    def _message(self, event: events.Key) -> Message | None:
        if event.key == "escape":
            return self.Left()
        if event.key == "alt+r":
            return self.RegexToggled()
        if event.key in _STEPS:
            return self.Stepped(_STEPS[event.key])
        if event.key == "enter":
            if self.is_kept:
                return self.Stepped(OLDER)
            self.is_kept = True
            return self.Kept()
        if self.is_kept and event.character in _LETTER_STEPS:
            return self.Stepped(_LETTER_STEPS[event.character])
        return None

    def on_resize(self) -> None:
        """Keep the cursor in view when the line becomes shorter."""
        column = self.cursor_screen_offset.x - self.content_region.x
        column += self.scroll_offset.x
        place = Region(column, 0, 1, 1)
        self.scroll_to_region(place, force=True, animate=False)

    def on_paste(self, event: events.Paste) -> None:
        """Insert the first line of the paste that is not blank."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if lines:
            start, end = sorted(self.selection)
            room = QUERY_LIMIT_CHARACTERS - len(self.value) + (end - start)
            self.replace(single_line(lines[0], room), start, end)
