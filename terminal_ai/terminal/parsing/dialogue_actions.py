"""Control sequences that ask or tell the terminal something: a part of the dispatch."""

from collections.abc import Callable

from terminal_ai.terminal.screen.dialogue import OTHER_KEYS
from terminal_ai.terminal.screen.screen import Screen


def dialogue_actions(screen: Screen) -> dict[str, Callable[[str], None]]:
    """Keyboard protocols and title modes, by prefix, intermediates and final byte."""
    return {
        ">u": lambda text: screen.push_keyboard(_numbers(text)[0]),
        "<u": lambda text: screen.pop_keyboard(_numbers(text)[0]),
        "=u": lambda text: screen.change_keyboard(*_numbers(text)),
        "?u": lambda text: screen.report_keyboard(),  # noqa: ARG005 - as all others
        ">m": _with_resource(screen, screen.modify_keys),
        ">n": _with_resource(screen, screen.modify_keys),
        ">f": _with_resource(screen, screen.format_keys),
        "?m": _query(screen, screen.report_modified_keys),
        "?g": _query(screen, screen.report_key_format),
        ">t": lambda text: screen.switch_title_modes(_all_numbers(text), is_set=True),
        ">T": lambda text: screen.switch_title_modes(_all_numbers(text), is_set=False),
    }


def _with_resource(
    screen: Screen, change: Callable[[int | None, int], bool]
) -> Callable[[str], None]:
    def run(text: str) -> None:
        resource, value = _numbers(text)
        if not change(resource if text else None, value):
            screen.ignore_sequence()

    return run


def _query(screen: Screen, report: Callable[[], None]) -> Callable[[str], None]:
    def run(text: str) -> None:
        if _numbers(text)[0] == OTHER_KEYS:
            report()
        else:
            screen.ignore_sequence()

    return run


def _numbers(text: str) -> tuple[int, int]:
    """Return the first two parameters, 0 where none was given."""
    first, _, rest = text.partition(";")
    second = rest.partition(";")[0]
    return _number(first), _number(second)


def _all_numbers(text: str) -> list[int]:
    return [_number(item) for item in text.split(";")]


def _number(text: str) -> int:
    return int(text.partition(":")[0] or 0)
