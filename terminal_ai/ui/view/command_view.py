"""A view in which the keyboard goes from command to command."""

from textual import events
from textual.message import Message
from textual.strip import Strip

from terminal_ai.shell.blocks import Block
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.ui.reading.lines import Point, line_of
from terminal_ai.ui.reading.selection import SelectionKind
from terminal_ai.ui.view.command_mode import (
    LEAVING,
    CommandAction,
    CommandMode,
    Outcome,
)
from terminal_ai.ui.view.overlaid_view import OverlaidView
from terminal_ai.ui.view.strips import with_style

_OVERLAY = "command"


class CommandView(OverlaidView):
    """Holds the command mode while it goes on, and shows which command is chosen."""

    class CommandChosen(Message):
        """The user wants something done with a command."""

        def __init__(self, action: CommandAction, block: Block) -> None:
            super().__init__()
            self.action = action
            self.block = block

    class CommandModeChanged(Message):
        """The keyboard chose a command, another one, or none any more."""

        def __init__(self, block: Block | None) -> None:
            super().__init__()
            self.block = block

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._command_mode: CommandMode | None = None

    @property
    def chosen_block(self) -> Block | None:
        """The command that the keys act on now."""
        return None if self._command_mode is None else self._command_mode.block

    @property
    def takes_input(self) -> bool:
        """True while keys go to the shell, not to a mode of the view."""
        return self._copy_mode is None and self._command_mode is None

    def start_command_mode(self, *, is_up: bool) -> bool:
        """Let the keys choose commands from now on; return False if there is none.

        From the bottom either way leads to the newest; from a place above, to the next
        one above or below the first row in view.
        """
        session, lines = self._session, self._lines
        if session is None or lines is None or lines.terminal.is_alternate:
            return False
        if self._command_mode is not None:
            self._press_in_command_mode(self._command_mode, "up" if is_up else "down")
            return True
        blocks = session.blocks
        if not self._scroll.offset:
            block = blocks.newest
        else:
            top = lines.row_id(-self._scroll.offset)
            above, below = blocks.before(top), blocks.after(top)
            here = blocks.at(top) if (above, below) == (None, None) else None
            block = (above or below) if is_up else (below or above)
            block = block or here
        if block is None:
            return False
        self.choose_command(block)
        return True

    def choose_command(self, block: Block, *, scrolls: bool = True) -> None:
        """Begin or go on with the command mode at this command."""
        session, lines = self._session, self._lines
        if session is None or lines is None:
            return
        self.leave_copy_mode()
        if self._command_mode is None:
            self._command_mode = CommandMode(session.blocks, block.number)
            self._scroll.hold(lines)
            self._stop_blinking()
            self.set_overlay(_OVERLAY, self._tint_chosen)
        self._command_mode.number = block.number
        self._show_command(block, scrolls=scrolls)

    def leave_command_mode(self) -> None:
        """Give the keys back to the shell; the view stays, to be read."""
        if self._command_mode is not None:
            self._command_mode = None
            self._scroll.is_held = False
            self.set_overlay(_OVERLAY, None)
            self._wake_cursor()
            self.post_message(self.CommandModeChanged(None))

    def start_copy_mode(self) -> None:
        """Let the keys select instead."""
        self.leave_command_mode()
        super().start_copy_mode()

    def show_command(self, block: Block) -> None:
        """Scroll a command's prompt to the first row, as far as there is text below."""
        lines = self._lines
        if lines is None:
            return
        line = line_of(block.prompt_row_id, lines, near=0)
        if line is not None:
            self.scroll_rows_up(max(0, -line))

    def _press_in_command_mode(self, mode: CommandMode, key: str) -> None:
        match mode.press(key):
            case Outcome.MOVED if block := mode.block:
                self._show_command(block)
            case Outcome.SELECT if block := mode.block:
                self._select_output(block)
            case Outcome.LEAVE:
                self.leave_command_mode()
            case CommandAction() as action if block := mode.block:
                self.post_message(self.CommandChosen(action, block))
                if action in LEAVING:
                    self.leave_command_mode()
            case _:
                pass

    def _show_command(self, block: Block, *, scrolls: bool = True) -> None:
        if scrolls:
            self.show_command(block)
        self.refresh()
        self.post_message(self.CommandModeChanged(block))

    def _select_output(self, block: Block) -> None:
        """Hand the output to the copy mode, which may then change what is selected."""
        lines, rows = self._lines, self._output_rows(block, goes_on_too=True)
        if lines is None or not rows:
            return
        first, last = lines.shown_line(rows.start), lines.shown_line(rows.stop - 1)
        self.start_copy_mode()
        if self._copy_mode is not None:
            self._copy_mode.take(SelectionKind.LINE, Point(last, 0), Point(first, 0))
            self._show_copy_mode(self._copy_mode, Point(last, 0))

    def _tint_chosen(self, row: Row, strip: Strip) -> Strip:
        """Paint the rows of the chosen command's prompt."""
        block = self.chosen_block
        if block is None or not _is_of_prompt(row.id, block):
            return strip
        style = self.get_component_rich_style("terminal-view--command")
        return with_style(strip, 0, strip.cell_length, style)

    def _key_of(self, event: events.Key) -> str:
        is_typed = event.is_printable and event.character is not None
        return (event.character or "") if is_typed else event.key


def _is_of_prompt(row_id: int, block: Block) -> bool:
    first = block.prompt_row_id
    return row_id == first or first <= row_id < block.output_row_id
