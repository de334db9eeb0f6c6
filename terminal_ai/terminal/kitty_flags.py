"""What a program may ask of the kitty keyboard protocol, and the stack it keeps.

What the host does not tell cannot be passed on: keys let go (flag 2) reach no Textual
program, so that flag is never granted.
"""

from enum import IntFlag

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
