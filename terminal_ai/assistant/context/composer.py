"""What the model is sent: a stable prefix first, the question last.

Services keep the longest common start of two prompts, so nothing that changes from
question to question may stand before something that does not. What a part may take is
decided in the order of the prompt, and by the window alone wherever possible: the
length of a question must not change the history before it.
"""

from collections.abc import Sequence

from terminal_ai.assistant.context.cleaning import Cleaner
from terminal_ai.assistant.context.draft import SEPARATOR, Draft
from terminal_ai.assistant.context.history_window import (
    FROM_THE_BEGINNING,
    HistoryStart,
)
from terminal_ai.assistant.context.parts import ComposedPrompt, ContextPart, PartKind
from terminal_ai.assistant.context.rules import rules
from terminal_ai.assistant.context.sections import (
    FACTS_TOKENS,
    QUESTION_TOKENS,
    Sections,
)
from terminal_ai.assistant.context.tokens import USUAL_METER, TokenMeter
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.base import Message, Role
from terminal_ai.errors import PromptTooLongError
from terminal_ai.messages import gettext as _
from terminal_ai.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.safety.redact import Redact

TEMPLATE_TOKENS = 48
"""What the model's own chat template adds around our messages."""
MINIMUM_TOKENS = 144
"""With less than this besides the rules nothing useful can be told."""
HISTORY_MINIMUM_TOKENS = 384
"""With less than this, earlier commands stay out."""
FACTS_SHARE = 0.125
HISTORY_SHARE = 0.4
THREAD_SHARE = 0.2
"""Kept free for a conversation, so that it does not change what stands before it."""
FINDINGS_SHARE = 0.25
MATERIAL_SHARE = 0.5
"""Of what else a command's output could take."""


class PromptComposer:
    """Writes prompts that fit a window. Safe to use from any thread."""

    def __init__(self, *, redact: Redact, language: str, shell: str) -> None:
        self._cleaner = Cleaner(redact)
        self.system = rules(language=language, shell=shell)

    def compose(
        self,
        inquiry: Inquiry,
        *,
        window_tokens: int,
        answer_tokens: int,
        meter: TokenMeter = USUAL_METER,
        facts: ProjectFacts = NO_FACTS,
        limit_records: int | None = None,
        history_start: HistoryStart = FROM_THE_BEGINNING,
    ) -> ComposedPrompt:
        """Write one inquiry. Raises PromptTooLongError if nothing would be left.

        ``meter`` counts the model's tokens. Without ``limit_records`` all of the
        history is told that fits. A private record here is a mistake of the caller's:
        ValueError.
        """
        if any(record.is_private for record in inquiry.records):
            raise ValueError("a private record must not reach a prompt")
        draft = Draft(meter)
        sections = Sections(draft, self._cleaner)
        ruling = draft.part(PartKind.RULES, self.system, more_tokens=TEMPLATE_TOKENS)
        free = window_tokens - answer_tokens - ruling.tokens
        if free < draft.scaled(MINIMUM_TOKENS):
            raise _too_small()
        facts_limit = min(draft.scaled(FACTS_TOKENS), int(free * FACTS_SHARE))
        project = sections.facts(facts.text, facts_limit)
        has_room = free >= draft.scaled(HISTORY_MINIMUM_TOKENS)
        history = sections.history(
            inquiry.history,
            int((free - facts_limit) * HISTORY_SHARE) if has_room else 0,
            limit_records=(
                len(inquiry.history) if limit_records is None else limit_records
            ),
            start=history_start,
        )
        free -= project.tokens + sum(part.tokens for part in history.parts)
        body = self._body(sections, inquiry, free)
        free -= sum(part.tokens for part in body)
        question_limit = max(draft.scaled(QUESTION_TOKENS), free // 2)
        question = sections.question(
            inquiry, min(free, question_limit) if inquiry.thread else free
        )
        thread = sections.thread(inquiry.thread, free - question.tokens)
        told = [project, *history.parts, *body, *thread, question]
        parts = (ruling, *(part for part in told if part.text or part.was_cut))
        return ComposedPrompt(
            parts,
            (
                Message(Role.SYSTEM, self.system),
                Message(Role.USER, _joined(parts[1:])),
            ),
            window_tokens,
            answer_tokens,
            facts,
            records_left_out=history.left_out,
            command_line=self._command_line(inquiry),
            pieces=draft.pieces,
            history_start=history.start,
        )

    def _command_line(self, inquiry: Inquiry) -> str:
        record = inquiry.record
        return self._cleaner.record(record).command_line if record is not None else ""

    def _body(
        self, sections: Sections, inquiry: Inquiry, free: int
    ) -> list[ContextPart]:
        """Tell what the question is about, however long the question is."""
        tail = sections.draft.scaled(QUESTION_TOKENS) + int(free * THREAD_SHARE)
        limit = free - min(tail, free // 2)
        findings: list[ContextPart] = []
        material: list[ContextPart] = []
        command: list[ContextPart] = []
        if inquiry.advice is not None:
            most = int(limit * FINDINGS_SHARE)
            told = sections.findings(inquiry.advice, most, record=inquiry.record)
            findings = [told]
            limit -= told.tokens
        if inquiry.material:
            share = MATERIAL_SHARE if inquiry.record is not None else 1
            material = [sections.material(inquiry.material, int(limit * share))]
            limit -= material[0].tokens
        if inquiry.record is not None:
            command = [sections.command(inquiry.record, limit)]
            if not command[0].text:
                raise _too_small()
        return [*command, *findings, *material]


def _joined(parts: Sequence[ContextPart]) -> str:
    return SEPARATOR.join(part.text for part in parts if part.text)


def _too_small() -> PromptTooLongError:
    return PromptTooLongError(
        _("The model's window is too small for this command"),
        hint=_("raise ai.context_tokens"),
    )
