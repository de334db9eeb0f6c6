"""The grid must measure text as the library that paints it does."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.terminal.terminal import Terminal
from terminal_ai.terminal.widths import DROPPED, character_width, widens_as_emoji


def test_every_assigned_character_is_as_wide_as_rich_says() -> None:
    disagreements = [
        hex(code)
        for code in range(0x20, 0x20000)
        if not 0xD800 <= code < 0xE000
        and unicodedata.category(character := chr(code)) != "Cn"
        and character_width(character) != DROPPED
        and character_width(character) != cell_len(character)
    ]
    assert disagreements == []


def test_the_same_characters_widen_as_emoji() -> None:
    disagreements = [
        hex(code)
        for code in range(0x20, 0x20000)
        if not 0xD800 <= code < 0xE000
        and character_width(chr(code)) == 1
        and widens_as_emoji(chr(code)) != (cell_len(chr(code) + "\ufe0f") == 2)
    ]
    assert disagreements == []


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
