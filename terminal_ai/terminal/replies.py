"""What the terminal answers: bytes of ours alone, never what a program sent."""

import enum
from collections.abc import Iterable

from terminal_ai.terminal.style import Color, Style, Underline

PRIMARY_ATTRIBUTES = b"\x1b[?64;1;6;9;15;17;21;22;28c"
"""A VT420 with 132 columns, selective erase, national and technical character sets,
state reports, horizontal scrolling, colour and rectangles; no printer, no sixel."""

SECONDARY_ATTRIBUTES = b"\x1b[>41;380;0c"
"""A VT420, and the xterm level whose sequences are understood; from 277 on vim trusts
SGR mouse reports."""

TERTIARY_ATTRIBUTES = b"\x1bP!|00000000\x1b\\"
VERSION = b"\x1bP>|terminal_ai\x1b\\"
STATUS_OK = b"\x1b[0n"
DEVICE_STATUS = {
    15: b"\x1b[?13n",
    25: b"\x1b[?20n",
    26: b"\x1b[?27;1;0;0n",
    53: b"\x1b[?50n",
    55: b"\x1b[?50n",
    56: b"\x1b[?57;0n",
    62: b"\x1b[0*{",
    75: b"\x1b[?70n",
    85: b"\x1b[?83n",
}
"""DSR, DEC's: no printer, keys unlocked, a North American keyboard, no locator, no room
for macros, no errors, one session."""

WINDOW_IS_SHOWN = b"\x1b[1t"
WINDOW_POSITION = b"\x1b[3;0;0t"

UNKNOWN_SETTING = b"\x1bP0$r\x1b\\"
UNKNOWN_CAPABILITY = b"\x1bP0+r\x1b\\"

CELL_WIDTH_PIXELS, CELL_HEIGHT_PIXELS = 8, 16
"""The size of a cell where programs want pixels: the host's own is not known."""


def cursor_position(row: int, column: int, *, is_private: bool) -> bytes:
    """CPR, or DECXCPR with its page number."""
    if is_private:
        return b"\x1b[?%d;%d;1R" % (row + 1, column + 1)
    return b"\x1b[%d;%dR" % (row + 1, column + 1)


def size_in_cells(kind: int, columns: int, rows: int) -> bytes:
    """A report of XTWINOPS, in cells."""
    return b"\x1b[%d;%d;%dt" % (kind, rows, columns)


def size_in_pixels(kind: int, columns: int, rows: int) -> bytes:
    """A report of XTWINOPS, in pixels of an assumed cell."""
    return size_in_cells(kind, columns * CELL_WIDTH_PIXELS, rows * CELL_HEIGHT_PIXELS)


def size_report(columns: int, rows: int) -> bytes:
    """The in-band report of mode 2048: cells, then pixels of an assumed cell."""
    return b"\x1b[48;%d;%d;%d;%dt" % (
        rows,
        columns,
        rows * CELL_HEIGHT_PIXELS,
        columns * CELL_WIDTH_PIXELS,
    )


class ModeState(enum.IntEnum):
    """DECRPM: what a mode may be."""

    UNKNOWN = 0
    SET = 1
    RESET = 2
    ALWAYS_SET = 3
    ALWAYS_RESET = 4


def mode_report(number: int, state: ModeState, *, is_private: bool) -> bytes:
    """DECRPM."""
    return b"\x1b[%s%d;%d$y" % (b"?" if is_private else b"", number, state)


def checksum(request: int, total: int) -> bytes:
    """DECCKSR."""
    return b"\x1bP%d!~%04X\x1b\\" % (request, total)


def setting(text: str) -> bytes:
    """DECRPSS."""
    return b"\x1bP1$r%s\x1b\\" % text.encode()


def capability(name: str, value: str) -> bytes:
    """The answer to XTGETTCAP."""
    return b"\x1bP1+r%s=%s\x1b\\" % (_hexadecimal(name), _hexadecimal(value))


def _hexadecimal(text: str) -> bytes:
    return text.encode().hex().upper().encode()


def cursor_state(fields: str) -> bytes:
    """DECCIR."""
    return b"\x1bP1$u%s\x1b\\" % fields.encode()


def tab_stops(columns: Iterable[int]) -> bytes:
    """DECTABSR."""
    return b"\x1bP2$u%s\x1b\\" % "/".join(str(at + 1) for at in columns).encode()


def graphics(style: Style) -> str:
    """Return the SGR parameters that make a style, from the reset one."""
    codes = ["0", *(code for name, code in _LOOKS if getattr(style, name))]
    if style.underline:
        kind = list(Underline).index(style.underline)
        codes.append("4" if kind == 1 else f"4:{kind}")
    codes += _color(30, style.foreground) + _color(40, style.background)
    return ";".join(codes + _extended_color(58, style.underline_color))


_LOOKS = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("blink", "5"),
    ("reverse", "7"),
    ("hidden", "8"),
    ("strike", "9"),
    ("overline", "53"),
)


def _color(base: int, color: Color) -> list[str]:
    if isinstance(color, int) and color < 16:
        return [str(base + color if color < 8 else base + 60 + color - 8)]
    return _extended_color(base + 8, color)


def _extended_color(code: int, color: Color) -> list[str]:
    if color is None:
        return []
    if isinstance(color, int):
        return [f"{code}:5:{color}"]
    red, green, blue = bytes.fromhex(color[1:])
    return [f"{code}:2::{red}:{green}:{blue}"]
