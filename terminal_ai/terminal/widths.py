"""How many cells a character takes: the same answer as the library that paints it.

Rich measures a row again when it is painted. Where the two disagree the row shears, so
this module asks Rich: regional indicators are one cell each, skin tones none, and a
joined emoji is as wide as its first character.
"""

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

WIDE_SPACER = "\x80"
"""Stands in the second cell of a wide character: a row keeps one character a cell.

Unicode's padding character, which no program can draw. It is not ASCII, so that a row
whose text is ASCII has no wide character, not even a keycap.
"""

ZERO_WIDTH_JOINER = "\u200d"
VARIATION_SELECTOR_16 = "\ufe0f"
REPLACEMENT = "\ufffd"
DOTTED_CIRCLE = "\u25cc"
"""Carries a mark that has no character to sit on, as Unicode's charts show it."""

DROPPED = -1
"""The width of a character that is never shown."""

CHARACTER_CACHE_ENTRIES = 8192

# Characters that reorder, hide or carry invisible text have no place on a grid.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")


@lru_cache(maxsize=CHARACTER_CACHE_ENTRIES)
def character_width(character: str) -> int:
    """Return 0, 1 or 2 cells, or ``DROPPED``."""
    if _INVISIBLE.match(character):
        return DROPPED
    return get_character_cell_size(character)


@lru_cache(maxsize=CHARACTER_CACHE_ENTRIES)
def padded(character: str) -> str:
    """Return the character with a spacer for each further cell it takes."""
    return character + WIDE_SPACER if character_width(character) == 2 else character


@lru_cache(maxsize=CHARACTER_CACHE_ENTRIES)
def widens_as_emoji(character: str) -> bool:
    """True for a narrow character that variation selector 16 makes two cells wide."""
    return (
        character_width(character) == 1
        and cell_len(character + VARIATION_SELECTOR_16) == 2
    )


@lru_cache(maxsize=CHARACTER_CACHE_ENTRIES)
def has_ink(character: str) -> bool:
    """True for a zero-width character that is seen: no joiner, no selector."""
    return (
        unicodedata.category(character) != "Cf"
        and _VARIATION_SELECTORS.match(character) is None
    )


@lru_cache(maxsize=CHARACTER_CACHE_ENTRIES)
def is_pictograph(character: str) -> bool:
    """True for a character that a joiner may hide behind another."""
    if character.isascii():
        return False
    return widens_as_emoji(character) or (
        character_width(character) == 2
        and unicodedata.category(character) in ("So", "Cn")
    )


def is_skin_tone(character: str) -> bool:
    """True for the five emoji modifiers."""
    return _SKIN_TONES.match(character) is not None


def without_invisible(text: str) -> str:
    """Return ``text`` without controls, bidi controls, tags and other hidden ones."""
    return _INVISIBLE.sub("", text)
