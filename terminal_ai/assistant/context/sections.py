"""The parts of a prompt, each within the tokens it is given."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from terminal_ai.assistant.context.cleaning import Cleaner
from terminal_ai.assistant.context.draft import SEPARATOR, Draft, inert
from terminal_ai.assistant.context.history_window import (
    HistoryStart,
    first_fitting,
    first_permitted,
)
from terminal_ai.assistant.context.parts import ContextPart, PartKind
from terminal_ai.assistant.context.rules import request
from terminal_ai.assistant.context.tokens import USUAL_METER
from terminal_ai.assistant.context.trimming import trim_output
from terminal_ai.assistant.inquiry import Exchange, Inquiry
from terminal_ai.records import Advice, CommandRecord

COMMAND_TOKENS = 256
DIRECTORY_TOKENS = 64
FINDINGS_TOKENS = 192
FACTS_TOKENS = 192
QUESTION_TOKENS = 128
HISTORY_OUTPUT_TOKENS = 96
EXCHANGE_QUESTION_TOKENS = 96
EXCHANGE_ANSWER_TOKENS = 256


@dataclass(frozen=True, slots=True)
class ToldHistory:
    """The earlier commands of a prompt, and how many of them found no room."""

    parts: tuple[ContextPart, ...]
    left_out: int
    start: HistoryStart


@dataclass(frozen=True, slots=True)
class Sections:
    """Writes the parts of one draft."""

    draft: Draft
    cleaner: Cleaner

    def facts(self, text: str, limit_tokens: int) -> ContextPart:
        """Tell what is known of the project."""
        cleaned = inert(self.cleaner.clean(text))
        clipped, was_cut = self._clipped(PartKind.FACTS, cleaned, limit_tokens)
        return self.draft.section(
            PartKind.FACTS, clipped, limit_tokens, was_cut=was_cut
        )

    def history(
        self,
        records: Sequence[CommandRecord],
        limit_tokens: int,
        *,
        limit_records: int,
        start: HistoryStart,
    ) -> ToldHistory:
        """Tell of earlier commands, each alike wherever it stands.

        They are cut by the same measure for every model, so that learning a model's
        own does not change what it has read already.
        """
        ids = [record.id for record in records]
        permitted = first_permitted(ids, start, limit_records)
        blocks = [self._earlier(record) for record in records[permitted:]]
        frame = self.draft.frame(PartKind.HISTORY)
        costs = [self.draft.meter.count(text) + frame for text, _ in blocks]
        left_out = first_fitting(ids[permitted:], costs, start, limit_tokens)
        told = zip(ids[permitted:], blocks, strict=True)
        parts = tuple(
            self.draft.section(
                PartKind.HISTORY, text, limit_tokens, record_id=one, was_cut=was_cut
            )
            for one, (text, was_cut) in itertools.islice(told, left_out, None)
        )
        first = "".join(part.record_id for part in parts[:1])
        begun = HistoryStart("".join(ids[permitted : permitted + 1]), first)
        return ToldHistory(parts, left_out, begun)

    def command(self, record: CommandRecord, limit_tokens: int) -> ContextPart:
        """Tell of the command that the question is about, its output last."""
        cleaned = self.cleaner.record(record)
        line, was_line_cut = self.draft.clip(
            cleaned.command_line,
            min(self.draft.scaled(COMMAND_TOKENS), limit_tokens // 3),
        )
        directory, was_directory_cut = self.draft.clip(
            self.cleaner.clean(record.cwd),
            min(self.draft.scaled(DIRECTORY_TOKENS), limit_tokens // 8),
        )
        head = inert(
            f"$ {line}\nexit code: {_code(record)}\ndirectory: {directory}\noutput:\n"
        )
        spent = self.draft.meter.count(head) + self.draft.frame(PartKind.COMMAND)
        output = trim_output(
            inert(cleaned.output), limit_tokens - spent, self.draft.meter
        )
        return self.draft.section(
            PartKind.COMMAND,
            head + output.text,
            limit_tokens,
            record_id=record.id,
            was_cut=was_line_cut or was_directory_cut or output.was_cut,
        )

    def findings(
        self, advice: Advice, limit_tokens: int, *, record: CommandRecord | None
    ) -> ContextPart:
        """Tell what the offline advisor found about a record."""
        # Each text is cleaned by itself: a label before it could hide a line's start
        # from the redactor.
        clean = functools.partial(self.cleaner.remark, record=record)
        lines = [
            "A rule-based check without a model found:",
            f"What: {clean(advice.what)}",
            f"Why: {clean(advice.why)}",
        ]
        if evidence := self.cleaner.quotation(advice.evidence, record):
            lines.append(f"Rests on: {evidence}")
        lines += [
            f"Possible fix: {clean(suggestion.command)} ({clean(suggestion.why)})"
            for suggestion in advice.suggestions
        ]
        limit_tokens = min(limit_tokens, self.draft.scaled(FINDINGS_TOKENS))
        text = inert("\n".join(lines))
        clipped, was_cut = self._clipped(PartKind.FINDINGS, text, limit_tokens)
        return self.draft.section(
            PartKind.FINDINGS, clipped, limit_tokens, was_cut=was_cut
        )

    def material(self, text: str, limit_tokens: int) -> ContextPart:
        """Hand on text from outside the terminal."""
        trimmed = trim_output(
            inert(self.cleaner.clean(text)),
            limit_tokens - self.draft.frame(PartKind.MATERIAL),
            self.draft.meter,
        )
        return self.draft.section(
            PartKind.MATERIAL, trimmed.text, limit_tokens, was_cut=trimmed.was_cut
        )

    def thread(
        self, exchanges: Sequence[Exchange], limit_tokens: int
    ) -> list[ContextPart]:
        """Tell of the conversation so far, the newest of it if not all fits."""
        blocks = [self._exchange(exchange) for exchange in exchanges]
        frame = self.draft.frame(PartKind.THREAD)
        costs = [self.draft.meter.count(text) + frame for text, _ in blocks]
        dropped = 0
        # By 1, 2, 4, 8: what stays begins at the same place for several questions.
        while dropped < len(blocks) and sum(costs[dropped:]) > limit_tokens:
            dropped = max(2 * dropped, 1)
        parts = [
            self.draft.section(PartKind.THREAD, text, limit_tokens, was_cut=was_cut)
            for text, was_cut in blocks[dropped:]
        ]
        if dropped:
            parts.insert(0, ContextPart(PartKind.THREAD, "", 0, was_cut=True))
        return parts

    def question(self, inquiry: Inquiry, limit_tokens: int) -> ContextPart:
        """Ask, in the user's own words where there are any."""
        ours, theirs = request(inquiry)
        ours = f"{ours}\n" if ours and theirs else ours
        spent = self.draft.meter.count(ours) + self.draft.meter.count(SEPARATOR)
        text, was_cut = self.draft.clip(
            self.cleaner.clean(theirs), limit_tokens - spent
        )
        return self.draft.part(PartKind.QUESTION, ours + text, was_cut=was_cut)

    def _earlier(self, record: CommandRecord) -> tuple[str, bool]:
        cleaned = self.cleaner.record(record)
        line = USUAL_METER.clip_start(cleaned.command_line, COMMAND_TOKENS)
        output = trim_output(cleaned.output, HISTORY_OUTPUT_TOKENS, USUAL_METER)
        lines = (f"$ {line}", f"exit code {_code(record)}", output.text)
        text = inert("\n".join(filter(None, lines)))
        return text, output.was_cut or line != cleaned.command_line

    def _exchange(self, exchange: Exchange) -> tuple[str, bool]:
        texts = (
            self.cleaner.clean(exchange.question),
            self.cleaner.clean(exchange.answer),
        )
        limits = (EXCHANGE_QUESTION_TOKENS, EXCHANGE_ANSWER_TOKENS)
        question, answer = map(USUAL_METER.clip_start, texts, limits)
        was_cut = (question, answer) != texts
        return inert(f"Question: {question}\nAnswer: {answer}"), was_cut

    def _clipped(
        self, kind: PartKind, text: str, limit_tokens: int
    ) -> tuple[str, bool]:
        return self.draft.clip(text, limit_tokens - self.draft.frame(kind))


def _code(record: CommandRecord) -> str:
    return "unknown" if record.exit_code is None else str(record.exit_code)
