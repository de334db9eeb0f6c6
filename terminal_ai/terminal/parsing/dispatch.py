"""Which control function each sequence is: one table for whatever parser reads it.

Keys are what the scanner hands over: prefix, intermediates and final byte. A sequence
that is not in a table has no meaning here.
"""

from collections.abc import Callable
from functools import partial

from terminal_ai.terminal import charsets, replies
from terminal_ai.terminal.parsing.dialogue_actions import dialogue_actions
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


def control_actions(screen: Screen) -> dict[int, Action]:
    """C0 controls, by code."""
    return {
        0x07: screen.bell,
        0x08: screen.backspace,
        0x09: screen.tab,
        0x0A: screen.linefeed,
        0x0B: screen.linefeed,
        0x0C: screen.linefeed,
        0x0D: screen.carriage_return,
        0x0E: screen.shift_out,
        0x0F: screen.shift_in,
    }


def escape_actions(screen: Screen) -> dict[str, Action]:
    """Escape sequences, by intermediates and final byte."""
    actions: dict[str, Action] = {
        "7": screen.save_cursor,
        "8": screen.restore_cursor,
        "=": lambda: screen.set_keypad(True),
        ">": lambda: screen.set_keypad(False),
        "6": screen.back_index,
        "9": screen.forward_index,
        "D": screen.index,
        "E": screen.next_line,
        "H": screen.set_tab_stop,
        "M": screen.reverse_index,
        "V": screen.start_guarded_area,
        "W": screen.end_guarded_area,
        "Z": screen.report_device_attributes,
        "c": screen.reset,
        "#8": screen.alignment_display,
    }
    for shift, final in (2, "n"), (3, "o"):
        actions[final] = partial(screen.lock_shift, shift)
    for shift, final in (2, "N"), (3, "O"):
        actions[final] = partial(screen.shift_once, shift)
    for sequence in charsets.DESIGNATORS:
        slot, code = sequence[0], sequence[1:]
        actions[sequence] = partial(screen.define_charset, code, slot)
    for sequence in _WITHOUT_EFFECT:
        actions[sequence] = _do_nothing
    return actions


def csi_actions(screen: Screen) -> dict[str, CsiAction]:
    """Control sequences, by prefix, intermediates and final byte."""
    counted: dict[str, Callable[[int], None]] = {
        "@": screen.insert_characters,
        "A": screen.cursor_up,
        "B": screen.cursor_down,
        "C": screen.cursor_forward,
        "D": screen.cursor_back,
        "E": screen.cursor_down1,
        "F": screen.cursor_up1,
        "G": screen.cursor_to_column,
        "I": screen.tab_forward,
        "J": screen.erase_in_display,
        "K": screen.erase_in_line,
        "L": screen.insert_lines,
        "M": screen.delete_lines,
        "P": screen.delete_characters,
        "S": screen.scroll_up,
        "T": screen.scroll_down,
        "X": screen.erase_characters,
        "Z": screen.tab_backward,
        "`": screen.cursor_to_column,
        "a": screen.column_forward,
        "b": screen.repeat_character,
        "c": screen.report_device_attributes,
        "d": screen.cursor_to_line,
        "e": screen.line_forward,
        "g": screen.clear_tab_stop,
        "j": screen.column_back,
        "k": screen.line_back,
        "?J": lambda how: screen.erase_in_display(how, private=True),
        "?K": lambda how: screen.erase_in_line(how, private=True),
        " q": screen.set_cursor_style,
        '"q': screen.set_protection,
        '"p': screen.set_level,
        " @": screen.scroll_left,
        " A": screen.scroll_right,
        "'}": screen.insert_columns,
        "'~": screen.delete_columns,
        "*x": screen.set_extent,
        "#y": screen.set_checksum,
        "*|": screen.set_lines_per_page,
        "$|": screen.set_columns_per_page,
        "$w": screen.report_presentation,
        "$p": screen.report_mode,
        "?$p": lambda mode: screen.report_mode(mode, private=True),
        ">c": _query(screen, replies.SECONDARY_ATTRIBUTES),
        "=c": _query(screen, replies.TERTIARY_ATTRIBUTES),
        ">q": _query(screen, replies.VERSION),
    }
    actions = {kind: with_number(action) for kind, action in counted.items()}
    for kind, action in {
        "u": screen.restore_cursor,
        "!p": screen.soft_reset,
    }.items():
        actions[kind] = without_parameters(action)
    actions |= {
        "H": with_two(screen.cursor_position),
        "f": with_two(screen.cursor_position),
        "r": with_two(screen.set_margins),
        "s": with_two(screen.set_left_right_margins),
        "n": with_two(screen.report_device_status),
        "?n": with_two(partial(screen.report_device_status, private=True)),
        "$x": with_all(screen.fill_rectangle, 5),
        "$z": with_all(screen.erase_rectangle, 4),
        "${": with_all(screen.erase_rectangle_selectively, 4),
        "$v": with_all(screen.copy_rectangle, 7),
        "*y": with_all(screen.report_checksum, 6),
        "$r": with_rectangle(screen.change_rectangle),
        "$t": with_rectangle(screen.reverse_rectangle),
        "?s": lambda modes: screen.save_modes(*numbers(modes)),
        "?r": lambda modes: screen.restore_modes(*numbers(modes)),
        "h": lambda modes: screen.set_mode(*numbers(modes)),
        "l": lambda modes: screen.reset_mode(*numbers(modes)),
        "?h": lambda modes: screen.set_mode(*numbers(modes), private=True),
        "?l": lambda modes: screen.reset_mode(*numbers(modes), private=True),
        "m": screen.set_graphics,
        "t": lambda items: screen.window_operation(*window_parameters(items)),
    }
    return actions | dialogue_actions(screen)


def _do_nothing() -> None:
    """Understand a sequence that has no effect here."""


def _query(screen: Screen, reply: bytes) -> Callable[[int], None]:
    return lambda what: screen.reply(reply) if what == 0 else screen.ignore_sequence()
