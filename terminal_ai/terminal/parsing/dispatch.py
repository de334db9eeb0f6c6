"""Which control function each sequence is: one table for whatever parser reads it.

Keys are what the scanner hands over: prefix, intermediates and final byte. A sequence
that is not in a table has no meaning here. All terminals share the tables: an action is
told which screen it is for.
"""

from collections.abc import Callable, Mapping
from functools import partial

from terminal_ai.terminal import charsets, replies
from terminal_ai.terminal.parsing.dialogue_actions import DIALOGUE_SEQUENCES
from terminal_ai.terminal.parsing.parameters import (
    Action,
    CsiAction,
    numbers,
    window_parameters,
    with_all,
    with_number,
    with_rectangle,
    with_two,
    without_parameters,
)
from terminal_ai.terminal.screen.screen import Screen

_WITHOUT_EFFECT = ("|", "}", "~", " F", " G", "%G", "#3", "#4", "#5", "#6")
"""LS1R to LS3R, S7C1T, S8C1T, UTF-8, and lines of double size: bytes above ASCII are
UTF-8 and nothing else, and every line is of one size."""


def _do_nothing(_screen: Screen) -> None:
    """Understand a sequence that has no effect here."""


def _lock_shift(shift: int) -> Action:
    return lambda screen: screen.lock_shift(shift)


def _shift_once(shift: int) -> Action:
    return lambda screen: screen.shift_once(shift)


def _designate(sequence: str) -> Action:
    slot, code = sequence[0], sequence[1:]
    return lambda screen: screen.define_charset(code, slot)


def _query(reply: bytes) -> Callable[[Screen, int], None]:
    return lambda screen, what: (
        screen.reply(reply) if what == 0 else screen.ignore_sequence()
    )


CONTROLS: Mapping[int, Action] = {
    0x07: Screen.bell,
    0x08: Screen.backspace,
    0x09: Screen.tab,
    0x0A: Screen.linefeed,
    0x0B: Screen.linefeed,
    0x0C: Screen.linefeed,
    0x0D: Screen.carriage_return,
    0x0E: Screen.shift_out,
    0x0F: Screen.shift_in,
}
"""C0 controls, by code."""

ESCAPES: Mapping[str, Action] = {
    "7": Screen.save_cursor,
    "8": Screen.restore_cursor,
    "=": lambda screen: screen.set_keypad(True),
    ">": lambda screen: screen.set_keypad(False),
    "6": Screen.back_index,
    "9": Screen.forward_index,
    "D": Screen.index,
    "E": Screen.next_line,
    "H": Screen.set_tab_stop,
    "M": Screen.reverse_index,
    "V": Screen.start_guarded_area,
    "W": Screen.end_guarded_area,
    "Z": Screen.report_device_attributes,
    "c": Screen.reset,
    "#8": Screen.alignment_display,
    "n": _lock_shift(2),
    "o": _lock_shift(3),
    "N": _shift_once(2),
    "O": _shift_once(3),
    **{sequence: _designate(sequence) for sequence in charsets.DESIGNATORS},
    **dict.fromkeys(_WITHOUT_EFFECT, _do_nothing),
}
"""Escape sequences, by intermediates and final byte."""

_COUNTED: Mapping[str, Callable[[Screen, int], None]] = {
    "@": Screen.insert_characters,
    "A": Screen.cursor_up,
    "B": Screen.cursor_down,
    "C": Screen.cursor_forward,
    "D": Screen.cursor_back,
    "E": Screen.cursor_down1,
    "F": Screen.cursor_up1,
    "G": Screen.cursor_to_column,
    "I": Screen.tab_forward,
    "J": Screen.erase_in_display,
    "K": Screen.erase_in_line,
    "L": Screen.insert_lines,
    "M": Screen.delete_lines,
    "P": Screen.delete_characters,
    "S": Screen.scroll_up,
    "T": Screen.scroll_down,
    "X": Screen.erase_characters,
    "Z": Screen.tab_backward,
    "`": Screen.cursor_to_column,
    "a": Screen.column_forward,
    "b": Screen.repeat_character,
    "c": Screen.report_device_attributes,
    "d": Screen.cursor_to_line,
    "e": Screen.line_forward,
    "g": Screen.clear_tab_stop,
    "j": Screen.column_back,
    "k": Screen.line_back,
    "?J": lambda screen, how: screen.erase_in_display(how, private=True),
    "?K": lambda screen, how: screen.erase_in_line(how, private=True),
    " q": Screen.set_cursor_style,
    '"q': Screen.set_protection,
    '"p': Screen.set_level,
    " @": Screen.scroll_left,
    " A": Screen.scroll_right,
    "'}": Screen.insert_columns,
    "'~": Screen.delete_columns,
    "*x": Screen.set_extent,
    "#y": Screen.set_checksum,
    "*|": Screen.set_lines_per_page,
    "$|": Screen.set_columns_per_page,
    "$w": Screen.report_presentation,
    "$p": Screen.report_mode,
    "?$p": lambda screen, mode: screen.report_mode(mode, private=True),
    ">c": _query(replies.SECONDARY_ATTRIBUTES),
    "=c": _query(replies.TERTIARY_ATTRIBUTES),
    ">q": _query(replies.VERSION),
}

SEQUENCES: Mapping[str, CsiAction] = {
    **{kind: with_number(action) for kind, action in _COUNTED.items()},
    "u": without_parameters(Screen.restore_cursor),
    "!p": without_parameters(Screen.soft_reset),
    "H": with_two(Screen.cursor_position),
    "f": with_two(Screen.cursor_position),
    "r": with_two(Screen.set_margins),
    "s": with_two(Screen.set_left_right_margins),
    "n": with_two(Screen.report_device_status),
    "?n": with_two(partial(Screen.report_device_status, private=True)),
    "$x": with_all(Screen.fill_rectangle, 5),
    "$z": with_all(Screen.erase_rectangle, 4),
    "${": with_all(Screen.erase_rectangle_selectively, 4),
    "$v": with_all(Screen.copy_rectangle, 7),
    "*y": with_all(Screen.report_checksum, 6),
    "$r": with_rectangle(Screen.change_rectangle),
    "$t": with_rectangle(Screen.reverse_rectangle),
    "?s": lambda screen, modes: screen.save_modes(*numbers(modes)),
    "?r": lambda screen, modes: screen.restore_modes(*numbers(modes)),
    "h": lambda screen, modes: screen.set_mode(*numbers(modes)),
    "l": lambda screen, modes: screen.reset_mode(*numbers(modes)),
    "?h": lambda screen, modes: screen.set_mode(*numbers(modes), private=True),
    "?l": lambda screen, modes: screen.reset_mode(*numbers(modes), private=True),
    "m": Screen.set_graphics,
    "t": lambda screen, items: screen.window_operation(*window_parameters(items)),
    **DIALOGUE_SEQUENCES,
}
"""Control sequences, by prefix, intermediates and final byte."""
