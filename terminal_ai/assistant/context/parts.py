"""A prompt as its parts: what is sent is exactly what can be shown of them."""

import enum
from dataclasses import dataclass

from terminal_ai.assistant.context.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.assistant.providers.base import Message


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
    those of the project that the question is asked in.
    """

    parts: tuple[ContextPart, ...]
    messages: tuple[Message, ...]
    window_tokens: int
    answer_tokens: int
    facts: ProjectFacts = NO_FACTS

    @property
    def was_cut(self) -> bool:
        """True where anything was left out to fit the window."""
        return any(part.was_cut for part in self.parts)

    @property
    def estimated_tokens(self) -> int:
        """What the service is likely to count of the prompt, from above."""
        return sum(part.tokens for part in self.parts)
