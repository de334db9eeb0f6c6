"""The answer cache: exact, bounded, honest about age."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.caching.answers import (
    ANOTHER_ANSWER_SECONDS,
    AnswerCache,
    prompt_key,
)
from terminal_ai.assistant.providers.base import Message, Role
from terminal_ai.records import Answer
from tests.assistant.making import make_prompt

ANSWER = Answer("It was a typo.", None, "tiny")


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(texts=st.lists(st.text(max_size=20), min_size=2, max_size=4, unique=True))
def test_other_messages_are_other_keys(texts: list[str]) -> None:
    def key(*contents: str) -> str:
        messages = tuple(Message(Role.USER, content) for content in contents)
        return prompt_key(make_prompt(messages=messages))

    assert key(*texts) == key(*texts)
    assert key(*texts) != key("".join(texts))
    assert key(*texts) != key(*texts[::-1])
    assert len({key(text) for text in texts}) == len(texts)


def test_everything_that_shapes_an_answer_is_in_the_key() -> None:
    prompt = make_prompt()
    others = [
        replace(prompt, model="other"),
        replace(prompt, schema=None),
        replace(prompt, answer_tokens=1),
        replace(prompt, temperature=0.9),
        replace(prompt, may_think=True),
        replace(prompt, messages=prompt.messages[::-1]),
    ]
    keys = {prompt_key(one) for one in (prompt, *others)}
    assert len(keys) == len(others) + 1


def test_an_answer_grows_old_and_goes() -> None:
    clock = Clock()
    cache = AnswerCache(4, 600, clock=clock)
    cache.put("key", ANSWER)
    clock.now += 40
    assert cache.get("key") == replace(ANSWER, age_seconds=40)
    assert cache.get("other") is None
    clock.now += 600
    assert cache.get("key") is None


def test_the_number_of_answers_is_bounded() -> None:
    cache = AnswerCache(3, 600, clock=Clock())
    for number in range(10):
        cache.put(str(number), ANSWER)
    kept = [number for number in range(10) if cache.get(str(number)) is not None]
    assert kept == [7, 8, 9]


def test_no_entries_keep_nothing() -> None:
    cache = AnswerCache(0, 600, clock=Clock())
    cache.put("key", ANSWER)
    assert cache.get("key") is None


def test_a_repeated_question_is_noticed_for_a_while() -> None:
    clock = Clock()
    cache = AnswerCache(0, 600, clock=clock)
    assert not cache.was_just_answered("key")
    cache.note_answered("key")
    clock.now += ANOTHER_ANSWER_SECONDS - 1
    assert cache.was_just_answered("key")
    assert not cache.was_just_answered("other")
    clock.now += 2
    assert not cache.was_just_answered("key")
