"""A view in which the outputs of commands are folded to a few rows each."""

from collections.abc import Callable, Iterable

from terminal_ai.shell.blocks import Block
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.folding import SHORTEST_FOLD_ROWS, FoldedLines
from terminal_ai.ui.reading.lines import Point, line_of
from terminal_ai.ui.reading.selection import Selection
from terminal_ai.ui.view.selectable_view import SelectableView

FOLD_KEPT_FIRST_ROWS = 3
FOLD_KEPT_LAST_ROWS = 2
"""What an output begins and ends with tells most: its heading, its summary or error."""


class FoldingView(SelectableView):
    """Folds and unfolds; what is looked at stays where it is on the screen."""

    def fold(self, block: Block) -> bool:
        """Fold a command's output; return False if it is too short or still goes on."""
        lines = self._lines
        rows = None if lines is None else self._foldable(block)
        if lines is None or rows is None:
            return False
        return self._change_folds(lambda: lines.fold(rows) > 0, block)

    def unfold(self, block: Block) -> bool:
        """Show all of a command's output; return False if nothing of it was folded."""
        lines = self._lines
        folded = None if lines is None else self._folded_rows(block)
        if lines is None or folded is None:
            return False
        return self._change_folds(lambda: lines.unfold(folded.start), block)

    def is_folded(self, block: Block) -> bool:
        """Tell whether any of a command's output is folded."""
        return self._folded_rows(block) is not None

    def fold_long(
        self,
        blocks: Iterable[Block],
        longer_than_rows: int,
        *,
        around: Block | None = None,
    ) -> int | None:
        """Fold all outputs that are long, or unfold them if all of them are folded.

        Return how many were folded; None if they were unfolded.
        """
        lines = self._lines
        if lines is None:
            return 0
        found = [
            rows
            for block in blocks
            if (output := self._output_rows(block)) is not None
            and len(output) > longer_than_rows
            and not self.is_folded(block)
            and (rows := self._foldable(block)) is not None
        ]
        if not found:
            return None if self._change_folds(lines.unfold_all, around) else 0

        has_folded = self._change_folds(lambda: lines.fold(*found) > 0, around)
        return len(found) if has_folded else 0

    def show_row(self, row_id: int) -> None:
        """Scroll a row of the terminal into view, and unfold what hides it."""
        lines = self._lines
        if lines is None:
            return
        line = line_of(row_id, lines.terminal, near=0)
        if line is None:
            return
        if lines.is_summary(lines.shown_line(line)):
            self._change_folds(lambda: lines.unfold(line))
        self.show_line(lines.shown_line(line))

    def _unfold_at(self, y: int) -> bool:
        """Unfold what a row of the view stands for, if it does for any."""
        lines = self._lines
        line = y - self._scroll.offset
        if lines is None or line >= lines.rows or not lines.is_summary(line):
            return False
        first = lines.true_lines(line)[0]
        return self._change_folds(lambda: lines.unfold(first), line=first)

    def _moved_rows(self, y: int) -> int:
        """Return how much lower than the terminal has it a row of the view is shown."""
        lines = self._lines
        if lines is None or not lines.is_folding:
            return 0
        line = min(y - self._scroll.offset, lines.rows - 1)
        rows = lines.true_lines(line)
        return line - rows[-1] if rows else 0

    def _is_programs(self, y: int) -> bool:
        """Tell whether a row of the view is one of those that a program draws on."""
        lines = self._lines
        if lines is None or not lines.is_folding or self._scroll.offset:
            return True
        rows = lines.true_lines(min(y, lines.rows - 1))
        return len(rows) == 1 and rows[0] >= 0

    # -- what is folded --------------------------------------------------------------

    def _output_rows(self, block: Block, *, goes_on_too: bool = False) -> range | None:
        """Return the rows of a command's output that the terminal has.

        One that goes on has none, unless that is asked for.
        """
        terminal = self._terminal
        if terminal is None or terminal.is_alternate:
            return None
        if block.end_row_id is not None:
            end = line_of(block.end_row_id, terminal, near=0)
        else:
            end = terminal.cursor.row + 1 if goes_on_too else None
        if block.output_row_id < terminal.oldest_row_id:
            first: int | None = -terminal.scrollback_length
        else:
            first = line_of(block.output_row_id, terminal, near=0)
        return None if first is None or end is None else range(first, end)

    def _foldable(self, block: Block) -> range | None:
        output = self._output_rows(block)
        if output is None:
            return None
        inner = range(
            output.start + FOLD_KEPT_FIRST_ROWS, output.stop - FOLD_KEPT_LAST_ROWS
        )
        return inner if len(inner) >= SHORTEST_FOLD_ROWS else None

    def _folded_rows(self, block: Block) -> range | None:
        output = None if self._lines is None else self._output_rows(block)
        if self._lines is None or output is None:
            return None
        return self._lines.folded_in(output)

    # -- keeping the view where it is --------------------------------------------------

    def _change_folds(
        self,
        change: Callable[[], bool],
        block: Block | None = None,
        *,
        line: int | None = None,
    ) -> bool:
        """Fold or unfold: a prompt, or a row that is given, stays where it is seen."""
        lines = self._lines
        if lines is None:
            return False
        if block is not None:
            line = line_of(block.prompt_row_id, lines.terminal, near=0)
        kept = self._row_to_keep(lines, line)
        before = lines.shown_line(kept) + self._scroll.offset
        selection = self._selector.selection
        true = None if selection is None else lines.unfolded(selection)
        points = self._copy_points(lines)
        length = lines.scrollback_length
        if not change():
            return False
        has_grown = lines.scrollback_length > length
        if self._scroll.offset or self._scroll.is_held or has_grown:
            wanted = before - lines.shown_line(kept)
            self._scroll.move(wanted - self._scroll.offset, lines)
        shown = None if true is None else _shown(true, lines)
        self._selector.choose(shown, lines)
        self._move_copy_mode(points, lines)
        self._tell_scroll()
        self._tell_host_cursor()
        return True

    def _row_to_keep(self, lines: FoldedLines, line: int | None) -> int:
        """Return a row of the terminal that is in view: the one that is given, or any.

        Of the others the uppermost tells best where one is.
        """
        top = -self._scroll.offset
        if line is not None and 0 <= lines.shown_line(line) - top < self.size.height:
            return line
        in_view = (lines.true_lines(at) for at in range(top, lines.rows))
        return next((rows[0] for rows in in_view if rows), lines.rows - 1)

    def _copy_points(self, lines: FoldedLines) -> tuple[Point | None, ...]:
        """Return the copy mode's cursor and anchor by the terminal's rows."""
        mode = self._copy_mode
        points = () if mode is None else (mode.cursor, mode.anchor)
        return tuple(
            None
            if point is None or not (rows := lines.true_lines(point.line))
            else Point(rows[0], point.column)
            for point in points
        )

    def _move_copy_mode(
        self, points: tuple[Point | None, ...], lines: FoldedLines
    ) -> None:
        mode = self._copy_mode
        if mode is None:
            return
        cursor, anchor = (
            None if point is None else Point(lines.shown_line(point.line), point.column)
            for point in points
        )
        if cursor is not None and anchor is not None:
            mode.take(mode.kind, anchor, cursor)
        else:
            mode.anchor = None
            mode.move_to(cursor or mode.cursor)
        self._show_copy_mode(mode, mode.cursor, scrolls=False)

    # -- another size ------------------------------------------------------------------

    def _refold(self, blocks: Iterable[Block]) -> None:
        """Fold these again after a resize, which has given them other rows."""
        if self._lines is not None:
            found = map(self._foldable, blocks)
            self._lines.fold(*(rows for rows in found if rows is not None))

    def _folded_numbers(self, terminal: Terminal) -> list[int]:
        """Return the numbers of the commands whose output is folded."""
        session, lines = self._session, self._lines
        if session is None or lines is None:
            return []
        found = (
            session.blocks.at(terminal.row_id(rows.start)) for rows in lines.folded_rows
        )
        return [block.number for block in found if block is not None]


def _shown(selection: Selection, lines: FoldedLines) -> Selection:
    """Return where rows of the terminal that are selected are shown."""
    first, last = selection.first, selection.last
    return Selection(
        Point(lines.shown_line(first.line), first.column),
        Point(lines.shown_line(last.line), last.column),
        selection.is_block,
    )
