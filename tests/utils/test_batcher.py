"""Many calls as one: sizes, order, failures of one's own, and nobody hangs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncBatcher

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

    *taken, refused = run_virtually(main)
    # The last one waited for room, and was never taken in.
    assert isinstance(refused, RuntimeError)
    if drains:
        assert taken == [0, 2, 4, 6, 8]
    else:
        assert all(isinstance(result, RuntimeError) for result in taken)


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
