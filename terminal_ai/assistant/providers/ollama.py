"""A local Ollama: answers, models and downloads."""

import contextlib
import re
import time
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    PhaseChanged,
    Piece,
    Prompt,
)
from terminal_ai.assistant.providers.leaving import require_permitted
from terminal_ai.assistant.providers.ollama_client import OllamaConnection
from terminal_ai.assistant.providers.ollama_models import text
from terminal_ai.assistant.providers.ollama_state import NOT_OFFERED, ServiceState
from terminal_ai.assistant.providers.ollama_thinking import Thinking
from terminal_ai.config import AiSettings
from terminal_ai.errors import (
    IncompleteAnswerError,
    ModelMissingError,
    ProviderError,
)
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerFigures, AnswerPhase, ModelInfo, PullProgress

if TYPE_CHECKING:
    import ollama

PULL_STALL_SECONDS = 300.0
"""Checking the digest of a large model says nothing for minutes."""
NANOSECONDS = 1e9

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")

_NOTHING = re.compile(r"[+-]?0*(?:\.0*)?(?:ns|us|µs|ms|s|m|h)?")


class OllamaProvider:
    """Streams answers from one Ollama. Opens no connection before it is asked to."""

    def __init__(self, settings: AiSettings) -> None:
        self._settings = settings
        self._connection = OllamaConnection(settings)
        self._state = ServiceState(
            self._connection,
            presumed=(settings.model, settings.light_model),
            window_tokens=settings.context_tokens,
        )
        self._thinking = Thinking()
        self._silence_seconds = settings.first_token_timeout_seconds
        # Another value of any of these makes the service load the model again.
        self._runner_options = {"num_ctx": settings.context_tokens}
        self._keep_alive = to_keep_alive(settings.keep_alive)
        self._is_kept = not _NOTHING.fullmatch(str(self._keep_alive))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        """Yield phases and pieces, and a ``Completion`` last, or raise."""
        started = time.monotonic()
        yield PhaseChanged(AnswerPhase.CONNECTING)
        model = await self._permitted_model(prompt.model)
        load_seconds = None
        if not self._state.is_loaded(model):
            yield PhaseChanged(AnswerPhase.LOADING)
            # What is not kept would be loaded for nothing.
            if self._is_kept:
                load_started = time.monotonic()
                await self._load(prompt.model)
                load_seconds = time.monotonic() - load_started
                yield PhaseChanged(AnswerPhase.READING)
        else:
            yield PhaseChanged(AnswerPhase.READING)
        first_token_seconds = None
        async with contextlib.aclosing(self._chat(prompt, model)) as chunks:
            async for chunk in chunks:
                piece = Piece(chunk.message.content or "", chunk.message.thinking or "")
                if piece.content or piece.thinking:
                    if first_token_seconds is None:
                        first_token_seconds = time.monotonic() - started
                    yield piece
                if chunk.done:
                    yield Completion(
                        was_cut=chunk.done_reason == "length",
                        figures=_figures(
                            chunk,
                            first_token_seconds=first_token_seconds,
                            load_seconds=load_seconds,
                            total_seconds=time.monotonic() - started,
                        ),
                    )
                    return
        raise IncompleteAnswerError(
            _("The answer broke off before it was complete."), hint=_("ask again")
        )

    async def models(self, *, age_seconds: float = 0.0) -> tuple[ModelInfo, ...]:
        """Return the models that need no download."""
        return await self._state.models(age_seconds=age_seconds)

    async def model(self, name: str) -> ModelInfo | None:
        """Return all that is told of one model; what was just said will do."""
        return await self._state.find(name)

    async def window(self, name: str) -> int:
        """Return how many tokens a model takes, loaded as an answer would."""
        model = await self._state.find(name)
        return self._state.window(model or ModelInfo(name))

    async def load(self, name: str) -> None:
        """Load a model as an answer would, and keep it for the usual time."""
        await self._permitted_model(name)
        await self._load(name)

    async def unload(self, name: str) -> None:
        """Give the model's memory back."""
        self._state.forget()
        body = {"model": name, "messages": [], "stream": False, "keep_alive": 0}
        await self._connection.send(
            "POST",
            "/api/chat",
            body,
            silence_seconds=self._silence_seconds,
            model=name,
        )

    async def version(self) -> str:
        """Return Ollama's version, nothing for a service that has none."""
        try:
            return text(await self._connection.get("/api/version"), "version")
        except ProviderError as error:
            if error.status_code in NOT_OFFERED:
                return ""
            raise

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model, all its layers counted together."""
        require_permitted(ModelInfo(model), self._settings)
        self._state.forget()
        completed: dict[str, int] = {}
        totals: dict[str, int] = {}
        await self._connection.connected()
        from ollama import ProgressResponse

        progress = self._connection.stream(
            ProgressResponse,
            "/api/pull",
            {"model": model, "stream": True},
            silence_seconds=PULL_STALL_SECONDS,
        )
        is_complete = False
        async with contextlib.aclosing(progress):
            async for step in progress:
                if step.digest:
                    completed[step.digest] = step.completed or 0
                    totals[step.digest] = step.total or 0
                is_complete = step.status == "success"
                if is_complete:
                    self._state.forget()
                yield PullProgress(
                    step.status or "", sum(completed.values()), sum(totals.values())
                )
        if not is_complete:
            raise IncompleteAnswerError(
                _("The download stopped before it was complete."),
                hint=_("start it again: what has arrived is kept"),
            )

    async def close(self) -> None:
        """Give all connections back."""
        await self._connection.close()

    async def _permitted_model(self, name: str) -> ModelInfo:
        """Refuse what only forwards to another machine, and what is not there."""
        require_permitted(ModelInfo(name), self._settings)
        model = await self._state.find(name)
        if model is None:
            raise ModelMissingError(
                _("The model {model} is not installed.").format(model=name),
                hint=_("get it with: ollama pull {model}").format(model=name),
            )
        require_permitted(model, self._settings)
        return model

    async def _load(self, name: str) -> None:
        body = {
            "model": name,
            "messages": [],
            "stream": False,
            **self._runner_fields(),
        }
        try:
            await self._connection.send(
                "POST",
                "/api/chat",
                body,
                silence_seconds=self._silence_seconds,
                model=name,
            )
        except ProviderError:
            self._state.forget()
            raise
        await self._state.look_after_loading(name)

    async def _chat(
        self, prompt: Prompt, model: ModelInfo
    ) -> AsyncGenerator["ollama.ChatResponse", None]:
        await self._connection.connected()
        from ollama import ChatResponse

        while True:
            chunks = self._connection.stream(
                ChatResponse,
                "/api/chat",
                self._chat_body(prompt, model),
                silence_seconds=self._silence_seconds,
                model=prompt.model,
            )
            try:
                async with contextlib.aclosing(chunks):
                    async for chunk in chunks:
                        yield chunk
            except ProviderError as error:
                # A model may have been deleted since we looked.
                self._state.forget()
                if not self._thinking.learn(model, error):
                    raise
            else:
                return

    def _chat_body(self, prompt: Prompt, model: ModelInfo) -> dict[str, object]:
        options = {
            "num_predict": prompt.answer_tokens,
            "temperature": prompt.temperature,
        }
        body: dict[str, object] = {
            "model": prompt.model,
            "messages": [
                {"role": message.role.value, "content": message.content}
                for message in prompt.messages
            ],
            "stream": True,
            **self._thinking.fields(model, may_think=prompt.may_think),
            **self._runner_fields(options),
            # The client's own chat() cannot send this, and without it Ollama cuts the
            # middle out of a prompt that is too long, and says nothing.
            "truncate": False,
        }
        if prompt.schema is not None:
            body["format"] = prompt.schema
        return body

    def _runner_fields(
        self, options: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        return {
            "options": {**self._runner_options, **(options or {})},
            "keep_alive": self._keep_alive,
        }


def to_keep_alive(setting: str) -> float | str:
    """Return a number for a number: Ollama takes "-1" for a duration without a unit."""
    setting = setting.strip()
    return float(setting) if _NUMBER.fullmatch(setting) else setting


def _figures(
    chunk: "ollama.ChatResponse",
    *,
    first_token_seconds: float | None,
    load_seconds: float | None,
    total_seconds: float,
) -> AnswerFigures:
    speed = None
    if chunk.eval_count and chunk.eval_duration:
        speed = chunk.eval_count / (chunk.eval_duration / NANOSECONDS)
    model_seconds = _seconds(chunk.total_duration)
    if load_seconds is None:
        load_seconds = _seconds(chunk.load_duration)
    elif model_seconds is not None:
        # It was loaded by a request of its own, before this one.
        model_seconds += load_seconds
    return AnswerFigures(
        first_token_seconds=first_token_seconds,
        load_seconds=load_seconds,
        total_seconds=total_seconds,
        prompt_tokens=chunk.prompt_eval_count,
        answer_tokens=chunk.eval_count,
        tokens_per_second=speed,
        prompt_seconds=_seconds(chunk.prompt_eval_duration),
        answer_seconds=_seconds(chunk.eval_duration),
        model_seconds=model_seconds,
    )


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANOSECONDS
