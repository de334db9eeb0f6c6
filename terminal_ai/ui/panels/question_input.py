"""Lines where something is typed or pasted."""

from textual import events
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

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
    """The line where a question is asked, or a sentence becomes a command."""

    class Reversed(Message):
        """Backspace was pressed where nothing stands before the cursor."""

    class Abandoned(Message):
        """The user goes back from an empty sentence; ``key`` is what was pressed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, limit_characters=QUESTION_LIMIT_CHARACTERS)
        self.leaving_key = ""
        """The character that leaves an empty line, as Backspace does; "" is none."""

    async def on_key(self, event: events.Key) -> None:
        """Leave an empty sentence by the key that began it, or by Backspace."""
        if not self.leaving_key:
            if event.key == "backspace" and self.selection == Selection(0, 0):
                self.post_message(self.Reversed())
        elif not self.value and (
            event.key == "backspace" or event.character == self.leaving_key
        ):
            event.stop()
            event.prevent_default()
            self.post_message(self.Abandoned(event.key))
