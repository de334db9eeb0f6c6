"""The answer cache: exact, bounded, honest about age."""

from dataclasses import replace

from terminal_ai.assistant.caching.answers import (
    ANOTHER_ANSWER_SECONDS,
    AnswerCache,
)
from terminal_ai.assistant.caching.question import Question
from terminal_ai.records import Answer, AnswerOrigin

ANSWER = Answer("It was a typo.", None, "tiny")


def question(name: str) -> Question:
    """Return a question without literals."""
    return Question(name, f"signature of {name}", f"{name} here")


KEY, OTHER = question("key"), question("other")


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_an_answer_grows_old_and_goes() -> None:
    clock = Clock()
    cache = AnswerCache(4, 600, clock=clock)
    await cache.put(KEY, ANSWER)
    clock.now += 40
    assert await cache.get(KEY) == replace(
        ANSWER, age_seconds=40, origin=AnswerOrigin.MEMORY
    )
    assert await cache.get(OTHER) is None
    clock.now += 600
    assert await cache.get(KEY) is None


async def test_the_number_of_answers_is_bounded() -> None:
    cache = AnswerCache(3, 600, clock=Clock())
    for number in range(10):
        await cache.put(question(str(number)), ANSWER)
    kept = [
        number
        for number in range(10)
        if await cache.get(question(str(number))) is not None
    ]
    assert kept == [7, 8, 9]


async def test_no_entries_keep_nothing() -> None:
    cache = AnswerCache(0, 600, clock=Clock())
    await cache.put(KEY, ANSWER)
    assert await cache.get(KEY) is None


async def test_a_repeated_question_is_noticed_for_a_while() -> None:
    clock = Clock()
    cache = AnswerCache(0, 600, clock=clock)
    assert not cache.was_just_answered(KEY)
    cache.note_answered(KEY)
    clock.now += ANOTHER_ANSWER_SECONDS - 1
    assert cache.was_just_answered(KEY)
    assert not cache.was_just_answered(OTHER)
    clock.now += 2
    assert not cache.was_just_answered(KEY)
