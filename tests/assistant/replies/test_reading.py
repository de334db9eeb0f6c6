"""One answer while it arrives, without a provider."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.providers.base import (
    AnswerEvent,
    Completion,
    PhaseChanged,
    Piece,
)
from terminal_ai.assistant.replies.reading import AnswerReading
from terminal_ai.errors import IncompleteAnswerError
from terminal_ai.records import AnswerFigures, AnswerPhase

DONE = Completion(was_cut=False, figures=AnswerFigures())


def make_reading(*notices: str) -> AnswerReading:
    return AnswerReading("tiny", "gti status", notices=notices)


def test_half_a_tag_is_neither_thought_nor_answer() -> None:
    reading = make_reading()
    phases = []
    for event in (
        PhaseChanged(AnswerPhase.READING),
        Piece("<thi"),
        Piece("nk>"),
        Piece("Hm."),
        Piece("</think"),
        Piece(">{"),
    ):
        update = reading.take([event])
        phases.append(update.phase if update is not None else None)
    assert phases == [
        AnswerPhase.READING,
        None,
        None,
        AnswerPhase.THINKING,
        None,
        AnswerPhase.WRITING,
    ]


def test_nothing_new_is_no_update() -> None:
    reading = make_reading()
    assert reading.take([Piece("Hello")]) is not None
    assert reading.take([Piece("")]) is None
    assert reading.take([DONE]) is None


def test_there_is_no_answer_before_the_completion() -> None:
    reading = make_reading()
    reading.take([Piece("Hello")])
    with pytest.raises(IncompleteAnswerError):
        reading.finish()
    reading.take([DONE])
    assert reading.finish().explanation == "Hello"


def test_every_notice_is_told() -> None:
    reading = make_reading("It was cut.", "More was left out.")
    reading.take([Piece("Hello"), Completion(was_cut=True, figures=AnswerFigures())])
    notice = reading.finish().notice
    assert "length limit" in notice
    assert "It was cut. More was left out." in notice
    assert not reading.is_keepable


REPLIES = [
    '{"analysis": "A typo.", "command": "git status", "explanation": "Shows it.",'
    ' "risk": "safe"}',
    '```json\n{"analysis": "", "command": "rm x", "explanation": "e"}\n```',
    "<think>Is it git?</think>Run:\n```sh\ngit status\n```",
    'thoughts</think>{"command": "ls", "explanation": "오타입니다."}',
    '{"analysis": "say </think> or <think>", "command": "", "explanation": "x"}',
    "Text <thinking>hm\n```sh\nrm -rf /\n```</thinking> goes on",
    '[{"command": "ls", "explanation": "a"}, {"command": "pwd", "explanation": "b"}]',
    "\x1b[31mred\u202e text\u200b",
]


@given(
    text=st.one_of(st.sampled_from(REPLIES), st.text(max_size=80)),
    cuts=st.lists(st.integers(0, 200), max_size=12),
    batches=st.lists(st.booleans(), min_size=14, max_size=14),
)
def test_how_pieces_arrive_makes_no_difference(
    text: str, cuts: list[int], batches: list[bool]
) -> None:
    whole = make_reading()
    whole.take([Piece(text), DONE])
    parts = make_reading()
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    waiting: list[AnswerEvent] = []
    for (start, end), is_taken in zip(itertools.pairwise(edges), batches, strict=False):
        waiting.append(Piece(text[start:end]))
        if is_taken:
            parts.take(waiting)
            waiting = []
    parts.take([*waiting, DONE])
    assert parts.finish() == whole.finish()
    assert parts.is_keepable == whole.is_keepable


def test_a_command_among_the_thoughts_is_no_suggestion() -> None:
    reading = make_reading()
    reading.take([Piece(thinking="```sh\nrm -rf /\n```")])
    reading.take([Piece("<think>```sh\nls\n```</think>No idea."), DONE])
    answer = reading.finish()
    assert answer.suggestion is None
    assert answer.explanation == "No idea."
    assert "rm -rf" in answer.thinking
    assert "ls" in answer.thinking


@pytest.mark.parametrize("end", ["</thinking> Ask on.", ""])
def test_thoughts_after_the_first_words_are_apart_too(end: str) -> None:
    reading = make_reading()
    text = f"No idea. <thinking>Try\n```sh\nrm -rf /\n```\n{end}"
    reading.take([Piece(text), DONE])
    answer = reading.finish()
    assert answer.suggestion is None
    assert "rm -rf" not in answer.explanation
    assert "rm -rf" in answer.thinking


def test_an_answer_in_another_language_than_asked_for_is_an_answer() -> None:
    reading = make_reading()
    said = {
        "analysis": "오타입니다.",
        "command": "git status",
        "explanation": "상태를 보여 줍니다.",
        "risk": "safe",
    }
    reading.take([Piece(json.dumps(said)), DONE])
    answer = reading.finish()
    assert answer.suggestion is not None
    assert answer.explanation.startswith("오타입니다.")
    assert reading.is_keepable


def test_fences_in_an_explanation_stay() -> None:
    text = "Add this:\n\n```toml\n[tool]\nx = 1\n```\n\nThen try again."
    reading = make_reading()
    said = {"analysis": "", "command": "", "explanation": text}
    reading.take([Piece(json.dumps(said)), DONE])
    assert reading.finish().explanation == text


def test_of_several_answers_the_first_is_suggested_and_the_others_shown() -> None:
    reading = make_reading()
    reading.take([Piece(REPLIES[6]), DONE])
    answer = reading.finish()
    assert answer.suggestion is not None
    assert answer.suggestion.command == "ls"
    assert answer.explanation == "a\n\n```sh\npwd\n```"
