"""The bucket of tokens: no span too full, nobody stranded, in the order they came."""

import asyncio
import contextlib
import itertools
import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncThrottler

PERIOD = 0.2


def throttler_in(
    loop: VirtualLoop, limit: int = 5, at_once: int | None = None
) -> AsyncThrottler:
    return AsyncThrottler(limit, PERIOD, at_once=at_once, clock=loop.time)


def test_twelve_at_five_in_a_period_take_two_more_periods() -> None:
    async def main(loop: VirtualLoop) -> list[float]:
        throttler = throttler_in(loop)
        begun = loop.time()

        async def enter() -> float:
            await throttler.acquire()
            return loop.time() - begun

        return await asyncio.gather(*(enter() for _ in range(12)))

    times = run_virtually(main)
    assert [round(time, 6) for time in times] == [0.0] * 5 + [0.2] * 5 + [0.4] * 2


@dataclass
class Caller:
    """Comes at a time, and may leave before its turn."""

    comes: float
    leaves: float | None = None
    got: float | None = field(default=None, init=False)


moments = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
callers = st.lists(
    st.builds(
        Caller,
        comes=moments,
        leaves=st.none() | moments,
    ),
    max_size=20,
)


@given(callers, st.integers(1, 5))
def test_any_callers_are_served_in_order_and_no_span_is_too_full(
    people: list[Caller], limit: int
) -> None:
    async def main(loop: VirtualLoop) -> None:
        throttler = throttler_in(loop, limit)
        begun = loop.time()

        async def live(caller: Caller) -> None:
            await asyncio.sleep(caller.comes)
            async with asyncio.timeout(caller.leaves):
                await throttler.acquire()
                caller.got = loop.time() - begun

        lives = [live(caller) for caller in people]
        for outcome in await asyncio.gather(*lives, return_exceptions=True):
            assert outcome is None or isinstance(outcome, TimeoutError)
        # Whatever happened, the next one is served.
        await throttler.acquire()

    run_virtually(main)
    assert all(one.got is not None for one in people if one.leaves is None)
    served = sorted(one.got for one in people if one.got is not None)
    for first, later in zip(served, served[limit:], strict=False):
        assert later - first >= PERIOD - 1e-9
    patient = [one for one in people if one.leaves is None]
    for one, other in itertools.permutations(patient, 2):
        assert one.got is not None
        assert other.got is not None
        assert one.comes >= other.comes or one.got <= other.got


def test_a_place_inside_is_given_back_by_whoever_waited_in_vain() -> None:
    async def main(loop: VirtualLoop) -> None:
        throttler = throttler_in(loop, 1, at_once=2)
        async with throttler:
            # Inside, but without a token yet.
            waiting = asyncio.create_task(_enter(throttler))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            async with asyncio.timeout(10):
                await _enter(throttler)

    run_virtually(main)


async def _enter(throttler: AsyncThrottler) -> None:
    async with throttler:
        pass


def test_of_a_thousand_a_hundred_are_inside_at_once() -> None:
    async def main(loop: VirtualLoop) -> tuple[int, int]:
        throttler = throttler_in(loop, 1_000, at_once=100)
        inside = most = done = 0

        async def enter() -> None:
            nonlocal inside, most, done
            async with throttler:
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(1)
                inside -= 1
                done += 1

        await asyncio.gather(*(enter() for _ in range(1_000)))
        return most, done

    assert run_virtually(main) == (100, 1_000)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_are_inside_than_may(at_once: int) -> None:
    async def main(loop: VirtualLoop) -> int:
        throttler = throttler_in(loop, 100, at_once=at_once)
        inside = most = 0

        async def enter() -> None:
            nonlocal inside, most
            async with throttler:
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(1)
                inside -= 1

        tasks = [asyncio.create_task(enter()) for _ in range(10)]
        tasks[4].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tasks[4]
        await asyncio.gather(*tasks, return_exceptions=True)
        return most

    assert run_virtually(main) == at_once


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_a_period_is_a_number_of_seconds(seconds: float) -> None:
    with pytest.raises(ValueError, match="period_seconds"):
        AsyncThrottler(1, seconds)
