"""What the mouse selects: pressed, dragged and clicked again, held to its text."""

from dataclasses import dataclass, field

from terminal_ai.ui.reading.lines import Bookmark, Lines, Point
from terminal_ai.ui.reading.selection import (
    HeldSelection,
    Selection,
    SelectionKind,
    select,
)

_KIND_OF_CLICKS = (SelectionKind.CHARACTER, SelectionKind.WORD, SelectionKind.LINE)


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """Where the pointer is; ``is_right_half`` where the host tells more than cells."""

    point: Point
    is_right_half: bool = False


@dataclass(slots=True)
class ClickChain:
    """Counts presses on one cell that follow each other quickly: 1, 2, 3, 1…"""

    limit_seconds: float
    _last: tuple[float, int, int] = (float("-inf"), -1, -1)
    _count: int = 0

    def press(self, time: float, x: int, y: int) -> int:
        """Return which press of a series this is."""
        before, *place = self._last
        is_next = time - before <= self.limit_seconds and place == [x, y]
        self._count = self._count % len(_KIND_OF_CLICKS) + 1 if is_next else 1
        self._last = (time, x, y)
        return self._count

    def reset(self) -> None:
        """Let the next press be the first of its series."""
        self._count = 0


@dataclass(slots=True)
class Selector:
    """The selection of one view, whoever makes it.

    ``has_half_cells`` is true where the host reports parts of cells: then a cell
    belongs to the selection when the pointer passed its middle.
    """

    has_half_cells: bool = False
    is_dragging: bool = field(default=False, init=False)
    kind: SelectionKind = field(default=SelectionKind.CHARACTER, init=False)
    _held: HeldSelection | None = field(default=None, init=False)
    _anchor: Bookmark | None = field(default=None, init=False)
    _anchor_is_right: bool = field(default=False, init=False)

    @property
    def selection(self) -> Selection | None:
        """What is selected now."""
        return None if self._held is None else self._held.selection

    def press(
        self, spot: Spot, lines: Lines, *, clicks: int = 1, is_block: bool = False
    ) -> None:
        """Begin: one click waits for a drag, two take a word, three a line."""
        self.is_dragging = True
        self.kind = _KIND_OF_CLICKS[clicks - 1]
        if is_block and clicks == 1:
            self.kind = SelectionKind.BLOCK
        self._anchor = Bookmark.at(spot.point, lines)
        self._anchor_is_right = spot.is_right_half
        self._held = None
        if clicks > 1:
            self._set(select(self.kind, spot.point, spot.point, lines), lines)

    def extend(self, spot: Spot, lines: Lines) -> None:
        """Move the nearer end of the selection to the pointer, and drag that on."""
        self.is_dragging = True
        if self.selection is not None and not self.selection.is_block:
            is_above = spot.point < self.selection.first
            is_below = spot.point > self.selection.last
            if is_above or is_below:
                self._anchor_at_end(self.selection, lines, is_last=is_above)
        if self._anchor is None:
            self.press(spot, lines)
        self.drag(spot, lines)

    def _anchor_at_end(
        self, selection: Selection, lines: Lines, *, is_last: bool
    ) -> None:
        """Keep an end: it may lie after a row's last cell, or before its first."""
        end = selection.last if is_last else selection.first
        edge = min(end.column + is_last, lines.columns)
        is_right = edge > 0 and (is_last or edge == lines.columns)
        self._anchor = Bookmark.at(Point(end.line, edge - is_right), lines)
        self._anchor_is_right = is_right

    def drag(self, spot: Spot, lines: Lines) -> None:
        """Select from where it was begun to the pointer."""
        anchor = self._anchor.found(lines) if self._anchor is not None else None
        if anchor is None:
            # The text that it was begun on is gone: begin again here.
            self._anchor = Bookmark.at(spot.point, lines)
            self._anchor_is_right = spot.is_right_half
            anchor = self._anchor.point
        ends: tuple[Point, Point] | None = anchor, spot.point
        if self.kind in (SelectionKind.CHARACTER, SelectionKind.BLOCK):
            ends = self._cells_between(Spot(anchor, self._anchor_is_right), spot)
        self._set(None if ends is None else select(self.kind, *ends, lines), lines)

    def release(self) -> None:
        """The button went up: the selection stays as it is."""
        self.is_dragging = False

    def choose(self, selection: Selection | None, lines: Lines) -> None:
        """Select what something else than the mouse chose."""
        self.is_dragging = False
        self._anchor = None
        self._set(selection, lines)

    def keep(self, lines: Lines) -> None:
        """After output: move along with the text, or drop what is no more."""
        if self._held is not None:
            self._held = self._held.kept(lines)
        if self._anchor is not None:
            place = self._anchor.found(lines)
            self._anchor = None if place is None else Bookmark.at(place, lines)

    def clear(self) -> None:
        """Select nothing."""
        self._held = self._anchor = None
        self.is_dragging = False

    def _set(self, selection: Selection | None, lines: Lines) -> None:
        if selection != self.selection:
            self._held = (
                None if selection is None else HeldSelection.of(selection, lines)
            )

    def _cells_between(self, anchor: Spot, head: Spot) -> tuple[Point, Point] | None:
        """Return the first and the last cell, anchor's first; None for none."""
        if not self.has_half_cells:
            return None if anchor.point == head.point else (anchor.point, head.point)
        edges = [
            Point(spot.point.line, spot.point.column + spot.is_right_half)
            for spot in (anchor, head)
        ]
        if self.kind is SelectionKind.BLOCK:
            swaps = edges[0].column > edges[1].column
            is_empty = edges[0].column == edges[1].column
        else:
            swaps = edges[0] > edges[1]
            is_empty = edges[0] == edges[1]
        if is_empty:
            return None
        closing = 0 if swaps else 1
        edges[closing] = Point(edges[closing].line, edges[closing].column - 1)
        return edges[0], edges[1]
