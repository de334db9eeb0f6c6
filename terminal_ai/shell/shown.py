"""What the screen shows of an entered line: edits and wraps cannot mislead it."""

from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.terminal import Terminal

# Rows that one entered line may wrap over.
LINE_LIMIT_ROWS = 64


def shown_from(terminal: Terminal, start: Anchor, line_count: int = 1) -> str | None:
    """Return so many lines from a cell on, joined by LF; None if the cell is gone."""
    terminal.unwrap(start)
    found = terminal.find(start)
    if found is None or start.is_lost:
        return None
    at, row = found
    text = "".join(row.cell(column)[0] for column in range(start.column, len(row)))
    lines: list[str] = []
    for index in range(at + 1, min(at + LINE_LIMIT_ROWS, terminal.rows)):
        if not row.wraps:
            lines.append(text.rstrip())
            text = ""
            if len(lines) == line_count:
                break
        row = terminal.line(index)
        text += row.text
    else:
        lines.append(text.rstrip())
    return "\n".join(lines)
