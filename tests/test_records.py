"""The shared values: what they compute and that nobody can change them."""

import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.plaintext import plain_text
from terminal_ai.records import (
    Advice,
    Answer,
    CapturedOutput,
    CommandRecord,
    CommandSource,
    Risk,
    RunningCommand,
    Suggestion,
    Surroundings,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def _record(exit_code: int | None) -> CommandRecord:
    return CommandRecord("1", "ls", "/", exit_code, 0.0, 0.0)


def test_risks_are_ordered() -> None:
    assert sorted(Risk, key=lambda risk: risk.rank) == [
        Risk.SAFE,
        Risk.CAUTION,
        Risk.DANGER,
    ]


@pytest.mark.parametrize(
    ("exit_code", "has_failed"), [(0, False), (None, False), (1, True), (130, True)]
)
def test_only_a_known_code_other_than_0_is_a_failure(
    exit_code: int | None, has_failed: bool
) -> None:
    assert _record(exit_code).has_failed is has_failed


def test_output_without_a_gap_is_rendered_as_one() -> None:
    output = CapturedOutput(head=b"\x1b[1", tail=b"mred\x1b[0m\r\nblue")

    assert output.text == "red\nblue"


def test_the_gap_is_counted_in_the_text() -> None:
    output = CapturedOutput(head=b"first\r\n", tail=b"\nlast", elided_bytes=42)

    assert output.text == "first\n[… 42 bytes elided …]\nlast"


@given(TEXT)
def test_text_comes_back_as_it_is_shown(text: str) -> None:
    assert CapturedOutput(text.encode()).text == plain_text(text.encode())


def test_text_is_rendered_once() -> None:
    output = CapturedOutput(head=b"x")

    assert output.text is output.text
    assert output == CapturedOutput(head=b"x")


@pytest.mark.parametrize(
    "value",
    [
        CapturedOutput(),
        _record(0),
        RunningCommand("ls", "/", 0.0),
        Suggestion("ls", Risk.SAFE, "", 1.0),
        Advice("", ""),
        Answer("", None, "m"),
        Surroundings(),
    ],
)
def test_values_are_frozen(value: object) -> None:
    assert dataclasses.is_dataclass(value)
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


def test_a_record_survives_pickling_to_another_process() -> None:
    record = dataclasses.replace(_record(2), source=CommandSource.SCREEN)

    assert pickle.loads(pickle.dumps(record)) == record
