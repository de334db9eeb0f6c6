"""Mouse events to the reports that a program asked for."""

import enum
from dataclasses import dataclass

from terminal_ai.terminal.modes import Modes, MouseEncoding, MouseTracking


class MouseAction(enum.Enum):
    """What happened to the mouse."""

    PRESS = enum.auto()
    RELEASE = enum.auto()
    MOVE = enum.auto()


class MouseButton(enum.IntEnum):
    """Buttons by their X11 numbers; the wheel presses and never releases."""

    NONE = 0
    LEFT = 1
    MIDDLE = 2
    RIGHT = 3
    WHEEL_UP = 4
    WHEEL_DOWN = 5
    WHEEL_LEFT = 6
    WHEEL_RIGHT = 7
    BACK = 8
    FORWARD = 9
    EXTRA_10 = 10
    EXTRA_11 = 11


@dataclass(frozen=True, slots=True)
class MouseInput:
    """One mouse event over the viewport, counted from 0.

    ``pixel_column`` and ``pixel_row`` matter to SGR-pixel reports only.
    """

    action: MouseAction
    button: MouseButton
    column: int
    row: int
    shift: bool = False
    alt: bool = False
    ctrl: bool = False
    pixel_column: int = 0
    pixel_row: int = 0


_SHIFT, _ALT, _CTRL, _MOTION = 4, 8, 16, 32
_NO_BUTTON = 3
_OFFSET = 32
_LARGEST_BYTE_POSITION = 223
_LARGEST_UTF8_POSITION = 2015
_X10_BUTTONS = frozenset({MouseButton.LEFT, MouseButton.MIDDLE, MouseButton.RIGHT})


def encode_mouse(event: MouseInput, modes: Modes) -> bytes:
    """Return the report for a program, empty if it did not ask for this event."""
    if not _is_wanted(event, modes.mouse_tracking):
        return b""
    code = _button_code(event.button)
    if modes.mouse_tracking is not MouseTracking.PRESSES:
        code += _SHIFT * event.shift + _ALT * event.alt + _CTRL * event.ctrl
    code += _MOTION * (event.action is MouseAction.MOVE)
    column, row = max(event.column, 0) + 1, max(event.row, 0) + 1
    is_release = event.action is MouseAction.RELEASE
    match modes.mouse_encoding:
        case MouseEncoding.SGR:
            return _sgr(code, column, row, is_release)
        case MouseEncoding.SGR_PIXELS:
            pixels = max(event.pixel_column, 0) + 1, max(event.pixel_row, 0) + 1
            return _sgr(code, *pixels, is_release)
    if is_release:
        code = _NO_BUTTON + (code & (_SHIFT | _ALT | _CTRL))
    match modes.mouse_encoding:
        case MouseEncoding.URXVT:
            return b"\x1b[%d;%d;%dM" % (code + _OFFSET, column, row)
        case MouseEncoding.UTF8:
            limit = _LARGEST_UTF8_POSITION
            numbers = (code, min(column, limit), min(row, limit))
            return b"\x1b[M" + "".join(chr(_OFFSET + n) for n in numbers).encode()
        case _:
            limit = _LARGEST_BYTE_POSITION
            numbers = (code, min(column, limit), min(row, limit))
            return b"\x1b[M" + bytes(_OFFSET + number for number in numbers)


def _is_wanted(event: MouseInput, tracking: MouseTracking) -> bool:
    is_wheel = MouseButton.WHEEL_UP <= event.button <= MouseButton.WHEEL_RIGHT
    if is_wheel and event.action is not MouseAction.PRESS:
        return False
    match tracking:
        case MouseTracking.OFF:
            return False
        case MouseTracking.PRESSES:
            return event.action is MouseAction.PRESS and event.button in _X10_BUTTONS
        case MouseTracking.CLICKS:
            return event.action is not MouseAction.MOVE
        case MouseTracking.DRAGS:
            is_move = event.action is MouseAction.MOVE
            return not is_move or event.button is not MouseButton.NONE
        case MouseTracking.MOTION:
            return True


def _button_code(button: MouseButton) -> int:
    if button is MouseButton.NONE:
        return _NO_BUTTON
    group, index = divmod(button, 4)
    return 64 * group + index if group else button - 1


def _sgr(code: int, column: int, row: int, is_release: bool) -> bytes:
    final = b"m" if is_release else b"M"
    return b"\x1b[<%d;%d;%d%s" % (code, column, row, final)
