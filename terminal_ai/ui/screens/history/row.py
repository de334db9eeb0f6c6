"""One record in the list of the history, fitted to the list's width when drawn."""

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style as RichStyle
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList

from terminal_ai.history.query import RecordOrder
from terminal_ai.records import CommandRecord
from terminal_ai.ui.screens.history.labels import sorted_figure
from terminal_ai.ui.texts import MUTED, clock, duration, line, short_path

MATCH_STYLE = "bold underline $text-accent"
"""Without colours it is still another line."""
PRIVATE_MARK = "🔒"

_MARK_CELLS, _WHEN_CELLS, _DURATION_CELLS, _FIGURE_CELLS = 5, 7, 8, 8
_COMMAND_CELLS = 24
"""Columns beside the command are left out before it has less than this."""
_CWD_CELLS = 28
_GAP = " "
_REVERSE = RichStyle(reverse=True)


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of one search share. ``now`` is seconds since the epoch."""

    home: str
    now: float
    order: RecordOrder
    pattern: re.Pattern[str] | None


class RecordRow(Visual):
    """Mark, age, duration, the sorted figure, command line, and directory."""

    def __init__(self, record: CommandRecord, context: RowContext) -> None:
        self.record = record
        self._context = context

    def content(self, width: int) -> Content:
        """Return the row in exactly so many cells."""
        left = self._columns(width - _COMMAND_CELLS)
        room = max(0, width - left.cell_length)
        command = self._command()
        cwd = short_path(self.record.cwd, self._context.home, _CWD_CELLS)
        between = room - command.cell_length - cell_len(cwd)
        if between >= 2:
            where = Content.styled(cwd, MUTED)
            return Content.assemble(left, command, _GAP * between, where)
        shown = Content.assemble(left, command.truncate(room, ellipsis=True))
        return shown.truncate(width, pad=True)

    def _columns(self, width: int) -> Content:
        """As many columns as fit, the most telling first."""
        record, context = self.record, self._context
        columns = [
            Content.styled(*mark(record)).truncate(_MARK_CELLS, pad=True),
            _right(clock(record.started_at, context.now), _WHEN_CELLS),
            _right(duration(record.duration_seconds), _DURATION_CELLS),
        ]
        if context.order is RecordOrder.SLOWEST:
            columns[1:] = columns[:0:-1]
        elif context.order is not RecordOrder.NEWEST:
            figure = sorted_figure(record, context.order)
            # What it is sorted by must not be the first to go.
            columns.insert(1, _right(figure, _FIGURE_CELLS, "bold"))
        shown = Content("")
        for column in columns:
            longer = Content.assemble(shown, column, _GAP)
            if shown and longer.cell_length > width:
                break
            shown = longer
        return shown

    def _command(self) -> Content:
        command = line(self.record.command_line)
        if self._context.pattern is not None:
            command = command.highlight_regex(self._context.pattern, style=MATCH_STYLE)
        if self.record.is_private:
            return Content.assemble(f"{PRIVATE_MARK} ", command)
        return command

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the one strip of the row."""
        return self.content(width).render_strips(width, height, style, options)

    def get_optimal_width(self, _rules: RulesMap, container_width: int) -> int:
        """Return all there is."""
        return container_width

    def get_height(self, _rules: RulesMap, _width: int) -> int:
        """Return 1: a record takes one row."""
        return 1


class RecordList(OptionList):
    """The rows; the highlighted one is seen without colours, too."""

    def render_line(self, y: int) -> Strip:
        """Return one row; sixteen colours have none for the one highlighted."""
        strip = super().render_line(y)
        is_highlighted = self.scroll_offset.y + y == self.highlighted
        if is_highlighted and self.app.ansi_color:
            return strip.apply_style(_REVERSE)
        return strip


def mark(record: CommandRecord) -> tuple[str, str]:
    """Return how the command ended, and the style of that."""
    if record.exit_code is None:
        return "·", MUTED
    if record.has_failed:
        return f"✗ {record.exit_code}", "$text-error"
    return "✓", "$text-success"


def _right(text: str, cells: int, style: str = MUTED) -> Content:
    content = Content.styled(text, style)
    return content.pad_left(max(0, cells - content.cell_length))
