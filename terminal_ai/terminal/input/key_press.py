"""One key press as a keyboard knows it: which key, which modifiers, what text.

Names of keys are Textual's (``"up"``, ``"pageup"``, ``"f13"``, ``"caps_lock"``); a key
that types a character is that character, unshifted where the shift is known.
"""

import unicodedata
from dataclasses import dataclass
from enum import IntFlag


class Modifiers(IntFlag):
    """The modifiers, with the bits of the kitty keyboard protocol."""

    NONE = 0
    SHIFT = 1
    ALT = 2
    CTRL = 4
    SUPER = 8
    HYPER = 16
    META = 32
    CAPS_LOCK = 64
    NUM_LOCK = 128


LOCKS = Modifiers.CAPS_LOCK | Modifiers.NUM_LOCK

MODIFIERS_BY_NAME = {
    "shift": Modifiers.SHIFT,
    "alt": Modifiers.ALT,
    "ctrl": Modifiers.CTRL,
    "super": Modifiers.SUPER,
    "hyper": Modifiers.HYPER,
    "meta": Modifiers.META,
}

KEYPAD_CHARACTERS = {
    "kp_decimal": ".",
    "kp_divide": "/",
    "kp_multiply": "*",
    "kp_subtract": "-",
    "kp_add": "+",
    "kp_equal": "=",
    "kp_separator": ",",
    **{f"kp_{digit}": str(digit) for digit in range(10)},
}
"""The keypad keys that type a character, and which."""

BARE_MODIFIERS = (
    "left_shift", "left_control", "left_alt", "left_super", "left_hyper", "left_meta",
    "right_shift", "right_control", "right_alt", "right_super", "right_hyper",
    "right_meta", "iso_level3_shift", "iso_level5_shift",
)  # fmt: skip
LOCK_KEYS = ("caps_lock", "scroll_lock", "num_lock")

_NAMED_KEYS = frozenset(
    {
        *("enter", "tab", "escape", "backspace", "insert", "delete", "home", "end"),
        *("up", "down", "left", "right", "pageup", "pagedown", "kp_begin", "kp_enter"),
        *("print_screen", "pause", "menu"),
        *(f"f{number}" for number in range(1, 36)),
        *KEYPAD_CHARACTERS,
    }
)
_ALIASES = {
    "space": " ",
    "return": "enter",
    **{
        name.removeprefix("kp_"): name
        for name in KEYPAD_CHARACTERS
        if not name[-1].isdigit()
    },
    **{f"kp{digit}": f"kp_{digit}" for digit in range(10)},
    # Where Textual's name is not the Unicode name with underscores.
    "at": "@",
    "backslash": "\\",
    "greater_than_sign": ">",
    "hyphen_minus": "-",
    "less_than_sign": "<",
    "minus": "-",
    "plus": "+",
    "slash": "/",
    "underscore": "_",
}


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key that went down, or repeats.

    ``shifted`` is what the key types with Shift, ``base`` its character on a standard
    layout; both are empty when the host did not tell.
    """

    key: str
    modifiers: Modifiers = Modifiers.NONE
    text: str = ""
    shifted: str = ""
    base: str = ""

    @property
    def is_character(self) -> bool:
        """True for a key that types a character; the keypad's keys have names."""
        return len(self.key) == 1

    @property
    def character(self) -> str:
        """The character with Shift applied, "" for a key that types none."""
        if not self.is_character or not self.modifiers & Modifiers.SHIFT:
            return self.key if self.is_character else ""
        return self.shifted or upper(self.key)


def character_press(character: str, modifiers: Modifiers) -> KeyPress:
    """Return the press of a character's key: a capital letter is Shift's."""
    lower = character.lower()
    if len(lower) == 1 and lower != character and upper(lower) == character:
        modifiers |= Modifiers.SHIFT
        character = lower
    capital = upper(character)
    typed = capital if modifiers & Modifiers.SHIFT else character
    has_text = typed.isprintable() and not modifiers & ~(Modifiers.SHIFT | LOCKS)
    return KeyPress(
        character,
        modifiers,
        text=typed if has_text else "",
        shifted=capital if capital != character else "",
    )


def named_press(name: str, character: str | None) -> KeyPress | None:
    """Return the press that Textual calls ``name``; None when it is no known key."""
    *modifier_names, base = name.split("+") if name != "+" else ["+"]
    modifiers = Modifiers.NONE
    for modifier in modifier_names:
        modifiers |= MODIFIERS_BY_NAME.get(modifier, Modifiers.NONE)
    base = _ALIASES.get(base, base)
    if base == "newline":
        return KeyPress("j", Modifiers.CTRL)
    if base in _NAMED_KEYS:
        return KeyPress(base, modifiers, text=KEYPAD_CHARACTERS.get(base, ""))
    if character and character.isprintable() and not modifiers & Modifiers.CTRL:
        return _typed(character, modifiers)
    key = base if len(base) == 1 else _named_character(base)
    return character_press(key, modifiers) if key else None


def upper(character: str) -> str:
    """Return the capital of a letter, and anything else as it is."""
    capital = character.upper()
    return capital if len(capital) == 1 else character


def _typed(character: str, modifiers: Modifiers) -> KeyPress:
    if len(character) == 1:
        return character_press(character, modifiers)
    return KeyPress(character[0], modifiers, text=character)


def _named_character(name: str) -> str:
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""
