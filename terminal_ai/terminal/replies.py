"""What the terminal answers: bytes of ours alone, never what a program sent."""

from terminal_ai.terminal.modes import (
    ALTERNATE_SCREEN_MODES,
    ANSI_MODES,
    MOUSE_ENCODINGS,
    MOUSE_MODES,
    PRIVATE_MODES,
    Modes,
)

PRIMARY_ATTRIBUTES = b"\x1b[?62;22c"
"""A VT220 with colour: no printer, no sixel, no selective erase."""

SECONDARY_ATTRIBUTES = b"\x1b[>0;277;0c"
"""277 is the xterm level from which vim trusts SGR mouse reports."""

TERTIARY_ATTRIBUTES = b"\x1bP!|00000000\x1b\\"
VERSION = b"\x1bP>|terminal_ai\x1b\\"
STATUS_OK = b"\x1b[0n"

CELL_WIDTH_PIXELS, CELL_HEIGHT_PIXELS = 8, 16
"""The size of a cell where programs want pixels: the host's own is not known."""

_UNKNOWN, _SET, _RESET = 0, 1, 2


def cursor_position(row: int, column: int, *, is_private: bool) -> bytes:
    """CPR, or DECXCPR with its page number."""
    if is_private:
        return b"\x1b[?%d;%d;1R" % (row + 1, column + 1)
    return b"\x1b[%d;%dR" % (row + 1, column + 1)


def size(columns: int, rows: int) -> bytes:
    """The answer to ``CSI 18 t``."""
    return b"\x1b[8;%d;%dt" % (rows, columns)


def size_report(columns: int, rows: int) -> bytes:
    """The in-band report of mode 2048: cells, then pixels of an assumed cell."""
    return b"\x1b[48;%d;%d;%d;%dt" % (
        rows,
        columns,
        rows * CELL_HEIGHT_PIXELS,
        columns * CELL_WIDTH_PIXELS,
    )


def mode_state(
    modes: Modes, number: int, is_private: bool, is_alternate: bool
) -> bytes:
    """DECRPM."""
    state = _UNKNOWN
    if name := (PRIVATE_MODES if is_private else ANSI_MODES).get(number):
        state = _SET if getattr(modes, name) else _RESET
    elif is_private and number in MOUSE_MODES:
        state = _SET if modes.mouse_tracking == number else _RESET
    elif is_private and number in MOUSE_ENCODINGS:
        state = _SET if modes.mouse_encoding == number else _RESET
    elif is_private and number in ALTERNATE_SCREEN_MODES:
        state = _SET if is_alternate else _RESET
    return b"\x1b[%s%d;%d$y" % (b"?" if is_private else b"", number, state)
