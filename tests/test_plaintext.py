"""Raw output rendered as a reader saw it, for any bytes and at a bounded cost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.plaintext import (
    MOVE_LIMIT_COLUMNS,
    TAB_LIMIT_COLUMNS,
    TAB_WIDTH_COLUMNS,
    plain_text,
)

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
PIECES = st.one_of(
    st.sampled_from(
        [
            b"\x1b",
            b"\x1b[",
            b"\x1b]0;t",
            b"\x07",
            b"\x1b\\",
            b"\x1b[1K",
            b"\x1b[2K",
            b"\x1b[K",
            b"\x1b[99999C",
            b"\x1b[5D",
            b"\x1b[7G",
            b"\x1b[3P",
            b"\x1b[4@",
            b"\x1b[1;31m",
            b"\x1bPq",
            b"\x1b(B",
            b"\r",
            b"\n",
            b"\r\n",
            b"\t",
            b"\b",
            b"\x9b",
            b"\xc2\x9b",
            b"\xff",
            "한".encode(),
            b"abc",
            b" ",
        ]
    ),
    st.binary(max_size=4),
)
STREAMS = st.lists(PIECES, max_size=30).map(b"".join)


@settings(max_examples=300)
@given(STREAMS)
def test_no_control_is_left(data: bytes) -> None:
    text = plain_text(data)

    assert not CONTROL.search(text)
    assert text == text.strip("\n")
    assert all(line == line.rstrip() for line in text.split("\n"))


@settings(max_examples=300)
@given(STREAMS)
def test_rendering_again_changes_nothing(data: bytes) -> None:
    text = plain_text(data)

    assert plain_text(text.encode()) == text


@settings(max_examples=200)
@given(st.lists(STREAMS, max_size=5))
def test_lines_are_rendered_one_by_one(lines: list[bytes]) -> None:
    parts = [line.replace(b"\n", b"") for line in lines]
    rendered = [plain_text(part) for part in parts]

    assert plain_text(b"\n".join(parts)) == "\n".join(rendered).strip("\n")


STYLES = st.sampled_from([b"\x1b[0m", b"\x1b[1;31m", b"\x1b[38:2::1:2:3m", b"\x1b[m"])


@given(st.lists(st.one_of(st.sampled_from([b"a", b"b c", b"\r", b"\t"]), STYLES)))
def test_colours_change_no_text(pieces: list[bytes]) -> None:
    plain = b"".join(piece for piece in pieces if not piece.startswith(b"\x1b"))

    assert plain_text(b"".join(pieces)) == plain_text(plain)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"one\r\ntwo\r\n", "one\ntwo"),
        (b"one\r\r\ntwo", "one\ntwo"),
        (b"\n\n a \n\n", " a"),
        (b"50%\r100%", "100%"),
        (b"100%\r50%", "50%%"),
        (b"working\r\x1b[Kdone", "done"),
        (b"working\x1b[2K\rdone", "done"),
        (b"abcdef\x1b[3D\x1b[1K", "    ef"),
        (b"abc\x1b[1K", ""),
        (b"abc\b\bX", "aXc"),
        (b"a\tb", "a       b"),
        (b"abc\x1b[1Gx", "xbc"),
        (b"abc\x1b[2Gx", "axc"),
        (b"ab\x1b[2Cc", "ab  c"),
        (b"abcdef\r\x1b[2P", "cdef"),
        (b"cho hi\r\x1b[1@e", "echo hi"),
        (b"ab\x1b[5@c", "abc"),
        (b"\x1b[1;31merror\x1b[0m: x", "error: x"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]0;title\x1b\\text", "text"),
        (b"\x1b]0;title\x1b[0mtext", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bPdata\x1b\\text", "text"),
        (b"\x1b(Btext", "text"),
        (b"\x1b[?25ltext\x1b[?25h", "text"),
        (b"\x1b[?Ktext", "text"),
        (b"bell\x07", "bell"),
        (b"\xc2\x9b31mred", "31mred"),
        (b"bad \xff byte", "bad \ufffd byte"),
        ("한글 ✓".encode(), "한글 ✓"),
    ],
)
def test_what_a_reader_saw(data: bytes, text: str) -> None:
    assert plain_text(data) == text


def test_a_long_line_is_kept_whole() -> None:
    text = "x" * 2_000_000

    assert plain_text(text.encode()) == text
    assert plain_text(f"{text}\x07{text}".encode()) == text + text


def test_no_move_makes_a_line_of_its_own_length() -> None:
    far = plain_text(b"\x1b[99999C" * 1000 + b"x")
    assert len(far) == MOVE_LIMIT_COLUMNS + 1
    tabs = plain_text(b"\t" * 1_000_000 + b"x")
    assert len(tabs) == TAB_LIMIT_COLUMNS + 1
    assert TAB_LIMIT_COLUMNS % TAB_WIDTH_COLUMNS == 0


@pytest.mark.timeout(20)  # quadratic work would need minutes
@pytest.mark.parametrize(
    "unit",
    [
        b"\x1b[1K",
        b"\x1b[1P",
        b"\x1b[2K",
        b"\r\x1b[K",
        b"\x1b[1D\x1b[1P",
        b"\x1b[G\x1b[99999@",
        b"\x1b[1@",
        b"\x1b[9999C",
        b"\x1b]0;",
        b"\x1b[1;",
        b"\x1b  ",
        b"\tx",
        b"\b",
        b"\x1b[G\x1b[99999C",
    ],
)
def test_hostile_lines_cost_little(unit: bytes) -> None:
    plain_text(b"x" * 200_000 + unit * (400_000 // len(unit)))
