"""The bytes a host terminal sends for a key, read back as the key press they stand for.

Hosts that know the kitty keyboard protocol tell key and modifiers apart; all others
send what an xterm sends, where some keys share their bytes.
"""

import re

from terminal_ai.terminal.input.key_press import (
    BARE_MODIFIERS,
    KEYPAD_CHARACTERS,
    LOCK_KEYS,
    LOCKS,
    KeyPress,
    Modifiers,
    character_press,
    upper,
)

FUNCTIONAL_CODES: dict[str, int] = {
    "escape": 27,
    "enter": 13,
    "tab": 9,
    "backspace": 127,
    **{
        name: 57358 + index
        for index, name in enumerate((*LOCK_KEYS, "print_screen", "pause", "menu"))
    },
    **{f"f{number}": 57376 + number - 13 for number in range(13, 36)},
    **{f"kp_{digit}": 57399 + digit for digit in range(10)},
    **{
        name: 57409 + index
        for index, name in enumerate(
            (
                *("kp_decimal", "kp_divide", "kp_multiply", "kp_subtract", "kp_add"),
                *("kp_enter", "kp_equal", "kp_separator", "kp_left", "kp_right"),
                *("kp_up", "kp_down", "kp_pageup", "kp_pagedown", "kp_home", "kp_end"),
                *("kp_insert", "kp_delete", "kp_begin"),
            )
        )
    },
    **{
        name: 57428 + index
        for index, name in enumerate(
            (
                *("media_play", "media_pause", "media_play_pause", "media_reverse"),
                *("media_stop", "media_fast_forward", "media_rewind"),
                *("media_track_next", "media_track_previous", "media_record"),
                *("lower_volume", "raise_volume", "mute_volume"),
            )
        )
    },
    **{name: 57441 + index for index, name in enumerate(BARE_MODIFIERS)},
}
"""The kitty protocol's numbers of the keys that type no character of their own."""

LETTER_FINALS = {
    "up": "A",
    "down": "B",
    "right": "C",
    "left": "D",
    "kp_begin": "E",
    "end": "F",
    "home": "H",
    "f1": "P",
    "f2": "Q",
    "f3": "R",
    "f4": "S",
}
TILDE_NUMBERS = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    **{f"f{number}": 10 + number for number in range(1, 6)},
    **{f"f{number}": 11 + number for number in range(6, 11)},
    **{f"f{number}": 12 + number for number in range(11, 15)},
    **{f"f{number}": 13 + number for number in range(15, 17)},
    **{f"f{number}": 14 + number for number in range(17, 21)},
}
"""The numbers of CSI sequences that end in a tilde, as DEC gave them to the keys."""

_KEYS_BY_CODE = {code: key for key, code in FUNCTIONAL_CODES.items()}
_KEYS_BY_LETTER = {final: key for key, final in LETTER_FINALS.items()}
_KEYS_BY_NUMBER = {
    **{number: key for key, number in TILDE_NUMBERS.items()},
    **{1: "home", 4: "end", 7: "home", 8: "end"},
}
_KEYPAD_LETTERS = {
    "M": "kp_enter",
    "X": "kp_equal",
    **dict(
        zip(
            "jklmnopqrstuvwxy",
            (
                *("kp_multiply", "kp_add", "kp_separator", "kp_subtract"),
                *("kp_decimal", "kp_divide"),
                *(f"kp_{digit}" for digit in range(10)),
            ),
            strict=True,
        )
    ),
}
KEYPAD_FINALS = {key: final for final, key in _KEYPAD_LETTERS.items()}
"""What follows SS3 when the keypad is in application mode (DECKPAM)."""

_CONTROLS = {
    "\0": KeyPress(" ", Modifiers.CTRL),
    "\t": KeyPress("tab"),
    "\r": KeyPress("enter"),
    "\x1b": KeyPress("escape"),
    "\x7f": KeyPress("backspace"),
    **{
        chr(code): KeyPress(chr(code | 0x60), Modifiers.CTRL)
        for code in range(1, 27)
        if chr(code) not in "\t\r"
    },
    **{
        chr(code): KeyPress(chr(code | 0x40), Modifiers.CTRL)
        for code in range(0x1C, 0x20)
    },
}
"""What the C0 controls stand for where the host can send no better."""

_SEQUENCE = re.compile(r"(\x1b?)\x1b(?:\[([\d:;]*)([A-HPQRSZu~])|O([A-Z]|[j-y]))")
_RELEASE = 3
_LARGEST_MODIFIERS = 255
_LARGEST_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def press_of_bytes(raw: bytes) -> KeyPress | None:
    """Return the key press that a host's bytes stand for; None when they are odd."""
    try:
        sent = raw.decode()
    except UnicodeDecodeError:
        return None
    if match := _SEQUENCE.fullmatch(sent):
        alt = Modifiers.ALT if match[1] else Modifiers.NONE
        if match[4]:
            return _press_of_letter(match[4], alt, _KEYPAD_LETTERS)
        return _press_of_csi(match[2], match[3], alt)
    is_alt = len(sent) == 2 and sent[0] == "\x1b"
    character = sent[-1] if is_alt else sent
    if len(character) != 1:
        return None
    modifiers = Modifiers.ALT if is_alt else Modifiers.NONE
    if press := _CONTROLS.get(character):
        return KeyPress(press.key, press.modifiers | modifiers)
    return character_press(character, modifiers)


def is_release(raw: bytes) -> bool:
    """True for the report that a key was let go, in the kitty protocol."""
    match = _SEQUENCE.fullmatch(raw.decode("utf-8", "replace"))
    fields = match[2].split(";") if match and match[2] else []
    event = fields[1].partition(":")[2] if len(fields) > 1 else ""
    return event == str(_RELEASE)


def _press_of_csi(parameters: str, final: str, alt: Modifiers) -> KeyPress | None:
    codes, modifier_field, text_field, *rest = [*parameters.split(";"), "", ""]
    value = _number(modifier_field.partition(":")[0], 1)
    if any(rest) or not 0 < value <= _LARGEST_MODIFIERS + 1:
        return None
    modifiers = Modifiers(value - 1) | alt
    if final == "u":
        return _press_of_code(codes, modifiers, _characters(text_field))
    if ":" in codes or text_field:
        return None
    if final == "Z":
        return KeyPress("tab", modifiers | Modifiers.SHIFT)
    if final == "~":
        key = _KEYS_BY_NUMBER.get(_number(codes, 0))
        return KeyPress(key, modifiers) if key else None
    if _number(codes, 1) != 1:
        return None
    return _press_of_letter(final, modifiers, {})


def _press_of_letter(
    letter: str, modifiers: Modifiers, more: dict[str, str]
) -> KeyPress | None:
    key = _KEYS_BY_LETTER.get(letter) or more.get(letter)
    return KeyPress(key, modifiers) if key else None


def _press_of_code(codes: str, modifiers: Modifiers, text: str) -> KeyPress | None:
    code, shifted, base, *_ = [*codes.split(":"), "", ""]
    number = _number(code, -1)
    if key := _KEYS_BY_CODE.get(number):
        return KeyPress(key, modifiers, text or _keypad_text(key, modifiers))
    if number == 0 and text:
        return KeyPress(text[0], modifiers, text)
    key = _characters(code)
    if not key:
        return None
    capital = _characters(shifted) or _capital_of(key, text, modifiers)
    if not text and not modifiers & ~(Modifiers.SHIFT | LOCKS) and key.isprintable():
        text = capital if modifiers & Modifiers.SHIFT and capital else key
    return KeyPress(key, modifiers, text, capital, _characters(base))


def _capital_of(key: str, text: str, modifiers: Modifiers) -> str:
    if modifiers & Modifiers.SHIFT and len(text) == 1 and text != key:
        return text
    capital = upper(key)
    return capital if capital != key else ""


def _keypad_text(key: str, modifiers: Modifiers) -> str:
    return KEYPAD_CHARACTERS.get(key, "") if modifiers & Modifiers.NUM_LOCK else ""


def _number(field: str, default: int) -> int:
    if not field:
        return default
    return int(field) if field.isdecimal() and len(field) <= 7 else -1


def _characters(field: str) -> str:
    """Return the text of code points separated by colons; those that are none drop."""
    numbers = [_number(item, 0) for item in field.split(":")]
    return "".join(
        chr(number)
        for number in numbers
        if 0x20 <= number <= _LARGEST_CODE
        and number not in _SURROGATES
        and not 0x7F <= number < 0xA0
    )
