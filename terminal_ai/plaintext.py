"""Raw terminal output to readable text, without an emulator.

A line renderer: carriage return, backspace, tab, erase-in-line, insertion, deletion and
cursor column moves act on one growing line; everything else that ECMA-48 defines is
dropped. Columns are characters here, not cells: a wide character counts as one.
"""

import re

TAB_WIDTH_COLUMNS = 8
MOVE_LIMIT_COLUMNS = 4_096
"""No cursor move goes further right than this, or than the line's own end; and nothing
is inserted in a longer line."""
TAB_LIMIT_COLUMNS = 65_536
"""Tabs beyond this column are dropped: each could make one byte eight blanks."""
WORK_LIMIT_CELLS = 4_000_000
"""Cells that erasing and deleting may touch in one line; then they are ignored.

Ordinary lines stay far below; a hostile one would cost its length at each sequence.
"""

_TOKEN = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x1b\x18\x1a]*(?:\x07|\x1b\\|[\x18\x1a]|(?=\x1b)|$)"
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_STYLE = re.compile(r"\x1b\[[0-9;:]*m")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"[0-9]{1,5}")


def plain_text(data: bytes) -> str:
    """Return what a reader would have seen, lines joined by LF, no controls left.

    Bytes that are not UTF-8 become U+FFFD. Never raises.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return "\n".join(map(_shown, text.split("\n"))).strip("\n")


def _shown(line: str) -> str:
    if _CONTROL.search(line):
        # Most lines with controls have colours and nothing else.
        unstyled = _STYLE.sub("", line)
        line = _Line().render(line) if _CONTROL.search(unstyled) else unstyled
    return line.rstrip()


class _Line:
    """One line while it is written: its cells and the cursor's column."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._column = 0
        self._work_left = WORK_LIMIT_CELLS

    def render(self, line: str) -> str:
        for token in _TOKEN.finditer(line):
            if (text := token["text"]) is not None:
                self._write(text)
            elif (control := token["control"]) is not None:
                self._control(control)
            elif (final := token["final"]) is not None:
                self._sequence(final, token["parameters"])
        return "".join(self._cells)

    def _write(self, text: str) -> None:
        cells, column = self._cells, self._column
        if column > len(cells):
            cells.extend(" " * (column - len(cells)))
        self._column = column + len(text)
        cells[column : self._column] = text

    def _control(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\b":
            self._column = max(0, self._column - 1)
        elif control == "\t" and self._column < TAB_LIMIT_COLUMNS:
            self._column += TAB_WIDTH_COLUMNS - self._column % TAB_WIDTH_COLUMNS

    def _sequence(self, final: str, parameters: str) -> None:
        first = parameters.partition(";")[0]
        given = int(first) if _NUMBER.fullmatch(first) else 0
        count = max(given, 1)
        match final:
            case "K" if parameters in ("", "0", "1", "2"):
                self._erase(given)
            case "P" if self._may_touch(len(self._cells) - self._column):
                del self._cells[self._column : self._column + count]
            case "@" if self._column < len(self._cells):
                self._insert(count)
            case "C":
                self._move_to(self._column + count)
            case "D":
                self._move_to(self._column - count)
            case "G":
                self._move_to(count - 1)

    def _insert(self, count: int) -> None:
        length = len(self._cells) + count
        # Line editors make room for what is typed: their lines are short.
        if length <= MOVE_LIMIT_COLUMNS and self._may_touch(length - self._column):
            self._cells[self._column : self._column] = " " * count

    def _erase(self, part: int) -> None:
        if part == 0:
            del self._cells[self._column :]
        elif part == 2:
            self._cells.clear()
        elif self._may_touch(self._column):
            erased = min(self._column + 1, len(self._cells))
            self._cells[:erased] = " " * erased

    def _move_to(self, column: int) -> None:
        right = max(MOVE_LIMIT_COLUMNS, len(self._cells))
        self._column = min(max(column, 0), right)

    def _may_touch(self, cells: int) -> bool:
        self._work_left -= max(cells, 0)
        return self._work_left >= 0
