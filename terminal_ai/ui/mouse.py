"""Mouse events as the reports that a program asked for."""

from textual import events

from terminal_ai.terminal.modes import Modes, MouseTracking

WHEEL_UP, WHEEL_DOWN = 64, 65
NO_BUTTON = 3
_META, _CTRL, _MOTION = 8, 16, 32
_LARGEST_LEGACY_POSITION = 223


def event_button(event: events.MouseEvent) -> int:
    """Return the button's number in the protocol: 0 left, 1 middle, 2 right, 3 none."""
    return event.button - 1 if event.button else NO_BUTTON


def encode_mouse(
    event: events.MouseEvent,
    button: int,
    modes: Modes,
    *,
    is_move: bool = False,
    is_release: bool = False,
) -> bytes:
    """Return the report for a program, empty if it did not ask for this event.

    With Shift the mouse stays ours, so that text can be selected in any program.
    """
    if event.shift or not _is_wanted(button, modes, is_move, is_release):
        return b""
    code = button + _META * event.meta + _CTRL * event.ctrl + _MOTION * is_move
    column, row = int(event.x) + 1, int(event.y) + 1
    if modes.mouse_sgr:
        return f"\x1b[<{code};{column};{row}{'m' if is_release else 'M'}".encode()
    if max(column, row) > _LARGEST_LEGACY_POSITION:
        return b""
    if is_release:
        code = NO_BUTTON + (code & (_META | _CTRL))
    return b"\x1b[M" + bytes((32 + code, 32 + column, 32 + row))


def _is_wanted(button: int, modes: Modes, is_move: bool, is_release: bool) -> bool:
    match modes.mouse_tracking:
        case MouseTracking.OFF:
            return False
        case MouseTracking.PRESSES:
            return not is_move and not is_release
        case MouseTracking.CLICKS:
            return not is_move
        case MouseTracking.DRAGS:
            return not is_move or button != NO_BUTTON
        case MouseTracking.MOTION:
            return True
