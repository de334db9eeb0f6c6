"""Selecting and copying with the keyboard: a cursor that walks over all the text."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from terminal_ai.messages import gettext as _
from terminal_ai.ui.reading.lines import (
    Bookmark,
    Lines,
    Point,
    cells,
    first_cell,
    within,
)
from terminal_ai.ui.reading.selection import Selection, SelectionKind, select
from terminal_ai.ui.reading.words import (
    end_of_word,
    last_text_column,
    next_word,
    previous_word,
)


class Outcome(enum.Enum):
    """What a key did."""

    IGNORED = enum.auto()
    CHANGED = enum.auto()
    COPY = enum.auto()
    LEAVE = enum.auto()


_STARTS: Mapping[str, SelectionKind] = {
    "v": SelectionKind.CHARACTER,
    " ": SelectionKind.CHARACTER,
    "V": SelectionKind.LINE,
    "ctrl+v": SelectionKind.BLOCK,
}
_ENDS: Mapping[str, Outcome] = {
    "y": Outcome.COPY,
    "enter": Outcome.COPY,
    "escape": Outcome.LEAVE,
    "q": Outcome.LEAVE,
    "ctrl+c": Outcome.LEAVE,
}


@dataclass(slots=True)
class CopyMode:
    """The cursor, and where a selection was begun, if one was.

    Both stay on their text while output goes on: call ``keep`` after it.
    """

    lines: Lines
    cursor: Point
    page_rows: int
    kind: SelectionKind = field(default=SelectionKind.CHARACTER, init=False)
    anchor: Point | None = field(default=None, init=False)
    _wanted_column: int = field(default=0, init=False)
    _marks: tuple[Bookmark, Bookmark | None] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Begin on a character."""
        self.move_to(self.cursor)

    @property
    def is_selecting(self) -> bool:
        """True once a selection was begun."""
        return self.anchor is not None

    @property
    def selection(self) -> Selection | None:
        """What is selected between where it was begun and the cursor."""
        if self.anchor is None:
            return None
        return select(self.kind, self.anchor, self.cursor, self.lines)

    def move_to(self, point: Point) -> None:
        """Put the cursor on the character at a point, or the nearest one."""
        self.cursor = first_cell(within(point, self.lines), self.lines)
        self._wanted_column = self.cursor.column
        self._mark()

    def take(self, kind: SelectionKind, anchor: Point, head: Point) -> None:
        """Go on with what the mouse selected."""
        self.kind, self.anchor = kind, within(anchor, self.lines)
        self.move_to(head)

    def begin(self, kind: SelectionKind) -> None:
        """Begin to select here; the same kind again ends it, another one changes it."""
        if self.anchor is None:
            self.anchor = self.cursor
        elif self.kind is kind:
            self.anchor = None
        self.kind = kind
        self._mark()

    def press(self, key: str) -> Outcome:
        """Do what a key means here; a printable one is given as its character."""
        if (kind := _STARTS.get(key)) is not None:
            self.begin(kind)
            return Outcome.CHANGED
        if (outcome := _ENDS.get(key)) is not None:
            return outcome
        if key == "o" and self.anchor is not None:
            self.take(self.kind, self.cursor, self.anchor)
        elif (rows := _ROWS.get(key)) is not None:
            self._move_rows(rows)
        elif (pages := _PAGES.get(key)) is not None:
            self._move_rows(round(pages * self.page_rows) or (1 if pages > 0 else -1))
        elif (motion := _MOTIONS.get(key)) is not None:
            self.move_to(motion(self))
        else:
            return Outcome.IGNORED
        return Outcome.CHANGED

    def keep(self) -> None:
        """After output: find cursor and anchor again; what is gone ends a selection."""
        if self._marks is None:
            return
        cursor, anchor = self._marks
        place = within(cursor.found(self.lines) or self.cursor, self.lines)
        self.cursor = first_cell(place, self.lines)
        if anchor is not None:
            self.anchor = anchor.found(self.lines)
        self._mark()

    def _mark(self) -> None:
        anchor = self.anchor
        self._marks = (
            Bookmark.at(self.cursor, self.lines),
            None if anchor is None else Bookmark.at(anchor, self.lines),
        )

    def _move_rows(self, count: int) -> None:
        """Go up or down, as far right as before where the rows between were short."""
        wanted = self._wanted_column
        self.move_to(Point(self.cursor.line + count, wanted))
        self._wanted_column = wanted

    def _left(self) -> Point:
        return Point(self.cursor.line, self.cursor.column - 1)

    def _right(self) -> Point:
        row = cells(self.lines.line(self.cursor.line), self.lines.columns)
        column = self.cursor.column + 1
        while column < len(row) and not row[column]:
            column += 1
        is_inside = column < self.lines.columns
        return Point(self.cursor.line, column) if is_inside else self.cursor

    def _line_start(self) -> Point:
        return Point(self.cursor.line, 0)

    def _first_text(self) -> Point:
        row = cells(self.lines.line(self.cursor.line), self.lines.columns)
        column = next((at for at, text in enumerate(row) if text.strip()), 0)
        return Point(self.cursor.line, column)

    def _line_end(self) -> Point:
        line = self.cursor.line
        return Point(line, last_text_column(line, self.lines))

    def _top(self) -> Point:
        return Point(-self.lines.scrollback_length, 0)

    def _bottom(self) -> Point:
        lines = self.lines
        used = (
            at for at in range(lines.rows - 1, -1, -1) if lines.line(at).text.strip()
        )
        return Point(next(used, 0), 0)


_ROWS: Mapping[str, int] = {"up": -1, "k": -1, "down": 1, "j": 1}
_PAGES: Mapping[str, float] = {
    "pageup": -1,
    "ctrl+b": -1,
    "pagedown": 1,
    "ctrl+f": 1,
    "ctrl+u": -0.5,
    "ctrl+d": 0.5,
}
_MOTIONS: Mapping[str, Callable[[CopyMode], Point]] = {
    "left": CopyMode._left,
    "h": CopyMode._left,
    "right": CopyMode._right,
    "l": CopyMode._right,
    "w": lambda mode: next_word(mode.cursor, mode.lines),
    "ctrl+right": lambda mode: next_word(mode.cursor, mode.lines),
    "b": lambda mode: previous_word(mode.cursor, mode.lines),
    "ctrl+left": lambda mode: previous_word(mode.cursor, mode.lines),
    "e": lambda mode: end_of_word(mode.cursor, mode.lines),
    "0": CopyMode._line_start,
    "home": CopyMode._line_start,
    "^": CopyMode._first_text,
    "$": CopyMode._line_end,
    "end": CopyMode._line_end,
    "g": CopyMode._top,
    "ctrl+home": CopyMode._top,
    "G": CopyMode._bottom,
    "ctrl+end": CopyMode._bottom,
}
KEYS = frozenset({*_STARTS, *_ENDS, *_ROWS, *_PAGES, *_MOTIONS, "o"})
"""Every key that does something in the mode."""


def copy_mode_label(mode: CopyMode) -> str:
    """Return what the keys do in the mode now, for the status bar."""
    if not mode.is_selecting:
        return _("copy mode")
    return {
        SelectionKind.CHARACTER: _("selecting"),
        SelectionKind.WORD: _("selecting words"),
        SelectionKind.LINE: _("selecting lines"),
        SelectionKind.BLOCK: _("selecting a block"),
    }[mode.kind]
