"""The assistant panel: cards, the model's line, and a question of one's own."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    AnswerUpdate,
    CommandRecord,
    ModelStatus,
    Suggestion,
)
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.panels.answer_section import AnswerSection
from terminal_ai.ui.panels.cards import Card, FailureCard, QuestionCard
from terminal_ai.ui.panels.model_bar import ModelBar
from terminal_ai.ui.panels.question_input import QuestionInput
from terminal_ai.ui.panels.streams import closing
from terminal_ai.ui.texts import MUTED

_logger = logging.getLogger(__name__)

CARDS_LIMIT = 30
"""Older cards are removed; their records stay in the history."""


class AssistantPanel(Vertical):
    """Shows advice and answers; the app decides when to ask and where to place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab,down", "move(1)", show=False),
        Binding("shift+tab,up", "move(-1)", show=False),
        Binding("pageup", "scroll_cards(-1)", show=False),
        Binding("pagedown", "scroll_cards(1)", show=False),
    ]

    class QuestionAsked(Message):
        """The user typed a question."""

        def __init__(self, question: str) -> None:
            super().__init__()
            self.question = question

    class Left(Message):
        """The user wants to go back to the shell."""

    def __init__(
        self,
        answerer: Answerer,
        *,
        place_key: str,
        ask_key: str,
        pull_key: str,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._answerer = answerer
        self._place_key = place_key
        self._ask_key = ask_key
        self._scroll = VerticalScroll(id="cards-scroll")
        self._cards = Vertical(id="cards")
        self._welcome = Static(id="welcome", markup=False)
        self._question = QuestionInput(id="question")
        self._streaming: Worker[None] | None = None
        self.model_bar = ModelBar(answerer, pull_key=pull_key, id="model-bar")

    def compose(self) -> ComposeResult:
        """Lay out the cards over the model's line and the question."""
        self.border_title = _("Assistant")
        self._question.placeholder = _("Ask a question")
        self._welcome.update(
            Content.styled(
                _(
                    "When a command fails, what happened and what helps appear here. "
                    "{key} asks the model."
                ).format(key=self._ask_key),
                MUTED,
            )
        )
        with self._scroll, self._cards:
            yield self._welcome
        yield self.model_bar
        yield self._question

    def on_mount(self) -> None:
        """Follow new text as long as the reader is at the bottom."""
        self._scroll.anchor()

    # -- cards -------------------------------------------------------------------

    @property
    def current(self) -> Card | None:
        """The card with the focus, else the newest."""
        cards = list(self._cards.query(Card))
        for card in cards:
            if card.has_pseudo_class("focus-within"):
                return card
        return cards[-1] if cards else None

    @property
    def target(self) -> Suggestion | None:
        """What the place key takes."""
        card = self.current
        row = card.target if card is not None else None
        return row.suggestion if row is not None else None

    def numbered(self, number: int) -> Suggestion | None:
        """Return a suggestion of the current card by its number from 1."""
        rows = self.current.rows if self.current is not None else []
        return rows[number - 1].suggestion if number <= len(rows) else None

    async def add_failure(
        self, record: CommandRecord, advice: Advice | None
    ) -> FailureCard:
        """Show a failed command, once."""
        for card in self._cards.query(FailureCard):
            if card.record.id == record.id:
                return card
        card = FailureCard(record, advice, place_key=self._place_key)
        await self._add(card)
        return card

    async def _add(self, card: Card) -> None:
        self._welcome.display = False
        old = list(self._cards.query(Card))
        for other in old:
            other.mark_target(is_current=False)
            other.add_class("-old")
        await self._cards.mount(card)
        for extra in old[: max(0, len(old) + 1 - CARDS_LIMIT)]:
            await extra.remove()
        self._scroll.anchor()

    # -- answers -----------------------------------------------------------------

    @property
    def is_answering(self) -> bool:
        """True while an answer streams."""
        return self._streaming is not None and not self._streaming.is_finished

    def next_explanation(self, record: CommandRecord) -> Inquiry:
        """Return what ``explain`` would ask about a failure now."""
        for card in self._cards.query(FailureCard):
            if card.record.id == record.id:
                return Inquiry.about(record, advice=card.advice)
        return Inquiry.about(record)

    def next_question(self, recent: Sequence[CommandRecord]) -> Inquiry:
        """Return what the question line would ask as it stands."""
        return Inquiry.open(self._question.value.strip(), recent=recent)

    async def explain(self, record: CommandRecord) -> None:
        """Ask the model about a failed command, in the command's card."""
        card = await self.add_failure(record, None)
        if self.is_answering and card.answer is not None and card.answer.is_live:
            return
        inquiry = self.next_explanation(record)
        await self._answer_in(card, self._answerer.answer(inquiry))

    async def ask(self, question: str, recent: Sequence[CommandRecord]) -> None:
        """Ask the model a question, in a card of its own."""
        card = QuestionCard(question, place_key=self._place_key)
        await self._add(card)
        inquiry = Inquiry.open(question, recent=recent)
        await self._answer_in(card, self._answerer.answer(inquiry))

    async def _answer_in(self, card: Card, stream: AsyncIterator[AnswerUpdate]) -> None:
        section = await card.begin_answer()
        self._scroll.anchor()
        self._streaming = self._stream_answer(card, section, stream)

    @work(exclusive=True, group="answer", exit_on_error=False)
    async def _stream_answer(
        self, card: Card, section: AnswerSection, stream: AsyncIterator[AnswerUpdate]
    ) -> None:
        try:
            async with closing(stream) as updates:
                async for update in updates:
                    await section.show(update)
                    if update.answer is not None and update.answer.suggestion:
                        await card.add_suggestion(
                            update.answer.suggestion, below=update.answer.explanation
                        )
        except TerminalAIError as error:
            await section.fail(error)
            self._give_back(card)
            self.post_message(ModelBar.Changed())
        except Exception:  # the edge of a worker: nothing may vanish silently
            _logger.exception("the answer failed")
            hint = _("The log file has the details.")
            failure = TerminalAIError(_("The answer failed unexpectedly."), hint=hint)
            await section.fail(failure)
        finally:
            if section.is_live and section.is_attached:
                await section.cancel()

    def _give_back(self, card: Card) -> None:
        """Put a question without an answer where it was typed, to be asked again."""
        if isinstance(card, QuestionCard) and not self._question.value:
            self._question.value = card.question

    def cancel(self) -> bool:
        """Stop the answer that streams; return whether there was one."""
        if not self.is_answering or self._streaming is None:
            return False
        self._streaming.cancel()
        self._streaming = None
        return True

    def show_model(self, status: ModelStatus) -> None:
        """Show what the model can do now."""
        self.model_bar.show(status)

    # -- focus and keys ----------------------------------------------------------

    def focus_question(self) -> None:
        """Put the cursor where a question is typed."""
        self._question.focus()

    def focus_cards(self) -> None:
        """Put the focus on the cards, where Esc stops an answer."""
        self._scroll.focus()

    def _stops(self) -> list[Widget]:
        """The places that Tab visits, from top to bottom."""
        card = self.current
        inner = [
            widget
            for widget in (card.query("*") if card is not None else ())
            if widget.focusable
        ]
        button = [widget for widget in self.model_bar.query("*") if widget.focusable]
        return [*inner, *button, self._question]

    def action_move(self, step: int) -> None:
        """Go to the next or the previous suggestion, and round to the question."""
        stops = self._stops()
        focused = self.screen.focused
        if focused in stops:
            stops[(stops.index(focused) + step) % len(stops)].focus()
        else:
            stops[0 if step > 0 else -1].focus()

    def action_scroll_cards(self, pages: int) -> None:
        """Read on by a page, also while a question is typed."""
        if pages < 0:
            self._scroll.scroll_page_up(animate=False)
        else:
            self._scroll.scroll_page_down(animate=False)

    def action_leave(self) -> None:
        """Stop the answer or the download; with neither, go back to the shell."""
        if self.cancel():
            return
        if self.model_bar.is_pulling and self.model_bar.has_pseudo_class(
            "focus-within"
        ):
            self.model_bar.cancel_pull()
            return
        self.post_message(self.Left())

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Mark the suggestion that the place key would take."""
        current = self.current
        for card in self._cards.query(Card):
            card.mark_target(is_current=card is current)

    @on(Input.Submitted)
    def submit_question(self, event: Input.Submitted) -> None:
        """Hand the question on and make room for the next."""
        event.stop()
        if question := event.value.strip():
            self._question.value = ""
            self.post_message(self.QuestionAsked(question))
