"""Keys and pastes to the bytes that an xterm would send its program.

Key names are Textual's: ``"ctrl+a"``, ``"shift+f5"``, ``"full_stop"``, ``"pageup"``.
"""

import re
import unicodedata

from terminal_ai.terminal.modes import Modes

_MODIFIER_BITS = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 8, "super": 8, "hyper": 8}

_CURSOR_FINALS = {
    "up": "A",
    "down": "B",
    "right": "C",
    "left": "D",
    "kp_begin": "E",
    "end": "F",
    "home": "H",
}
_FUNCTION_FINALS = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_TILDE_NUMBERS = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    "f5": 15,
    "f6": 17,
    "f7": 18,
    "f8": 19,
    "f9": 20,
    "f10": 21,
    "f11": 23,
    "f12": 24,
}
_HIGH_FUNCTION_KEY = re.compile(r"f(1[3-9]|2[0-9]|3[0-6])")
"""F13 to F24 are shift+F1 to F12 to an xterm, F25 to F36 the same with control."""

_KEYPAD_FINALS = {
    "decimal": ("n", "."),
    "divide": ("o", "/"),
    "multiply": ("j", "*"),
    "subtract": ("m", "-"),
    "add": ("k", "+"),
    "equal": ("X", "="),
    "separator": ("l", ","),
}
"""Keypad keys: the final byte in application mode, and the character otherwise."""

_PLAIN_KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "space": " ",
    "newline": "\n",
}
_CONTROLLED_KEYS = {"backspace": "\b", "space": "\0"}

# Where Textual's name is not the Unicode name with underscores.
_CHARACTER_NAMES = {
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
# Control with a key that has no control character of its own, as xterm has it.
_CONTROL_ALIASES = {
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

_TYPED = re.compile(r"\x1b?[^\x1b]|\x1b\x1b", re.DOTALL)
"""What a legacy host sends for a character, a control, or either with alt."""

_LEGACY_SEQUENCE = re.compile(r"\x1b(?:O[ -~]|\[[0-9;]*[A-Z~])")

_PASTE_START, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_UNPASTEABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def encode_key(
    name: str, character: str | None, modes: Modes, *, raw: bytes | None = None
) -> bytes:
    """Return what the program must read for one key press; b"" for a bare modifier.

    ``raw`` is what the host terminal sent. It is passed on where it cannot depend on
    the modes of the program: that keeps alt, ^H and ^J, which the name has lost.
    """
    sent = raw.decode("utf-8", "replace") if raw else ""
    *modifier_names, base = name.split("+") if name != "+" else ["plus"]
    if sent == "\r" and modes.newline:
        return b"\r\n"
    if _TYPED.fullmatch(sent) and base not in _CURSOR_FINALS:
        return bytes(raw or b"")
    bits = 0
    for modifier in modifier_names:
        bits |= _MODIFIER_BITS.get(modifier, 0)
    if encoded := _encode_named(base, bits, modes):
        return encoded.encode()
    if encoded := _encode_character(base, character, bits):
        return encoded.encode("utf-8", "ignore")
    return bytes(raw or b"") if _LEGACY_SEQUENCE.fullmatch(sent) else b""


def _encode_named(base: str, bits: int, modes: Modes) -> str:
    if match := _HIGH_FUNCTION_KEY.fullmatch(base):
        number = int(match[1]) - 12
        bits |= 1 if number <= 12 else 4
        base = f"f{(number - 1) % 12 + 1}"
    if final := _CURSOR_FINALS.get(base):
        if bits:
            return f"\x1b[1;{bits + 1}{final}"
        return f"\x1bO{final}" if modes.application_cursor else f"\x1b[{final}"
    if final := _FUNCTION_FINALS.get(base):
        return f"\x1b[1;{bits + 1}{final}" if bits else f"\x1bO{final}"
    if number := _TILDE_NUMBERS.get(base, 0):
        return f"\x1b[{number};{bits + 1}~" if bits else f"\x1b[{number}~"
    if keypad := _KEYPAD_FINALS.get(base):
        return f"\x1bO{keypad[0]}" if modes.application_keypad else keypad[1]
    if base == "tab" and bits & 1:
        return "\x1b[Z"
    if plain := _PLAIN_KEYS.get(base):
        if base == "enter" and modes.newline:
            plain = "\r\n"
        if bits & 4:
            plain = _CONTROLLED_KEYS.get(base, plain)
        return _with_alt(plain, bits)
    return ""


def _encode_character(base: str, character: str | None, bits: int) -> str:
    if character and character.isprintable() and not bits & 4:
        return _with_alt(character, bits)
    key = _character_of(base)
    if not key:
        return ""
    if bits & 4:
        key = _CONTROL_ALIASES.get(key, key).upper()
        if not "?" <= key <= "_":
            return ""
        key = "\x7f" if key == "?" else chr(ord(key) & 0x1F)
    elif bits & 1:
        key = key.upper()
    return _with_alt(key, bits)


def _with_alt(text: str, bits: int) -> str:
    return f"\x1b{text}" if bits & (2 | 8) else text


def _character_of(base: str) -> str:
    """Return the character that a key is named for, "" for any other key."""
    if len(base) == 1:
        return base
    if base in _CHARACTER_NAMES:
        return _CHARACTER_NAMES[base]
    try:
        return unicodedata.lookup(base.replace("_", " "))
    except KeyError:
        return ""


def encode_paste(text: str, modes: Modes) -> bytes:
    """Return pasted text as the program must read it.

    Nothing in it can end the bracket or act as a control: of the controls only tabs
    and line ends are left, and a line end is what Enter sends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNPASTEABLE.sub("", text).replace("\n", "\r")
    data = text.encode("utf-8", "ignore")
    return _PASTE_START + data + _PASTE_END if modes.bracketed_paste else data
