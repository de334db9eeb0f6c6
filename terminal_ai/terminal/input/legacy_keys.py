"""Key presses as an xterm sends them, and as modifyOtherKeys asks for them."""

from terminal_ai.terminal.input.host_keys import (
    KEYPAD_FINALS,
    LETTER_FINALS,
    TILDE_NUMBERS,
)
from terminal_ai.terminal.input.key_press import KEYPAD_CHARACTERS, KeyPress, Modifiers
from terminal_ai.terminal.modes import Modes

MODIFY_ALL_OTHER_KEYS = 2
"""The value of modifyOtherKeys that spares no key with a control character."""

_CURSOR_KEYS = frozenset({"up", "down", "left", "right", "home", "end", "kp_begin"})
_ESCAPING = Modifiers.ALT | Modifiers.META
_UNKNOWN_TO_XTERM = Modifiers.SUPER | Modifiers.HYPER
_ORDINARY = Modifiers.SHIFT | Modifiers.ALT | Modifiers.CTRL
_XTERM_META = 8

_PLAIN_KEYS = {"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f"}

# Control with a key that has no control character of its own, as xterm has it.
_CONTROL_ALIASES = {
    " ": "@",
    "2": "@",
    "3": "[",
    "4": "\\",
    "5": "]",
    "6": "^",
    "7": "_",
    "8": "?",
    "/": "_",
    "-": "_",
    "`": "@",
    "~": "^",
    "|": "\\",
    "{": "[",
    "}": "]",
}


def encode_legacy(press: KeyPress, modes: Modes) -> str:
    """Return what an xterm sends in these modes, "" for a key it knows nothing of."""
    press = _without_keypad(press, modes)
    if encoded := _other_key(press, modes):
        return encoded
    if press.is_character:
        return _character(press)
    return _named(press, modes)


def _without_keypad(press: KeyPress, modes: Modes) -> KeyPress:
    """Make of a keypad key the key it stands for, but for application mode."""
    key = press.key
    if not key.startswith("kp_") or key == "kp_begin":
        return press
    is_typed = press.modifiers & Modifiers.NUM_LOCK and press.text
    if key in KEYPAD_FINALS and modes.application_keypad and not is_typed:
        return press
    if character := KEYPAD_CHARACTERS.get(key):
        return KeyPress(character, press.modifiers, text=character)
    return KeyPress(key.removeprefix("kp_"), press.modifiers)


def _named(press: KeyPress, modes: Modes) -> str:
    key, bits = _known_to_xterm(press.key, press.modifiers)
    parameter = _modifier_parameter(bits)
    if final := KEYPAD_FINALS.get(key):
        return f"\x1bO{final}"
    if final := LETTER_FINALS.get(key):
        if parameter > 1:
            return f"\x1b[1;{parameter}{final}"
        is_ss3 = key not in _CURSOR_KEYS or modes.application_cursor
        return f"\x1bO{final}" if is_ss3 else f"\x1b[{final}"
    if number := TILDE_NUMBERS.get(key):
        return f"\x1b[{number};{parameter}~" if parameter > 1 else f"\x1b[{number}~"
    if plain := _PLAIN_KEYS.get(key):
        return _with_alt(_plain(key, plain, bits, modes), bits)
    return ""


def _known_to_xterm(key: str, bits: Modifiers) -> tuple[str, Modifiers]:
    """F13 to F24 are Shift with F1 to F12 to an xterm, F25 on the same with Control."""
    number = int(key[1:]) if key[0] == "f" and key[1:].isdecimal() else 0
    if number <= 12:
        return key, bits
    extra = Modifiers.SHIFT if number <= 24 else Modifiers.CTRL
    return f"f{(number - 1) % 12 + 1}", bits | extra


def _plain(key: str, plain: str, bits: Modifiers, modes: Modes) -> str:
    if key == "tab" and bits & Modifiers.SHIFT:
        return "\x1b[Z"
    if key == "enter" and modes.newline:
        return "\r\n"
    if key == "backspace":
        sends_control = modes.backarrow != bool(bits & Modifiers.CTRL)
        return "\b" if sends_control else plain
    return plain


def _character(press: KeyPress) -> str:
    bits = press.modifiers
    if bits & _UNKNOWN_TO_XTERM:
        return ""
    if not bits & Modifiers.CTRL:
        return _with_alt(press.text or press.character, bits)
    return _with_alt(_control_of(press), bits)


def _control_of(press: KeyPress) -> str:
    for character in (press.character, press.key, press.base):
        key = _CONTROL_ALIASES.get(character, character).upper()
        if key == "?":
            return "\x7f"
        if len(key) == 1 and "@" <= key <= "_":
            return chr(ord(key) & 0x1F)
    return ""


def _with_alt(text: str, bits: Modifiers) -> str:
    return f"\x1b{text}" if text and bits & _ESCAPING else text


def _modifier_parameter(bits: Modifiers) -> int:
    others = _UNKNOWN_TO_XTERM | Modifiers.META
    return 1 + int(bits & _ORDINARY) + (_XTERM_META if bits & others else 0)


def _other_key(press: KeyPress, modes: Modes) -> str:
    """modifyOtherKeys: tell key and modifiers where the plain bytes would not."""
    level = modes.modify_other_keys
    if not level or not _is_modified(press, level >= MODIFY_ALL_OTHER_KEYS):
        return ""
    plain = _PLAIN_KEYS.get(press.key) or press.character
    if press.base and not plain.isascii():
        # This form cannot tell the layout: shortcuts go by a key's standard place.
        plain = press.base
    parameter = _modifier_parameter(press.modifiers)
    if modes.format_other_keys:
        return f"\x1b[{ord(plain)};{parameter}u"
    return f"\x1b[27;{parameter};{ord(plain)}~"


def _is_modified(press: KeyPress, is_every_key: bool) -> bool:
    bits = press.modifiers & ~(Modifiers.CAPS_LOCK | Modifiers.NUM_LOCK)
    without_control = bits & ~Modifiers.CTRL
    if press.key == "backspace":
        return is_every_key and bool(without_control)
    if press.key == "tab" and bits == Modifiers.SHIFT:
        return False
    if press.key in _PLAIN_KEYS:
        return bool(bits)
    if not press.is_character:
        return False
    if is_every_key:
        is_shifted_space = press.key == " " and bits == Modifiers.SHIFT
        return is_shifted_space or bool(bits & ~Modifiers.SHIFT)
    if not bits & Modifiers.CTRL:
        return False
    return bool(without_control & ~_ESCAPING) or not _control_of(press)
