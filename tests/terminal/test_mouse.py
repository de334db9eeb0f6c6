"""Mouse reports, read back by a decoder of its own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.input.mouse import (
    MouseAction,
    MouseButton,
    MouseInput,
    encode_mouse,
)
from terminal_ai.terminal.modes import Modes, MouseEncoding, MouseTracking
from terminal_ai.terminal.terminal import Terminal

ENCODINGS = list(MouseEncoding)
LIMITS = {MouseEncoding.BYTES: 223, MouseEncoding.UTF8: 2015}
CODES = {
    **{MouseButton.NONE: 3, MouseButton.LEFT: 0, MouseButton.MIDDLE: 1},
    **{MouseButton.RIGHT: 2, MouseButton.WHEEL_UP: 64, MouseButton.WHEEL_DOWN: 65},
    **{MouseButton.WHEEL_LEFT: 66, MouseButton.WHEEL_RIGHT: 67},
    **{MouseButton.BACK: 128, MouseButton.FORWARD: 129},
    **{MouseButton.EXTRA_10: 130, MouseButton.EXTRA_11: 131},
}
WHEEL = {button for button, code in CODES.items() if 64 <= code < 128}

inputs = st.builds(
    MouseInput,
    st.sampled_from(MouseAction),
    st.sampled_from(MouseButton),
    st.integers(0, 500),
    st.integers(0, 500),
    shift=st.booleans(),
    alt=st.booleans(),
    ctrl=st.booleans(),
    pixel_column=st.integers(0, 5000),
    pixel_row=st.integers(0, 5000),
)


def decode(report: bytes, encoding: MouseEncoding) -> tuple[int, int, int, bool]:
    """Return code, column and row from 1, and whether SGR told a release."""
    if encoding in (MouseEncoding.SGR, MouseEncoding.SGR_PIXELS):
        match = re.fullmatch(rb"\x1b\[<(\d+);(\d+);(\d+)([Mm])", report)
        assert match, report
        return int(match[1]), int(match[2]), int(match[3]), match[4] == b"m"
    if encoding is MouseEncoding.URXVT:
        match = re.fullmatch(rb"\x1b\[(\d+);(\d+);(\d+)M", report)
        assert match, report
        return int(match[1]) - 32, int(match[2]), int(match[3]), False
    assert report.startswith(b"\x1b[M")
    text = report[3:].decode("utf-8" if encoding is MouseEncoding.UTF8 else "latin-1")
    code, column, row = (ord(character) - 32 for character in text)
    return code, column, row, False


@given(inputs, st.sampled_from(ENCODINGS))
def test_a_report_decodes_to_the_event(
    event: MouseInput, encoding: MouseEncoding
) -> None:
    modes = Modes(mouse_tracking=MouseTracking.MOTION, mouse_encoding=encoding)
    report = encode_mouse(event, modes)
    if event.button in WHEEL and event.action is not MouseAction.PRESS:
        assert report == b""
        return
    code, column, row, is_release = decode(report, encoding)
    is_sgr = encoding in (MouseEncoding.SGR, MouseEncoding.SGR_PIXELS)
    position = (event.column, event.row)
    if encoding is MouseEncoding.SGR_PIXELS:
        position = (event.pixel_column, event.pixel_row)
    limit = LIMITS.get(encoding, 10_000)
    assert (column, row) == tuple(min(place + 1, limit) for place in position)
    assert bool(code & 4) == event.shift
    assert bool(code & 8) == event.alt
    assert bool(code & 16) == event.ctrl
    has_released = event.action is MouseAction.RELEASE
    assert bool(code & 32) == (event.action is MouseAction.MOVE)
    button = code & ~(4 | 8 | 16 | 32)
    assert button == (3 if has_released and not is_sgr else CODES[event.button])
    assert is_release == (has_released and is_sgr)


PRESS = MouseInput(MouseAction.PRESS, MouseButton.LEFT, 4, 2)
RELEASE = MouseInput(MouseAction.RELEASE, MouseButton.LEFT, 4, 2)
DRAG = MouseInput(MouseAction.MOVE, MouseButton.LEFT, 4, 2)
MOVE = MouseInput(MouseAction.MOVE, MouseButton.NONE, 4, 2)
WHEEL_UP = MouseInput(MouseAction.PRESS, MouseButton.WHEEL_UP, 4, 2)


@pytest.mark.parametrize(
    ("tracking", "wanted"),
    [
        (MouseTracking.OFF, []),
        (MouseTracking.PRESSES, [PRESS]),
        (MouseTracking.CLICKS, [PRESS, RELEASE, WHEEL_UP]),
        (MouseTracking.DRAGS, [PRESS, RELEASE, DRAG, WHEEL_UP]),
        (MouseTracking.MOTION, [PRESS, RELEASE, DRAG, MOVE, WHEEL_UP]),
    ],
)
def test_a_program_hears_only_of_what_it_asked_for(
    tracking: MouseTracking, wanted: list[MouseInput]
) -> None:
    modes = Modes(mouse_tracking=tracking)
    events = [PRESS, RELEASE, DRAG, MOVE, WHEEL_UP]
    assert [event for event in events if encode_mouse(event, modes)] == wanted


def test_the_oldest_protocol_knows_no_modifiers() -> None:
    event = MouseInput(MouseAction.PRESS, MouseButton.LEFT, 0, 0, ctrl=True)
    modes = Modes(mouse_tracking=MouseTracking.PRESSES)
    assert encode_mouse(event, modes) == b"\x1b[M !!"


def test_the_last_encoding_set_is_in_force_until_it_is_reset() -> None:
    terminal = Terminal(20, 5)
    for sequence, encoding in (
        (b"\x1b[?1015h", MouseEncoding.URXVT),
        (b"\x1b[?1006h", MouseEncoding.SGR),
        (b"\x1b[?1015l", MouseEncoding.SGR),
        (b"\x1b[?1016h", MouseEncoding.SGR_PIXELS),
        (b"\x1b[?1016l", MouseEncoding.BYTES),
        (b"\x1b[?1005h", MouseEncoding.UTF8),
        (b"\x1bc", MouseEncoding.BYTES),
    ):
        terminal.feed(sequence)
        assert terminal.modes.mouse_encoding is encoding
