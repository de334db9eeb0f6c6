"""A view that shows beside its rows how commands ended, and whose output is read.

Beside the prompts stand marks, in a gutter or on the prompt itself. While a long output
is read, the first row names its command.
"""

from collections.abc import Mapping, Sequence

from rich.style import Style as RichStyle
from textual.message import Message
from textual.strip import Strip

from terminal_ai.shell.blocks import Block, BlockState
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.ui.reading.folding import FoldedLines
from terminal_ai.ui.view.command_mode import CommandAction
from terminal_ai.ui.view.command_view import CommandView
from terminal_ai.ui.view.frames import row_regions
from terminal_ai.ui.view.marks import Marks, marks_of
from terminal_ai.ui.view.sticky_header import header_strip
from terminal_ai.ui.view.strips import with_style

LEAST_ROWS_WITH_HEADER = 4
_TINT = "marks"
_STATE_CLASSES: Mapping[BlockState, str] = {
    state: f"terminal-view--{state.name.lower()}" for state in BlockState
}


class MarkedView(CommandView):
    """Looks whose its rows are, after each change of the rows or of the commands."""

    class MarksChanged(Message):
        """Something else stands beside the rows."""

        def __init__(self, marks: Marks) -> None:
            super().__init__()
            self.marks = marks

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._marks: Marks = ()
        self._marks_key: object = None
        self._tints: dict[int, RichStyle] = {}
        self._header: Block | None = None

    def tint_prompts(self, *, is_wanted: bool) -> None:
        """Show the marks on the prompts themselves, where there is no gutter."""
        if is_wanted != (_TINT in self._overlays):
            self.set_overlay(_TINT, self._tint if is_wanted else None)
            self._retint()

    def press_mark(self, y: int) -> None:
        """Choose the command whose mark was pressed; a second time folds it."""
        mark = self._marks[y] if y < len(self._marks) else None
        if mark is None:
            return
        if mark.is_chosen:
            self.post_message(self.CommandChosen(CommandAction.FOLD, mark.block))
        else:
            self.choose_command(mark.block, scrolls=False)

    def show_line(self, line: int) -> None:
        """Scroll a row to the middle unless it is in view; the header hides none."""
        super().show_line(line)
        if self._header is not None and line + self._scroll.offset == 0:
            self._scroll_by(1)

    def start_copy_mode(self) -> None:
        """Let the keys select; the header would hide what they go to."""
        super().start_copy_mode()
        self._update_marks()

    def leave_copy_mode(self) -> None:
        """Give the keys back to the shell."""
        super().leave_copy_mode()
        self._update_marks()

    def leave_command_mode(self) -> None:
        """Give the keys back, and mark nothing as chosen."""
        super().leave_command_mode()
        self._update_marks()

    def _show_command(self, block: Block, *, scrolls: bool = True) -> None:
        super()._show_command(block, scrolls=scrolls)
        if _TINT in self._overlays:
            # Over the row's own tint: how the command ended stays readable.
            self.set_overlay(_TINT, self._tint)
        self._update_marks()

    # -- looking -----------------------------------------------------------------

    def _tell_scroll(self) -> None:
        super()._tell_scroll()
        self._update_marks()

    def _update_marks(self) -> None:
        """Look at the rows in view, unless they and the commands are as before."""
        session, lines = self._session, self._lines
        if session is None or lines is None:
            return
        rows = self._rows_in_view(lines)
        row_ids = [row_id for row_id, _ in rows]
        seen = (session.blocks.revision, row_ids, self.chosen_block, self._copy_mode)
        key = (*seen, _marked(rows, self._marks))
        if key == self._marks_key:
            return
        marks = marks_of(row_ids, session.blocks, self.chosen_block)
        self._marks_key = (*seen, _marked(rows, marks))
        self._show_header(self._find_header(lines))
        if marks != self._marks:
            self._marks = marks
            self._retint()
            self.post_message(self.MarksChanged(marks))

    def _rows_in_view(self, lines: FoldedLines) -> list[tuple[int, int]]:
        """Return id and revision of each row; the alternate screen has no commands."""
        if lines.terminal.is_alternate:
            return []
        offset = self._scroll.offset
        shown = range(-offset, min(self.size.height, lines.rows) - offset)
        return [(row.id, row.revision) for row in map(lines.line, shown)]

    # -- marks on the prompts ----------------------------------------------------

    def _retint(self) -> None:
        before, self._tints = self._tints, {}
        if _TINT in self._overlays:
            self._tints = {
                mark.block.prompt_row_id: self._style_of(mark.block)
                for mark in self._marks
                if mark is not None and mark.is_prompt
            }
        if before != self._tints:
            changed = {
                y for y, mark in enumerate(self._marks) if mark and mark.is_prompt
            }
            self.refresh(*row_regions(changed, self.size.width))

    def _tint(self, row: Row, strip: Strip) -> Strip:
        style = self._tints.get(row.id)
        return strip if style is None else with_style(strip, 0, 1, style)

    def _style_of(self, block: Block) -> RichStyle:
        return self.get_component_rich_style(_STATE_CLASSES[block.state])

    # -- the header --------------------------------------------------------------

    def _find_header(self, lines: FoldedLines) -> Block | None:
        """Return the command that the first row belongs to, if that is to be named.

        Not at the bottom, where the output is followed; nor at the top, whose first
        row could not be seen otherwise.
        """
        offset, session = self._scroll.offset, self._session
        is_between = 0 < offset < lines.scrollback_length
        is_low = self.size.height < LEAST_ROWS_WITH_HEADER
        if session is None or not is_between or is_low or self._copy_mode is not None:
            return None
        row_id = lines.row_id(-offset)
        block = session.blocks.at(row_id)
        return block if block is not None and row_id >= block.output_row_id else None

    def _show_header(self, block: Block | None) -> None:
        if block != self._header:
            self._header = block
            self.refresh(*row_regions({0}, self.size.width))

    def _header_strip(self, block: Block) -> Strip:
        record = self._session and self._session.record(block.record_id)
        return header_strip(
            block,
            record or None,
            self.size.width,
            base=self.get_component_rich_style("terminal-view--header"),
            state=self._style_of(block),
        )

    def _press_header(self, y: int) -> bool:
        """Go to the command that the header names, if it was pressed."""
        lines, block = self._lines, self._header
        if y or block is None or lines is None:
            return False
        if block.prompt_row_id:
            self.show_command(block)
        else:
            self.scroll_rows_up(lines.scrollback_length)
        return True


def _marked(rows: Sequence[tuple[int, int]], marks: Marks) -> list[tuple[int, int]]:
    """Return the rows that have a mark: who writes on them may overwrite a prompt."""
    return [row for row, mark in zip(rows, marks, strict=False) if mark is not None]
