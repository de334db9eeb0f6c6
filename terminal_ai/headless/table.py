"""Columns of text that stand below each other, whatever the width of characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from wcwidth import wcswidth

from terminal_ai.safety.sanitize import ELLIPSIS

GAP_CELLS = 2
LAST_COLUMN_CELLS = 16
"""The last column keeps at least these, though lines may wrap then."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A sanitised text on one line, and its colour where there are colours."""

    text: str
    color: str = ""


def lines(
    rows: Sequence[Sequence[Cell]], *, width_cells: int | None, has_colors: bool
) -> Iterator[str]:
    """Yield each row as one line; the last column is cut to the width, if any."""
    widths = [
        max(cells(cell.text) for cell in column)
        for column in list(zip(*rows, strict=True))[:-1]
    ]
    room = None
    if width_cells is not None:
        taken = sum(widths) + GAP_CELLS * len(widths)
        room = max(LAST_COLUMN_CELLS, width_cells - taken)
    for *first, last in rows:
        line = "".join(
            _styled(cell, has_colors) + " " * (width - cells(cell.text) + GAP_CELLS)
            for cell, width in zip(first, widths, strict=True)
        )
        if room is not None:
            last = Cell(cut(last.text, room), last.color)
        yield (line + _styled(last, has_colors)).rstrip()


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    return max(0, wcswidth(text))


def cut(text: str, limit_cells: int) -> str:
    """Return as much of the text as fits, "…" where cut."""
    if len(text) <= limit_cells and cells(text) <= limit_cells:
        return text
    kept = text[: limit_cells - 1]
    while cells(kept) > limit_cells - 1:
        kept = kept[:-1]
    return kept + ELLIPSIS


def _styled(cell: Cell, has_colors: bool) -> str:
    if cell.color and has_colors:
        return click.style(cell.text, fg=cell.color)
    return cell.text
