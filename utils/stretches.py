"""Running what can be suspended, with something done round each stretch of it."""

from collections.abc import Callable, Generator
from types import coroutine
from typing import Any, Protocol


class Routine(Protocol):
    """What runs in stretches: a coroutine, a generator, a step of an async one."""

    def send(self, value: Any, /) -> Any:
        """Go on; raises StopIteration with the result at the end."""

    def throw(self, error: BaseException, /) -> Any:
        """Go on with an error."""

    def close(self) -> None:
        """End early."""


Step = Callable[[Any], Any]
RunStretch = Callable[[Step, Any], Any]
"""Calls a step with its argument, and returns or raises what it does."""


def in_stretches(routine: Routine, run: RunStretch) -> Generator[Any, Any, Any]:
    """Pass on all that goes in and comes out of a routine, as ``yield from`` does.

    Each stretch between going in and coming out, closing included, is left to ``run``.
    """
    try:
        out = run(routine.send, None)
    except StopIteration as stop:
        return stop.value
    return (yield from further_stretches(routine, run, out))


def further_stretches(
    routine: Routine, run: RunStretch, out: object
) -> Generator[Any, Any, Any]:
    """Do so with a routine that has come out with something once already."""
    while True:
        step: Step
        try:
            argument = yield out
            step = routine.send
        except GeneratorExit:
            run(lambda _: routine.close(), None)
            raise
        except BaseException as error:  # noqa: BLE001 - the routine's to handle
            step, argument = routine.throw, error
        try:
            out = run(step, argument)
        except StopIteration as stop:
            return stop.value
        finally:
            # An error that was thrown in would else hold its own traceback.
            argument = None


awaited_in_stretches = coroutine(in_stretches)
awaited_further = coroutine(further_stretches)
"""The same two, to be awaited."""
