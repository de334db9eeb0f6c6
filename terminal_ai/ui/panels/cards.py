"""Cards of the assistant: a failed command, or a question, and what helps."""

from dataclasses import dataclass, field, replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    Answer,
    CommandRecord,
    PrefetchState,
    Suggestion,
)
from terminal_ai.ui.panels.answer_actions import ActionKeys, AnswerActions
from terminal_ai.ui.panels.reply import Reply
from terminal_ai.ui.panels.suggestion_row import SuggestionRow
from terminal_ai.ui.texts import MUTED, figures, line, literal, prose
from terminal_ai.ui.view.layout_once import show_text

EVIDENCE_LIMIT = 300
TURNS_LIMIT = 12
"""Older questions of a thread are taken off their card, with their answers."""
REPLIES_LIMIT = 5
"""Answers to one question that a card keeps."""


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The keys that cards name, as the user reads them."""

    place: str
    ask: str
    actions: ActionKeys


@dataclass(slots=True)
class _Turn:
    """One question of a thread, with the answers given to it, the newest last."""

    inquiry: Inquiry
    question: Static | None
    replies: list[Reply] = field(default_factory=list)


class Card(Vertical, can_focus=True):
    """A heading, suggestions, and a thread of questions with their answers."""

    def __init__(
        self,
        mark: Content,
        heading: Content,
        *,
        subject: str,
        keys: CardKeys,
        failed_command: str = "",
    ) -> None:
        super().__init__(classes="card")
        self._mark = mark
        self._heading = heading
        self._failed_command = failed_command
        self._turns: list[_Turn] = []
        self._actions = AnswerActions(keys.actions)
        self._body: list[Static] = []
        self._first_suggestions: tuple[Suggestion, ...] = ()
        self.subject = subject
        """What it is about, as the user wrote it."""
        self.keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the heading, the explanation and the suggestions."""
        with Horizontal(classes="card-heading"):
            yield Static(self._mark, classes="card-heading-mark", markup=False)
            yield Static(self._heading, classes="card-heading-text", markup=False)
        yield from self._body
        for suggestion in self._first_suggestions:
            yield self._row(suggestion)
        yield self._actions

    def on_mount(self) -> None:
        """Mark what the place key takes."""
        self.mark_target()

    def _row(self, suggestion: Suggestion) -> SuggestionRow:
        return SuggestionRow(
            suggestion,
            place_key=self.keys.place,
            failed_command=self._failed_command,
        )

    # -- suggestions ---------------------------------------------------------------

    @property
    def rows(self) -> list[SuggestionRow]:
        """The suggestions in view, in the order of their numbers."""
        parts = (
            part.row if isinstance(part, Reply) else part for part in self.children
        )
        return [row for row in parts if isinstance(row, SuggestionRow) and row.display]

    @property
    def target(self) -> SuggestionRow | None:
        """The suggestion the place key takes: the focused one, else the best.

        A model's command was asked for, so the newest answer's is preferred.
        """
        rows = self.rows
        for row in rows:
            if row.has_focus:
                return row
        if self.reply is not None and self.reply.row in rows:
            return self.reply.row
        if not rows:
            return None
        return rows[0] if self._first_suggestions else rows[-1]

    def mark_target(self, *, is_current: bool = True) -> None:
        """Number the suggestions, and mark the one that the place key takes."""
        target = self.target if is_current else None
        for number, row in enumerate(self.rows, 1):
            row.number = number
            row.is_target = row is target

    # -- answers -------------------------------------------------------------------

    @property
    def reply(self) -> Reply | None:
        """The newest answer, streaming or not."""
        replies = self._turns[-1].replies if self._turns else []
        return replies[-1] if replies else None

    @property
    def inquiry(self) -> Inquiry | None:
        """What was asked last."""
        return self._turns[-1].inquiry if self._turns else None

    @property
    def answer(self) -> Answer | None:
        """The newest answer if it is complete."""
        return self.reply.section.answer if self.reply is not None else None

    @property
    def told(self) -> tuple[Inquiry, Answer] | None:
        """What a question can go on with: the newest complete answer, and its own."""
        if self.is_live:
            return None
        for turn in reversed(self._turns):
            for reply in reversed(turn.replies):
                if reply.section.answer is not None:
                    return turn.inquiry, reply.section.answer
        return None

    @property
    def is_live(self) -> bool:
        """True while an answer streams into it."""
        return self.reply is not None and self.reply.section.is_live

    async def begin(self, inquiry: Inquiry) -> Reply:
        """Make room for an answer: below all others, or in place of the newest.

        A question that was not asked in this card before begins a turn of its own.
        """
        turn = self._turns[-1] if self._turns else None
        if turn is None or turn.inquiry.question != inquiry.question:
            turn = await self._add_turn(inquiry)
        elif (newest := turn.replies[-1]).section.answer is not None:
            newest.fold()
        else:
            await turn.replies.pop().remove()
        turn.inquiry = inquiry
        reply = Reply(inquiry.wording)
        turn.replies.append(reply)
        if len(turn.replies) > REPLIES_LIMIT:
            await turn.replies.pop(0).remove()
        self._actions.display = False
        await self.mount(reply, before=self._actions)
        self.mark_target()
        return reply

    async def _add_turn(self, inquiry: Inquiry) -> _Turn:
        question: Static | None = None
        if self._turns:
            text = Content.assemble(
                ("? ", "bold $text-accent"), literal(inquiry.question)
            )
            question = Static(text, classes="card-question", markup=False)
            await self.mount(question, before=self._actions)
        turn = _Turn(inquiry, question)
        self._turns.append(turn)
        if len(self._turns) > TURNS_LIMIT:
            oldest = self._turns.pop(0)
            gone = (*oldest.replies, *([oldest.question] if oldest.question else ()))
            for widget in gone:
                await widget.remove()
        return turn

    async def finish(self, answer: Answer) -> None:
        """Show the command of the newest answer, and what can be done with it."""
        suggestion, reply = answer.suggestion, self.reply
        shown = {row.suggestion.command for row in self.rows}
        if suggestion is not None and reply and suggestion.command not in shown:
            unsaid = _without_repetition(suggestion, answer.explanation)
            await reply.add_row(self._row(unsaid))
        self._actions.show(has_answer=True)
        self.mark_target()

    def offer_again(self) -> None:
        """Offer to ask again what got no answer."""
        self._actions.show(has_answer=False)


class FailureCard(Card):
    """What happened, why, the line it rests on, and up to three fixes."""

    def __init__(
        self, record: CommandRecord, advice: Advice | None, *, keys: CardKeys
    ) -> None:
        mark = Content.styled("✗", "bold $text-error")
        super().__init__(
            mark,
            _failure_heading(record),
            subject=record.command_line,
            keys=keys,
            failed_command=record.command_line,
        )
        self.record = record
        self.advice = advice
        self._prefetch = Static(classes="card-prefetch", markup=False)
        self._prefetch.display = False
        if advice is not None:
            self._describe(advice)
        self._body.append(self._prefetch)

    def _describe(self, advice: Advice) -> None:
        self._first_suggestions = tuple(
            _without_repetition(suggestion, advice.why)
            for suggestion in advice.suggestions
        )
        self._body = [
            Static(prose(advice.what, "bold"), classes="card-what", markup=False)
        ]
        if advice.why:
            self._body.append(Static(prose(advice.why), markup=False))
        if advice.evidence:
            quote = line(advice.evidence, MUTED, EVIDENCE_LIMIT)
            self._body.append(Static(quote, classes="card-evidence", markup=False))
        if advice.see:
            text = _("Read on: {references}").format(references=" · ".join(advice.see))
            self._body.append(
                Static(line(text, MUTED), classes="card-see", markup=False)
            )

    def show_prefetch(self, state: PrefetchState) -> None:
        """Say quietly that an answer is on its way or there, until it is asked for."""
        is_said = state is not PrefetchState.GIVEN_UP and self.reply is None
        self._prefetch.display = is_said
        if state is PrefetchState.READY:
            key = Content.styled(self.keys.ask, "$text-accent")
            text = Content.assemble(key, (" " + _("answer ready"), MUTED))
        else:
            text = Content.styled(_("asking the model…"), MUTED)
        show_text(self._prefetch, text)

    async def begin(self, inquiry: Inquiry) -> Reply:
        """Make room for an answer, which takes the place of its announcement."""
        self._prefetch.display = False
        return await super().begin(inquiry)


class QuestionCard(Card):
    """A question of the user's own, or a sentence that is to become a command."""

    def __init__(self, inquiry: Inquiry, *, keys: CardKeys) -> None:
        is_sentence = inquiry.kind is InquiryKind.COMMAND
        mark = Content.styled("→" if is_sentence else "?", "bold $text-accent")
        question = inquiry.question
        heading = literal(question, "bold")
        super().__init__(mark, heading, subject=question, keys=keys)
        self.first_inquiry = inquiry


def _failure_heading(record: CommandRecord) -> Content:
    code = "?" if record.exit_code is None else str(record.exit_code)
    return Content.assemble(
        line(record.command_line, "bold"),
        (
            "\n" + _("exit {code}").format(code=code) + f" · {figures(record)}",
            MUTED,
        ),
    )


def _without_repetition(suggestion: Suggestion, said: str) -> Suggestion:
    """Return the suggestion without its reason where ``said`` above begins with it."""
    reason = suggestion.why.removesuffix("…")
    is_said = " ".join(said.split()).startswith(reason)
    return replace(suggestion, why="") if is_said else suggestion
