"""The kitty keyboard protocol: its flags, its stack, and key presses in its form.

What the host does not tell cannot be passed on: keys let go (flag 2) reach no Textual
program, so that flag is never granted. A host without the protocol itself sends Tab for
Ctrl+I, and only the characters of shifted keys.
"""

from enum import IntFlag

from terminal_ai.terminal.host_keys import (
    FUNCTIONAL_CODES,
    LETTER_FINALS,
    TILDE_NUMBERS,
)
from terminal_ai.terminal.key_press import LOCKS, KeyPress, Modifiers

STACK_LIMIT = 16
"""Entries kept a screen; a deeper push forgets the oldest."""


class KittyFlags(IntFlag):
    """What a program may ask for."""

    NONE = 0
    DISAMBIGUATE = 1
    EVENT_TYPES = 2
    ALTERNATE_KEYS = 4
    ALL_KEYS = 8
    TEXT = 16


SUPPORTED = (
    KittyFlags.DISAMBIGUATE
    | KittyFlags.ALTERNATE_KEYS
    | KittyFlags.ALL_KEYS
    | KittyFlags.TEXT
)

_SET_ALL, _SET_BITS, _RESET_BITS = 1, 2, 3
_LEGACY_WITHOUT_MODIFIERS = {"enter": "\r", "tab": "\t", "backspace": "\x7f"}
_LETTERS = {key: final for key, final in LETTER_FINALS.items() if key != "f3"}


class KittyStack:
    """The flags in force on one screen, above those that were pushed away."""

    def __init__(self) -> None:
        self.flags = KittyFlags.NONE
        self._pushed: list[KittyFlags] = []

    def __len__(self) -> int:
        """Return how many entries wait below the flags in force."""
        return len(self._pushed)

    def push(self, flags: int) -> None:
        """Put new flags in force, keeping the old below them."""
        self._pushed = [*self._pushed, self.flags][-STACK_LIMIT:]
        self.flags = SUPPORTED & flags

    def pop(self, count: int) -> None:
        """Bring back older flags; popping too many leaves none."""
        for _ in range(min(max(count, 1), STACK_LIMIT + 1)):
            self.flags = self._pushed.pop() if self._pushed else KittyFlags.NONE

    def change(self, flags: int, how: int) -> None:
        """Replace (1), add (2) or remove (3) flags of the entry in force."""
        if how == _SET_ALL:
            self.flags = SUPPORTED & flags
        elif how == _SET_BITS:
            self.flags |= SUPPORTED & flags
        elif how == _RESET_BITS:
            self.flags &= ~KittyFlags(flags & int(SUPPORTED))


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
