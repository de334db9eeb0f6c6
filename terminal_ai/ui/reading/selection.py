"""A stretch of selected text, and what it is when copied."""

import enum
import re
from dataclasses import dataclass, replace

from terminal_ai.ui.reading.lines import Bookmark, Lines, Point, cells_of, logical_line
from terminal_ai.ui.reading.words import word_at

LINE_END = 1 << 16
"""A column beyond every line."""

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class SelectionKind(enum.Enum):
    """What a selection grows by, and whether it is a rectangle."""

    CHARACTER = enum.auto()
    WORD = enum.auto()
    LINE = enum.auto()
    BLOCK = enum.auto()


@dataclass(frozen=True, slots=True)
class Selection:
    """From ``anchor``, where it was begun, to ``head``, both included."""

    anchor: Point
    head: Point
    is_block: bool = False

    @property
    def first(self) -> Point:
        """The upper end."""
        return min(self.anchor, self.head)

    @property
    def last(self) -> Point:
        """The lower end."""
        return max(self.anchor, self.head)

    def span(self, line: int) -> tuple[int, int] | None:
        """Return the selected cells of a line as start and end, None for none."""
        first, last = self.first, self.last
        if not first.line <= line <= last.line:
            return None
        if self.is_block:
            columns = self.anchor.column, self.head.column
            return min(columns), max(columns) + 1
        start = first.column if line == first.line else 0
        end = last.column + 1 if line == last.line else LINE_END
        return start, end

    def moved(self, lines: int) -> "Selection":
        """Return the same text after the rows moved."""
        return replace(
            self,
            anchor=Point(self.anchor.line + lines, self.anchor.column),
            head=Point(self.head.line + lines, self.head.column),
        )

    def text(self, lines: Lines) -> str:
        """Return the selected text without the blanks that end a line.

        Rows that wrapped are one line, unless the selection is a block.
        """
        pieces: list[str] = []
        for line in range(self.first.line, self.last.line + 1):
            pieces.append(self.piece(line, lines))
            if self.is_block or not lines.line(line).wraps:
                pieces.append("\n")
        text = "".join(pieces)
        return _CONTROLS.sub("", text.removesuffix("\n"))

    def piece(self, line: int, lines: Lines) -> str:
        """Return the selected part of one row."""
        span = self.span(line)
        if span is None:
            return ""
        row = lines.line(line)
        if self.is_block:
            return cells_of(row.text, *span).rstrip(" ")
        if not row.wraps:
            return cells_of(row.text.rstrip(" "), *span)
        # A wide character that did not fit leaves one cell unwritten; more are blanks.
        missing = lines.columns - len(row)
        text = row.text + " " * (missing if missing > 1 else 0)
        return cells_of(text, *span)


def select(kind: SelectionKind, anchor: Point, head: Point, lines: Lines) -> Selection:
    """Return the selection between two cells, grown to whole words or lines."""
    if kind is SelectionKind.BLOCK:
        return Selection(anchor, head, is_block=True)
    if kind is SelectionKind.CHARACTER:
        return Selection(anchor, head)
    first, last = min(anchor, head), max(anchor, head)
    if kind is SelectionKind.WORD:
        first, last = word_at(first, lines)[0], word_at(last, lines)[1]
    else:
        first = Point(logical_line(first.line, lines)[0], 0)
        last = Point(logical_line(last.line, lines)[1], LINE_END)
    return Selection(first, last) if anchor <= head else Selection(last, first)


@dataclass(frozen=True, slots=True)
class HeldSelection:
    """A selection that stays on its text while rows move, and ends when it changes.

    Rows of the scrollback never change, so only those of the viewport are compared.
    """

    selection: Selection
    _start: Bookmark
    _rows: tuple[tuple[int, int, bool], ...]
    _pieces: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, selection: Selection, lines: Lines) -> "HeldSelection":
        """Remember what the selection covers now."""
        visible = cls._visible(selection, lines)
        return cls(
            selection,
            Bookmark.at(selection.first, lines),
            cls._looks_of(visible, lines),
            cls._text_of(selection, visible, lines),
        )

    def kept(self, lines: Lines) -> "HeldSelection | None":
        """Return it where its text is now; None when that changed or is gone."""
        start = self._start.found(lines)
        if start is None:
            # Redrawn with the same text it is the same to whoever selected it.
            start = self._start.point
            if start.line < 0 or not any(text.strip() for text, _ in self._pieces):
                return None
        moved = self.selection.moved(start.line - self._start.point.line)
        if moved.last.line >= lines.rows:
            return None
        count = len(self._rows)
        at_end = range(moved.last.line - count + 1, moved.last.line + 1)
        is_untouched = self._looks_of(at_end, lines) == self._rows
        if moved == self.selection and is_untouched:
            return self
        is_same = self._text_of(moved, at_end, lines) == self._pieces
        return HeldSelection.of(moved, lines) if is_same else None

    @staticmethod
    def _looks_of(at: range, lines: Lines) -> tuple[tuple[int, int, bool], ...]:
        """Return what changes with the text; a row may come to wrap and no more."""
        rows = [lines.line(line) for line in at]
        return tuple((row.id, row.revision, row.wraps) for row in rows)

    @staticmethod
    def _text_of(
        selection: Selection, at: range, lines: Lines
    ) -> tuple[tuple[str, bool], ...]:
        return tuple(
            (selection.piece(line, lines), lines.line(line).wraps) for line in at
        )

    @staticmethod
    def _visible(selection: Selection, lines: Lines) -> range:
        return range(
            max(0, selection.first.line), min(selection.last.line, lines.rows - 1) + 1
        )
