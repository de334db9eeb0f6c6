"""Models that answer nothing when they are held to a schema."""

from collections.abc import Sequence

import pytest

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    Piece,
)
from terminal_ai.assistant.providers.scripted import ScriptedProvider, Step
from terminal_ai.assistant.replies.fallback import SchemaFallback
from terminal_ai.errors import ProviderError
from terminal_ai.records import AnswerFigures
from tests.assistant.making import collect, make_prompt


def done(*, was_cut: bool = False) -> Completion:
    figures = AnswerFigures(
        first_token_seconds=1.0,
        total_seconds=2.0,
        prompt_tokens=100,
        answer_tokens=10,
        model_seconds=1.5,
    )
    return Completion(was_cut=was_cut, figures=figures)


async def ask(*scripts: Sequence[Step]) -> tuple[list[AnswerEvent], list[bool]]:
    """Return what was told, and which requests asked for the schema."""
    provider = ScriptedProvider(scripts)
    events = await collect(SchemaFallback(provider).stream(make_prompt()))
    return events, [prompt.schema is not None for prompt in provider.prompts]


async def test_what_stands_in_the_thoughts_alone_is_asked_for_again() -> None:
    events, schemas = await ask(
        [Piece(thinking='{"command": "ls"}'), done()], [Piece("Try ls."), done()]
    )
    assert schemas == [True, False]
    *pieces, last = events
    assert pieces == [Piece(thinking='{"command": "ls"}'), Piece("Try ls.")]
    assert isinstance(last, Completion)
    # Both tries were waited for, and both were written.
    assert last.figures.total_seconds == 4.0
    assert last.figures.model_seconds == 3.0
    assert last.figures.answer_tokens == 20
    assert last.figures.prompt_tokens == 100


async def test_it_is_tried_once() -> None:
    _, schemas = await ask([Piece(" \n"), done()])
    assert schemas == [True, False]


async def test_a_model_is_known_by_then() -> None:
    provider = ScriptedProvider([[done()], [Piece("Yes."), done()]])
    asking = SchemaFallback(provider)
    for _ in range(2):
        await collect(asking.stream(make_prompt()))
    await collect(asking.stream(make_prompt(model="another")))
    assert [prompt.schema is not None for prompt in provider.prompts] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "script",
    [
        [Piece("Words."), done()],
        [Piece(thinking="long thoughts"), done(was_cut=True)],
        [Piece("Half")],
    ],
)
async def test_anything_else_is_passed_on(script: list[Step]) -> None:
    events, schemas = await ask(script)
    assert events == script
    assert schemas == [True]


async def test_a_refused_schema_is_left_out() -> None:
    refusal = ProviderError("Ollama refused: no format here", status_code=500)
    events, schemas = await ask([refusal], [Piece("Yes."), done()])
    assert schemas == [True, False]
    assert events == [Piece("Yes."), done()]


@pytest.mark.parametrize(
    "steps",
    [
        [ProviderError("out of memory", status_code=500)],
        [ProviderError("the format", status_code=-1)],
        [Piece("Half"), ProviderError("bad grammar", status_code=500)],
    ],
)
async def test_other_failures_are_failures(steps: list[Step]) -> None:
    with pytest.raises(ProviderError):
        await ask(steps, [done()])


async def test_another_model_of_the_same_name_is_asked_with_the_schema() -> None:
    digest = "one"
    provider = ScriptedProvider([[done()], [Piece("Yes."), done()]])
    asking = SchemaFallback(provider, identity=lambda _name: digest)
    await collect(asking.stream(make_prompt()))
    await collect(asking.stream(make_prompt()))
    digest = "other"
    await collect(asking.stream(make_prompt()))
    assert [prompt.schema is not None for prompt in provider.prompts] == [
        True,
        False,
        False,
        True,
    ]
