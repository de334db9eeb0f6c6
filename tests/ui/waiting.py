"""Waiting for what must come, instead of for a time."""

from collections.abc import Callable

from textual.pilot import Pilot

ROUNDS_LIMIT = 400


async def until(pilot: Pilot[None], is_true: Callable[[], object]) -> None:
    """Let the app run until the condition holds; fail if it never does."""
    for _ in range(ROUNDS_LIMIT):
        if is_true():
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come true")
