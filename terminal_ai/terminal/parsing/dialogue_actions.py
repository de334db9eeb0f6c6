"""Control sequences that ask or tell the terminal something: a part of the dispatch."""

from collections.abc import Callable, Mapping

from terminal_ai.terminal.parsing.parameters import (
    Action,
    CsiAction,
    numbers,
    with_number,
    with_two,
    without_parameters,
)
from terminal_ai.terminal.screen.dialogue import OTHER_KEYS
from terminal_ai.terminal.screen.screen import Screen


def _with_resource(change: Callable[[Screen, int | None, int], bool]) -> CsiAction:
    def run(screen: Screen, parameters: str) -> None:
        resource, value, *_ = *numbers(parameters), 0
        if not change(screen, resource if parameters else None, value):
            screen.ignore_sequence()

    return run


def _for_other_keys(report: Action) -> CsiAction:
    def run(screen: Screen, parameters: str) -> None:
        if numbers(parameters)[0] == OTHER_KEYS:
            report(screen)
        else:
            screen.ignore_sequence()

    return run


DIALOGUE_SEQUENCES: Mapping[str, CsiAction] = {
    ">u": with_number(Screen.push_keyboard),
    "<u": with_number(Screen.pop_keyboard),
    "=u": with_two(Screen.change_keyboard),
    "?u": without_parameters(Screen.report_keyboard),
    ">m": _with_resource(Screen.modify_keys),
    ">n": _with_resource(Screen.modify_keys),
    ">f": _with_resource(Screen.format_keys),
    "?m": _for_other_keys(Screen.report_modified_keys),
    "?g": _for_other_keys(Screen.report_key_format),
    ">t": lambda screen, modes: screen.switch_title_modes(numbers(modes), is_set=True),
    ">T": lambda screen, modes: screen.switch_title_modes(numbers(modes), is_set=False),
}
"""Keyboard protocols and title modes, by prefix, intermediates and final byte."""
