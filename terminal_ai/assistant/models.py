"""Which model answers what, and what the service has to offer."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace

from terminal_ai.assistant.providers.base import Provider, same_model
from terminal_ai.assistant.providers.leaving import (
    is_cloud_model,
    remote_host_of,
    require_permitted,
)
from terminal_ai.assistant.replies.pacing import paced
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _
from terminal_ai.records import (
    Answer,
    ModelInfo,
    ModelRole,
    ModelState,
    ModelStatus,
    ModelUsage,
    PullProgress,
)
from terminal_ai.safety.sanitize import sanitize_text

PULL_INTERVAL_SECONDS = 0.1
DESCRIPTIONS_AT_ONCE = 4
"""An older Ollama describes each model in a request of its own."""
LOOK_AGAIN_SECONDS = 5.0
"""A service that did not answer is not looked at before each part of a question."""
KNOWN_LOOK_SECONDS = 0.5
"""What was known once is taken for granted where looking again takes longer."""


class Models:
    """The models of the roles: those of the settings until others are chosen."""

    def __init__(
        self,
        settings: AiSettings,
        provider: Provider,
        *,
        is_left_alone: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._provider = provider
        self._is_left_alone = is_left_alone
        self._clock = clock
        self._looks_again_at = 0.0
        self._names = {
            ModelRole.HEAVY: settings.model,
            ModelRole.LIGHT: settings.light_model,
        }
        self._digests: dict[str, str] = {}
        self._windows: dict[str, int] = {}
        self._installed: tuple[str, ...] = ()
        self._usage: dict[str, ModelUsage] = {}

    def name(self, role: ModelRole) -> str:
        """Return the name of the model that plays a role."""
        heavy, name = self._names[ModelRole.HEAVY], self._names[role]
        if name == heavy:
            return heavy
        # Without the light model the heavy one can do its work.
        is_known = not self._installed or any(
            same_model(name, one) for one in self._installed
        )
        return name if name and is_known else heavy

    def choose(self, role: ModelRole, name: str) -> None:
        """Let a model play a role until the program ends."""
        self._names[role] = name

    def refusal(self, model: ModelInfo) -> str:
        """Return why a model may not be asked, or nothing."""
        try:
            require_permitted(model, self._settings)
        except ProviderError as error:
            return error.told
        return ""

    async def digest(self, name: str) -> str:
        """Return what names exactly this model, or nothing where nobody tells.

        While the service is away, the model counts as the one it was. A service that
        tells no digests is named itself: another may call another model so.
        """
        if self._may_look():
            try:
                async with _patience(is_known=name in self._digests):
                    model = await self._provider.model(name)
            except (ProviderError, TimeoutError):
                self._note_away()
            else:
                named = model.digest or self._settings.host if model is not None else ""
                self._digests[name] = named
        return self._digests.get(name, "")

    async def window(self, name: str) -> int:
        """Return how many tokens the model takes, its answer included."""
        if self._may_look():
            try:
                async with _patience(is_known=name in self._windows):
                    self._windows[name] = await self._provider.window(name)
            except (ProviderError, TimeoutError):
                self._note_away()
        return self._windows.get(name, self._settings.context_tokens)

    def identity(self, name: str) -> str:
        """Return what tells a model from another that had its name; asks nobody."""
        return f"{name} {self._digests.get(name, '')}"

    def _may_look(self) -> bool:
        """Tell whether to ask: of one that is away each look costs a whole timeout."""
        return self._clock() >= self._looks_again_at and not self._is_left_alone()

    def _note_away(self) -> None:
        self._looks_again_at = self._clock() + LOOK_AGAIN_SECONDS

    @property
    def usage(self) -> Mapping[str, ModelUsage]:
        """What each model was used for, by its name."""
        return self._usage

    def note_answer(self, answer: Answer) -> None:
        """Count an answer that a model has just given."""
        self._looks_again_at = 0.0
        used = self._usage.get(answer.model, ModelUsage())
        figures = answer.figures
        self._usage[answer.model] = ModelUsage(
            answers=used.answers + 1,
            prompt_tokens=used.prompt_tokens + (figures.prompt_tokens or 0),
            answer_tokens=used.answer_tokens + (figures.answer_tokens or 0),
            seconds=used.seconds + (figures.total_seconds or 0.0),
            newest=figures,
        )

    async def status(self) -> ModelStatus:
        """Tell what can be done now. Never raises a ``ProviderError``."""
        name = self.name(ModelRole.HEAVY)
        if not self._settings.enabled:
            return ModelStatus(ModelState.DISABLED, name, _("The model is off."))
        try:
            models = await self._provider.models()
        except ProviderError as error:
            return ModelStatus(
                ModelState.UNAVAILABLE,
                name,
                error.told,
                remote_host=self._remote_host(()),
            )
        remote_host = self._remote_host(models)
        self._installed = names = tuple(sorted(model.name for model in models))
        found = next((model for model in models if same_model(model.name, name)), None)
        try:
            require_permitted(found or ModelInfo(name), self._settings)
        except ProviderError as error:
            return ModelStatus(
                ModelState.UNAVAILABLE, name, error.message, names, remote_host
            )
        if found is None:
            detail = _("The model {model} is not installed.").format(model=name)
            return ModelStatus(
                ModelState.MODEL_MISSING, name, detail, names, remote_host
            )
        return ModelStatus(
            ModelState.READY,
            name,
            "",
            names,
            remote_host,
            is_loaded=found.is_loaded,
            expires_at=found.expires_at,
        )

    async def all(self) -> tuple[ModelInfo, ...]:
        """Return every model the service has, with all that it tells of each."""
        self.require_enabled()
        at_once = asyncio.Semaphore(DESCRIPTIONS_AT_ONCE)

        async def describe(model: ModelInfo) -> ModelInfo:
            async with at_once:
                return await self._provider.model(model.name) or model

        models = await self._provider.models()
        return tuple(await asyncio.gather(*map(describe, models)))

    async def load(self, name: str) -> None:
        """Load a model before it is asked."""
        self.require_enabled()
        await self._provider.load(name)

    async def warm_up(self, name: str) -> bool:
        """Load a model that may soon be asked; return whether there was need.

        Never downloads one, and never calls upon one that runs elsewhere.
        """
        if not self._settings.enabled:
            return False
        model = await self._provider.model(name)
        if model is None or model.is_loaded or is_cloud_model(model):
            return False
        await self._provider.load(name)
        return True

    async def unload(self, name: str) -> None:
        """Give the memory of a model back."""
        self.require_enabled()
        await self._provider.unload(name)

    async def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model; the last step says ``success``."""
        self.require_enabled()
        stream = paced(self._provider.pull(name), PULL_INTERVAL_SECONDS)
        async with aclosing(stream):
            async for steps in stream:
                # Of one status only the newest count matters.
                for status, same in itertools.groupby(steps, lambda step: step.status):
                    newest = list(same)[-1]
                    yield replace(newest, status=sanitize_text(status))

    def _remote_host(self, models: Iterable[ModelInfo]) -> str:
        names = [self.name(role) for role in ModelRole]
        return remote_host_of(self._settings, names, models)

    def require_enabled(self) -> None:
        """Raise a ProviderError where the user wants no model at all."""
        if not self._settings.enabled:
            raise ProviderError(
                _("The model is off."), hint=_("set ai.enabled, or drop --offline")
            )


def _patience(*, is_known: bool) -> asyncio.Timeout:
    """Return how long a look may keep a question waiting."""
    return asyncio.timeout(KNOWN_LOOK_SECONDS if is_known else None)
