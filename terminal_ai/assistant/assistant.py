"""One question to the model, from a record to a streamed and checked answer."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from terminal_ai.assistant.caching.answers import AnswerCache, prompt_key
from terminal_ai.assistant.context.history_window import HistoryWindow
from terminal_ai.assistant.replies.pacing import paced
from terminal_ai.assistant.context.composer import ComposedPrompt, PromptComposer
from terminal_ai.assistant.providers.base import (
    Prompt,
    Provider,
    is_cloud_name,
    same_model,
)
from terminal_ai.assistant.replies.reading import AnswerReading, last_update
from terminal_ai.assistant.replies.reply import REPLY_SCHEMA
from terminal_ai.config import AiSettings
from terminal_ai.errors import PromptTooLongError, ProviderError
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerPhase,
    AnswerUpdate,
    CommandRecord,
    ModelState,
    ModelStatus,
    PullProgress,
)
from terminal_ai.safety.sanitize import sanitize_text

# Drawing Markdown costs more than receiving it: at 30 a second it took 41 % of a core,
# at 10 a second 23 %, and no reader sees the difference.
UPDATE_INTERVAL_SECONDS = 0.1
PULL_INTERVAL_SECONDS = 0.1
ANSWER_WINDOW_SHARE = 0.25
"""An answer gets at most this much of the model's window."""
ANOTHER_ANSWER_TEMPERATURE = 0.8
"""At the usual temperature a model mostly repeats itself."""
SHRINK_MARGIN = 0.9
"""Of the room that a service reports after it refused a prompt as too long."""

Compose = Callable[[int], ComposedPrompt]


class Assistant:
    """Explains records and answers questions through one provider.

    ``explain``, ``ask`` and ``pull`` are async generators. To stop one, close it
    (``contextlib.aclosing``) or cancel the task that iterates it: either way the
    service stops working on it.
    """

    def __init__(
        self,
        settings: AiSettings,
        *,
        provider: Provider,
        redact: Callable[[str], str],
        language: str,
        shell: str = "",
        cache_entries: int = 0,
        cache_seconds: float = 600.0,
    ) -> None:
        self._settings = settings
        self._provider = provider
        self._composer = PromptComposer(redact=redact, language=language, shell=shell)
        self._window = HistoryWindow(settings.context_records)
        self._cache = AnswerCache(cache_entries, cache_seconds)
        self._answer_tokens = min(
            settings.answer_tokens, int(settings.context_tokens * ANSWER_WINDOW_SHARE)
        )
        self._prompt_tokens = settings.context_tokens - self._answer_tokens

    async def explain(
        self, record: CommandRecord, *, advice: Advice | None
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Explain one finished command and suggest a fix, as far as is known so far."""
        if record.is_private:
            yield last_update(_refusal_of_private())
            return

        def compose(limit_tokens: int) -> ComposedPrompt:
            return self._composer.explain(record, advice, limit_tokens=limit_tokens)

        updates = self._answer(compose, failed_command=record.command_line)
        async with contextlib.aclosing(updates):
            async for update in updates:
                yield update

    async def ask(
        self, question: str, *, recent: Sequence[CommandRecord]
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Answer an open question; the order of ``recent`` does not matter."""
        records = self._window.choose(
            [record for record in recent if not record.is_private]
        )

        def compose(limit_tokens: int) -> ComposedPrompt:
            return self._composer.ask(question, records, limit_tokens=limit_tokens)

        updates = self._answer(compose, failed_command="")
        async with contextlib.aclosing(updates):
            async for update in updates:
                yield update

    async def status(self) -> ModelStatus:
        """Tell what can be done now. Never raises a ``ProviderError``."""
        model = self._settings.model
        if not self._settings.enabled:
            return ModelStatus(ModelState.DISABLED, model, _("The model is off."))
        try:
            installed = await self._provider.installed_models()
        except ProviderError as error:
            return ModelStatus(ModelState.UNAVAILABLE, model, error.told)
        names = tuple(sorted(entry.name for entry in installed))
        found = next((one for one in installed if same_model(one.name, model)), None)
        if is_cloud_name(model) or (found is not None and found.remote_host):
            detail = _("{model} runs in the cloud, not here: refused.").format(
                model=model
            )
            return ModelStatus(ModelState.UNAVAILABLE, model, detail, names)
        if found is None:
            detail = _("The model {model} is not installed.").format(model=model)
            return ModelStatus(ModelState.MODEL_MISSING, model, detail, names)
        return ModelStatus(ModelState.READY, model, "", names)

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model; the last step says ``success``."""
        self._require_enabled()
        stream = paced(self._provider.pull(model), PULL_INTERVAL_SECONDS)
        async with contextlib.aclosing(stream):
            async for steps in stream:
                # Of one status only the newest count matters.
                for status, same in itertools.groupby(steps, lambda step: step.status):
                    newest = list(same)[-1]
                    yield replace(newest, status=sanitize_text(status))

    async def close(self) -> None:
        """Give the provider's connections back."""
        await self._provider.close()

    def _require_enabled(self) -> None:
        if not self._settings.enabled:
            raise ProviderError(
                _("The model is off."), hint=_("set ai.enabled, or drop --offline")
            )

    async def _answer(
        self, compose: Compose, *, failed_command: str
    ) -> AsyncGenerator[AnswerUpdate, None]:
        self._require_enabled()
        yield AnswerUpdate(AnswerPhase.CONNECTING)
        composed = await asyncio.to_thread(compose, self._prompt_tokens)
        key = prompt_key(self._prompt(composed))
        is_repeated = self._cache.was_just_answered(key)
        if not is_repeated and (cached := self._cache.get(key)) is not None:
            self._cache.note_answered(key)
            yield last_update(cached)
            return
        for tries_left in (1, 0):
            prompt = self._prompt(composed, is_repeated=is_repeated)
            reading = AnswerReading(
                prompt.model, failed_command, was_cut=composed.was_cut
            )
            try:
                stream = paced(self._provider.stream(prompt), UPDATE_INTERVAL_SECONDS)
                async with contextlib.aclosing(stream):
                    async for batch in stream:
                        if (update := reading.take(batch)) is not None:
                            yield update
                break
            except PromptTooLongError as error:
                if not tries_left:
                    raise
                # The estimate was too low for this model: learn its own measure.
                self._prompt_tokens = self._room_reported(error, composed)
                composed = await asyncio.to_thread(compose, self._prompt_tokens)
                key = prompt_key(self._prompt(composed))
        answer = reading.finish()
        self._cache.note_answered(key)
        if reading.is_keepable:
            self._cache.put(key, answer)
        yield last_update(answer)

    def _prompt(self, composed: ComposedPrompt, *, is_repeated: bool = False) -> Prompt:
        temperature = self._settings.temperature
        if is_repeated:
            temperature = max(temperature, ANOTHER_ANSWER_TEMPERATURE)
        return Prompt(
            model=self._settings.model,
            messages=composed.messages,
            schema=REPLY_SCHEMA,
            answer_tokens=self._answer_tokens,
            temperature=temperature,
        )

    def _room_reported(
        self, error: PromptTooLongError, composed: ComposedPrompt
    ) -> int:
        """Return the limit that fits, in our own estimate's tokens."""
        if not (error.prompt_tokens and error.window_tokens):
            return self._prompt_tokens // 2
        room = max(error.window_tokens - self._answer_tokens, 0) * SHRINK_MARGIN
        return int(composed.estimated_tokens * room / error.prompt_tokens)


def _refusal_of_private() -> Answer:
    text = _("This command is private: nothing about it is sent to a model.")
    return Answer(explanation=text, suggestion=None, model="")
