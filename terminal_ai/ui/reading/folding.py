"""The terminal's rows with stretches of them folded into one row each.

Rows are known by their *numbers*, counted from the first that ever came: a number stays
with its row when that scrolls off, so what is folded needs no work while output goes
on. A line of the folded text is a *place*, numbered likewise: the terminal's last row
is at the same place and number, and each fold lets all above it move down.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.style import Style
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.terminal.widths import padded
from terminal_ai.ui.reading.lines import Point
from terminal_ai.ui.reading.selection import LINE_END, Selection

SHORTEST_FOLD_ROWS = 2
"""Folding a single row would win nothing."""

_SUMMARY_STYLE = Style(dim=True, italic=True)


@dataclass(slots=True)
class _Fold:
    """Rows from number ``first`` up to ``end``; their summary as it was shown last."""

    first: int
    end: int
    summary: Row = field(default_factory=Row)
    summary_key: tuple[int, int] | None = None


class FoldedLines:
    """Reads the terminal as ``Lines`` with its folded rows replaced by summaries.

    The last line stays the viewport's last; blank lines fill it from above if there is
    not enough scrollback. A summary has the id of the last row that it stands for. The
    alternate screen is never folded. Call ``update`` after any output.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._folds: list[_Fold] = []
        self._places: list[int] = []
        self._hidden: list[int] = [0]
        """Rows that are not shown from each fold on, and 0 below the last one."""
        self._numbering, self._columns = terminal.numbering, terminal.columns
        self._changes = 0
        self._pins: list[tuple[int, Row, int]] = []
        """Rows that are folded and may still change: number, row and revision."""
        self._blanks: list[Row] = []

    # -- reading, as ``Lines`` -----------------------------------------------------

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return self.terminal.columns

    @property
    def rows(self) -> int:
        """Rows in the viewport."""
        return self.terminal.rows

    @property
    def scrollback_length(self) -> int:
        """Lines above the viewport."""
        length = self.terminal.scrollback_length
        return max(0, -self.shown_line(-length)) if self.is_folding else length

    @property
    def first_number(self) -> int:
        """The number of the viewport's first line."""
        return self.terminal.first_number

    @property
    def numbering(self) -> object:
        """Another one when the rows are numbered anew, or other rows are folded."""
        return self.terminal.numbering, self._changes

    def is_settled(self, index: int) -> bool:
        """Tell whether what a line stands for has left the viewport."""
        rows = self.true_lines(index)
        return bool(rows) and rows[-1] < 0

    def row_id(self, index: int) -> int:
        """Return the id of ``line(index)``."""
        if not self._folds or not self.is_folding:
            return self.terminal.row_id(index)
        at, number = self._row_at(index)
        if number is None:
            number = self._folds[at].end - 1
        true = number - self.terminal.first_number
        if self._is_blank(index, true):
            return self._blank(index).id
        return self.terminal.row_id(true)

    def line(self, index: int) -> Row:
        """Return a row: 0 is the viewport's first, -1 the newest above it."""
        terminal = self.terminal
        if not self._folds or not self.is_folding:
            return terminal.line(index)
        at, number = self._row_at(index)
        if number is None:
            return self._summary(self._folds[at])
        true = number - terminal.first_number
        if self._is_blank(index, true):
            return self._blank(index)
        row = terminal.line(true)
        if row.wraps and at < len(self._folds) and self._folds[at].first == number + 1:
            # It goes on in a row that is not shown: the summary is no part of it.
            row = Row.unpacked(row.packed(), row.id, row.revision)
            row.wraps = False
        return row

    # -- what is where -------------------------------------------------------------

    @property
    def is_folding(self) -> bool:
        """True while any row is shown elsewhere than the terminal has it."""
        return (
            bool(self._folds)
            and self._numbering == self.terminal.numbering
            and not self.terminal.is_alternate
        )

    def shown_line(self, line: int) -> int:
        """Return where a row of the terminal is shown; a folded one at its summary."""
        if not self.is_folding:
            return line
        first = self.terminal.first_number
        number = line + first
        at = bisect_right(self._folds, number, key=lambda fold: fold.end)
        if at < len(self._folds) and self._folds[at].first <= number:
            return self._places[at] - first
        return line + self._hidden[at]

    def true_lines(self, line: int) -> range:
        """Return the rows of the terminal that a line stands for; none for a blank."""
        if not self.is_folding:
            return range(line, line + 1)
        oldest = -self.terminal.scrollback_length
        at, number = self._row_at(line)
        if number is None:
            first, end = self._lines_of(self._folds[at])
            return range(max(first, oldest), end)
        true = number - self.terminal.first_number
        return range(0) if true < oldest else range(true, true + 1)

    def is_summary(self, line: int) -> bool:
        """Tell whether a line stands for folded rows."""
        return self.is_folding and self._row_at(line)[1] is None

    def unfolded(self, selection: Selection) -> Selection | None:
        """Return a selection of the terminal's own rows, folded ones included whole.

        None where only blank lines above all text are selected.
        """
        if not self.is_folding:
            return selection
        first = self._true_point(selection.first, is_end=False)
        last = self._true_point(selection.last, is_end=True)
        if last is None:
            return None
        if first is None:
            first = Point(-self.terminal.scrollback_length, 0)
        if selection.is_block:
            first = replace(first, column=selection.first.column)
            last = replace(last, column=selection.last.column)
        return Selection(first, last, selection.is_block)

    def _true_point(self, point: Point, *, is_end: bool) -> Point | None:
        true = self.true_lines(point.line)
        if not true:
            return None
        if not self.is_summary(point.line):
            return Point(true[0], point.column)
        return Point(true[-1], LINE_END) if is_end else Point(true[0], 0)

    # -- folding -------------------------------------------------------------------

    @property
    def folded_rows(self) -> list[range]:
        """The rows of the terminal that each fold hides, as far as there are any."""
        if not self.is_folding:
            return []
        oldest = -self.terminal.scrollback_length
        ends = map(self._lines_of, self._folds)
        return [range(max(first, oldest), end) for first, end in ends if end > oldest]

    def folded_in(self, rows: range) -> range | None:
        """Return the first rows that are folded among rows of the terminal."""
        if not self.is_folding:
            return None
        first = self.terminal.first_number
        at = bisect_right(self._folds, rows.start + first, key=lambda fold: fold.end)
        if at == len(self._folds) or self._folds[at].first >= rows.stop + first:
            return None
        return range(*self._lines_of(self._folds[at]))

    def fold(self, *stretches: range) -> int:
        """Fold each of these stretches of the terminal's rows; return how many it did.

        What was folded in them is folded with them. Nothing at or below the cursor ever
        is, nor a single row.
        """
        terminal = self.terminal
        oldest, cursor = -terminal.scrollback_length, terminal.cursor.row
        wanted = [range(max(rows.start, oldest), rows.stop) for rows in stretches]
        wanted = [
            rows
            for rows in wanted
            if len(rows) >= SHORTEST_FOLD_ROWS and rows.stop <= cursor
        ]
        if terminal.is_alternate or not wanted:
            return 0
        self.update()
        number = terminal.first_number
        new = [_Fold(rows.start + number, rows.stop + number) for rows in wanted]
        folds: list[_Fold] = []
        for fold in sorted([*self._folds, *new], key=lambda each: each.first):
            if folds and fold.first < folds[-1].end:
                end = max(folds[-1].end, fold.end)
                folds[-1] = _Fold(folds[-1].first, end)
            else:
                folds.append(fold)
        self._folds = folds
        self._arrange()
        return len(wanted)

    def unfold(self, line: int) -> bool:
        """Show the rows around a row of the terminal that is folded, if it is."""
        number = line + self.terminal.first_number
        return self._keep_only(
            [fold for fold in self._folds if not fold.first <= number < fold.end]
        )

    def unfold_all(self) -> bool:
        """Show all rows."""
        return self._keep_only([])

    def update(self) -> bool:
        """After output: unfold what changed, forget what is gone.

        Return whether anything is shown that was folded before.
        """
        terminal = self.terminal
        if not self._folds or terminal.is_alternate:
            return False
        if self._numbering != terminal.numbering:
            return self._number_anew()
        first = terminal.first_number
        oldest = first - terminal.scrollback_length
        if self._folds[0].end <= oldest:
            self._keep_only([fold for fold in self._folds if fold.end > oldest])
        if not self._pins:
            return False
        changed = {first + terminal.cursor.row}
        for number, row, revision in self._pins:
            line = number - first
            is_there = number < oldest or (
                line < terminal.rows
                and terminal.row_id(line) == row.id
                and row.revision == revision
            )
            if not is_there:
                changed.add(number)
        has_unfolded = self._keep_only(
            [
                fold
                for fold in self._folds
                if not any(fold.first <= number < fold.end for number in changed)
            ]
        )
        if not has_unfolded and self._pins[0][0] < first:
            self._pin()
        return has_unfolded

    def _number_anew(self) -> bool:
        """After the scrollback was cleared: keep what is folded of the viewport.

        Rows of another width are other rows: what they were folded for is unknown here.
        """
        terminal, pins = self.terminal, self._pins
        if self._columns != terminal.columns:
            return self.unfold_all()
        first = terminal.first_number
        moved = {id(terminal.line(line)): line + first for line in range(terminal.rows)}
        kept = []
        for fold in self._folds:
            held = [
                moved.get(id(row)) if row.revision == revision else None
                for number, row, revision in pins
                if fold.first <= number < fold.end
            ]
            is_run = bool(held) and held == [
                held[0] + at if held[0] is not None else 0 for at in range(len(held))
            ]
            if is_run and held[0] is not None and len(held) >= SHORTEST_FOLD_ROWS:
                kept.append(_Fold(held[0], held[0] + len(held)))
        has_lost = len(kept) < len(self._folds)
        self._folds = kept
        self._arrange()
        return has_lost

    def _keep_only(self, folds: list[_Fold]) -> bool:
        has_changed = len(folds) != len(self._folds)
        if has_changed:
            self._folds = folds
            self._arrange()
        return has_changed

    def _arrange(self) -> None:
        """Work out where everything is shown: the only work that grows with folds."""
        terminal = self.terminal
        self._numbering, self._columns = terminal.numbering, terminal.columns
        self._changes += 1
        places, hidden = [], [0]
        for fold in reversed(self._folds):
            places.append(fold.end - 1 + hidden[-1])
            hidden.append(hidden[-1] + fold.end - fold.first - 1)
        self._places, self._hidden = places[::-1], hidden[::-1]
        self._pin()

    def _pin(self) -> None:
        """Remember the folded rows of the viewport as they are."""
        terminal = self.terminal
        first = terminal.first_number
        self._pins = []
        for fold in reversed(self._folds):
            if fold.end <= first:
                break
            for number in range(max(fold.first, first), fold.end):
                row = terminal.line(number - first)
                self._pins.append((number, row, row.revision))
        self._pins.sort(key=lambda pin: pin[0])

    # -- the lines that the terminal does not have ----------------------------------

    def _row_at(self, line: int) -> tuple[int, int | None]:
        """Return the fold at a line or next below it, and the row's number if none."""
        place = line + self.terminal.first_number
        at = bisect_left(self._places, place)
        if at < len(self._places) and self._places[at] == place:
            return at, None
        return at, place - self._hidden[at]

    def _lines_of(self, fold: _Fold) -> tuple[int, int]:
        first = self.terminal.first_number
        return fold.first - first, fold.end - first

    def _summary(self, fold: _Fold) -> Row:
        terminal = self.terminal
        first, end = self._lines_of(fold)
        count = end - max(first, -terminal.scrollback_length)
        if (key := (count, terminal.columns)) != fold.summary_key:
            fold.summary = summary_row(count, terminal.columns)
            fold.summary_key = key
        fold.summary.id = terminal.row_id(end - 1)
        return fold.summary

    def _is_blank(self, line: int, true: int) -> bool:
        return line >= 0 and true < -self.terminal.scrollback_length

    def _blank(self, line: int) -> Row:
        while len(self._blanks) <= line:
            self._blanks.append(Row())
        return self._blanks[line]


def summary_row(count: int, columns: int) -> Row:
    """Return one row that tells how many are folded, cut to a width."""
    told = ngettext("⋯ {count} line folded", "⋯ {count} lines folded", count)
    text = told.format(count=f"{count:,}") + " · " + _("click to unfold")
    cells = ""
    for character in text:
        wider = cells + padded(character)
        if len(wider) > columns:
            break
        cells = wider
    row = Row()
    row.write(0, cells, _SUMMARY_STYLE)
    return row
