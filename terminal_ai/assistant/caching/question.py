"""What makes two questions the same."""

import hashlib
import json
from dataclasses import dataclass

from terminal_ai.assistant.context.composer import PROMPT_VERSION
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Question:
    """The key of an answer. Two questions with one key may have one answer."""

    key: str


def question_of(
    inquiry: Inquiry, composed: ComposedPrompt, *, model: str, digest: str
) -> Question:
    """Return what tells this question from others."""
    parts = (
        PROMPT_VERSION,
        model,
        digest,
        inquiry.kind,
        inquiry.wording,
        composed.answer_tokens,
        [(message.role, message.content) for message in composed.messages],
    )
    return Question(hashlib.sha256(json.dumps(parts).encode()).hexdigest())
