"""Text from outside shows what it hides and controls nothing."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.safety.sanitize import (
    COMBINING_LIMIT,
    HIDDEN_MARK,
    NEWLINE_MARK,
    PLACEABLE_LIMIT,
    placeable,
    sanitize_text,
    single_line,
)

# Characters that a terminal obeys, or that draw nothing, whatever stands around them.
NEVER_SHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e00ff]"
)
FAMILY = "👩\u200d👩\u200d👧\u200d👦"
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\r\n\t\x1b\x9b\x07\x7f\u200b\u200d\u200c\ufe0f\ufe0e\u202e\u2066"
            "\U000e0041\U000e0100\u0301👩👧🏽❤1#漢\u0627\u0915\xa0 \\'\ud800"
        ),
    ),
    max_size=60,
)


@settings(max_examples=400)
@given(NASTY)
@example("a\r\r\nb")
@example("👩\u200d\u200b👩")
def test_sanitized_text_obeys_nobody(text: str) -> None:
    shown = sanitize_text(text)

    assert not NEVER_SHOWN.search(shown)
    assert len(shown) <= len(text)
    assert sanitize_text(shown) == shown
    shown.encode()


@settings(max_examples=400)
@given(NASTY, st.integers(-1, 40))
@example("a" * 39 + FAMILY, 40)
def test_a_single_line_is_one_bounded_line(text: str, limit: int) -> None:
    line = single_line(text, limit)

    assert not NEVER_SHOWN.search(line)
    assert not set(line) & set("\n\t")
    assert len(line) <= max(limit, 0)
    assert single_line(line, limit) == line


@settings(max_examples=400)
@given(NASTY)
@example("x \\\n \\\n y")
@example("\\\r\n")
def test_a_placeable_command_is_one_printable_line(command: str) -> None:
    placed = placeable(command)

    assert not NEVER_SHOWN.search(placed.text)
    assert not set(placed.text) & set("\n\t")
    assert placed.text == placed.text.strip()
    assert len(placed.text) <= len(command)
    assert placeable(placed.text).text == placed.text
    placed.text.encode()


@given(
    st.text(
        st.characters(
            categories=("L", "N", "P", "Zs"),
            exclude_characters="\u3164\u115f\u1160\uffa0\u17b4\u17b5",
        )
    )
)
def test_ordinary_text_is_untouched(text: str) -> None:
    assert sanitize_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        "❤️ and ✔︎",
        "1️⃣ #️⃣",
        "👍🏽 🇰🇷 🏴",
        "🏳️\u200d🌈",
        "👩🏽\u200d🚀",
        "안녕하세요, 세계",
        unicodedata.normalize("NFD", "각 한글"),
        "می\u200cخواهم",
        "क्\u200dष",
        "葛\U000e0100",
        "naïve",
        "tab\tand\nline",
        "\ue0b0 powerline",
    ],
)
def test_legitimate_text_is_intact(text: str) -> None:
    assert sanitize_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe\u200dHIDDEN", f"safe{HIDDEN_MARK}HIDDEN"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x9b2J", f"{HIDDEN_MARK}2J"),
        ("a\u202egnp.exe", f"a{HIDDEN_MARK}gnp.exe"),
        ("a" + "\U000e0041" * 500 + "b", f"a{HIDDEN_MARK}b"),
        ("one\r\ntwo\rthree", "one\ntwo␍three"),
        ("a" + "\u0301" * 20_000, "a" + "\u0301" * COMBINING_LIMIT),
        ("x\ufe01y", f"x{HIDDEN_MARK}y"),
        ("\ud800", HIDDEN_MARK),
    ],
)
def test_hidden_text_leaves_a_mark(text: str, shown: str) -> None:
    assert sanitize_text(text) == shown


def test_markup_is_left_alone_because_no_widget_parses_it() -> None:
    assert sanitize_text("[@click=app.quit]x[/oops]") == "[@click=app.quit]x[/oops]"


def test_a_long_line_is_cut_with_an_ellipsis() -> None:
    assert single_line("abcdef", 4) == "abc…"
    assert single_line("abcd", 4) == "abcd"
    assert single_line("one\ntwo", 20) == f"one{NEWLINE_MARK}two"


def test_a_single_line_of_a_huge_text_looks_only_at_its_start() -> None:
    assert single_line("\u200b" * 50_000_000, 80) == f"{HIDDEN_MARK}…"


@pytest.mark.parametrize(
    ("command", "text", "word"),
    [
        ("git status", "git status", ""),
        ("  ls\n", "ls", ""),
        ("ls\nrm -rf x", f"ls{NEWLINE_MARK}rm -rf x", "lines"),
        ("docker run \\\n  -it x", "docker run -it x", ""),
        ("echo 'a\\\nb'", f"echo 'a\\{NEWLINE_MARK}b'", "lines"),
        ("ls\tx", "ls x", "tabs"),
        ("ls\rrm x", "ls␍rm x", "control"),
        ("ls\x1b[201~", "ls␛[201~", "control"),
        ("ls\u200b -l", f"ls{HIDDEN_MARK} -l", "invisible"),
        ("ls" + " " * 300 + "; rm x", "ls" + " " * 300 + "; rm x", "spaces"),
        ("git\xa0status", "git status", "unusual"),
        ("gі\u0442 status", "gі\u0442 status", "alike"),
        (f"echo {FAMILY}", f"echo {FAMILY}", ""),
        ("echo 안녕", "echo 안녕", ""),
        ("x" * (PLACEABLE_LIMIT + 1), "", "long"),
        ("", "", ""),
    ],
)
def test_what_a_command_hides_is_said(command: str, text: str, word: str) -> None:
    placed = placeable(command)

    assert placed.text == text
    if word:
        assert any(word in warning for warning in placed.warnings)
    else:
        assert placed.warnings == ()
