"""Makes a failing session small enough to read and to keep as an example."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.fuzz.session import Session, Step

ROUNDS_LIMIT = 200


def failure(steps: Sequence[Step]) -> str:
    """Return what goes wrong in a session, "" when nothing does."""
    session = Session()
    try:
        for step in steps:
            session.run(step)
    except Exception as error:  # noqa: BLE001 - any exception is a finding
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        name = place.tb_frame.f_code.co_name if place else ""
        return f"{type(error).__name__} in {name}: {str(error).partition(chr(10))[0]}"
    return ""


def minimised(steps: Sequence[Step]) -> list[Step]:
    """Return a smaller session that fails too, though not always in the same way."""
    best = list(steps)
    for _ in range(ROUNDS_LIMIT):
        smaller = next(filter(failure, _smaller(best)), None)
        if smaller is None:
            break
        best = smaller
    return best


def _smaller(steps: list[Step]) -> Iterator[list[Step]]:
    """Yield sessions with a little less: steps, resizes, splits, stretches of bytes."""
    for at in range(len(steps)):
        yield steps[:at] + steps[at + 1 :]
    for at, step in enumerate(steps):
        for simpler in _simpler(step):
            yield [*steps[:at], simpler, *steps[at + 1 :]]


def _simpler(step: Step) -> Iterator[Step]:
    if step.size:
        yield replace(step, size=None)
    if step.cuts:
        yield replace(step, cuts=())
        yield replace(step, cuts=None)
    length = len(step.data) // 2
    while length:
        for start in range(0, len(step.data), length):
            stop = start + length
            yield Step(
                step.data[:start] + step.data[stop:],
                step.cuts
                and tuple(
                    cut - length if cut >= stop else min(cut, start)
                    for cut in step.cuts
                ),
                step.size,
            )
        length //= 2
