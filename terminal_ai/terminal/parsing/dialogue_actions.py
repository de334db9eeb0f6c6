"""Control sequences that ask or tell the terminal something: a part of the dispatch."""

from collections.abc import Callable

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


def dialogue_actions(screen: Screen) -> dict[str, CsiAction]:
    """Keyboard protocols and title modes, by prefix, intermediates and final byte."""
    return {
        ">u": with_number(screen.push_keyboard),
        "<u": with_number(screen.pop_keyboard),
        "=u": with_two(screen.change_keyboard),
        "?u": without_parameters(screen.report_keyboard),
        ">m": _with_resource(screen, screen.modify_keys),
        ">n": _with_resource(screen, screen.modify_keys),
        ">f": _with_resource(screen, screen.format_keys),
        "?m": _for_other_keys(screen, screen.report_modified_keys),
        "?g": _for_other_keys(screen, screen.report_key_format),
        ">t": lambda modes: screen.switch_title_modes(numbers(modes), is_set=True),
        ">T": lambda modes: screen.switch_title_modes(numbers(modes), is_set=False),
    }


def _with_resource(
    screen: Screen, change: Callable[[int | None, int], bool]
) -> CsiAction:
    def run(parameters: str) -> None:
        resource, value, *_ = *numbers(parameters), 0
        if not change(resource if parameters else None, value):
            screen.ignore_sequence()

    return run


def _for_other_keys(screen: Screen, report: Action) -> CsiAction:
    def run(parameters: str) -> None:
        if numbers(parameters)[0] == OTHER_KEYS:
            report()
        else:
            screen.ignore_sequence()

    return run
