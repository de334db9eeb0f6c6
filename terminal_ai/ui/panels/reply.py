"""One answer of a card with its command; an earlier one is folded, not lost."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from terminal_ai.assistant.inquiry import Wording
from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.answer_section import AnswerSection
from terminal_ai.ui.panels.suggestion_row import SuggestionRow
from terminal_ai.ui.texts import MUTED


class FoldTitle(Static, can_focus=True):
    """The line that stands for a folded answer; Enter or a click opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", show=False)]

    class Toggled(Message):
        """The user wants to see it, or no longer."""

    def on_click(self, event: events.Click) -> None:
        """Open on a click."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Ask for the other state."""
        self.post_message(self.Toggled())


class Reply(Vertical):
    """An answer, streaming or complete, and the command it ends with."""

    def __init__(self, wording: Wording) -> None:
        super().__init__()
        self._wording = wording
        self._title = FoldTitle(markup=False)
        self._is_folded = False
        self.section = AnswerSection()
        self.row: SuggestionRow | None = None

    def compose(self) -> ComposeResult:
        """Lay out the answer below a title that only an earlier one shows."""
        self._title.display = False
        yield self._title
        yield self.section

    async def add_row(self, row: SuggestionRow) -> None:
        """Show the command below its explanation."""
        self.row = row
        await self.mount(row)

    def fold(self) -> None:
        """Give way to a newer answer; the title opens it again."""
        self._title.display = True
        self._set_folded(is_folded=True)

    @on(FoldTitle.Toggled)
    def _toggle(self, event: FoldTitle.Toggled) -> None:
        event.stop()
        self._set_folded(is_folded=not self._is_folded)

    def _set_folded(self, *, is_folded: bool) -> None:
        self._is_folded = is_folded
        self.section.display = not is_folded
        if self.row is not None:
            self.row.display = not is_folded
        sign = "▸" if is_folded else "▾"
        self._title.update(Content.styled(f"{sign} {_earlier(self._wording)}", MUTED))


def _earlier(wording: Wording) -> str:
    return {
        Wording.NORMAL: _("earlier answer"),
        Wording.SIMPLER: _("earlier answer, simpler"),
        Wording.SHORTER: _("earlier answer, shorter"),
    }[wording]
