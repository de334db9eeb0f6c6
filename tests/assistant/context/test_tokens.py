"""Token estimates and cutting: never over the budget, never a made-up text."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.context.tokens import (
    CHARACTERS_PER_TOKEN_LIMIT,
    MARGIN,
    USUAL_METER,
    TokenMeter,
)
from terminal_ai.assistant.context.trimming import trim_output

LINE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            "main.c:12:5: error: expected ';'",
            "    at Object.<anonymous> (/app/index.js:10:15)",
            "오류: 파일을 찾을 수 없습니다",
            "x" * 400,
            " \t \t \t ",
        ]
    ),
)
OUTPUT = st.lists(LINE, max_size=60).map("\n".join)
LIMIT = st.integers(0, 300)
METER = st.floats(MARGIN, 8).map(TokenMeter)


@given(text=st.text(max_size=300))
def test_an_estimate_is_never_under_the_longest_possible_pieces(text: str) -> None:
    assert USUAL_METER.count(text) >= len(text) / CHARACTERS_PER_TOKEN_LIMIT


PIECES = st.lists(
    st.sampled_from(
        [
            "a", "Zz", "word", "x" * 20, "0", "12345", " ", "  ", "\t", "\n", "\n\n\n",
            "!", "?!", "[", "]", "-", "/", "\x1b", "\x00", "\r", "é", "한", "😀",
            "[redacted:", "[redacted:password:a1b2c3]",
        ]
    )
    | st.text(max_size=5)
).map("".join)  # fmt: skip


@given(PIECES)
def test_what_is_counted_at_once_is_what_is_counted_piece_by_piece(text: str) -> None:
    meter = TokenMeter(1.0)
    count = meter.count(text)
    assert meter.clip_end(text, count) == text
    assert not text or meter.clip_end(text, count - 1) != text
    assert not text or meter.clip_start(text, count - 1) != text


@given(one=OUTPUT, other=OUTPUT)
def test_putting_texts_together_never_costs_more(one: str, other: str) -> None:
    together = USUAL_METER.count(f"{one}\n{other}")
    assert together <= USUAL_METER.count(one + "\n") + USUAL_METER.count(other)


def test_an_estimate_is_above_what_words_and_characters_take() -> None:
    # Real tokenizers take at least one token a Hangul syllable pair and a short word.
    assert USUAL_METER.count("git status") >= 2
    assert USUAL_METER.count("파일이 없습니다") >= 7
    assert USUAL_METER.count("a" * 600) >= 100
    assert USUAL_METER.count("0123456789" * 30) >= 100
    assert USUAL_METER.count("") == 0


@given(text=OUTPUT, limit=LIMIT, meter=METER)
def test_a_clip_is_a_start_or_an_end_within_the_limit(
    text: str, limit: int, meter: TokenMeter
) -> None:
    start, end = meter.clip_start(text, limit), meter.clip_end(text, limit)
    assert text.startswith(start)
    assert text.endswith(end)
    assert max(meter.count(start), meter.count(end)) <= limit
    if meter.count(text) <= limit:
        assert start == end == text


@given(text=OUTPUT, limit=LIMIT, meter=METER)
def test_a_trimmed_output_fits_and_says_what_is_gone(
    text: str, limit: int, meter: TokenMeter
) -> None:
    trimmed = trim_output(text, limit, meter)
    assert meter.count(trimmed.text) <= max(limit, 0)
    if not trimmed.was_cut:
        assert trimmed.text == text
        return
    assert trimmed.text != text
    if trimmed.text:
        gaps = re.findall(r"\[… (?:\d+ lines )?cut …\]", trimmed.text)
        assert gaps or meter.count(text) > limit


def test_head_first_error_and_tail_remain() -> None:
    body = [f"compiling unit {number}" for number in range(300)]
    body[40] = "main.c:12:5: error: expected ';' before '}' token"
    text = "\n".join(["make: entering", *body, "make: *** [all] Error 2"])
    trimmed = trim_output(text, 200, USUAL_METER)
    lines = trimmed.text.split("\n")
    assert lines[0] == "make: entering"
    assert lines[-1] == "make: *** [all] Error 2"
    assert body[40] in lines
    gaps = [int(match) for match in re.findall(r"… (\d+) lines cut", trimmed.text)]
    assert sum(gaps) + len(lines) - len(gaps) == len(body) + 2


def test_the_tail_gets_more_than_the_head() -> None:
    lines = [f"line {number}" for number in range(1000)]
    kept = trim_output("\n".join(lines), 400, USUAL_METER).text.split("\n")
    gap = next(index for index, line in enumerate(kept) if "cut" in line)
    assert len(kept) - gap > 2 * gap > 0


def test_one_endless_line_keeps_both_ends() -> None:
    text = "START " + "0f" * 50_000 + " END"
    trimmed = trim_output(text, 100, USUAL_METER)
    assert trimmed.text.startswith("START")
    assert trimmed.text.endswith("END")
    assert math.isclose(USUAL_METER.count(trimmed.text), 100, abs_tol=40)


def test_a_placeholder_is_never_cut_in_two() -> None:
    placeholder = "[redacted:password:0a1b2c]"
    text = "a b " * 10 + placeholder + " c d" * 10
    for limit in range(80):
        start, end = (
            USUAL_METER.clip_start(text, limit),
            USUAL_METER.clip_end(text, limit),
        )
        assert placeholder in start or "[" not in start
        assert placeholder in end or "]" not in end


def test_signs_that_are_not_ascii_count_one_by_one() -> None:
    assert USUAL_METER.count("→→→→→→") >= 6
    assert USUAL_METER.count("-→-→-→") >= 6
