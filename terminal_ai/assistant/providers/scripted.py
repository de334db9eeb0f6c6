"""A provider that plays prepared answers: for tests, screenshots and demonstrations."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Sequence

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    PhaseChanged,
    Piece,
    Prompt,
)
from terminal_ai.errors import ProviderError
from terminal_ai.records import (
    AnswerFigures,
    AnswerPhase,
    ModelInfo,
    PullProgress,
    Risk,
)

WINDOW_TOKENS = 4_096

Step = AnswerEvent | ProviderError | float
"""An event to yield, an error to raise, or seconds to wait."""


class ScriptedProvider:
    """Plays one script per prompt, the last one again and again.

    ``prompts`` are those received, ``is_streaming`` tells whether one is played now.
    """

    def __init__(
        self,
        scripts: Sequence[Sequence[Step]] = (),
        *,
        installed: Sequence[str] = (),
        failure: ProviderError | None = None,
    ) -> None:
        self._scripts = list(scripts)
        self.installed = list(installed)
        self.loaded: set[str] = set()
        self.failure = failure
        """Raised by everything until it is set to None: the service is away."""
        self.prompts: list[Prompt] = []
        self.is_streaming = False
        self.is_closed = False

    async def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        """Play the next script."""
        self._require_service()
        played = min(len(self.prompts), len(self._scripts) - 1)
        self.prompts.append(prompt)
        self.is_streaming = True
        try:
            for step in self._scripts[played] if self._scripts else ():
                if isinstance(step, float):
                    await asyncio.sleep(step)
                elif isinstance(step, ProviderError):
                    raise step
                else:
                    yield step
        finally:
            self.is_streaming = False

    async def models(self, *, age_seconds: float = 0.0) -> tuple[ModelInfo, ...]:
        """Return the models named at the start, and those pulled since."""
        del age_seconds
        self._require_service()
        return tuple(
            ModelInfo(name, is_loaded=name in self.loaded) for name in self.installed
        )

    async def model(self, name: str) -> ModelInfo | None:
        """Return one of them."""
        return next((one for one in await self.models() if one.name == name), None)

    async def window(self, name: str) -> int:
        """Return a window that nothing fills."""
        del name
        self._require_service()
        return WINDOW_TOKENS

    async def load(self, name: str) -> None:
        """Remember that the model is loaded."""
        self._require_service()
        self.loaded.add(name)

    async def unload(self, name: str) -> None:
        """Remember that the model is not loaded."""
        self._require_service()
        self.loaded.discard(name)

    async def version(self) -> str:
        """Return a version nobody has."""
        self._require_service()
        return "0.0.0"

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Install the model at once."""
        self._require_service()
        self.installed.append(model)
        yield PullProgress("success")

    async def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True

    def _require_service(self) -> None:
        if self.failure is not None:
            raise self.failure


def script_reply(
    *,
    analysis: str,
    command: str,
    explanation: str,
    risk: Risk = Risk.SAFE,
    thinking: str = "",
) -> tuple[Step, ...]:
    """Return the steps of one well-formed reply, written piece by piece."""
    fields = {
        "analysis": analysis,
        "command": command,
        "explanation": explanation,
        "risk": risk.value,
    }
    steps: list[Step] = [
        PhaseChanged(AnswerPhase.CONNECTING),
        PhaseChanged(AnswerPhase.READING),
    ]
    for text, is_thinking in ((thinking, True), (json.dumps(fields), False)):
        steps.extend(
            Piece(thinking=part) if is_thinking else Piece(content=part)
            for part in _words(text)
        )
    steps.append(Completion(was_cut=False, figures=AnswerFigures()))
    return tuple(steps)


def _words(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find(" ", start + 1)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end
