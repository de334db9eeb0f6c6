"""A prompt as its parts: what is sent is exactly what can be shown of them."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from terminal_ai.assistant.context.history_window import (
    FROM_THE_BEGINNING,
    HistoryStart,
)
from terminal_ai.assistant.providers.base import Message
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.project.facts import NO_FACTS, ProjectFacts


class PartKind(enum.StrEnum):
    """What a part of a prompt is, in the order of a prompt."""

    RULES = "rules"
    FACTS = "facts"
    HISTORY = "history"
    COMMAND = "command"
    FINDINGS = "findings"
    MATERIAL = "material"
    THREAD = "thread"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class ContextPart:
    """One part as it is sent: cleaned, redacted, trimmed.

    ``tokens`` is estimated from above. ``redactions`` are the places of placeholders in
    ``text``, by start and end. ``record_id`` names the record it tells of.
    """

    kind: PartKind
    text: str
    tokens: int
    record_id: str = ""
    was_cut: bool = False
    redactions: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ComposedPrompt:
    """The messages for a model, and the parts they are made of.

    The texts of ``parts``, in order, are all that stands in ``messages``.
    ``window_tokens`` is what the model can take, the answer included. ``facts`` are
    those of the project that the question is asked in. ``records_left_out`` counts
    earlier commands that did not fit. ``command_line`` is the record's, as it is told.
    ``pieces`` is what the messages cost before any
    margin, and ``history_start`` where the next prompt's history should begin.
    """

    parts: tuple[ContextPart, ...]
    messages: tuple[Message, ...]
    window_tokens: int
    answer_tokens: int
    facts: ProjectFacts = NO_FACTS
    records_left_out: int = 0
    command_line: str = ""
    pieces: int = 0
    history_start: HistoryStart = FROM_THE_BEGINNING

    @property
    def was_cut(self) -> bool:
        """True where anything was left out to fit the window."""
        return self.records_left_out > 0 or any(part.was_cut for part in self.parts)

    @property
    def redacts(self) -> bool:
        """True where something in it stands for a secret."""
        return any(part.redactions for part in self.parts)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of that, a sentence each."""
        cut = {part.kind for part in self.parts if part.was_cut}
        told = [sentence for kind, sentence in _cut_sentences() if kind in cut]
        if count := self.records_left_out:
            told.append(
                ngettext(
                    "The earliest command was left out.",
                    "The earliest {count} commands were left out.",
                    count,
                ).format(count=count)
            )
        return tuple(told)

    @property
    def size_bytes(self) -> int:
        """The length of all messages together."""
        return sum(len(message.content.encode()) for message in self.messages)

    @property
    def estimated_tokens(self) -> int:
        """What the service is likely to count of the prompt, from above."""
        return sum(part.tokens for part in self.parts)


def _cut_sentences() -> Iterator[tuple[PartKind, str]]:
    yield PartKind.COMMAND, _("The output was cut to fit the model's window.")
    yield PartKind.MATERIAL, _("The given text was cut to fit the model's window.")
    yield PartKind.QUESTION, _("The question was cut to fit the model's window.")
    yield PartKind.THREAD, _("Earlier parts of the conversation were cut.")
    yield PartKind.FINDINGS, _("The offline findings were cut.")
    yield PartKind.FACTS, _("What is known of the project was cut.")
    yield PartKind.HISTORY, _("Outputs of earlier commands were shortened.")
