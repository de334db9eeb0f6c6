"""Where the view stands in the scrollback, kept still while output goes on."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Protocol

from terminal_ai.terminal.rows import Row


class Lines(Protocol):
    """The part of the emulator that scrolling needs."""

    @property
    def scrollback_length(self) -> int:
        """Rows above the viewport."""

    def line(self, index: int) -> Row:
        """Return a row: 0 is the viewport's first, -1 the newest above it."""


@dataclass(slots=True)
class ScrollPosition:
    """Rows between the bottom and the view; 0 follows the output."""

    offset: int = 0
    _anchor_id: int = 0

    def move(self, rows: int, lines: Lines) -> bool:
        """Scroll up by ``rows`` (down if negative); return whether anything moved."""
        wanted = max(0, min(self.offset + rows, lines.scrollback_length))
        has_moved = wanted != self.offset
        self.offset = wanted
        self._anchor_id = lines.line(-wanted).id if wanted else 0
        return has_moved

    def follow(self) -> bool:
        """Return to the bottom; return whether anything moved."""
        has_moved = self.offset != 0
        self.offset = 0
        return has_moved

    def keep_still(self, lines: Lines) -> bool:
        """After output, stay at the same text; return whether the offset changed."""
        length = lines.scrollback_length
        if self.offset == 0:
            return False
        if self.offset <= length and lines.line(-self.offset).id == self._anchor_id:
            return False
        # Row ids grow from old to new, so the anchor is found by bisection.
        place = bisect_left(
            range(length), self._anchor_id, key=lambda at: lines.line(at - length).id
        )
        old = self.offset
        self.offset = min(length - place, length) or min(1, length)
        if self.offset:
            self._anchor_id = lines.line(-self.offset).id
        return self.offset != old
