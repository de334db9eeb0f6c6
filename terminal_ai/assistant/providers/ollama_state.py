"""What the service has said about its models, kept while it is likely to hold.

An answer must know that its model is there, is not in the cloud, and is loaded. Asking
each time would cost three round trips before every prompt.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from terminal_ai.assistant.providers.base import same_model
from terminal_ai.assistant.providers.ollama_client import OllamaConnection
from terminal_ai.assistant.providers.ollama_models import (
    described,
    listed_models,
)
from terminal_ai.errors import ProviderError
from terminal_ai.records import ModelInfo

STATE_SECONDS = 10.0
"""How long what a service said of its models is taken for granted."""
MODELS_LIMIT = 1_000
# A compatible service need not have these; this is how it says so.
NOT_OFFERED = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class _Said:
    models: tuple[ModelInfo, ...]
    tells_models: bool
    at: float
    """By the clock that never jumps."""


class ServiceState:
    """Models by name. ``presumed`` are those of a service that lists none."""

    def __init__(
        self,
        connection: OllamaConnection,
        *,
        presumed: Sequence[str],
        window_tokens: int,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._presumed = tuple(ModelInfo(name) for name in presumed if name)
        self._window_tokens = window_tokens
        self._clock = clock
        self._wall_clock = wall_clock
        self._said: _Said | None = None
        self._asking = asyncio.Lock()
        self._shown: LRUCache[str, Mapping[str, object]] = LRUCache(MODELS_LIMIT)
        self._given: LRUCache[str, int] = LRUCache(MODELS_LIMIT)
        """The windows that models had after we loaded them."""

    async def models(self, *, age_seconds: float) -> tuple[ModelInfo, ...]:
        """Return the models; what was said longer ago is asked again."""
        return (await self._look(age_seconds)).models

    async def find(self, name: str) -> ModelInfo | None:
        """Return one model with all that is told of it, None where it is missing."""
        said = await self._look(STATE_SECONDS)
        for model in said.models:
            if same_model(model.name, name):
                return await self.describe(model)
        if said.tells_models:
            return None
        return await self.describe(ModelInfo(name, is_loaded=True))

    async def describe(self, model: ModelInfo) -> ModelInfo:
        """Return the model with what only /api/show tells, asked once a digest."""
        if model.context_length and model.capabilities:
            return model
        key = _key(model)
        if key not in self._shown:
            try:
                self._shown[key] = await self._connection.send(
                    "POST", "/api/show", {"model": model.name}
                )
            except ProviderError as error:
                if error.status_code not in NOT_OFFERED:
                    return model
                self._shown[key] = {}
        return described(model, self._shown[key])

    def window(self, model: ModelInfo) -> int:
        """Return how many tokens the model takes, loaded as we would load it."""
        wanted = self._window_tokens
        return min(
            wanted, self._given.get(_key(model)) or model.context_length or wanted
        )

    def is_loaded(self, model: ModelInfo) -> bool:
        """Tell whether the model has been loaded as we would load it."""
        if model.expires_at is not None and model.expires_at <= self._wall_clock():
            return False
        windows = (0, self._window_tokens, self.window(model))
        return model.is_loaded and model.loaded_context_length in windows

    async def look_after_loading(self, name: str) -> None:
        """Learn what became of a model that has been loaded for us."""
        with contextlib.suppress(ProviderError):
            await self.models(age_seconds=0.0)
            model = await self.find(name)
            if model is not None and model.is_loaded:
                self._given[_key(model)] = model.loaded_context_length

    def forget(self) -> None:
        """Something was not as it had been said: ask again."""
        self._said = None

    async def _look(self, age_seconds: float) -> _Said:
        asked_at = self._clock()
        async with self._asking:
            said = self._said
            # Who waited for another's look has what it wanted.
            if said is not None and said.at >= asked_at - age_seconds:
                return said
            self._said = None
            self._said = said = await self._ask()
            return said

    async def _ask(self) -> _Said:
        at = self._clock()
        tags, running = await asyncio.gather(
            self._entries("/api/tags"),
            self._entries("/api/ps"),
            # One that fails must not leave the other behind.
            return_exceptions=True,
        )
        if isinstance(tags, BaseException):
            raise tags
        if isinstance(running, BaseException):
            raise running
        models = (
            tuple(listed_models(tags, running or ()))
            if tags is not None
            else self._presumed
        )
        if running is None:
            # A service that does not tell loads when it must.
            models = tuple(replace(model, is_loaded=True) for model in models)
        return _Said(models, tags is not None, at)

    async def _entries(self, path: str) -> list[Mapping[str, object]] | None:
        """Return the models at a path; None where the service does not tell."""
        try:
            fields = await self._connection.get(path)
        except ProviderError as error:
            if error.status_code in NOT_OFFERED:
                return None
            raise
        entries = fields.get("models")
        if not isinstance(entries, list):
            return []
        return [entry for entry in entries[:MODELS_LIMIT] if isinstance(entry, dict)]


def _key(model: ModelInfo) -> str:
    return model.digest or model.name
