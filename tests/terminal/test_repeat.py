"""REP, and how many combining characters one cell takes."""

import pytest

from terminal_ai.terminal.screen.writing import COMBINING_LIMIT_PER_CELL
from terminal_ai.terminal.terminal import Terminal


def first_row(data: str) -> str:
    terminal = Terminal(10, 3)
    terminal.feed(data.encode())
    return terminal.line(0).text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a\x1b[2b", "aaa"),
        ("e\u0301\x1b[2b", "e\u0301" * 3),
        ("e\u0301\x1b[3Gx\r\x1b[b", "x x"),
        ("한\x1b[b", "한한"),
        ("e\u0301\x1b[4G\x1b[b", "e\u0301  e"),
    ],
)
def test_a_character_is_repeated_with_its_accents(data: str, expected: str) -> None:
    shown = first_row(data)
    assert shown.replace("e\u0301", "\u00e9") == expected.replace("e\u0301", "\u00e9")


def test_a_pile_of_accents_is_cut() -> None:
    assert first_row("a" + "\u0301" * 40 + "b") == (
        "a" + "\u0301" * COMBINING_LIMIT_PER_CELL + "b"
    )


def test_a_family_is_longer_than_a_pile_may_be() -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"
    assert len(family) - 1 > COMBINING_LIMIT_PER_CELL
    assert first_row(family) == family
