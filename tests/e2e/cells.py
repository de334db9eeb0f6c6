"""What ``capture-pane -e`` shows, as cells that can be compared."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wcwidth import wcwidth

_PART = re.compile(r"\x1b\[([\d;:]*)m|\x1b\][^\x1b]*\x1b\\|([\x0e\x0f])|(.)")
_LINE_DRAWING = dict(
    zip("`afgjklmnopqrstuvwxyz{|}~", "◆▒°±┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True)
)
_ATTRIBUTES = {
    1: "bold", 2: "dim", 3: "italic", 4: "underline", 5: "blink", 7: "reverse",
    8: "hidden", 9: "strike", 21: "double underline", 53: "overline",
}  # fmt: skip
_ENDINGS = {
    22: ("bold", "dim"), 23: ("italic",), 24: ("underline", "double underline"),
    25: ("blink",), 27: ("reverse",), 28: ("hidden",), 29: ("strike",),
    55: ("overline",),
}  # fmt: skip
_COLOR_STARTS = {
    30: ("foreground", 0), 40: ("background", 0),
    90: ("foreground", 8), 100: ("background", 8),
}  # fmt: skip
_EXTENDED = {38: "foreground", 48: "background", 58: "line"}
_CLEARED = {39: "foreground", 49: "background", 59: "line"}
_SEEN_ON_A_BLANK = ("underline", "double underline", "strike", "overline", "line")

Look = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A character, empty in the second half of a wide one, and how it looks.

    tmux does not say how cells look that were erased at the end of a line: None.
    """

    text: str
    look: Look | None


ERASED = Cell(" ", None)


def cells(capture: str, columns: int, rows: int) -> list[list[Cell]]:
    """Return the captured screen as a full grid."""
    grid = []
    pen = _Pen()
    for line in capture.split("\n")[:rows]:
        row = list(_cells_of(line, pen))
        grid.append(row + [ERASED] * (columns - len(row)))
    grid += [[ERASED] * columns for _ in range(rows - len(grid))]
    return grid


def text(row: list[Cell]) -> str:
    """Return the characters of a row."""
    return "".join(cell.text for cell in row)


def _cells_of(line: str, pen: "_Pen") -> Iterator[Cell]:
    last: Cell | None = None
    for sequence, shift, character in _PART.findall(line):
        if shift:
            pen.is_drawing = shift == "\x0e"
        elif not character:
            pen.change(sequence)
        elif last is not None and not wcwidth(character):
            last = Cell(last.text + character, last.look)
        else:
            if last is not None:
                yield from _halves(last)
            last = pen.cell(character)
    if last is not None:
        yield from _halves(last)


def _halves(cell: Cell) -> Iterator[Cell]:
    yield cell
    if wcwidth(cell.text[0]) == 2:
        yield Cell("", cell.look)


class _Pen:
    def __init__(self) -> None:
        self.is_drawing = False
        self._look: dict[str, str] = {}

    def cell(self, character: str) -> Cell:
        if self.is_drawing:
            character = _LINE_DRAWING.get(character, character)
        look = dict(self._look)
        if character == " ":
            paint = "foreground" if "reverse" in look else "background"
            seen = (*_SEEN_ON_A_BLANK, "reverse", paint)
            look = {name: look[name] for name in seen if name in look}
        return Cell(character, frozenset(look.items()))

    def change(self, parameters: str) -> None:
        numbers = iter(parameters.split(";"))
        for parameter in numbers:
            code, _, detail = parameter.partition(":")
            number = int(code or 0)
            if number == 0:
                self._look.clear()
            elif number in _EXTENDED:
                color = detail or _extended(numbers)
                self._look[_EXTENDED[number]] = color.replace(":", ";")
            elif number in _CLEARED:
                self._look.pop(_CLEARED[number], None)
            elif number in _ENDINGS:
                for name in _ENDINGS[number]:
                    self._look.pop(name, None)
            elif number in _ATTRIBUTES:
                self._look[_ATTRIBUTES[number]] = detail
            else:
                name, first = _COLOR_STARTS[number // 10 * 10]
                self._look[name] = f"5;{first + number % 10}"


def _extended(numbers: Iterator[str]) -> str:
    kind = next(numbers)
    return ";".join([kind, *(next(numbers) for _ in range(3 if kind == "2" else 1))])
