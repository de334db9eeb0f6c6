"""Answers the model gave before, kept for a while under the exact prompt."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cachetools import TTLCache

from terminal_ai.assistant.context.composer import PROMPT_VERSION
from terminal_ai.assistant.providers.base import Prompt
from terminal_ai.records import Answer

ANOTHER_ANSWER_SECONDS = 60.0
"""Who asks the same again this soon was not helped by the first answer."""
ANSWERED_LIMIT = 64
"""Questions remembered as just answered."""


def prompt_key(prompt: Prompt) -> str:
    """Return a digest of everything that shapes the answer."""
    parts = (
        PROMPT_VERSION,
        prompt.model,
        [(message.role, message.content) for message in prompt.messages],
        prompt.schema,
        prompt.answer_tokens,
        prompt.temperature,
        prompt.may_think,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Entry:
    answer: Answer
    stored_at: float


class AnswerCache:
    """An exact-key cache, bounded by entries and age; 0 entries keep nothing."""

    def __init__(
        self,
        entries: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._entries: TTLCache[str, _Entry] = TTLCache(entries, seconds, timer=clock)
        # Remembered apart from the answers: repeating counts without a cache too.
        self._answered: TTLCache[str, None] = TTLCache(
            ANSWERED_LIMIT, ANOTHER_ANSWER_SECONDS, timer=clock
        )

    def was_just_answered(self, key: str) -> bool:
        """Tell whether the same prompt was answered moments ago."""
        return key in self._answered

    def note_answered(self, key: str) -> None:
        """Remember that the user has just read an answer to this prompt."""
        self._answered[key] = None

    def get(self, key: str) -> Answer | None:
        """Return the answer with its age, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        return replace(entry.answer, age_seconds=self._clock() - entry.stored_at)

    def put(self, key: str, answer: Answer) -> None:
        """Keep a complete, valid answer."""
        if self._entries.maxsize > 0:
            self._entries[key] = _Entry(answer, self._clock())
