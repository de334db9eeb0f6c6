"""One answer while it arrives, without a provider."""

import pytest

from terminal_ai.assistant.providers.base import Completion, PhaseChanged, Piece
from terminal_ai.assistant.replies.reading import AnswerReading
from terminal_ai.errors import IncompleteAnswerError
from terminal_ai.records import AnswerFigures, AnswerPhase

DONE = Completion(was_cut=False, figures=AnswerFigures())


def make_reading(*, was_cut: bool = False) -> AnswerReading:
    return AnswerReading("tiny", "gti status", was_cut=was_cut)


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
    reading = make_reading(was_cut=True)
    reading.take([Piece("Hello"), Completion(was_cut=True, figures=AnswerFigures())])
    notice = reading.finish().notice
    assert "length limit" in notice
    assert "window" in notice
    assert not reading.is_keepable
