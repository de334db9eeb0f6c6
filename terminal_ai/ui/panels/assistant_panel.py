"""The assistant panel: cards, the model's line, and a question of one's own."""

import logging
from collections.abc import Sequence
from typing import ClassVar

from msgspec import structs
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from terminal_ai.assistant.inquiry import Inquiry, InquiryKind, Wording
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    Answer,
    CommandRecord,
    ModelState,
    ModelStatus,
    PrefetchState,
    Suggestion,
)
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.panels.answer_actions import AnswerAction, AnswerActions
from terminal_ai.ui.panels.answer_section import AnswerSection, prepare_answers
from terminal_ai.ui.panels.cards import Card, CardKeys, FailureCard, QuestionCard
from terminal_ai.ui.panels.model_bar import ModelBar
from terminal_ai.ui.panels.question_line import LineMode, QuestionLine
from terminal_ai.ui.panels.reply import Reply
from terminal_ai.ui.panels.streams import closing
from terminal_ai.ui.panels.threads import another, answer_text, followed, reworded
from terminal_ai.ui.texts import MUTED
from terminal_ai.ui.view.layout_once import changing
from utils.async_optimizer import run_in_thread

_logger = logging.getLogger(__name__)

CARDS_LIMIT = 10
"""Older cards are removed; their records stay in the history."""

_WORDINGS = {
    AnswerAction.SIMPLER: Wording.SIMPLER,
    AnswerAction.SHORTER: Wording.SHORTER,
}


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
        """The user typed a new question, or a sentence that is to become a command."""

        def __init__(self, question: str, kind: InquiryKind) -> None:
            super().__init__()
            self.question = question
            self.kind = kind

    class CommandProposed(Message):
        """A sentence has become a command, or could not: then there is none."""

        def __init__(self, suggestion: Suggestion | None) -> None:
            super().__init__()
            self.suggestion = suggestion

    class CopyWanted(Message):
        """The user wants an answer on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class SentenceLeft(Message):
        """The user goes back from a sentence; ``is_literal``: types its key instead."""

        def __init__(self, *, is_literal: bool) -> None:
            super().__init__()
            self.is_literal = is_literal

    class Left(Message):
        """The user wants to go back to the shell."""

    def __init__(
        self,
        answerer: Answerer,
        *,
        keys: CardKeys,
        pull_key: str,
        sentence_key: str,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._answerer = answerer
        self._keys = keys
        self._scroll = VerticalScroll(id="cards-scroll")
        self._cards = Vertical(id="cards")
        self._welcome = Static(id="welcome", markup=False)
        self._line = QuestionLine(sentence_key=sentence_key, id="question-line")
        self._streaming: Worker[None] | None = None
        self._status: ModelStatus | None = None
        self._followed: Card | None = None
        self._unfollowed: Reply | None = None
        self._is_prepared = False
        self.model_bar = ModelBar(answerer, pull_key=pull_key, id="model-bar")

    def compose(self) -> ComposeResult:
        """Lay out the cards over the model's line and the question."""
        self.border_title = _("Assistant")
        self._welcome.update(
            Content.styled(
                _(
                    "When a command fails, what happened and what helps appear here. "
                    "{key} asks the model."
                ).format(key=self._keys.ask),
                MUTED,
            )
        )
        with self._scroll, self._cards:
            yield self._welcome
        yield self.model_bar
        yield self._line

    def on_mount(self) -> None:
        """Follow new text as long as the reader is at the bottom."""
        self._scroll.anchor()

    # -- cards -------------------------------------------------------------------

    @property
    def _all_cards(self) -> list[Card]:
        """The cards, the newest last; a query would look at all that is in them."""
        return [card for card in self._cards.children if isinstance(card, Card)]

    @property
    def current(self) -> Card | None:
        """The card with the focus, else the newest."""
        cards = self._all_cards
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

    def _failure_card(self, record_id: str) -> FailureCard | None:
        for card in self._all_cards:
            if isinstance(card, FailureCard) and card.record.id == record_id:
                return card
        return None

    async def add_failure(
        self,
        record: CommandRecord,
        advice: Advice | None,
        *,
        prefetch: PrefetchState | None = None,
    ) -> FailureCard:
        """Show a failed command, once, and what is known of its prefetch."""
        card = self._failure_card(record.id)
        if card is None:
            card = FailureCard(record, advice, keys=self._keys)
            if prefetch is not None:
                card.show_prefetch(prefetch)
            await self._add(card)
        return card

    async def show_prefetch(self, record: CommandRecord, state: PrefetchState) -> bool:
        """Say in the failure's card whether an answer waits there, and return it.

        A failure that the advisor was silent about gets a card when it is asked about.
        """
        card = self._failure_card(record.id)
        if card is None and state is not PrefetchState.GIVEN_UP:
            card = await self.add_failure(record, None)
        if card is None:
            return False
        card.show_prefetch(state)
        return state is PrefetchState.READY and card.reply is None

    async def _add(self, card: Card) -> None:
        old = self._all_cards
        with changing(self):
            self._welcome.display = False
            for other in old:
                other.mark_target(is_current=False)
                other.add_class("-old")
            await self._cards.mount(card)
            for extra in old[: max(0, len(old) + 1 - CARDS_LIMIT)]:
                await extra.remove()
            self._scroll.anchor()
            self._show_following()
        self.call_after_refresh(self._prepare_answers)

    @work(exit_on_error=False)
    async def _prepare_answers(self) -> None:
        """With the first card, or the first question: the answer is yet to come."""
        if not self._is_prepared:
            self._is_prepared = True
            await run_in_thread(prepare_answers)

    # -- answers -----------------------------------------------------------------

    @property
    def is_answering(self) -> bool:
        """True while an answer streams."""
        return self._streaming is not None and not self._streaming.is_finished

    def next_explanation(self, record: CommandRecord) -> Inquiry:
        """Return what ``explain`` would ask about a failure now."""
        card = self._failure_card(record.id)
        return Inquiry.about(record) if card is None else _next_inquiry(card)

    def next_question(
        self, recent: Sequence[CommandRecord], *, directory: str = ""
    ) -> Inquiry:
        """Return what the question line would ask as it stands."""
        text = self._line.value.strip()
        card = self._thread
        if self._line.is_following and card is not None and card.told is not None:
            return followed(*card.told, text)
        inquiry = Inquiry.open(text, recent=recent, directory=directory)
        is_sentence = self._line.mode is LineMode.SENTENCE
        return (
            structs.replace(inquiry, kind=InquiryKind.COMMAND)
            if is_sentence
            else inquiry
        )

    async def explain(self, record: CommandRecord) -> None:
        """Ask the model about a failed command, in the command's card."""
        card = await self.add_failure(record, None)
        if not (self.is_answering and card.is_live):
            await self._answer_in(card, _next_inquiry(card))

    async def ask(
        self,
        question: str,
        recent: Sequence[CommandRecord],
        kind: InquiryKind = InquiryKind.ASK,
        *,
        directory: str = "",
    ) -> None:
        """Ask the model a question, in a card of its own."""
        inquiry = structs.replace(
            Inquiry.open(question, recent=recent, directory=directory), kind=kind
        )
        card = QuestionCard(inquiry, keys=self._keys)
        await self._add(card)
        await self._answer_in(card, inquiry)

    async def act(self, action: AnswerAction) -> bool:
        """Do something with the current card's answer; False where that is nothing."""
        card = self.current
        if card is None:
            return False
        if action is AnswerAction.FOLLOW_UP:
            self._followed, self._unfollowed = card, None
            self.focus_question()
            return True
        if action is AnswerAction.COPY:
            return self._copy(card)
        if self.is_answering and card.is_live:
            return True
        inquiry = _next_inquiry(card)
        if action in _WORDINGS:
            inquiry = reworded(inquiry, _WORDINGS[action])
        elif card.answer is not None:
            inquiry = another(inquiry)
        card.focus(scroll_visible=False)
        await self._answer_in(card, inquiry)
        return True

    def _copy(self, card: Card) -> bool:
        answer = card.answer
        if answer is not None:
            self.post_message(self.CopyWanted(answer_text(answer)))
        return answer is not None

    async def _answer_in(self, card: Card, inquiry: Inquiry) -> None:
        reply = await card.begin(inquiry)
        self._scroll.anchor()
        self._show_following()
        self._streaming = self._stream_answer(card, reply.section, inquiry)

    @work(exclusive=True, group="answer", exit_on_error=False)
    async def _stream_answer(
        self, card: Card, section: AnswerSection, inquiry: Inquiry
    ) -> None:
        try:
            async with closing(self._answerer.answer(inquiry)) as updates:
                async for update in updates:
                    await section.show(update)
                    if update.answer is not None:
                        await self._finish(card, inquiry, update.answer)
        except TerminalAIError as error:
            await section.fail(error)
            self._give_back(card, inquiry)
            self._show_following()
            self.post_message(ModelBar.Changed())
        except Exception:  # the edge of a worker: nothing may vanish silently
            _logger.exception("the answer failed")
            hint = _("The log file has the details.")
            failure = TerminalAIError(_("The answer failed unexpectedly."), hint=hint)
            await section.fail(failure)
            self._give_back(card, inquiry)
            self._show_following()
        finally:
            if section.is_live and section.is_attached:
                await section.cancel()
                card.offer_again()

    async def _finish(self, card: Card, inquiry: Inquiry, answer: Answer) -> None:
        await card.finish(answer)
        self._show_following()
        is_first = not (inquiry.is_another or inquiry.wording is not Wording.NORMAL)
        if inquiry.kind is InquiryKind.COMMAND and is_first:
            self.post_message(self.CommandProposed(answer.suggestion))

    def _give_back(self, card: Card, inquiry: Inquiry) -> None:
        """Put a question without an answer where it was typed, to be asked again."""
        card.offer_again()
        is_sentence = inquiry.kind is InquiryKind.COMMAND
        mode = LineMode.SENTENCE if is_sentence else LineMode.QUESTION
        if inquiry.question and card.answer is None:
            self._line.give_back(inquiry.question, mode)

    def cancel(self) -> bool:
        """Stop the answer that streams; return whether there was one."""
        if not self.is_answering or self._streaming is None:
            return False
        self._streaming.cancel()
        self._streaming = None
        return True

    def show_model(self, status: ModelStatus) -> None:
        """Show what the model can do now."""
        self._status = status
        self.model_bar.show(status)

    # -- the line below ----------------------------------------------------------

    def focus_question(self) -> None:
        """Put the cursor where a question is typed."""
        self._line.switch(LineMode.QUESTION)
        self._show_following()
        # At once: the keys that follow are meant for it.
        self.screen.set_focus(self._line.input)

    def focus_sentence(self) -> None:
        """Put the cursor where a sentence is typed that is to become a command."""
        self._line.switch(LineMode.SENTENCE)
        self._warn_without_model()
        # At once: the keys that follow are meant for it.
        self.screen.set_focus(self._line.input)

    def _warn_without_model(self) -> bool:
        """Say at once that nobody would answer, if so."""
        status = self._status
        if status is None or status.state is ModelState.READY:
            return False
        self._line.warn(self.model_bar.reason(status))
        return True

    @property
    def _thread(self) -> Card | None:
        """The card that a question would go on with."""
        card = self._followed
        return card if card is not None and card.is_attached else self.current

    def _show_following(self) -> None:
        """Say what the next question goes on with: the current card's answer."""
        card = self._thread
        is_followed = (
            card is not None
            and card.told is not None
            and card.reply is not self._unfollowed
        )
        self._line.follow(card.subject if card is not None and is_followed else "")

    @on(QuestionLine.Entered)
    async def enter_line(self, event: QuestionLine.Entered) -> None:
        """Ask on in a card, or hand a new question on; make room for the next."""
        event.stop()
        card, self._followed = self._thread, None
        if event.mode is LineMode.SENTENCE:
            if self._warn_without_model():
                self.post_message(ModelBar.Changed())
                return
            self._line.clear()
            self._line.switch(LineMode.QUESTION)
            self.focus_cards()
            self.post_message(self.QuestionAsked(event.text, InquiryKind.COMMAND))
        elif self._line.is_following and card is not None and card.told is not None:
            self._line.clear()
            inquiry = followed(*card.told, event.text)
            await self._answer_in(card, inquiry)
        else:
            self._line.clear()
            self.post_message(self.QuestionAsked(event.text, InquiryKind.ASK))

    @on(QuestionLine.NewWanted)
    def begin_anew(self, event: QuestionLine.NewWanted) -> None:
        """Let the next question be a new one, until there is another answer."""
        event.stop()
        card, self._followed = self._thread, None
        self._unfollowed = card.reply if card is not None else None
        self._show_following()

    @on(QuestionLine.SentenceLeft)
    def leave_sentence(self, event: QuestionLine.SentenceLeft) -> None:
        """Go back to the shell, which may get the key's letter."""
        event.stop()
        self._line.switch(LineMode.QUESTION)
        self.post_message(self.SentenceLeft(is_literal=event.is_literal))

    @on(AnswerActions.Chosen)
    async def choose(self, event: AnswerActions.Chosen) -> None:
        """Do what a button says."""
        event.stop()
        await self.act(event.action)

    # -- focus and keys ----------------------------------------------------------

    def focus_cards(self) -> None:
        """Put the focus on the cards, where Esc stops an answer."""
        self._scroll.focus()

    def _stops(self) -> list[Widget]:
        """The places that Tab visits, from top to bottom."""
        card = self.current
        inside = [*(card.query("*") if card is not None else ())]
        inside += self.model_bar.query("*")
        stops = [widget for widget in inside if widget.focusable and _is_shown(widget)]
        return [*stops, self._line.input]

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
        """Stop the answer or the download; else go back to the shell."""
        if self.cancel():
            return
        if self.model_bar.is_pulling and self.model_bar.has_pseudo_class(
            "focus-within"
        ):
            self.model_bar.cancel_pull()
            return
        if self._line.mode is LineMode.SENTENCE:
            self._line.switch(LineMode.QUESTION)
        self.post_message(self.Left())

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Mark the suggestion that the place key would take; expect a question."""
        current = self.current
        for card in self._all_cards:
            card.mark_target(is_current=card is current)
        if self._line.input.has_focus:
            self._prepare_answers()
        else:
            self._followed = None
        self._show_following()


def _next_inquiry(card: Card) -> Inquiry:
    """Return what a card asks for next: the same again, if it was asked before."""
    if card.inquiry is not None:
        return card.inquiry
    if isinstance(card, FailureCard):
        return Inquiry.about(card.record, advice=card.advice)
    assert isinstance(card, QuestionCard)
    return card.first_inquiry


def _is_shown(widget: Widget) -> bool:
    """Tell whether neither it nor what it stands in is hidden."""
    return all(node.display for node in widget.ancestors_with_self)
