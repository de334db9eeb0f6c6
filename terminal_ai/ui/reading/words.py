"""Words as a terminal's users mean them: paths, options and URLs in one piece."""

import enum
import re
from collections.abc import Callable, Iterator

from terminal_ai.ui.reading.addresses import trimmed
from terminal_ai.ui.reading.lines import Lines, Point, cells, logical_line

WORD_LIMIT_ROWS = 64
"""A word that wraps is followed through so many rows on either side."""
MOTION_LIMIT_ROWS = 2_000
"""How far a word is looked for."""

_WORD_CHARACTERS = frozenset("@-./_~?&=%+#\\$")
_FIRST_EMOJI = 0x1F000
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s<>\"'`{}|\\^│]+")
_SENTENCE_END = re.compile(r"\w[.?]\Z")


class CellKind(enum.Enum):
    """What a cell means to somebody who goes from word to word."""

    BLANK = enum.auto()
    WORD = enum.auto()
    OTHER = enum.auto()


def kind_of(character: str) -> CellKind:
    """Return what a character is part of."""
    if not character or character.isspace():
        return CellKind.BLANK
    first = character[0]
    if first.isalnum() or first in _WORD_CHARACTERS or ord(first) >= _FIRST_EMOJI:
        return CellKind.WORD
    return CellKind.OTHER


# -- selecting ---------------------------------------------------------------------


def word_at(point: Point, lines: Lines) -> tuple[Point, Point]:
    """Return the first and the last cell of the word, path or URL under a point.

    Elsewhere it is a run of one sign, as a ruled line is, or a single blank.
    """
    columns = lines.columns
    top, bottom = logical_line(point.line, lines)
    top = max(top, point.line - WORD_LIMIT_ROWS)
    bottom = min(bottom, point.line + WORD_LIMIT_ROWS)
    listed: list[str] = []
    for line in range(top, bottom + 1):
        listed.extend(cells(lines.line(line), columns))
    at = (point.line - top) * columns + point.column
    if at >= len(listed):
        return point, point
    first, last = _word_in(listed, at)
    return (
        Point(top + first // columns, first % columns),
        Point(top + last // columns, last % columns),
    )


def _word_in(listed: list[str], at: int) -> tuple[int, int]:
    """Return the first and the last cell of the word around cell ``at``."""
    while at > 0 and not listed[at]:
        at -= 1
    if (found := _url_around(listed, at)) is not None:
        return found
    kind = kind_of(listed[at])
    if kind is CellKind.WORD:
        first, last = _run(listed, at, lambda text: kind_of(text) is kind)
        text = "".join(listed[first : last + 1])
        if last > at and _SENTENCE_END.search(text):
            last -= 1
        return first, last
    if kind is CellKind.OTHER:
        sign = listed[at]
        return _run(listed, at, lambda text: text == sign)
    return at, at


def _run(listed: list[str], at: int, belongs: Callable[[str], bool]) -> tuple[int, int]:
    """Return the ends of the run of cells that belong, both halves of wide ones."""
    first = last = at
    while first > 0 and (not listed[first - 1] or belongs(listed[first - 1])):
        first -= 1
    while not listed[first]:
        first += 1
    while last + 1 < len(listed) and (
        not listed[last + 1] or belongs(listed[last + 1])
    ):
        last += 1
    return first, last


def _url_around(listed: list[str], at: int) -> tuple[int, int] | None:
    first, last = _run(listed, at, lambda text: not text.isspace())
    run = listed[first : last + 1]
    text = "".join(run)
    if "://" not in text:
        return None
    starts = [0]
    for piece in run:
        starts.append(starts[-1] + len(piece))
    for match in _URL.finditer(text):
        url = trimmed(match.group())
        begin, end = match.start(), match.start() + len(url)
        inside = [n for n in range(len(run)) if begin <= starts[n] < end and run[n]]
        if inside and inside[0] <= at - first <= inside[-1]:
            stop = first + inside[-1]
            while stop < last and not listed[stop + 1]:
                stop += 1
            return first + inside[0], stop
    return None


# -- going from word to word -------------------------------------------------------


def next_word(point: Point, lines: Lines) -> Point:
    """Return where the next word begins."""
    ahead = _ahead(point, lines)
    last, kind = next(ahead)
    for place, other in ahead:
        if other is not CellKind.BLANK:
            if other is not kind:
                return place
            last = place
        kind = other
    return last


def end_of_word(point: Point, lines: Lines) -> Point:
    """Return where the word ends, or the next one if this is its end already."""
    return _far_end(point, _ahead(point, lines))


def previous_word(point: Point, lines: Lines) -> Point:
    """Return where the word begins, or the one before if this is its begin already."""
    return _far_end(point, _behind(point, lines))


def _far_end(point: Point, places: Iterator[tuple[Point, CellKind]]) -> Point:
    """Return the last place of the first word that comes after ``point`` itself."""
    next(places, None)
    found: tuple[Point, CellKind] | None = None
    for place, kind in places:
        if found is not None and kind is not found[1]:
            break
        if kind is not CellKind.BLANK:
            found = place, kind
    return point if found is None else found[0]


def last_text_column(line: int, lines: Lines) -> int:
    """Return the column of the last character that is not blank, 0 in a blank row."""
    listed = cells(lines.line(line), lines.columns)
    for column in range(len(listed) - 1, 0, -1):
        if listed[column] and not listed[column].isspace():
            return column
    return 0


def _ahead(point: Point, lines: Lines) -> Iterator[tuple[Point, CellKind]]:
    """Yield the characters from a point on, and a blank at the end of each line."""
    last = min(lines.rows - 1, point.line + MOTION_LIMIT_ROWS)
    for line in range(point.line, last + 1):
        start = point.column if line == point.line else 0
        kinds = _kinds(line, lines)
        if line == point.line and (not kinds or kinds[-1][0] < start):
            yield point, CellKind.BLANK
        for column, kind in kinds:
            if column >= start:
                yield Point(line, column), kind


def _behind(point: Point, lines: Lines) -> Iterator[tuple[Point, CellKind]]:
    oldest = max(-lines.scrollback_length, point.line - MOTION_LIMIT_ROWS)
    for line in range(point.line, oldest - 1, -1):
        stop = point.column if line == point.line else lines.columns
        for column, kind in reversed(_kinds(line, lines)):
            if column <= stop:
                yield Point(line, column), kind


def _kinds(line: int, lines: Lines) -> list[tuple[int, CellKind]]:
    row = lines.line(line)
    listed = cells(row, lines.columns)
    kinds = [(at, kind_of(text)) for at, text in enumerate(listed) if text]
    if not row.wraps:
        kinds.append((len(listed), CellKind.BLANK))
    return kinds
