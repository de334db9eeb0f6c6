"""From an inquiry to what is sent for it, and to what its answer is kept under.

Writing a prompt reads all of it several times. Who asks what has just been written, as
after a prefetch, gets the same prompt again; whatever could make it another one is part
of what it is found by.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from terminal_ai.assistant.caching.question import Question, question_of
from terminal_ai.assistant.context.builder import ContextBuilder, Terms
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.models import Models
from terminal_ai.config import AiSettings
from utils.async_optimizer import run_in_thread
from utils.lru_cache import LRUCache

KEPT_PROMPTS = 32
KEPT_BYTES = 1024 * 1024
"""Of all prompts that are kept together."""


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt, and the question it is to the cache."""

    composed: ComposedPrompt
    question: Question


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent, to which model, and what it is kept under.

    The user may choose another model while a request waits.
    """

    model: str
    composed: ComposedPrompt
    question: Question
    seconds: float
    """What it took to make it."""


class Preparation:
    """Writes prompts in a thread, and keeps the newest of them."""

    def __init__(
        self,
        settings: AiSettings,
        *,
        context: ContextBuilder,
        models: Models,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._context = context
        self._models = models
        self._clock = clock
        self._kept: LRUCache[tuple[Inquiry, Terms, str, str], Written] = LRUCache(
            KEPT_PROMPTS, KEPT_BYTES, _size
        )

    async def compose(self, inquiry: Inquiry, model: str) -> ComposedPrompt:
        """Return what would be sent."""
        terms = await self._terms(inquiry, model)
        return await run_in_thread(self._context.write, inquiry, terms)

    async def prepare(self, inquiry: Inquiry, model: str) -> Prepared:
        """Return what would be sent, and what makes it one question."""
        began = self._clock()
        terms = await self._terms(inquiry, model)
        digest = await self._models.digest(model)
        key = (inquiry, terms, model, digest)
        written = self._kept.get(key)
        if written is None:
            written = await run_in_thread(self._write, *key)
            # The vault must hear of a secret each time it is told of.
            if not written.composed.redacts:
                self._kept.put(key, written)
        return Prepared(
            model, written.composed, written.question, self._clock() - began
        )

    async def _terms(self, inquiry: Inquiry, model: str) -> Terms:
        window = self._settings.context_tokens
        # Nothing is asked of a service that is switched off.
        if self._settings.enabled:
            window = await self._models.window(model)
        return await self._context.terms(inquiry, model=model, window_tokens=window)

    def _write(
        self, inquiry: Inquiry, terms: Terms, model: str, digest: str
    ) -> Written:
        composed = self._context.write(inquiry, terms)
        question = question_of(
            inquiry,
            composed,
            model=model,
            digest=digest,
            temperature=self._settings.temperature,
        )
        return Written(composed, question)


def _size(written: Written) -> int:
    # A question holds parts of the prompt once more.
    return 2 * written.composed.size_bytes
