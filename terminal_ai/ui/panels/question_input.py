"""Lines where something is typed or pasted."""

from textual import events
from textual.widgets import Input

from terminal_ai.safety.sanitize import single_line

QUESTION_LIMIT_CHARACTERS = 4_000


class LineInput(Input):
    """An input that keeps every line of a paste; Textual's keeps the first only."""

    def __init__(self, *, id: str, limit_characters: int) -> None:
        super().__init__(id=id, select_on_focus=False, max_length=limit_characters)
        self._limit_characters = limit_characters

    def on_paste(self, event: events.Paste) -> None:
        """Insert the paste as one line, as much of it as there is room for."""
        event.prevent_default()
        event.stop()
        start, end = sorted(self.selection)
        room = self._limit_characters - len(self.value) + (end - start)
        if room > 0:
            text = single_line(" ".join(event.text.split()), room)
            self.replace(text, start, end)


class QuestionInput(LineInput):
    """The line where a question is asked."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, limit_characters=QUESTION_LIMIT_CHARACTERS)
