"""Key presses in the form of the kitty keyboard protocol.

A host without the protocol itself sends Tab for Ctrl+I, and only the characters of
shifted keys.
"""

from terminal_ai.terminal.input.host_keys import (
    FUNCTIONAL_CODES,
    LETTER_FINALS,
    TILDE_NUMBERS,
)
from terminal_ai.terminal.input.key_press import LOCKS, KeyPress, Modifiers
from terminal_ai.terminal.kitty_flags import KittyFlags

_LEGACY_WITHOUT_MODIFIERS = {"enter": "\r", "tab": "\t", "backspace": "\x7f"}
_LETTERS = {key: final for key, final in LETTER_FINALS.items() if key != "f3"}


def encode_kitty(press: KeyPress, flags: KittyFlags) -> str:
    """Return the press in the protocol's form; flags 1 or 8 must be among ``flags``."""
    is_every_key = KittyFlags.ALL_KEYS in flags
    bits = press.modifiers if is_every_key else press.modifiers & ~LOCKS
    if not is_every_key:
        if press.text and not bits & ~Modifiers.SHIFT:
            return press.text
        if not bits and press.key in _LEGACY_WITHOUT_MODIFIERS:
            return _LEGACY_WITHOUT_MODIFIERS[press.key]
    if final := _LETTERS.get(press.key):
        return f"\x1b[1;{bits + 1}{final}" if bits else f"\x1b[{final}"
    if number := TILDE_NUMBERS.get(press.key) if press.key not in _FAR_KEYS else None:
        return f"\x1b[{number};{bits + 1}~" if bits else f"\x1b[{number}~"
    code = FUNCTIONAL_CODES.get(press.key)
    if code is None and not press.is_character:
        return ""
    keys = str(code) if code is not None else _key_codes(press, flags, bits)
    text = _text_codes(press, flags, bits)
    modifiers = str(int(bits) + 1) if bits else ""
    fields = [keys, modifiers, text]
    while not fields[-1]:
        fields.pop()
    return f"\x1b[{';'.join(fields)}u"


_FAR_KEYS = frozenset(f"f{number}" for number in range(13, 36))


def _key_codes(press: KeyPress, flags: KittyFlags, bits: Modifiers) -> str:
    if len(press.text) > 1:
        # Composed text belongs to no key.
        return "0"
    keys = [str(ord(press.key))]
    if KittyFlags.ALTERNATE_KEYS in flags:
        has_shifted = bits & Modifiers.SHIFT and len(press.shifted) == 1
        keys.append(str(ord(press.shifted)) if has_shifted else "")
        has_base = len(press.base) == 1 and press.base != press.key
        keys.append(str(ord(press.base)) if has_base else "")
    while not keys[-1]:
        keys.pop()
    return ":".join(keys)


def _text_codes(press: KeyPress, flags: KittyFlags, bits: Modifiers) -> str:
    is_told = KittyFlags.TEXT in flags and KittyFlags.ALL_KEYS in flags
    if not is_told or bits & ~(Modifiers.SHIFT | LOCKS):
        return ""
    return ":".join(str(ord(character)) for character in press.text)
