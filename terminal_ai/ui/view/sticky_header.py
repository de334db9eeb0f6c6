"""The row that names the command whose long output is being read."""

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line
from terminal_ai.shell.blocks import Block, BlockState
from terminal_ai.ui.texts import COMMAND_LIMIT, figures
from terminal_ai.ui.view.marks import STATE_SYMBOLS

_LEAST_COMMAND_CELLS = 20
"""What must be left for the command line, or the figures are not shown."""


def header_strip(
    block: Block,
    record: CommandRecord | None,
    width: int,
    *,
    base: RichStyle,
    state: RichStyle,
) -> Strip:
    """Return the header: state, exit code, command line, and what it took."""
    begin = STATE_SYMBOLS[block.state]
    if block.state is BlockState.FAILED and record is not None:
        begin += f" {record.exit_code}"
    end = "" if record is None else f" {figures(record)} "
    room = width - cell_len(begin) - 2 - cell_len(end)
    if room < _LEAST_COMMAND_CELLS:
        room, end = room + cell_len(end), ""
    command = single_line(block.command_line, COMMAND_LIMIT)
    if cell_len(command) > room:
        command = set_cell_size(command, max(0, room - 1)) + "…"
    shown = [
        Segment(begin, base + state),
        Segment("  " + set_cell_size(command, max(0, room)), base),
        Segment(end, base + RichStyle(dim=True)),
    ]
    return Strip(shown).adjust_cell_length(width, base)
