"""Raw terminal output to readable text, without an emulator.

A line renderer: carriage return, backspace, tab, erase-in-line and cursor column
moves act on one growing line; everything else that ECMA-48 defines is dropped.
"""

import re

TAB_WIDTH_CELLS = 8
# A hostile ``CSI 99999 C`` must not make a line of that length per sequence.
LINE_LIMIT_CELLS = 4096

_TOKEN = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x1b\x18\x1a]*(?:\x07|\x1b\\|[\x18\x1a]|(?=\x1b)|$)"
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_NEEDS_RENDERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def plain_text(data: bytes) -> str:
    """Return what a reader would have seen, lines joined by LF, no controls left.

    Bytes that are not UTF-8 become U+FFFD. Never raises.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = []
    for line in text.split("\n"):
        shown = _render_line(line) if _NEEDS_RENDERING.search(line) else line
        lines.append(shown.rstrip())
    return "\n".join(lines).strip("\n")


def _render_line(line: str) -> str:
    cells: list[str] = []
    column = 0
    for token in _TOKEN.finditer(line):
        if (text := token["text"]) is not None:
            if column > len(cells):
                cells.extend(" " * (column - len(cells)))
            cells[column : column + len(text)] = text
            column = min(column + len(text), LINE_LIMIT_CELLS * 256)
        elif (control := token["control"]) is not None:
            column = _after_control(control, column)
        elif (final := token["final"]) is not None:
            column = _after_csi(final, token["parameters"], cells, column)
    return "".join(cells)


def _after_control(control: str, column: int) -> int:
    if control == "\r":
        return 0
    if control == "\b":
        return max(0, column - 1)
    if control == "\t":
        return min(column + TAB_WIDTH_CELLS - column % TAB_WIDTH_CELLS, 1 << 20)
    return column


def _after_csi(final: str, parameters: str, cells: list[str], column: int) -> int:
    first = parameters.partition(";")[0]
    count = (
        min(int(first), LINE_LIMIT_CELLS)
        if first.isascii() and (first.isdigit() and len(first) < 6)
        else 0
    )
    match final:
        case "K" if count == 0:
            del cells[column:]
        case "K" if count == 1:
            cells[:column] = " " * min(column, len(cells))
        case "K" if count == 2:
            cells.clear()
        case "P":
            del cells[column : column + max(count, 1)]
        case "C":
            return min(column + max(count, 1), max(LINE_LIMIT_CELLS, len(cells)))
        case "D":
            return max(0, column - max(count, 1))
        case "G":
            return max(count, 1) - 1
    return column
