"""Columns of text that stand below each other, whatever the width of characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from wcwidth import wcswidth

from terminal_ai.safety.sanitize import ELLIPSIS

GAP_CELLS = 2
LAST_COLUMN_CELLS = 16
"""With less room than this the last column has a line of its own."""
INDENT = "  "
"""What begins a line that continues another one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A sanitised text on one line, and its colour where there are colours."""

    text: str
    color: str = ""


def lines(
    rows: Sequence[Sequence[Cell]], *, width_cells: int | None, has_colors: bool
) -> Iterator[str]:
    """Yield each row as one line; the last column is cut to the width, if any.

    Where there is hardly room for it, it follows on a line of its own.
    """
    widths = _widths(rows)
    taken = sum(widths) + GAP_CELLS * len(widths)
    is_apart = width_cells is not None and width_cells - taken < LAST_COLUMN_CELLS
    for *first, last in rows:
        line = ""
        left = taken if width_cells is None else width_cells
        for cell, width in zip(first, widths, strict=True):
            shown = Cell(cut(cell.text, left), cell.color)
            gap = " " * min(width - cells(shown.text) + GAP_CELLS, left)
            line += _styled(shown, has_colors) + gap
            left = max(0, left - width - GAP_CELLS)
        if is_apart:
            yield line.rstrip()
            line, left = INDENT, (width_cells or 0) - len(INDENT)
        if width_cells is not None:
            last = Cell(cut(last.text, left), last.color)
        yield (line + _styled(last, has_colors)).rstrip()


def folded_lines(
    rows: Sequence[Sequence[str]], width_cells: int | None
) -> Iterator[str]:
    """Yield each row as lines; the last column is folded to the width, if any.

    Where there is hardly room for it, the others are folded too, and it comes last.
    """
    widths = _widths([[Cell(text) for text in row] for row in rows])
    taken = sum(widths) + GAP_CELLS * len(widths)
    is_apart = width_cells is not None and width_cells - taken < LAST_COLUMN_CELLS
    for *first, last in rows:
        if is_apart:
            yield from folded(" ".join(first), width_cells)
            yield from folded(INDENT + last, width_cells)
            continue
        line = "".join(
            text + " " * (width - cells(text) + GAP_CELLS)
            for text, width in zip(first, widths, strict=True)
        )
        yield from folded(line + last, width_cells, indent=" " * taken)


def folded(text: str, width_cells: int | None, *, indent: str = INDENT) -> list[str]:
    """Return a line as lines of at most a width, those after the first indented.

    It is folded between words; a word that is longer than a line is broken.
    """
    text = text.rstrip()
    if width_cells is None:
        return [text]
    lines_of: list[str] = []
    while cells(text) > width_cells:
        end = _end_of_fitting(text, width_cells)
        begin = len(text) - len(text.lstrip())
        space = text.rfind(" ", begin, end + 1)
        if space > begin and text[:space].strip():
            end = space
        lines_of.append(text[:end].rstrip())
        text = indent + text[end:].lstrip()
    return [*lines_of, text]


def _end_of_fitting(text: str, width_cells: int) -> int:
    """Return how many characters fit, at least those up to the first that is seen."""
    end = len(text) - len(text.lstrip()) + 1
    while end < len(text) and cells(text[: end + 1]) <= width_cells:
        end += 1
    return end


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the width of each column but the last."""
    return [
        max(cells(cell.text) for cell in column)
        for column in list(zip(*rows, strict=True))[:-1]
    ]


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes."""
    return max(0, wcswidth(text))


def cut(text: str, limit_cells: int) -> str:
    """Return as much of the text as fits, "…" where cut; nothing where none does."""
    if limit_cells <= 0:
        return ""
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
