"""Text on the canvas: wrapping, wide characters, and what joins the one before."""

from terminal_ai.terminal import charsets
from terminal_ai.terminal.screen.canvas import Canvas
from terminal_ai.terminal.widths import (
    DOTTED_CIRCLE,
    DROPPED,
    REPLACEMENT,
    VARIATION_SELECTOR_16,
    WIDE_SPACER,
    ZERO_WIDTH_JOINER,
    character_width,
    has_ink,
    is_pictograph,
    is_skin_tone,
    padded,
    widens_as_emoji,
    without_invisible,
)

COMBINING_LIMIT_PER_CELL = 5
"""Combining characters kept on one cell: no writing stacks more."""


class Writing(Canvas):
    """A canvas that text is drawn on, at the cursor."""

    def draw(self, text: str) -> None:
        """Put text at the cursor, wrapping and scrolling as the modes say."""
        if self.is_plain and text.isascii():
            column = self.column
            end = column + len(text)
            if end < self.columns:
                self.grid.rows[self.row].write(column, text, self.style)
                self.column = end
            else:
                self._put(text)
            self.last_character = text[-1]
            return
        if self.shift_waits:
            text = self._shifted(text)
        elif self._translation is not None:
            text = text.translate(self._translation)
        if text.isascii():
            self._put(text)
            self.last_character = text[-1]
            return
        widths = set(map(character_width, set(text)))
        if DROPPED in widths:
            text = without_invisible(text)
            if not text:
                return
        if 0 in widths or self._joins(text[0]):
            for character in text:
                self._draw_character(character)
            return
        self._put("".join(map(padded, text)) if 2 in widths else text)
        self.last_character = text[-1]

    def _shifted(self, text: str) -> str:
        """Translate the one character that a single shift waits for."""
        table = charsets.TRANSLATIONS.get(self.sets[self.shift_waits], {})
        self._choose_charset()
        rest = text[1:].translate(self._translation) if self._translation else text[1:]
        return text[0].translate(table) + rest

    def _draw_character(self, character: str) -> None:
        width = character_width(character)
        if self._joins(character) and self._attach(character):
            return
        if width:
            self._put(padded(character))
            self.last_character = character
        elif is_skin_tone(character):
            base = self._previous()[1]
            if not (base and is_pictograph(base) and self._attach(character)):
                self._put(REPLACEMENT)
        elif character == ZERO_WIDTH_JOINER:
            self._begin_joining()
        elif character == VARIATION_SELECTOR_16:
            self._present_as_emoji()
        elif self._previous()[1]:
            if len(self._marks_before()) < COMBINING_LIMIT_PER_CELL:
                self._attach(character)
        elif has_ink(character):
            self._put(DOTTED_CIRCLE)
            self._attach(character)

    def _previous(self) -> tuple[int, str]:
        """Return the column and first character of the cell before the cursor."""
        if self.column == self.left:
            return -1, ""
        row = self.current_row
        column = self.settled_column if self.column == self.columns else self.column - 1
        if column > 0 and row.character(column) == WIDE_SPACER:
            column -= 1
        return column, row.character(column) if column >= 0 else ""

    def _marks_before(self) -> str:
        column, base = self._previous()
        return self.current_row.marks(column) if base else ""

    def _attach(self, character: str) -> bool:
        column, base = self._previous()
        return base != "" and self.current_row.add_mark(column, character)

    def _joins(self, character: str) -> bool:
        """True when a joiner waits on the cell before the cursor for this character."""
        row = self.current_row
        if not row.has_marks or not is_pictograph(character):
            return False
        column, _ = self._previous()
        return column >= 0 and row.marks(column).endswith(ZERO_WIDTH_JOINER)

    def _begin_joining(self) -> None:
        column, base = self._previous()
        if not base or not is_pictograph(base):
            return
        row = self.current_row
        if not row.marks(column).endswith(ZERO_WIDTH_JOINER):
            row.add_mark(column, ZERO_WIDTH_JOINER)

    def _present_as_emoji(self) -> None:
        """Widen a narrow pictograph to two cells, where there is room."""
        column, base = self._previous()
        if base and character_width(base) == 2:
            self._attach(VARIATION_SELECTOR_16)
            return
        row = self.current_row
        if not base or not widens_as_emoji(base) or row.marks(column):
            return
        limit = self._limit(column)
        if row.is_wide(column) or column + 2 > limit:
            return
        _, style = row.cell(column)
        if self.modes.insert:
            row.insert(column + 1, 1, limit, self.blank)
        row.write(column, base + WIDE_SPACER, style)
        row.add_mark(column, VARIATION_SELECTOR_16)
        self._advance(column + 2, limit)

    def _put(self, text: str) -> None:
        """Write text that has one character a cell."""
        while True:
            limit = self._limit(self.column)
            room = limit - self.column
            if room <= 0:
                limit = self._wrap()
                room = limit - self.column
            if len(text) <= room:
                self._write(text, limit)
                return
            cut = room - 1 if text[room] == WIDE_SPACER else room
            if cut:
                self._write(text[:cut], limit)
            text = text[cut:]
            if not self.modes.autowrap:
                self._overwrite_last(text, limit)
                return
            self.column, self.wraps_after = self.columns, limit - 1

    def _limit(self, column: int) -> int:
        """Return where text from ``column`` on wraps: at the right margin or edge."""
        return self.right + 1 if column <= self.right else self.columns

    def _write(self, text: str, limit: int) -> None:
        row = self.grid.rows[self.row]
        if self.modes.insert:
            row.insert(self.column, len(text), limit, self.blank)
        row.write(self.column, text, self.style)
        self._advance(self.column + len(text), limit)

    def _advance(self, column: int, limit: int) -> None:
        """Move on after writing; at the limit a wrap is pending."""
        self.column = column
        if column >= limit:
            self.wraps_after = limit - 1
            self.column = self.columns if self.modes.autowrap else limit - 1

    def _overwrite_last(self, text: str, limit: int) -> None:
        """Draw what is beyond the last column there, each over the one before."""
        self.column = limit - 1
        # A wide character does not fit and is not shown.
        last = next((c for c in reversed(text) if character_width(c) == 1), "")
        if last:
            self._write(last, limit)

    def _wrap(self) -> int:
        """Begin the pending new row; return the column where text wraps next."""
        if not self.modes.autowrap:
            self.column = self.settled_column
            return self.column + 1
        if self.is_full_width:
            self.grid.rows[self.row].wraps = True
        self.index()
        self.column = self.left
        return self.right + 1
