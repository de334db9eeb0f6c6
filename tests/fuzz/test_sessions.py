"""Short fuzzing in every run of the suite; ``scripts/fuzz.py`` goes on for longer."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.choices import ByteChoices, RandomChoices
from tests.fuzz.session import Session, Step, steps

SEEDS = 150


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_nothing_breaks_in_random_sessions(first: int) -> None:
    for seed in range(first, first + 50):
        session = Session()
        for step in steps(RandomChoices(seed)):
            session.run(step)


@settings(max_examples=150)
@given(st.binary(max_size=300).map(lambda data: list(steps(ByteChoices(data), 3))))
@example([Step("x👩\u200d👧\x1b[b".encode(), (8,))])
@example([Step("1\ufe0f\x1b[2G#".encode(), ())])
@example([Step(b"\x1b[?69h\x1b[;5sy\x1b[5;9H\r\n", ())])
@example([Step(b"\x1b[?45h\x1b[67293D", ())])
@example([Step(b"\x1b[12H\x1b[;12Hab\x1b[S\x1b[T\x1b[$r\x1b[S", ())])
@example(
    [
        Step(b"0123456789" * 6 + b"012345\x1b[5S", ()),
        Step(b"Q", (), (12, 8)),
        Step(b"\x1b[H\x1b[L2\x1b[S", ()),
    ]
)
@example([Step("\x1b[?7l\x1b[11G🇷世界".encode(), None)])
def test_nothing_breaks_in_a_session_that_can_be_made_smaller(
    session_steps: list[Step],
) -> None:
    session = Session()
    for step in session_steps:
        session.run(step)


def test_bytes_decide_until_they_run_out() -> None:
    choices = ByteChoices(b"\x05\x01\x02")
    assert [choices.below(4), choices.below(1), choices.below(1000)] == [1, 0, 258]
    assert choices.is_spent
    assert choices.below(9) == 0
