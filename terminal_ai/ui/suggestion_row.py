"""One suggested command in a card: what it is, how risky, why."""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from terminal_ai.records import Suggestion
from terminal_ai.safety.sanitize import placeable
from terminal_ai.ui.texts import RISK_STYLES, line, literal, risk_label

WHY_LIMIT = 300


class SuggestionRow(Static, can_focus=True):
    """A command that Enter or a click places at the prompt; nothing here runs it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", show=False)]

    is_target: reactive[bool] = reactive(False)
    """True for the one suggestion that the place key takes."""

    class Chosen(Message):
        """The user wants this suggestion at the prompt."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(self, number: int, suggestion: Suggestion, *, place_key: str) -> None:
        super().__init__(markup=False)
        self.suggestion = suggestion
        self._number = number
        self._place_key = place_key

    def render(self) -> Content:
        """Return the command, its risk in a word, and the reason."""
        suggestion = self.suggestion
        mark = Content.styled("▸" if self.is_target else " ", "bold $text-accent")
        key = f"  {self._place_key}" if self.is_target and self._place_key else ""
        placed = placeable(suggestion.command)
        pieces = [
            Content.assemble(
                mark,
                (f"{self._number} ", "$text-muted"),
                literal(placed.text, "bold"),
            ),
            Content.assemble(
                "   ",
                (risk_label(suggestion.risk), RISK_STYLES[suggestion.risk]),
                (key, "$text-accent"),
            ),
        ]
        if suggestion.why:
            pieces.append(line("   " + suggestion.why, "$text-muted", WHY_LIMIT))
        pieces += [
            line("   ! " + warning, "$text-warning") for warning in placed.warnings
        ]
        return Content("\n").join(pieces)

    def watch_is_target(self) -> None:
        """Draw the mark."""
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        """Place on a click."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Ask for this command to be placed."""
        self.post_message(self.Chosen(self.suggestion))
