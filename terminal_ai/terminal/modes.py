"""The modes a program can switch, and the cursor it asks for."""

import enum
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from terminal_ai.terminal.kitty_flags import KittyFlags

MODES_CACHE_ENTRIES = 256
"""Programs switch the same modes to and fro with every frame."""


class CursorShape(enum.StrEnum):
    """What DECSCUSR asked the cursor to look like."""

    BLOCK = "block"
    UNDERLINE = "underline"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is in the viewport, and how it looks."""

    row: int
    column: int
    is_visible: bool
    shape: CursorShape
    is_blinking: bool


class MouseTracking(enum.IntEnum):
    """Which mouse events the program wants; the values are the mode numbers."""

    OFF = 0
    PRESSES = 9
    CLICKS = 1000
    DRAGS = 1002
    MOTION = 1003


class MouseEncoding(enum.IntEnum):
    """How mouse reports are written; the values are the mode numbers."""

    BYTES = 0
    UTF8 = 1005
    SGR = 1006
    URXVT = 1015
    SGR_PIXELS = 1016


@dataclass(frozen=True, slots=True)
class Modes:
    """Everything set with SM, DECSET and the keypad sequences, at its default."""

    application_cursor: bool = False
    application_keypad: bool = False
    bracketed_paste: bool = False
    focus_events: bool = False
    mouse_tracking: MouseTracking = MouseTracking.OFF
    mouse_encoding: MouseEncoding = MouseEncoding.BYTES
    alternate_scroll: bool = False
    synchronized_output: bool = False
    reverse_screen: bool = False
    cursor_visible: bool = True
    cursor_blinking: bool = False
    autowrap: bool = True
    origin: bool = False
    insert: bool = False
    newline: bool = False
    backarrow: bool = False
    """DECBKM: Backspace sends BS instead of DEL."""
    modify_other_keys: int = 0
    format_other_keys: bool = False
    """Write modified other keys as ``CSI … u``."""
    kitty_flags: KittyFlags = KittyFlags.NONE
    color_scheme_reports: bool = False
    resize_reports: bool = False
    left_right_margins: bool = False
    reverse_wrap: bool = False
    wraps_tab: bool = False
    national_sets: bool = False
    columns_132: bool = False
    changes_columns: bool = False
    """DECCOLM is remembered."""
    remembered: frozenset[str] = frozenset()
    """Modes that are set, but change nothing here."""

    def switched(self, name: str, is_set: bool) -> "Modes":
        """Return these modes with one of the yes-or-no fields changed."""
        return _switched(self, name, is_set)


@dataclass(frozen=True, slots=True)
class ScreenState:
    """All that a program switches and a dead one leaves behind, but for the pen."""

    modes: Modes
    is_alternate: bool
    has_margins: bool
    charsets: tuple[tuple[str, ...], int]
    """G0 to G3, and which of them is in use."""


@lru_cache(maxsize=MODES_CACHE_ENTRIES)
def _switched(modes: Modes, name: str, is_set: bool) -> Modes:
    change: dict[str, Any] = {name: is_set}
    return replace(modes, **change)


PRIVATE_MODES = {
    1: "application_cursor",
    5: "reverse_screen",
    6: "origin",
    7: "autowrap",
    12: "cursor_blinking",
    25: "cursor_visible",
    40: "changes_columns",
    41: "wraps_tab",
    42: "national_sets",
    45: "reverse_wrap",
    66: "application_keypad",
    67: "backarrow",
    1004: "focus_events",
    1007: "alternate_scroll",
    1045: "reverse_wrap",
    2004: "bracketed_paste",
    2026: "synchronized_output",
    2031: "color_scheme_reports",
    2048: "resize_reports",
}
"""DECSET numbers that only switch a field."""

ANSI_MODES = {4: "insert", 20: "newline"}
"""SM numbers that only switch a field."""

MOUSE_MODES = frozenset(kind.value for kind in MouseTracking if kind)
MOUSE_ENCODINGS = frozenset(kind.value for kind in MouseEncoding if kind)

ALTERNATE_SCREEN_MODES = frozenset({47, 1047, 1049})
SAVE_CURSOR_MODE = 1048
COLUMNS_132_MODE = 3
SIDE_MARGINS_MODE = 69

REMEMBERED_MODES = frozenset(["2", "12", "?4", "?18", "?19"])
"""KAM, SRM, DECSCLM, DECPFF and DECPEX: there is no printer, nothing scrolls smoothly,
and the keyboard and its echo are not a program's to take away."""

FIXED_MODES = {
    **dict.fromkeys(("1", "5", "7", "10", "11", *map(str, range(13, 20))), False),
    **dict.fromkeys(("?2", "?8", "?2027"), True),
    "?60": False,
}
"""Modes that cannot be changed: no VT52, auto repeat and grapheme clusters always."""

CURSOR_STYLES = {
    0: (CursorShape.BLOCK, False),
    1: (CursorShape.BLOCK, True),
    2: (CursorShape.BLOCK, False),
    3: (CursorShape.UNDERLINE, True),
    4: (CursorShape.UNDERLINE, False),
    5: (CursorShape.BAR, True),
    6: (CursorShape.BAR, False),
}
"""DECSCUSR: shape and blinking."""
