"""A second try without the schema, for models that answer nothing with it.

Some models put all they say into their thoughts when they are held to a schema, and
some runners cannot hold theirs to one. The prompt asks for the same object in words,
and a reply is validated either way.
"""

import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import TypeVar

from cachetools import LRUCache

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    Piece,
    Prompt,
    Provider,
)
from terminal_ai.errors import ProviderError
from terminal_ai.records import AnswerFigures

Number = TypeVar("Number", int, float)

MODELS_LIMIT = 1_000
_REFUSAL_WORDS = ("format", "grammar", "schema")
_REFUSAL_STATUSES = frozenset({400, 500, 501})


class SchemaFallback:
    """Streams prompts, and remembers which models are better asked without a schema.

    ``identity`` tells a model from another that had its name before.
    """

    def __init__(
        self, provider: Provider, *, identity: Callable[[str], str] = str
    ) -> None:
        self._provider = provider
        self._identity = identity
        self._silenced: LRUCache[str, bool] = LRUCache(MODELS_LIMIT)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[AnswerEvent, None]:
        """Yield what the provider does, of both tries if two are needed."""
        model = self._identity(prompt.model)
        if prompt.schema is None or model in self._silenced:
            prompt = replace(prompt, schema=None)
        first: Completion | None = None
        said = False
        try:
            async with contextlib.aclosing(self._provider.stream(prompt)) as events:
                async for event in events:
                    if isinstance(event, Piece):
                        said = said or bool(event.content.strip())
                    if isinstance(event, Completion):
                        first = event
                        break
                    yield event
        except ProviderError as error:
            if prompt.schema is None or said or not _refuses_schema(error):
                raise
        else:
            if first is None:
                return
            # What ran into its length limit would only do so again.
            if said or prompt.schema is None or first.was_cut:
                yield first
                return
        self._silenced[model] = True
        again = self._provider.stream(replace(prompt, schema=None))
        async with contextlib.aclosing(again) as events:
            async for event in events:
                if isinstance(event, Completion) and first is not None:
                    yield replace(event, figures=_sum(first.figures, event.figures))
                else:
                    yield event


def _refuses_schema(error: ProviderError) -> bool:
    return error.status_code in _REFUSAL_STATUSES and any(
        word in error.message for word in _REFUSAL_WORDS
    )


def _sum(first: AnswerFigures, second: AnswerFigures) -> AnswerFigures:
    """Return what both tries cost; of what is no sum, the second's."""
    return replace(
        second,
        first_token_seconds=first.first_token_seconds,
        load_seconds=first.load_seconds,
        total_seconds=_added(first.total_seconds, second.total_seconds),
        answer_tokens=_added(first.answer_tokens, second.answer_tokens),
        prompt_seconds=_added(first.prompt_seconds, second.prompt_seconds),
        answer_seconds=_added(first.answer_seconds, second.answer_seconds),
        model_seconds=_added(first.model_seconds, second.model_seconds),
    )


def _added(one: Number | None, other: Number | None) -> Number | None:
    return other if one is None else one if other is None else one + other
