"""Never more at once than may be, and nobody waits in vain."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncPool, gather_bounded


class Counter:
    """Counts who is inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.begun = 0

    async def double(self, number: int) -> int:
        self.begun += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(1 + number % 3)
            if number < 0:
                raise OSError(number)
            return number * 2
        finally:
            self.inside -= 1


def test_of_a_thousand_a_hundred_run_at_once_and_keep_their_order() -> None:
    async def main(_loop: VirtualLoop) -> int:
        counter = Counter()
        results = await gather_bounded(counter.double, range(1_000), limit=100)
        assert results == [number * 2 for number in range(1_000)]
        return counter.most

    assert run_virtually(main) == 100


def test_items_are_taken_only_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    async def main(_loop: VirtualLoop) -> None:
        counter = Counter()
        task = asyncio.create_task(gather_bounded(counter.double, items(), limit=3))
        await asyncio.sleep(0.5)
        assert taken == [0, 1, 2]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (counter.inside, counter.begun) == (0, 3)

    run_virtually(main)
    assert taken == [0, 1, 2]


@given(
    st.lists(st.integers(-2, 9), max_size=30),
    st.integers(1, 5),
    st.booleans(),
)
def test_results_or_the_first_error(
    numbers: list[int], limit: int, returns: bool
) -> None:
    async def main(_loop: VirtualLoop) -> Counter:
        counter = Counter()
        if returns:
            outcomes = await gather_bounded(
                counter.double, numbers, limit=limit, return_exceptions=True
            )
            for number, outcome in zip(numbers, outcomes, strict=True):
                if number < 0:
                    assert isinstance(outcome, OSError)
                else:
                    assert outcome == number * 2
        elif min(numbers, default=0) < 0:
            with pytest.raises(OSError, match="-"):
                await gather_bounded(counter.double, numbers, limit=limit)
        else:
            assert await gather_bounded(counter.double, numbers, limit=limit) == [
                number * 2 for number in numbers
            ]
        assert counter.inside == 0
        return counter

    assert run_virtually(main).most <= limit


def test_a_function_that_is_cancelled_from_elsewhere_cancels() -> None:
    async def main(_loop: VirtualLoop) -> None:
        async def give_up(number: int) -> int:
            if number == 1:
                raise asyncio.CancelledError
            return number

        with pytest.raises(asyncio.CancelledError):
            await gather_bounded(give_up, range(3), return_exceptions=True)

    run_virtually(main)


class Page:
    """Something that remembers what was written on it."""

    def __init__(self) -> None:
        self.text = ""

    def reset(self) -> None:
        self.text = ""


def test_what_one_borrower_leaves_no_other_sees() -> None:
    async def main(_loop: VirtualLoop) -> None:
        pool = AsyncPool(Page, 1)
        async with pool.lend() as page:
            page.text = "secret"
        async with pool.lend() as again:
            assert again is page
            assert again.text == ""

    run_virtually(main)


def test_who_cannot_be_given_an_object_takes_no_place() -> None:
    async def main(_loop: VirtualLoop) -> None:
        broken = True

        def make() -> Page:
            if broken:
                raise OSError("none left")
            return Page()

        pool = AsyncPool(make, 1)
        for _ in range(3):
            with pytest.raises(OSError, match="none left"):
                await pool.acquire()
        broken = False
        pool.release(await pool.acquire())

    run_virtually(main)


def test_giving_back_twice_makes_no_place_either() -> None:
    async def main(_loop: VirtualLoop) -> None:
        pool = AsyncPool(Page, 1)
        page = await pool.acquire()
        pool.release(page)
        with pytest.raises(ValueError, match="back already"):
            pool.release(page)
        await pool.acquire()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.acquire(), 1)

    run_virtually(main)


def test_a_reset_that_is_interrupted_costs_the_object_and_no_place() -> None:
    class Stuck(Page):
        def reset(self) -> None:
            raise KeyboardInterrupt

    async def main(_loop: VirtualLoop) -> None:
        pool = AsyncPool(Stuck, 1)
        for _each in range(3):
            page = await asyncio.wait_for(pool.acquire(), 1)
            with pytest.raises(KeyboardInterrupt):
                pool.release(page)

    run_virtually(main)


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_bound_that_lets_nobody_through_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="below 1"):
        AsyncPool(Page, limit)
    with pytest.raises(ValueError, match="below 1"):
        await gather_bounded(Counter().double, [1], limit=limit)
