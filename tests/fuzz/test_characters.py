"""Rows are as long as Rich measures them, whatever characters stand on them."""

from terminal_ai.terminal.screen.canvas import COLUMNS_LIMIT
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.terminal.widths import (
    REPLACEMENT,
    VARIATION_SELECTOR_16,
    ZERO_WIDTH_JOINER,
    is_skin_tone,
)
from tests.fuzz.characters import (
    CONTEXTS,
    SAMPLES_PER_ROW,
    every,
    is_shown,
    sheared,
    telling,
)


def test_every_character_is_as_long_as_rich_measures_it() -> None:
    assert sheared(every()) == []


def test_so_is_every_telling_character_beside_others() -> None:
    for context in CONTEXTS:
        samples = (context.replace("{}", character) for character in telling())
        assert sheared(samples) == [], ascii(context)


def test_every_character_is_drawn_dropped_or_replaced() -> None:
    terminal = Terminal(COLUMNS_LIMIT, 2)
    characters = telling()
    for at in range(0, len(characters), SAMPLES_PER_ROW):
        batch = characters[at : at + SAMPLES_PER_ROW]
        expected = "|" + "|".join(map(shown_alone, batch))
        terminal.feed(b"\x1b[2J\x1b[H|" + "|".join(batch).encode())
        assert terminal.line(0).text == expected


def shown_alone(character: str) -> str:
    if not is_shown(character) or character in (
        ZERO_WIDTH_JOINER,
        VARIATION_SELECTOR_16,
    ):
        return ""
    return REPLACEMENT if is_skin_tone(character) else character
