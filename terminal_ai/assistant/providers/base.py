"""What the assistant asks of any model service."""

import enum
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from terminal_ai.records import (
    AnswerFigures,
    AnswerPhase,
    ModelInfo,
    PullProgress,
)

_CLOUD_NAME = re.compile(r"(?::|-)cloud$", re.IGNORECASE)


class Role(enum.StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request for an answer.

    Only values that a service may vary from request to request without loading the
    model again stand here; the others are fixed when the provider is made.
    """

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, object] | None
    answer_tokens: int
    temperature: float
    may_think: bool = False


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The service went on to another phase of the same answer."""

    phase: AnswerPhase


@dataclass(frozen=True, slots=True)
class Piece:
    """The next part of the answer, or of the thinking before it."""

    content: str = ""
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The service said ``done``; ``was_cut`` when it ran into the token limit."""

    was_cut: bool
    figures: AnswerFigures


AnswerEvent = PhaseChanged | Piece | Completion


class Provider(Protocol):
    """A model service. Every failure is a ``ProviderError``.

    Closing a generator, or cancelling the task that iterates it, stops the work at the
    service too.
    """

    def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        """Yield phases and pieces, and a ``Completion`` last, or raise."""
        ...

    async def models(self, *, age_seconds: float = 0.0) -> tuple[ModelInfo, ...]:
        """Return the models that need no download.

        What was said at most ``age_seconds`` ago is not asked again.
        """
        ...

    async def model(self, name: str) -> ModelInfo | None:
        """Return all that is told of one model; what was just said will do."""
        ...

    async def window(self, name: str) -> int:
        """Return how many tokens a model takes, loaded as an answer would."""
        ...

    async def load(self, name: str) -> None:
        """Load a model as an answer would, and keep it for the usual time."""
        ...

    async def unload(self, name: str) -> None:
        """Give the model's memory back."""
        ...

    async def version(self) -> str:
        """Return the service's version."""
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model."""
        ...

    async def close(self) -> None:
        """Give all connections back."""
        ...


def is_cloud_name(model: str) -> bool:
    """Tell whether a service would forward this name to its makers' machines."""
    return _CLOUD_NAME.search(model) is not None


def same_model(one: str, other: str) -> bool:
    """Tell whether two names mean one model; a missing tag means ``latest``."""
    return full_name(one) == full_name(other)


def full_name(model: str) -> str:
    """Return the name with its tag."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"
