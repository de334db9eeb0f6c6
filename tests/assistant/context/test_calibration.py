"""Margins learnt from what services count: never too low, never by mistakes."""

import math
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.context.calibration import (
    COUNTS_LIMIT,
    MARGIN_LIMIT,
    MODELS_LIMIT,
    TokenCalibration,
)
from terminal_ai.assistant.context.composer import TEMPLATE_TOKENS
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.context.tokens import MARGIN, USUAL_METER
from terminal_ai.assistant.inquiry import Inquiry
from tests.assistant.context.making import asked, compose, history
from tests.assistant.making import make_record

PROMPT = compose(asked("why?", history(4)))
RATIO = st.floats(0.05, 6)


def counted(prompt: ComposedPrompt, ratio: float) -> int:
    return math.ceil(prompt.pieces * ratio)


@given(ratios=st.lists(RATIO, max_size=COUNTS_LIMIT))
def test_a_margin_is_never_under_a_ratio_seen(ratios: list[float]) -> None:
    calibration = TokenCalibration()
    for ratio in ratios:
        calibration.learn("m", PROMPT, counted(PROMPT, ratio))
    margin = calibration.meter("m").margin
    possible = [
        count / PROMPT.pieces
        for ratio in ratios
        if (count := counted(PROMPT, ratio)) <= PROMPT.size_bytes
    ]
    assert all(margin >= ratio for ratio in possible)
    assert MARGIN <= margin <= MARGIN_LIMIT


@given(ratios=st.lists(RATIO, max_size=200))
def test_a_low_count_lowers_nothing_that_was_learnt(ratios: list[float]) -> None:
    calibration = TokenCalibration()
    calibration.learn("m", PROMPT, counted(PROMPT, 2.0))
    learnt = calibration.meter("m").margin
    # The service kept what it had read before, and told only the rest.
    for ratio in ratios[: COUNTS_LIMIT - 1]:
        calibration.learn("m", PROMPT, counted(PROMPT, min(ratio, 1.0)))
    assert calibration.meter("m").margin == learnt >= 2.0


def test_what_no_tokenizer_can_count_is_ignored() -> None:
    calibration = TokenCalibration()
    more_than_bytes = PROMPT.size_bytes + 2_000
    assert more_than_bytes / PROMPT.pieces < MARGIN_LIMIT
    for count in (0, -5, more_than_bytes, 10**9):
        calibration.learn("m", PROMPT, count)
    assert calibration.meter("m") == USUAL_METER
    calibration.learn("m", replace(PROMPT, pieces=0), 100)
    assert calibration.meter("m") == USUAL_METER


def test_what_was_odd_once_is_forgotten() -> None:
    calibration = TokenCalibration()
    calibration.learn("m", PROMPT, counted(PROMPT, 3.0))
    for _ in range(COUNTS_LIMIT):
        calibration.learn("m", PROMPT, counted(PROMPT, 0.9))
    assert calibration.meter("m") == USUAL_METER


def test_models_are_told_apart_and_their_number_is_bounded() -> None:
    calibration = TokenCalibration()
    calibration.learn("first", PROMPT, counted(PROMPT, 3.0))
    assert calibration.meter("other") == USUAL_METER
    for number in range(MODELS_LIMIT):
        calibration.learn(f"m{number}", PROMPT, 10)
    assert calibration.meter("first") == USUAL_METER


@given(
    told=st.integers(0, 100_000),
    window=st.integers(0, 10_000),
    before=st.floats(0.5, 3),
)
def test_after_a_refusal_less_is_sent(told: int, window: int, before: float) -> None:
    calibration = TokenCalibration()
    calibration.learn("m", PROMPT, counted(PROMPT, before))
    sent = replace(PROMPT, window_tokens=calibration.window("m", 4_096))
    margin = calibration.meter("m").margin
    calibration.learn_refusal("m", sent, prompt_tokens=told, window_tokens=window)
    is_shorter = calibration.meter("m").margin > margin
    is_smaller = calibration.window("m", 4_096) < 4_096
    assert is_shorter or is_smaller or margin == MARGIN_LIMIT


def test_a_window_once_refused_counts_until_a_smaller_one_is_told() -> None:
    calibration = TokenCalibration()
    calibration.learn_refusal("m", PROMPT, prompt_tokens=4_000, window_tokens=2_048)
    assert calibration.window("m", 4_096) == 2_048
    assert calibration.window("m", 1_024) == 1_024
    assert calibration.window("other", 4_096) == 4_096


def tokens_of(text: str, letters: int, wide: int) -> int:
    """Count as a tokenizer would that knows only short words."""
    words = re.findall(r"[A-Za-z]+|[^\x00-\x7f]|[^\sA-Za-z]|\s+", text)
    return sum(
        math.ceil(len(word) / letters) if word[0].isascii() else wide for word in words
    )


@given(
    letters=st.integers(2, 8),
    wide=st.integers(1, 3),
    outputs=st.lists(
        st.text(st.characters(codec="utf-8"), max_size=900),
        min_size=2,
        max_size=6,
    ),
)
def test_after_one_answer_prompts_of_its_kind_fit_a_simulated_model(
    letters: int, wide: int, outputs: list[str]
) -> None:
    calibration = TokenCalibration()

    def count(prompt: ComposedPrompt) -> int:
        texts = [message.content for message in prompt.messages]
        return TEMPLATE_TOKENS // 2 + sum(tokens_of(t, letters, wide) for t in texts)

    for output in outputs:
        inquiry = Inquiry.about(make_record(output=f"{output}\n" * 40))
        meter = calibration.meter("m")
        first = compose(inquiry, meter=meter, window_tokens=20_000)
        calibration.learn("m", first, count(first))
        learnt = calibration.meter("m")
        again = compose(inquiry, meter=learnt, window_tokens=20_000)
        assert learnt.margin >= meter.margin
        if again.messages == first.messages:
            assert again.estimated_tokens >= count(again)
