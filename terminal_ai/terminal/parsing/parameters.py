"""Parameters as they are written, and how functions are given them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from terminal_ai.terminal.screen.screen import Screen

PARAMETERS_CACHE_ENTRIES = 16_384

Action = Callable[[Screen], None]
CsiAction = Callable[[Screen, str], None]
"""Takes the parameters as they were written."""


@lru_cache(maxsize=PARAMETERS_CACHE_ENTRIES)
def numbers(parameters: str) -> tuple[int, ...]:
    """Return the parameters, 0 where none was given; sub-parameters are left out."""
    return tuple(
        int(item.partition(":")[0] or 0) if item else 0
        for item in parameters.split(";")
    )


def with_number(action: Callable[[Screen, int], None]) -> CsiAction:
    """Return an action that is given the first parameter."""
    return lambda screen, parameters: action(screen, numbers(parameters)[0])


def with_two(action: Callable[[Screen, int, int], None]) -> CsiAction:
    """Return an action that is given the first two parameters."""

    def run(screen: Screen, parameters: str) -> None:
        first, second, *_ = *numbers(parameters), 0
        action(screen, first, second)

    return run


def without_parameters(action: Action) -> CsiAction:
    """Return an action that takes no parameters."""
    return lambda screen, parameters: action(screen)  # noqa: ARG005 - the table's signature


def with_all(action: Callable[..., None], limit: int) -> CsiAction:
    """Return an action that is given all parameters, at most ``limit``."""
    return lambda screen, parameters: action(screen, *numbers(parameters)[:limit])


def with_rectangle(
    action: Callable[[Screen, Sequence[int], Sequence[int]], None],
) -> CsiAction:
    """Return an action that is given four edges, and what follows them."""

    def run(screen: Screen, parameters: str) -> None:
        values = numbers(parameters)
        action(screen, values[:4], values[4:])

    return run


def window_parameters(parameters: str) -> tuple[int, *tuple[int | None, ...]]:
    """Return operation and parameters; what was left out is not the same as 0."""
    operation, *rest = parameters.split(";")
    return numbers(operation)[0], *(numbers(item)[0] if item else None for item in rest)
