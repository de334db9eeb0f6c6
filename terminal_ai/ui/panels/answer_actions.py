"""What can be done with an answer: small buttons below it."""

import enum
from collections.abc import Mapping

from textual import on
from textual.content import Content
from textual.geometry import Size
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button

from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.flow import FlowLayout

_PADDING_CELLS = 2


class AnswerAction(enum.StrEnum):
    """What the user wants of an answer."""

    ANOTHER = "another"
    SIMPLER = "simpler"
    SHORTER = "shorter"
    COPY = "copy"
    FOLLOW_UP = "follow_up"


ActionKeys = Mapping[AnswerAction, str]
"""The keys that do the same, as the user reads them."""


def _label(action: AnswerAction) -> str:
    return {
        AnswerAction.ANOTHER: _("Another"),
        AnswerAction.SIMPLER: _("Simpler"),
        AnswerAction.SHORTER: _("Shorter"),
        AnswerAction.COPY: _("Copy"),
        AnswerAction.FOLLOW_UP: _("Ask on"),
    }[action]


class _WordButton(Button):
    """As wide as its word: the gap to the next one is enough of a border."""

    def on_mount(self) -> None:
        """Take off what Textual puts around a label."""
        self.styles.line_pad = 0

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the cells of the word."""
        return super().get_content_width(container, viewport) - _PADDING_CELLS


class AnswerActions(Widget):
    """The buttons; none before there is an answer, one after an attempt failed."""

    class Chosen(Message):
        """The user wants this of the card's newest answer."""

        def __init__(self, action: AnswerAction) -> None:
            super().__init__()
            self.action = action

    def __init__(self, keys: ActionKeys) -> None:
        super().__init__()
        self._flow = FlowLayout()
        self.display = False
        self._keys = keys
        self._buttons: dict[AnswerAction, _WordButton] = {}
        self._again = _WordButton(
            Content(_("Ask again")), compact=True, classes="again"
        )

    @property
    def layout(self) -> Layout:
        """Style sheets know Textual's own layouts only."""
        return self._flow

    def show(self, *, has_answer: bool) -> None:
        """Offer everything below an answer; without one, to ask again."""
        if not self._buttons:
            # Most cards of failures are never asked about, and need none of them.
            self._buttons = {action: self._button(action) for action in AnswerAction}
            self.mount(*self._buttons.values(), self._again)
        self.display = True
        for button in self._buttons.values():
            button.display = has_answer
        self._again.display = not has_answer

    def _button(self, action: AnswerAction) -> _WordButton:
        return _WordButton(
            Content(_label(action)),
            compact=True,
            classes=action,
            tooltip=Content(self._keys.get(action, "")) or None,
        )

    @on(Button.Pressed)
    def press(self, event: Button.Pressed) -> None:
        """Say what was chosen."""
        event.stop()
        if event.button is self._again:
            self.post_message(self.Chosen(AnswerAction.ANOTHER))
        for action, button in self._buttons.items():
            if button is event.button:
                self.post_message(self.Chosen(action))
