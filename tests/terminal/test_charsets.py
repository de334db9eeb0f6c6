"""G0 to G3: designated, shifted to, saved and reset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.charsets import DESIGNATORS, NATIONAL_SETS, TRANSLATIONS
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.terminal.widths import character_width


def shown(data: bytes) -> str:
    terminal = Terminal(40, 3)
    terminal.feed(data)
    return terminal.line(0).text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b(0qx\x1b(Bq", "─│q"),
        (b"\x1b)0\x0eq\x0fq", "─q"),
        (b"\x1b*0\x1bnq\x0fq", "─q"),
        (b"\x1b+0\x1boq\x0fq", "─q"),
        (b"\x1b*0\x1bNqq", "─q"),
        (b"\x1b+0\x1bOqq", "─q"),
        (b"\x1b(0\x1b*B\x1bNqq", "q─"),
        (b"\x1b*0\x1bN\xc3\xa9q", "éq"),
        (b"\x1b*0\x1bN\x1b[1mqq", "─q"),
        (b"\x1b(A#", "£"),
        (b"\x1b(2q\x1b(1q", "─q"),
        (b"\x1b(<\x1b[4G#'", "   £§"),
        (b"\x1b(>acw", "αχω"),
        (b"\x1b-A\x0ei", "é"),
        (b"\x1b(Kq[", "q["),
        (b"\x1b[?42h\x1b(K[]", "ÄÜ"),
        (b"\x1b[?42h\x1b(K\x1b[!p[", "["),
        (b"\x1b(0\x1b%9q", "─"),
        (b"\x1b(0\x1b(^q", "─"),
        (b"\x1b(0\x1b7\x1b(B\x1b8q", "─"),
        (b"\x1b(0\x1bcq", "q"),
        (b"\x1b|\x1b}\x1b~q\xc3\xb1", "qñ"),
    ],
)
def test_which_set_a_letter_comes_from(data: bytes, expected: str) -> None:
    assert shown(data) == expected


@given(st.sampled_from(sorted(DESIGNATORS)), st.integers(0x20, 0x7E))
def test_every_set_shows_what_its_table_says(sequence: str, code: int) -> None:
    slot, name = DESIGNATORS[sequence]
    shift = [b"\x0f", b"\x0e", b"\x1bn", b"\x1bo"][slot]
    text = shown(b"\x1b[?42h\x1b" + sequence.encode() + shift + b"%c\x1b(B\x0f." % code)
    assert text == TRANSLATIONS.get(name, {}).get(code, chr(code)) + "."


def test_tables_translate_cell_by_cell() -> None:
    for name, table in TRANSLATIONS.items():
        assert set(table) <= set(range(0x20, 0x7F))
        assert all(character_width(symbol) == 1 for symbol in table.values()), name
    assert set(TRANSLATIONS) >= NATIONAL_SETS
