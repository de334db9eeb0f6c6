"""A request to a model as a span: what it cost, by the service's own counters."""

import contextlib
from collections.abc import AsyncGenerator

from terminal_ai.assistant.providers.base import AnswerEvent, Completion, Piece
from terminal_ai.records import AnswerFigures, ModelRole
from terminal_ai.telemetry.names import FIRST_PIECE, MODEL_REQUEST
from terminal_ai.telemetry.spans import Span, Tracer

_FIGURES = (
    "load_seconds",
    "prompt_seconds",
    "answer_seconds",
    "prompt_tokens",
    "answer_tokens",
    "tokens_per_second",
)


async def traced_request(
    tracer: Tracer,
    events: AsyncGenerator[AnswerEvent, None],
    *,
    role: ModelRole,
    parent: Span | None = None,
) -> AsyncGenerator[AnswerEvent, None]:
    """Pass a stream on as the span ``model.request``; all of its time is the model's.

    Neither the prompt nor the answer nor the model's name is in the span.
    """
    request = tracer.span(
        MODEL_REQUEST, {"role": role}, parent=parent, is_current=False
    )
    with request as span:
        has_begun = False
        try:
            async with contextlib.aclosing(events):
                async for event in events:
                    if isinstance(event, Piece) and not has_begun:
                        has_begun = True
                        span.event(FIRST_PIECE)
                    elif isinstance(event, Completion):
                        span.tag("was_cut", event.was_cut)
                        _tag_figures(span, event.figures)
                    yield event
        finally:
            span.waited(span.elapsed_seconds)


def _tag_figures(span: Span, figures: AnswerFigures) -> None:
    for name in _FIGURES:
        value = getattr(figures, name)
        if value is not None:
            span.tag(name, value)
