"""How the cursor looks now: its shape, and whether a blinking one is lit."""

import enum
from dataclasses import dataclass, field

from terminal_ai.terminal.modes import Cursor, CursorShape

BLINK_INTERVAL_SECONDS = 0.5
BLINK_LIMIT_TICKS = 30
"""After so many changes without any activity the cursor stays lit and costs nothing."""


class CursorLook(enum.Enum):
    """What is drawn at the cursor's cell."""

    NOTHING = enum.auto()
    BLOCK = enum.auto()
    UNDERLINE = enum.auto()
    BAR = enum.auto()
    HOLLOW = enum.auto()


_LOOKS = {
    CursorShape.BLOCK: CursorLook.BLOCK,
    CursorShape.UNDERLINE: CursorLook.UNDERLINE,
    CursorShape.BAR: CursorLook.BAR,
}


def cursor_look(
    cursor: Cursor, *, has_focus: bool, is_scrolled: bool, is_lit: bool
) -> CursorLook:
    """Return what to draw for the program's cursor."""
    if is_scrolled or not cursor.is_visible:
        return CursorLook.NOTHING
    if not has_focus:
        return CursorLook.HOLLOW
    return _LOOKS[cursor.shape] if is_lit else CursorLook.NOTHING


@dataclass(slots=True)
class Blink:
    """The phase of a blinking cursor; somebody else has the clock."""

    is_lit: bool = field(default=True, init=False)
    _ticks: int = field(default=0, init=False)
    _is_fresh: bool = field(default=False, init=False)

    @property
    def is_over(self) -> bool:
        """True when nothing has happened for so long that the clock may stop."""
        return self._ticks >= BLINK_LIMIT_TICKS

    def wake(self) -> bool:
        """Light it, because something happened; return whether it was dark."""
        was_dark = not self.is_lit
        self.is_lit, self._ticks, self._is_fresh = True, 0, True
        return was_dark

    def tick(self) -> bool:
        """Go on after an interval; return whether it looks different now."""
        was_lit = self.is_lit
        self._ticks += 1
        self.is_lit = self._is_fresh or self.is_over or not was_lit
        self._is_fresh = False
        return was_lit != self.is_lit
