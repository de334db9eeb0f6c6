"""Where the view stands in the scrollback, kept still while output goes on."""

from bisect import bisect_left
from dataclasses import dataclass

from terminal_ai.ui.reading.lines import Lines


@dataclass(slots=True)
class ScrollPosition:
    """Rows between the bottom and the view; 0 follows the output unless it is held."""

    offset: int = 0
    is_held: bool = False
    _anchor_id: int = 0
    _anchor_number: int = 0
    _numbering: object = None

    def move(self, rows: int, lines: Lines) -> bool:
        """Scroll up by ``rows`` (down if negative); return whether anything moved."""
        wanted = max(0, min(self.offset + rows, lines.scrollback_length))
        has_moved = wanted != self.offset
        self.offset = wanted
        self._anchor(lines)
        return has_moved

    def reveal(self, line: int, height: int, lines: Lines) -> bool:
        """Scroll as little as brings a line into view; return whether it moved."""
        row = line + self.offset
        return self.move(-row if row < 0 else min(0, height - 1 - row), lines)

    def hold(self, lines: Lines) -> None:
        """Stay at this text, at the bottom too, until the output is followed again."""
        self.is_held = True
        self.move(0, lines)

    def follow(self) -> bool:
        """Return to the bottom; return whether anything moved."""
        has_moved = self.offset != 0
        self.offset, self.is_held = 0, False
        return has_moved

    def keep_still(self, lines: Lines) -> bool:
        """After output, stay at the same text; return whether the offset changed."""
        length = lines.scrollback_length
        if self.offset == 0 and not self.is_held:
            return False
        old = self.offset
        at_least = 0 if self.is_held else min(1, length)
        if self._numbering == lines.numbering:
            wanted = lines.first_number - self._anchor_number
        else:
            # Row ids grow from old to new, so the anchor is found by bisection.
            wanted = length - bisect_left(
                range(length), self._anchor_id, key=lambda at: lines.row_id(at - length)
            )
        self.offset = max(at_least, min(wanted, length))
        self._anchor(lines)
        return self.offset != old

    def _anchor(self, lines: Lines) -> None:
        """Remember the row at the top: its id may change when it scrolls off."""
        self._anchor_id = lines.row_id(-self.offset)
        self._anchor_number = lines.first_number - self.offset
        self._numbering = lines.numbering
