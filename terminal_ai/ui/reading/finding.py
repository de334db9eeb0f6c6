"""A search through the rows of the emulator, newest first, a slice at a time.

Rows in the scrollback never change: their matches are *settled*, kept in segments that
grow upwards as slices are read. The *live* rows below them are searched again whenever
the screen has changed. Rows are known by their ids, so output may go on meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import split_graphemes

from terminal_ai.ui.reading.lines import Lines, line_of
from terminal_ai.ui.reading.query import Found, Pattern

MATCHES_LIMIT = 10_000
SLICE_ROWS = 250
"""Rows read at a time; the event loop runs between two slices."""
LINE_LIMIT_ROWS = 500
"""Rows of one wrapped line that are searched as one text."""
SEGMENTS_LIMIT = 2
"""One that reaches up into old output, and one for what came meanwhile."""


class Span(NamedTuple):
    """Cells of one row, from ``start`` up to ``end``."""

    row_id: int
    start: int
    end: int


class Match(NamedTuple):
    """One place that matches: a span for each row that it touches, the top first."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class WrappedLine:
    """The texts of rows that belong together, and the ids of the rows."""

    row_ids: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(self.texts)

    def match(self, found: Found) -> Match:
        """Return the cells of a part of the text."""
        begin, end = found
        spans = []
        at = 0
        for row_id, text in zip(self.row_ids, self.texts, strict=True):
            first, last = max(begin - at, 0), min(end - at, len(text))
            if first < last:
                spans.append(Span(row_id, *_cells(text, first, last)))
            at += len(text)
        return Match(tuple(spans))


@dataclass(frozen=True, slots=True)
class Slice:
    """Lines to be searched, the newest first. The text is a copy: any thread may."""

    lines: Sequence[WrappedLine]
    live_lines: int
    """How many of them, from the first, lie at least partly in the viewport."""
    reaches_up_to: int | None
    """The next row to be read above them, None at the top or at settled rows."""


@dataclass(slots=True)
class Segment:
    """Settled matches, newest first, from one row up to the next that is unread."""

    newest_id: int
    next_id: int | None
    matches: list[Match] = field(default_factory=list)


def search(pattern: Pattern, lines: Iterable[WrappedLine]) -> list[list[Match]]:
    """Return the matches of each line, the last one in it first."""
    found = []
    room = MATCHES_LIMIT
    for line in lines:
        matches = [line.match(place) for place in pattern.find(line.text, room)]
        room -= len(matches)
        found.append(matches[::-1])
    return found


def read_line(
    screen: Lines, last: int, stop: int | None = None
) -> tuple[WrappedLine, int]:
    """Return the wrapped line that ends in row ``last``, and its first row's index.

    Row ``stop`` belongs to it no more: a line beyond the limit was read up to there.
    """
    rows = [screen.line(last)]
    first = last
    oldest = max(-screen.scrollback_length, last - LINE_LIMIT_ROWS + 1)
    while first > oldest and (above := screen.line(first - 1)).wraps:
        if above.id == stop:
            break
        rows.append(above)
        first -= 1
    rows.reverse()
    ids, texts = tuple(row.id for row in rows), tuple(row.text for row in rows)
    return WrappedLine(ids, texts), first


class Finding:
    """The matches of one pattern; ``read``, ``search`` and ``add`` by turns."""

    def __init__(self, screen: Lines) -> None:
        self._screen = screen
        self._columns = screen.columns
        self._live: list[Match] = []
        self._segments: list[Segment] = []
        self._settled_spans: dict[int, list[tuple[Span, Match]]] = {}
        self._live_spans: dict[int, list[tuple[Span, Match]]] = {}
        self._seen: tuple[int, list[tuple[int, int]]] | None = None
        self.is_limited = False

    @property
    def matches(self) -> list[Match]:
        """All that was found, the newest first."""
        settled = (match for segment in self._segments for match in segment.matches)
        return [*self._live, *settled]

    @property
    def is_complete(self) -> bool:
        """True when everything was searched, or as much as the limit allows."""
        return self._seen is not None and self._unread is None

    def spans(self, row_id: int) -> Iterator[tuple[Span, Match]]:
        """Yield the cells of a row that match, with their matches."""
        yield from self._live_spans.get(row_id, ())
        yield from self._settled_spans.get(row_id, ())

    def look_again(self) -> None:
        """Have the live rows searched again if they have changed."""
        if self._seen != self._state():
            self._seen = None

    def read(self) -> Slice | None:
        """Return what is to be searched next, None if all is done."""
        self._forget_lost_rows()
        if self._seen is None:
            self._seen = self._state()
            return self._read_live()
        segment = self._unread
        if segment is None or segment.next_id is None:
            return None
        last = line_of(segment.next_id, self._screen, near=-1)
        if last is None:
            segment.next_id = None
            return self.read()
        below = self._segments[self._segments.index(segment) + 1 :]
        return self._read_up(last, below[0].newest_id if below else None, [], 0)

    def add(self, read: Slice, found: Sequence[list[Match]]) -> None:
        """Take what was found in the slice that was read last."""
        if read.live_lines:
            self._live = [match for line in found[: read.live_lines] for match in line]
            self._live_spans = {}
            _note(self._live_spans, self._live)
            self._settle_newer(read, found)
        elif (segment := self._unread) is not None:
            self._settle(segment, [match for line in found for match in line])
            segment.next_id = read.reaches_up_to
        self._join_segments()
        self._drop_surplus()

    # -- reading -----------------------------------------------------------------

    def _state(self) -> tuple[int, list[tuple[int, int]]]:
        screen = self._screen
        rows = (screen.line(at) for at in range(screen.rows))
        return screen.scrollback_length, [(row.id, row.revision) for row in rows]

    def _read_live(self) -> Slice:
        lines = []
        last = self._screen.rows - 1
        stop = self._segments[0].newest_id if self._segments else None
        while last >= 0:
            line, first = read_line(self._screen, last, stop)
            lines.append(line)
            last = first - 1
        return self._read_up(last, stop, lines, len(lines))

    def _read_up(
        self, last: int, stop: int | None, lines: list[WrappedLine], live_lines: int
    ) -> Slice:
        """Add lines from row ``last`` up, until a slice is full or ``stop`` reached."""
        top = -self._screen.scrollback_length
        room = SLICE_ROWS
        while last >= top and (row := self._screen.line(last)).id != stop:
            if room <= 0:
                return Slice(lines, live_lines, row.id)
            line, first = read_line(self._screen, last, stop)
            lines.append(line)
            room -= last - first + 1
            last = first - 1
        return Slice(lines, live_lines, None)

    def _forget_lost_rows(self) -> None:
        """Begin again when settled rows are gone or moved back: cleared, or resized."""
        if not self._segments:
            return
        place = line_of(self._segments[0].newest_id, self._screen, near=-1)
        # Rows that were wrapped anew may have kept their ids, or not.
        is_resized = self._columns != self._screen.columns
        self._columns = self._screen.columns
        if place is None or place >= 0 or is_resized:
            self._segments.clear()
            self._settled_spans.clear()
            self._seen = None
            self.is_limited = False
            return
        oldest = self._screen.row_id(-self._screen.scrollback_length)
        last = self._segments[-1].matches
        while last and last[-1].spans[-1].row_id < oldest:
            self._unsettle(last.pop())

    # -- keeping -----------------------------------------------------------------

    @property
    def _unread(self) -> Segment | None:
        return next((part for part in self._segments if part.next_id is not None), None)

    def _settle_newer(self, read: Slice, found: Sequence[list[Match]]) -> None:
        """Take the lines above the live ones into the newest segment, or a new one."""
        lines = read.lines[read.live_lines :]
        if not lines:
            return
        if read.reaches_up_to is None or len(self._segments) < SEGMENTS_LIMIT:
            segment = Segment(lines[0].row_ids[-1], read.reaches_up_to)
            self._segments.insert(0, segment)
            found_above = found[read.live_lines :]
            self._settle(segment, [match for line in found_above for match in line])

    def _settle(self, segment: Segment, matches: list[Match]) -> None:
        segment.matches.extend(matches)
        _note(self._settled_spans, matches)

    def _unsettle(self, match: Match) -> None:
        for span in match.spans:
            kept = self._settled_spans.get(span.row_id, [])
            kept[:] = [pair for pair in kept if pair[1] != match]
            if not kept:
                self._settled_spans.pop(span.row_id, None)

    def _join_segments(self) -> None:
        while len(self._segments) > 1 and self._segments[0].next_id is None:
            newer, older = self._segments[:2]
            newer.matches += older.matches
            newer.next_id = older.next_id
            del self._segments[1]

    def _drop_surplus(self) -> None:
        surplus = len(self._live) + sum(len(part.matches) for part in self._segments)
        surplus -= MATCHES_LIMIT
        if surplus < 0 or not self._segments:
            return
        self.is_limited = True
        self._segments[-1].next_id = None
        for segment in reversed(self._segments):
            while surplus > 0 and segment.matches:
                self._unsettle(segment.matches.pop())
                surplus -= 1


def _note(spans: dict[int, list[tuple[Span, Match]]], matches: Iterable[Match]) -> None:
    for match in matches:
        for span in match.spans:
            spans.setdefault(span.row_id, []).append((span, match))


def _cells(text: str, first: int, last: int) -> tuple[int, int]:
    """Return the columns of the characters from ``first`` up to ``last``."""
    if text.isascii():
        return first, last
    start = end = column = 0
    for begin, _stop, width in split_graphemes(text)[0]:
        if begin <= first:
            start = column
        column += width
        if begin < last:
            end = column
    return start, max(end, start + 1)
