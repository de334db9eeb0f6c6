"""Many calls as one: sizes, order, failures of one's own, and nobody hangs."""

import asyncio
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import (
    AsyncBatcher,
    BatcherFullError,
    BatchFigures,
    Priority,
    batched,
)

CALL_SECONDS = 0.05


class OddError(Exception):
    """What a single item fails with."""


@dataclass
class Server:
    """Doubles numbers, many at a time; negative ones fail, and 13 fails them all."""

    loop: VirtualLoop
    seconds: float = CALL_SECONDS
    calls: list[list[int]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    inside: int = 0
    most: int = 0
    ended: int = 0

    async def double(self, items: Sequence[int]) -> list[int | Exception]:
        self.calls.append(list(items))
        self.at.append(self.loop.time() - 1_000.0)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(self.seconds)
            self.ended += 1
        finally:
            self.inside -= 1
        if 13 in items:
            raise OddError("all")
        return [OddError("one") if item < 0 else item * 2 for item in items]


def test_what_was_cancelled_inside_a_call_is_no_result() -> None:
    async def one(item: int) -> int:
        if item < 0:
            raise asyncio.CancelledError
        return item * 2

    async def double(items: Sequence[int]) -> Sequence[int | BaseException]:
        return await asyncio.gather(*map(one, items), return_exceptions=True)

    async def main(_loop: VirtualLoop) -> list[int | BaseException]:
        batcher = AsyncBatcher(double)
        tasks = [batcher.submit(item) for item in (1, -1, 2)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, stopped, last = run_virtually(main)
    assert (first, last) == (2, 4)
    assert isinstance(stopped, RuntimeError)
    assert "CancelledError" in str(stopped)


def test_a_lone_item_goes_at_once() -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop)
        assert await AsyncBatcher(server.double).submit(4) == 8
        return server

    assert run_virtually(main).at == [0.0]


def test_what_comes_at_the_same_moment_is_one_call() -> None:
    async def main(loop: VirtualLoop) -> list[list[int]]:
        server = Server(loop)
        batcher = AsyncBatcher(server.double, size_limit=10)
        results = await asyncio.gather(*(batcher.submit(n) for n in range(20, 45)))
        assert results == [n * 2 for n in range(20, 45)]
        return server.calls

    assert run_virtually(main) == [
        list(range(20, 30)),
        list(range(30, 40)),
        list(range(40, 45)),
    ]


def test_beside_a_running_batch_one_waits_for_company_but_not_for_long() -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop, seconds=5.0)
        batcher = AsyncBatcher(
            server.double, size_limit=3, wait_seconds=0.1, batches_at_once=9
        )
        tasks = [asyncio.create_task(batcher.submit(0))]
        await asyncio.sleep(1)
        tasks.append(asyncio.create_task(batcher.submit(1)))
        await asyncio.sleep(1)
        tasks += [asyncio.create_task(batcher.submit(n)) for n in (2, 3, 4)]
        await asyncio.gather(*tasks)
        return server

    server = run_virtually(main)
    assert server.calls == [[0], [1], [2, 3, 4]]
    assert [round(at, 6) for at in server.at] == [0.0, 1.1, 2.0]


def test_one_call_at_a_time_collects_what_comes_meanwhile() -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop)
        batcher = AsyncBatcher(server.double, size_limit=4)

        async def come(number: int) -> int:
            await asyncio.sleep(number * CALL_SECONDS / 4)
            return await batcher.submit(number)

        assert await asyncio.gather(*map(come, range(12))) == [
            number * 2 for number in range(12)
        ]
        return server

    server = run_virtually(main)
    assert server.most == 1
    assert server.calls[0] == [0]
    assert [n for call in server.calls for n in call] == list(range(12))
    assert len(server.calls) < 12 / 2


@dataclass
class Caller:
    """Submits a number at a time, and may leave again, or have a deadline."""

    number: int
    comes: float
    leaves: float | None = None
    deadline: float | None = None


soon = st.floats(0, 0.5, allow_nan=False)
callers = st.lists(
    st.builds(
        Caller,
        number=st.integers(-3, 14),
        comes=soon,
        leaves=st.none() | soon,
        deadline=st.none() | soon,
    ),
    max_size=25,
)


@given(callers, st.integers(1, 4), st.integers(1, 3), st.integers(1, 6))
def test_whatever_callers_do_each_gets_its_own_and_nothing_is_left(
    people: list[Caller], size: int, at_once: int, pending: int
) -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop)
        batcher = AsyncBatcher(
            server.double,
            size_limit=size,
            batches_at_once=at_once,
            pending_limit=pending,
        )

        async def live(caller: Caller) -> None:
            await asyncio.sleep(caller.comes)
            try:
                async with asyncio.timeout(caller.leaves):
                    result = await batcher.submit(
                        caller.number, deadline_seconds=caller.deadline
                    )
            except OddError as error:
                assert caller.number < 0 or str(error) == "all"  # noqa: PT017
            except TimeoutError:
                assert (caller.leaves, caller.deadline) != (None, None)
            else:
                assert result == caller.number * 2

        await asyncio.gather(*map(live, people))
        assert await batcher.submit(4) == 8
        return server

    server = run_virtually(main)
    assert all(len(call) <= size for call in server.calls)
    assert server.most <= at_once


def test_nobody_waits_beyond_the_room() -> None:
    async def main(loop: VirtualLoop) -> list[list[int]]:
        server = Server(loop)
        batcher = AsyncBatcher(server.double, size_limit=10, pending_limit=3)
        await asyncio.gather(*(batcher.submit(n) for n in range(7)))
        return server.calls

    assert [len(call) for call in run_virtually(main)] == [3, 3, 1]


def test_a_batch_that_nobody_wants_any_more_is_stopped() -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop)
        batcher = AsyncBatcher(server.double)
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(2)]
        await asyncio.sleep(CALL_SECONDS / 2)
        tasks[0].cancel()
        await asyncio.sleep(0)
        assert server.inside == 1, "one still wants it"
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
        assert server.inside == 0
        return server

    assert run_virtually(main).ended == 0


@pytest.mark.parametrize("drains", [True, False])
def test_closing_strands_nobody(drains: bool) -> None:
    async def main(loop: VirtualLoop) -> list[int | BaseException]:
        server = Server(loop)
        batcher = AsyncBatcher(server.double, size_limit=2, pending_limit=5)
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(6)]
        await asyncio.sleep(CALL_SECONDS / 2)
        await batcher.close(drains=drains)
        with pytest.raises(RuntimeError, match="closed"):
            await batcher.submit(1)
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = run_virtually(main)
    if drains:
        assert results == [0, 2, 4, 6, 8, 10]
    else:
        assert all(isinstance(result, RuntimeError) for result in results)


def test_closing_before_the_first_step_strands_nobody_either() -> None:
    async def main(loop: VirtualLoop) -> int | BaseException:
        batcher = AsyncBatcher(Server(loop).double)
        task = asyncio.create_task(batcher.submit(1))
        await asyncio.sleep(0)
        batcher._flush()
        await batcher.close()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        return outcome

    assert isinstance(run_virtually(main), RuntimeError)


def test_a_call_that_returns_too_little_fails_for_all() -> None:
    async def main(loop: VirtualLoop) -> list[int | BaseException]:
        async def lose(items: Sequence[int]) -> Sequence[int]:
            return items[1:]

        batcher: AsyncBatcher[int, int] = AsyncBatcher(lose)
        return await asyncio.gather(
            *(batcher.submit(n) for n in range(3)), return_exceptions=True
        )

    outcomes = run_virtually(main)
    assert all(isinstance(outcome, RuntimeError) for outcome in outcomes)


@pytest.mark.parametrize("kind", [dict.fromkeys, set])
def test_results_without_an_order_are_nobodys(
    kind: Callable[[Sequence[int]], Sequence[int]],
) -> None:
    async def main(_loop: VirtualLoop) -> list[int | BaseException]:
        async def mix_up(items: Sequence[int]) -> Sequence[int]:
            return kind(items)

        batcher: AsyncBatcher[int, int] = AsyncBatcher(mix_up)
        return await asyncio.gather(
            *(batcher.submit(n) for n in range(3)), return_exceptions=True
        )

    outcomes = run_virtually(main)
    assert [type(outcome) for outcome in outcomes] == [TypeError] * 3


@given(st.lists(st.sampled_from(Priority), max_size=30), st.integers(1, 5))
def test_the_urgent_go_first_and_inside_a_priority_who_came_first(
    priorities: list[Priority], size: int
) -> None:
    async def main(loop: VirtualLoop) -> list[list[int]]:
        server = Server(loop)
        batcher = AsyncBatcher(server.double, size_limit=size)
        tasks = [asyncio.create_task(batcher.submit(99))]
        await asyncio.sleep(CALL_SECONDS / 2)
        tasks += [
            asyncio.create_task(batcher.submit(number + 20, priority=priority))
            for number, priority in enumerate(priorities)
        ]
        await asyncio.gather(*tasks)
        return server.calls

    first, *calls = run_virtually(main)
    assert first == [99]
    numbers = [number - 20 for call in calls for number in call]
    assert numbers == sorted(range(len(priorities)), key=lambda n: (priorities[n], n))
    assert all(len(call) == size for call in calls[:-1])


def test_under_load_the_urgent_wait_less_than_half_as_long() -> None:
    def median_wait(priority: Priority) -> float:
        async def main(loop: VirtualLoop) -> list[float]:
            batcher = AsyncBatcher(Server(loop, seconds=0.1).double)
            # Ten times what is done in a second: a queue all the while.
            crowd = [asyncio.create_task(batcher.submit(1)) for _ in range(1_000)]

            async def urgent(number: int) -> float:
                await asyncio.sleep(number * 0.25)
                came = loop.time()
                await batcher.submit(2, priority=priority)
                return loop.time() - came

            waits = await asyncio.gather(*map(urgent, range(20)))
            await asyncio.gather(*crowd)
            return waits

        return statistics.median(run_virtually(main))

    assert median_wait(Priority.HIGH) <= median_wait(Priority.NORMAL) / 2


def test_nobody_waits_longer_than_the_deadline() -> None:
    async def main(loop: VirtualLoop) -> Server:
        server = Server(loop, seconds=50.0)
        batcher = AsyncBatcher(server.double)
        begun = loop.time()
        with pytest.raises(TimeoutError, match="within 30"):
            await batcher.submit(1)
        assert loop.time() - begun == pytest.approx(30.0)
        await asyncio.sleep(0)
        assert server.inside == 0, "nobody wants it any more"
        assert await batcher.submit(2, deadline_seconds=None) == 4
        return server

    assert run_virtually(main).calls == [[1], [2]]


def test_a_timeout_of_the_call_itself_is_told_as_it_is() -> None:
    async def main(_loop: VirtualLoop) -> None:
        async def lose(items: Sequence[int]) -> Sequence[int | Exception]:
            return [TimeoutError("its own") for _ in items]

        batcher: AsyncBatcher[int, int] = AsyncBatcher(lose)
        with pytest.raises(TimeoutError, match="its own"):
            await batcher.submit(1)

    run_virtually(main)


def test_a_full_batcher_rejects_where_it_should_and_takes_again() -> None:
    async def main(loop: VirtualLoop) -> None:
        batcher = AsyncBatcher(
            Server(loop).double, size_limit=2, pending_limit=3, when_full="reject"
        )
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(3)]
        await asyncio.sleep(CALL_SECONDS / 2)
        with pytest.raises(BatcherFullError, match="3 items"):
            await batcher.submit(4)
        assert await tasks[0] == 0
        assert await batcher.submit(4) == 8
        await asyncio.gather(*tasks)

    run_virtually(main)


def test_who_comes_again_at_once_is_not_rejected() -> None:
    async def main(loop: VirtualLoop) -> None:
        batcher = AsyncBatcher(Server(loop).double, pending_limit=1, when_full="reject")
        for number in range(5):
            assert await batcher.submit(number) == number * 2

    run_virtually(main)


def test_one_who_leaves_makes_room() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = Server(loop)
        batcher = AsyncBatcher(
            server.double, size_limit=1, pending_limit=2, when_full="reject"
        )
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(2)]
        await asyncio.sleep(CALL_SECONDS / 2)
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        assert await batcher.submit(4) == 8
        await tasks[0]

    run_virtually(main)


@settings(max_examples=40)
@given(
    once=st.floats(0.0, 0.07),
    each=st.floats(0.0005, 0.05),
    limit=st.integers(1, 32),
)
@example(once=0.0, each=0.01, limit=32)
@example(once=0.2, each=0.01, limit=32)
@example(once=0.0, each=0.3, limit=32)
def test_the_size_adapts_until_a_call_takes_the_target(
    once: float, each: float, limit: int
) -> None:
    target = 0.1

    async def main(_loop: VirtualLoop) -> tuple[int, list[int]]:
        sizes: list[int] = []

        async def call(items: Sequence[int]) -> Sequence[int]:
            sizes.append(len(items))
            await asyncio.sleep(once + each * len(items))
            return items

        batcher: AsyncBatcher[int, int] = AsyncBatcher(
            call, size_limit=limit, target_seconds=target, pending_limit=5_000
        )
        numbers = range(limit * 30)
        assert await asyncio.gather(
            *(batcher.submit(number, deadline_seconds=None) for number in numbers)
        ) == list(numbers)
        return batcher.figures.size, sizes

    size, sizes = run_virtually(main)
    assert 1 <= size <= limit
    assert max(sizes) <= limit
    assert sizes[0] == 1, "it is not known yet how long one takes"
    seconds = once + each * size
    # Between two whole numbers, or at a bound, it cannot be nearer.
    assert (
        target * 0.8 <= seconds <= target * 1.2
        or (size == limit and seconds < target)
        or (size == 1 and seconds > target)
        or each > target * 0.4
    )


def test_small_calls_do_not_say_that_large_ones_are_slow() -> None:
    async def main(_loop: VirtualLoop) -> BatchFigures:
        async def call(items: Sequence[int]) -> Sequence[int]:
            await asyncio.sleep(0.05 + 0.001 * len(items))
            return items

        batcher: AsyncBatcher[int, int] = AsyncBatcher(
            call, size_limit=50, target_seconds=0.1
        )
        await asyncio.gather(*(batcher.submit(n) for n in range(600)))
        grown = batcher.figures.size
        for number in range(20):
            await batcher.submit(number)
        assert batcher.figures.size == grown > 30
        return batcher.figures

    run_virtually(main)


def test_it_counts_what_it_does() -> None:
    async def main(loop: VirtualLoop) -> list[BatchFigures]:
        batcher = AsyncBatcher(Server(loop).double, size_limit=4)
        told = [batcher.figures]
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(6)]
        await asyncio.sleep(CALL_SECONDS / 2)
        told.append(batcher.figures)
        await asyncio.gather(*tasks)
        told.append(batcher.figures)
        return told

    before, amid, after = run_virtually(main)
    assert (before.items, before.mean_size, before.mean_wait_seconds) == (0, 0.0, 0.0)
    assert (amid.items, amid.waiting, amid.running, amid.size) == (4, 2, 4, 4)
    assert (after.items, after.batches, after.waiting, after.running) == (6, 2, 0, 0)
    assert after.mean_size == 3.0
    # Four went at once, two waited for the end of that call.
    assert after.mean_wait_seconds == pytest.approx(2 * CALL_SECONDS / 6)
    assert after.mean_call_seconds == pytest.approx(CALL_SECONDS)


def test_a_decorated_function_takes_single_items() -> None:
    async def main(_loop: VirtualLoop) -> None:
        calls: list[list[str]] = []

        @batched(size_limit=3, wait_seconds=0.1)
        async def shout(words: Sequence[str]) -> Sequence[str]:
            """Say it loudly."""
            calls.append(list(words))
            return [word.upper() for word in words]

        assert await asyncio.gather(*map(shout.submit, "abcd")) == list("ABCD")
        assert calls == [["a", "b", "c"], ["d"]]
        assert shout.__doc__ == "Say it loudly."

    run_virtually(main)


@pytest.mark.parametrize(
    "options",
    [{"size_limit": 0}, {"batches_at_once": 0}, {"pending_limit": 0}],
)
def test_bounds_that_let_nobody_through_are_refused(options: dict[str, int]) -> None:
    async def call(items: Sequence[int]) -> Sequence[int]:
        return items

    with pytest.raises(ValueError, match="below 1"):
        AsyncBatcher(call, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="positive"):
        AsyncBatcher(call, target_seconds=0)
    for seconds in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="wait_seconds"):
            AsyncBatcher(call, wait_seconds=seconds)
