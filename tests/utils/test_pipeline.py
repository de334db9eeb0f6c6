"""Stages of every kind, an error that names its stage, and cancelling anywhere."""

import asyncio
import threading

import pytest

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncPipeline


async def double(number: int) -> int:
    await asyncio.sleep(1)
    return number * 2


def test_whatever_a_stage_returns_is_awaited() -> None:
    async def main(loop: VirtualLoop) -> int:
        async def soon(number: int) -> int:
            return number + 1

        def future_of(number: int) -> asyncio.Future[int]:
            future = loop.create_future()
            future.set_result(number + 1)
            return future

        pipeline = (
            AsyncPipeline()
            .add_stage(double)
            .add_stage(lambda number: number + 1)
            .add_stage(lambda number: soon(number))
            .add_stage(lambda number: asyncio.create_task(soon(number)))
            .add_stage(future_of)
        )
        result: int = await pipeline.execute(1)
        return result

    assert run_virtually(main) == 6


async def test_a_stage_that_blocks_runs_in_a_thread() -> None:
    here = threading.get_ident()
    pipeline = AsyncPipeline().add_stage(lambda _: threading.get_ident())
    assert await pipeline.execute(0) == here
    apart = AsyncPipeline().add_stage(lambda _: threading.get_ident(), in_thread=True)
    assert await apart.execute(0) != here


async def test_what_a_thread_returns_is_awaited_as_well() -> None:
    async def twice(number: int) -> int:
        return number * 2

    pipeline = AsyncPipeline().add_stage(lambda number: twice(number), in_thread=True)
    assert await pipeline.execute(4) == 8


@pytest.mark.parametrize("in_thread", [True, False])
async def test_an_error_names_its_stage(in_thread: bool) -> None:
    def parse(_value: object) -> object:
        raise KeyError("x")

    pipeline = AsyncPipeline().add_stage(str).add_stage(parse, in_thread=in_thread)
    with pytest.raises(KeyError) as caught:
        await pipeline.execute(1)
    (note,) = caught.value.__notes__
    assert note.startswith("in stage 2 of the pipeline, ")
    assert note.endswith("parse")


async def test_a_stage_can_be_given_a_name() -> None:
    pipeline = AsyncPipeline().add_stage(lambda number: 1 / number, name="inverse")
    with pytest.raises(ZeroDivisionError) as caught:
        await pipeline.execute(0)
    assert caught.value.__notes__ == ["in stage 1 of the pipeline, inverse"]


def test_cancelling_stops_where_it_is() -> None:
    async def main(_loop: VirtualLoop) -> list[int]:
        reached: list[int] = []
        pipeline = AsyncPipeline().add_stage(double).add_stage(reached.append)
        task = asyncio.create_task(pipeline.execute(1))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return reached

    assert run_virtually(main) == []


async def test_without_stages_a_value_stays_as_it_is() -> None:
    assert await AsyncPipeline().execute(7) == 7
