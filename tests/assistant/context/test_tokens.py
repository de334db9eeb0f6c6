"""Token estimates and cutting: never over the budget, never a made-up text."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.context.tokens import (
    CHARACTERS_PER_TOKEN_LIMIT,
    clip_end,
    clip_start,
    estimate_tokens,
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


@given(text=st.text(max_size=300))
def test_an_estimate_is_never_under_the_longest_possible_pieces(text: str) -> None:
    assert estimate_tokens(text) >= len(text) / CHARACTERS_PER_TOKEN_LIMIT


@given(one=st.text(max_size=100), other=st.text(max_size=100))
def test_putting_texts_together_never_costs_more(one: str, other: str) -> None:
    together = estimate_tokens(f"{one}\n{other}")
    assert together <= estimate_tokens(one + "\n") + estimate_tokens(other)


def test_an_estimate_is_above_what_words_and_characters_take() -> None:
    # Real tokenizers take at least one token a Hangul syllable pair and a short word.
    assert estimate_tokens("git status") >= 2
    assert estimate_tokens("파일이 없습니다") >= 7
    assert estimate_tokens("a" * 600) >= 100
    assert estimate_tokens("0123456789" * 30) >= 100
    assert estimate_tokens("") == 0


@given(text=OUTPUT, limit=LIMIT)
def test_a_clip_is_a_start_or_an_end_within_the_limit(text: str, limit: int) -> None:
    start, end = clip_start(text, limit), clip_end(text, limit)
    assert text.startswith(start)
    assert text.endswith(end)
    assert max(estimate_tokens(start), estimate_tokens(end)) <= limit
    if estimate_tokens(text) <= limit:
        assert start == end == text


@given(text=OUTPUT, limit=LIMIT)
def test_a_trimmed_output_fits_and_says_what_is_gone(text: str, limit: int) -> None:
    trimmed = trim_output(text, limit)
    assert estimate_tokens(trimmed.text) <= max(limit, 0)
    if not trimmed.was_cut:
        assert trimmed.text == text
        return
    assert trimmed.text != text
    if trimmed.text:
        gaps = re.findall(r"\[… (?:\d+ lines )?cut …\]", trimmed.text)
        assert gaps or "cut" in trimmed.text or estimate_tokens(text) > limit


def test_head_first_error_and_tail_remain() -> None:
    body = [f"compiling unit {number}" for number in range(300)]
    body[40] = "main.c:12:5: error: expected ';' before '}' token"
    text = "\n".join(["make: entering", *body, "make: *** [all] Error 2"])
    trimmed = trim_output(text, 200)
    lines = trimmed.text.split("\n")
    assert lines[0] == "make: entering"
    assert lines[-1] == "make: *** [all] Error 2"
    assert body[40] in lines
    gaps = [int(match) for match in re.findall(r"… (\d+) lines cut", trimmed.text)]
    assert sum(gaps) + len(lines) - len(gaps) == len(body) + 2


def test_the_tail_gets_more_than_the_head() -> None:
    lines = [f"line {number}" for number in range(1000)]
    kept = trim_output("\n".join(lines), 400).text.split("\n")
    gap = next(index for index, line in enumerate(kept) if "cut" in line)
    assert len(kept) - gap > 2 * gap > 0


def test_one_endless_line_keeps_both_ends() -> None:
    text = "START " + "0f" * 50_000 + " END"
    trimmed = trim_output(text, 100)
    assert trimmed.text.startswith("START")
    assert trimmed.text.endswith("END")
    assert math.isclose(estimate_tokens(trimmed.text), 100, abs_tol=40)
