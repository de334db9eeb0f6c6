"""Textual's mouse events as the reports that a program asked for."""

from textual import events

from terminal_ai.terminal.input import mouse
from terminal_ai.terminal.input.mouse import MouseAction, MouseButton, MouseInput
from terminal_ai.terminal.modes import Modes
from terminal_ai.terminal.replies import CELL_HEIGHT_PIXELS, CELL_WIDTH_PIXELS

WHEEL_UP, WHEEL_DOWN = MouseButton.WHEEL_UP, MouseButton.WHEEL_DOWN
WHEEL_LEFT, WHEEL_RIGHT = MouseButton.WHEEL_LEFT, MouseButton.WHEEL_RIGHT


def event_button(event: events.MouseEvent) -> MouseButton:
    """Return which button an event is about."""
    try:
        return MouseButton(event.button)
    except ValueError:
        return MouseButton.NONE


def encode_mouse(
    event: events.MouseEvent,
    button: int,
    modes: Modes,
    *,
    is_move: bool = False,
    is_release: bool = False,
    moved_rows: int = 0,
) -> bytes:
    """Return the report for a program, empty if it did not ask for this event.

    ``moved_rows`` says how much lower than the program's row it is shown.
    With Shift the mouse stays ours, so that text can be selected in any program.
    """
    if event.shift:
        return b""
    action = MouseAction.MOVE if is_move else MouseAction.PRESS
    seen = MouseInput(
        MouseAction.RELEASE if is_release else action,
        MouseButton(button),
        int(event.x),
        max(0, int(event.y) - moved_rows),
        alt=event.meta,
        ctrl=event.ctrl,
        pixel_column=int(event.pointer_x * CELL_WIDTH_PIXELS),
        pixel_row=max(0, int((event.pointer_y - moved_rows) * CELL_HEIGHT_PIXELS)),
    )
    return mouse.encode_mouse(seen, modes)
