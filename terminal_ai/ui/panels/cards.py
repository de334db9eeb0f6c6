"""Cards of the assistant: a failed command, or a question, and what helps."""

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from terminal_ai.messages import gettext as _
from terminal_ai.records import Advice, CommandRecord, Suggestion
from terminal_ai.ui.panels.answer_section import AnswerSection
from terminal_ai.ui.panels.suggestion_row import SuggestionRow
from terminal_ai.ui.texts import MUTED, figures, line, literal

EVIDENCE_LIMIT = 300


class Card(Vertical):
    """A heading, suggestions, and at most one model answer."""

    def __init__(self, mark: Content, heading: Content, *, place_key: str) -> None:
        super().__init__(classes="card")
        self._mark = mark
        self._heading = heading
        self._place_key = place_key
        self._body: list[Static] = []
        self._first_suggestions: tuple[Suggestion, ...] = ()
        self.answer: AnswerSection | None = None

    def compose(self) -> ComposeResult:
        """Lay out the heading, the explanation and the suggestions."""
        with Horizontal(classes="card-heading"):
            yield Static(self._mark, classes="card-heading-mark", markup=False)
            yield Static(self._heading, classes="card-heading-text", markup=False)
        yield from self._body
        for number, suggestion in enumerate(self._first_suggestions, 1):
            yield self._row(number, suggestion)

    def on_mount(self) -> None:
        """Mark what the place key takes."""
        self.mark_target()

    def _row(self, number: int, suggestion: Suggestion) -> SuggestionRow:
        return SuggestionRow(number, suggestion, place_key=self._place_key)

    @property
    def rows(self) -> list[SuggestionRow]:
        """The suggestions, in the order of their numbers."""
        return list(self.query(SuggestionRow))

    @property
    def target(self) -> SuggestionRow | None:
        """The suggestion the place key takes: the focused one, else the best.

        A model's command stands last and was asked for, so it is preferred.
        """
        rows = self.rows
        for row in rows:
            if row.has_focus:
                return row
        if not rows:
            return None
        return rows[-1] if self._has_model_suggestion else rows[0]

    @property
    def _has_model_suggestion(self) -> bool:
        return len(self.rows) > len(self._first_suggestions)

    def mark_target(self, *, is_current: bool = True) -> None:
        """Mark the suggestion that the place key takes, in the current card only."""
        target = self.target if is_current else None
        for row in self.rows:
            row.is_target = row is target

    async def begin_answer(self) -> AnswerSection:
        """Make room for a new model answer in place of an older one."""
        if self.answer is not None:
            await self.answer.remove()
            for row in self.rows[len(self._first_suggestions) :]:
                await row.remove()
        self.answer = AnswerSection()
        await self.mount(self.answer)
        return self.answer

    async def add_suggestion(self, suggestion: Suggestion, *, below: str) -> None:
        """Add the model's command ``below`` its explanation."""
        if any(row.suggestion.command == suggestion.command for row in self.rows):
            return
        unsaid = _without_repetition(suggestion, below)
        await self.mount(self._row(len(self.rows) + 1, unsaid))
        self.mark_target()


class FailureCard(Card):
    """What happened, why, the line it rests on, and up to three fixes."""

    def __init__(
        self, record: CommandRecord, advice: Advice | None, *, place_key: str
    ) -> None:
        mark = Content.styled("✗", "bold $text-error")
        super().__init__(mark, _failure_heading(record), place_key=place_key)
        self.record = record
        self.advice = advice
        if advice is None:
            return
        self._first_suggestions = tuple(
            _without_repetition(suggestion, advice.why)
            for suggestion in advice.suggestions
        )
        self._body = [
            Static(literal(advice.what, "bold"), classes="card-what", markup=False)
        ]
        if advice.why:
            self._body.append(Static(literal(advice.why), markup=False))
        if advice.evidence:
            quote = line(advice.evidence, MUTED, EVIDENCE_LIMIT)
            self._body.append(Static(quote, classes="card-evidence", markup=False))


class QuestionCard(Card):
    """A question of the user's own."""

    def __init__(self, question: str, *, place_key: str) -> None:
        mark = Content.styled("?", "bold $text-accent")
        super().__init__(mark, literal(question, "bold"), place_key=place_key)
        self.question = question


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
