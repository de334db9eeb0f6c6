"""Replies with a line for each of many things."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.replies.numbered import numbered_lines, numbered_schema

LINES = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=12)


def body_of(lines: list[str]) -> str:
    return json.dumps({str(at): line for at, line in enumerate(lines, 1)})


@given(LINES)
def test_a_whole_reply_is_read_by_its_numbers(lines: list[str]) -> None:
    found = numbered_lines(body_of(lines), len(lines))
    assert found == {
        at: line.strip() for at, line in enumerate(lines, 1) if line.strip()
    }


@given(LINES, st.data())
def test_of_a_cut_reply_only_whole_lines_count(
    lines: list[str], data: st.DataObject
) -> None:
    body = body_of(lines)
    cut = body[: data.draw(st.integers(0, len(body)))]
    for number, text in numbered_lines(cut, len(lines)).items():
        assert text == lines[number - 1].strip()


@given(st.text(), st.integers(0, 12))
def test_anything_is_read_without_an_error(body: str, count: int) -> None:
    assert set(numbered_lines(body, count)) <= set(range(1, count + 1))


@pytest.mark.parametrize(
    "body",
    [
        '```json\n{"1": "no space", "2": "no route"}\n```',
        'Sure: {"2": "no route", "1": "no space", "3": "x", "risk": "safe"} Bye.',
        "1. no space\n2. no route",
        '1: "no space",\n"2": "no route"',
    ],
)
def test_other_forms(body: str) -> None:
    assert numbered_lines(body, 2) == {1: "no space", 2: "no route"}


@pytest.mark.parametrize("body", ["", "{", "[1]", '{"1": 3}', '{"1": " "}', "none"])
def test_nothing_is_made_up(body: str) -> None:
    assert numbered_lines(body, 2) == {}


def test_the_schema_wants_every_number() -> None:
    schema = numbered_schema(11)
    assert schema["required"] == [str(number) for number in range(1, 12)]
