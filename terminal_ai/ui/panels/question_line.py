"""Where a question is typed, and what kind of question it will be."""

import enum

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.panels.question_input import QuestionInput
from terminal_ai.ui.texts import MUTED
from terminal_ai.ui.view.layout_once import show_text

SUBJECT_LIMIT_CHARACTERS = 80
WARNING_LIMIT_CHARACTERS = 160


class LineMode(enum.Enum):
    """What becomes of the line when it is entered."""

    QUESTION = enum.auto()
    SENTENCE = enum.auto()
    """It is turned into a command."""


class QuestionLine(Vertical):
    """An input below a note that says what it is for; each mode keeps its own text."""

    class Entered(Message):
        """The user has entered a line; it is still there until ``clear``."""

        def __init__(self, text: str, mode: LineMode) -> None:
            super().__init__()
            self.text = text
            self.mode = mode

    class NewWanted(Message):
        """The user wants to ask something new, not to follow up."""

    class SentenceLeft(Message):
        """The user wants no command after all; ``is_literal``: but the key's letter."""

        def __init__(self, *, is_literal: bool) -> None:
            super().__init__()
            self.is_literal = is_literal

    def __init__(self, *, sentence_key: str, id: str) -> None:
        super().__init__(id=id)
        self._sentence_key = sentence_key
        self._note = Static(id="question-note", markup=False)
        self._input = QuestionInput(id="question")
        self._drafts = dict.fromkeys(LineMode, "")
        self._subject = ""
        self._warning = ""
        self.mode = LineMode.QUESTION

    def compose(self) -> ComposeResult:
        """Lay out the note over the line."""
        yield self._note
        yield self._input

    def on_mount(self) -> None:
        """Begin as a line for questions."""
        self._describe()

    @property
    def value(self) -> str:
        """What is typed now."""
        return self._input.value

    @property
    def input(self) -> QuestionInput:
        """The line itself."""
        return self._input

    # -- modes ---------------------------------------------------------------------

    def switch(self, mode: LineMode) -> None:
        """Go to a mode, with the text that was left there."""
        self._warning = ""
        if mode is not self.mode:
            self._drafts[self.mode] = self.value
            self.mode = mode
            self._set(self._drafts[mode])
            if mode is LineMode.SENTENCE:
                # An old sentence goes with the first letter of a new one.
                self._input.selection = Selection(0, len(self.value))
        self._describe()

    def clear(self) -> None:
        """Take away what was entered: it is asked now."""
        self._set("")

    def give_back(self, text: str, mode: LineMode) -> None:
        """Put a text without an answer where it was typed, unless there is another."""
        if mode is self.mode:
            if not self.value:
                self._set(text)
        elif not self._drafts[mode]:
            self._drafts[mode] = text

    def _set(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    # -- the note ------------------------------------------------------------------

    @property
    def is_following(self) -> bool:
        """True while a question would go on with a thread."""
        return self.mode is LineMode.QUESTION and bool(self._subject)

    def follow(self, subject: str) -> None:
        """Say what a question will follow up on; "" is nothing."""
        self._subject = single_line(subject, SUBJECT_LIMIT_CHARACTERS)
        self._describe()

    def warn(self, reason: str) -> None:
        """Say why the line cannot be answered now."""
        self._warning = single_line(reason, WARNING_LIMIT_CHARACTERS)
        self._describe()

    def _describe(self) -> None:
        is_sentence = self.mode is LineMode.SENTENCE
        self._input.leaving_key = self._sentence_key if is_sentence else ""
        self.set_class(is_sentence, "-sentence")
        self._note.set_class(is_sentence or self.is_following, "-on")
        if is_sentence:
            sign = Content.styled(_("→ sentence to command"), "bold $text-accent")
            warning = Content.styled(self._warning, "$text-warning")
            show_text(self._note, warning if self._warning else sign)
            self._input.placeholder = _("Say what to do")
        elif self._subject:
            told = _("following up on {subject}").format(subject=self._subject)
            note = Content.assemble(("↳ ", "$text-accent"), (told, MUTED))
            show_text(self._note, note)
            self._input.placeholder = _("Ask on; Backspace: a new question")
        else:
            show_text(self._note, Content(""))
            self._input.placeholder = _("Ask a question")

    # -- what is typed -------------------------------------------------------------

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        """Hand the line on."""
        event.stop()
        if text := event.value.strip():
            self.post_message(self.Entered(text, self.mode))

    @on(QuestionInput.Reversed)
    def reverse(self, event: QuestionInput.Reversed) -> None:
        """Take the thread away, which stands before the text."""
        event.stop()
        if self.is_following:
            self.post_message(self.NewWanted())

    @on(events.Click, "#question-note")
    def press_note(self, event: events.Click) -> None:
        """Take the thread away that was clicked."""
        event.stop()
        self._input.focus()
        if self.is_following:
            self.post_message(self.NewWanted())

    @on(QuestionInput.Abandoned)
    def abandon(self, event: QuestionInput.Abandoned) -> None:
        """Go back without a sentence."""
        event.stop()
        is_literal = event.key != "backspace"
        self.post_message(self.SentenceLeft(is_literal=is_literal))
