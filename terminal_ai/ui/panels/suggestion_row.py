"""One suggested command in a card: what it is, how risky, why."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from terminal_ai.records import Suggestion
from terminal_ai.safety.labels import risk_label
from terminal_ai.safety.sanitize import placeable
from terminal_ai.ui.panels.changes import changed_command
from terminal_ai.ui.texts import MUTED, RISK_STYLES, line, prose
from terminal_ai.ui.view.layout_once import show_text

WHY_LIMIT = 300


class SuggestionRow(Horizontal, can_focus=True):
    """A command that Enter or a click places at the prompt; nothing here runs it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", show=False)]

    is_target: reactive[bool] = reactive(False)
    """True for the one suggestion that the place key takes."""

    class Chosen(Message):
        """The user wants this suggestion at the prompt."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    number: reactive[int] = reactive(0)
    """Its place among the suggestions of its card, from 1."""

    def __init__(
        self, suggestion: Suggestion, *, place_key: str, failed_command: str = ""
    ) -> None:
        super().__init__()
        self.suggestion = suggestion
        self._failed_command = failed_command
        self._place_key = place_key
        self._mark = Static(markup=False, classes="suggestion-mark")
        self._text = Static(markup=False, classes="suggestion-text")

    def compose(self) -> ComposeResult:
        """Lay out the number beside the command."""
        yield self._mark
        yield self._text

    def on_mount(self) -> None:
        """Draw the row for the first time."""
        self._draw()

    def watch_is_target(self) -> None:
        """Draw the mark and the key, or take them away."""
        if self.is_mounted:
            self._draw()

    def watch_number(self) -> None:
        """Draw the number that its place has now."""
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        mark = "▸" if self.is_target else " "
        number = (str(self.number or ""), MUTED)
        show_text(self._mark, Content.assemble((mark, "bold $text-accent"), number))
        show_text(self._text, self._described())

    def _described(self) -> Content:
        suggestion = self.suggestion
        placed = placeable(suggestion.command)
        key = f"  {self._place_key}" if self.is_target else ""
        risk = Content.styled(risk_label(suggestion.risk), RISK_STYLES[suggestion.risk])
        why = Content.assemble((" · ", MUTED), prose(suggestion.why, MUTED, WHY_LIMIT))
        removed, command = changed_command(self._failed_command, placed.text)
        lines = [
            *([removed] if removed is not None else []),
            command,
            Content.assemble(
                risk, why if suggestion.why else "", (key, "$text-accent")
            ),
            *(line(f"! {warning}", "$text-warning") for warning in placed.warnings),
        ]
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Place on a click."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Ask for this command to be placed."""
        self.post_message(self.Chosen(self.suggestion))
