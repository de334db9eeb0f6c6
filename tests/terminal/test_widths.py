"""The grid must measure text as the library that paints it does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.terminal.terminal import Terminal

COLUMNS = 60
CELLS = {
    "👩\u200d👩\u200d👧\u200d👦": 2,
    "❤": 1,
    "❤\ufe0f": 2,
    "❤\ufe0e": 1,
    "🇰🇷": 2,
    "🇰": 1,
    "🇰🇷🇯": 3,
    "👍🏽": 2,
    "☝🏽": 1,
    "1\ufe0f\u20e3": 2,
    "1\u20e3": 1,
    "한글": 4,
    "\u1112\u1161\u11ab": 2,
    "\u1112\u1161": 2,
    "\u1112": 2,
    "\ud7b0\u1161": 1,
    "क्षि": 2,
    "நி": 1,
    "กำ": 2,
    "ที่": 1,
    "ຂໍ້": 1,
    "بِسْمِ": 3,
    "לֹא": 2,
    "a\u200d👩": 3,
    "👩\u200da": 3,
    "क\u200dष": 2,
    "e\u0301\u0323": 1,
    "ｱﾞ": 2,
    "𓀀": 1,
    "\U000f0001": 1,
}
"""What Rich makes of each."""


@pytest.mark.parametrize("text", CELLS)
def test_a_cluster_takes_the_cells_that_rich_gives_it(text: str) -> None:
    terminal = Terminal(COLUMNS, 2)
    terminal.feed(text.encode())
    row = terminal.line(0)
    assert (terminal.cursor.column, len(row)) == (CELLS[text], CELLS[text])
    assert cell_len(row.text) == CELLS[text]


pieces = st.sampled_from(
    [*"a1#❤☺♀🏳👩👧👍🇰🇷世한é\u0301\u0e33", "\u200d", "\ufe0f", "\ufe0e", "🏽", "🌈"]
)


@settings(max_examples=300)
@given(st.lists(pieces, max_size=12).map("".join))
def test_any_cluster_of_odd_characters_is_measured_alike(text: str) -> None:
    terminal = Terminal(60, 2)
    terminal.feed(text.encode())
    row = terminal.line(0)
    assert cell_len(row.text) == terminal.cursor.column == len(row)
    for character in text:
        if character.isalnum():
            assert character in row.text


def test_emoji_stay_whole() -> None:
    text = "👩\u200d❤\ufe0f\u200d💋\u200d👨 👍🏽 🏳\ufe0f\u200d🌈"
    text += " 👨🏻\u200d🦱 1\ufe0f\u20e3"
    terminal = Terminal(60, 2)
    terminal.feed(text.encode())
    assert terminal.line(0).text == text
    assert terminal.cursor.column == cell_len(text)


def test_a_joiner_hides_nothing() -> None:
    terminal = Terminal(40, 2)
    terminal.feed(
        "safe\u200dHIDDEN \u202etxt\u2066 a\U000e0041b\u200bc\u2028d".encode()
    )
    assert terminal.line(0).text == "safeHIDDEN txt abcd"


def test_thousands_of_combining_marks_are_cut() -> None:
    terminal = Terminal(40, 2)
    terminal.feed(("e" + "\u0301" * 20_000 + "x").encode())
    assert len(terminal.line(0).text) < 20
    assert terminal.line(0).text.endswith("x")
