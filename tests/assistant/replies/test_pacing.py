"""Pacing a stream: complete, in order, not too often, and gone when told so."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.replies.pacing import paced

INTERVAL = 0.02


class Source:
    """A stream that records how it ended."""

    def __init__(self, pauses: list[float], error: Exception | None = None) -> None:
        self._pauses = pauses
        self._error = error
        self.is_closed = False
        self.given = 0

    async def stream(self) -> AsyncGenerator[int, None]:
        try:
            for number, pause in enumerate(self._pauses):
                await asyncio.sleep(pause)
                self.given += 1
                yield number
            if self._error is not None:
                raise self._error
        finally:
            # Closing takes a moment, as a socket does.
            await asyncio.sleep(0)
            self.is_closed = True


@given(pauses=st.lists(st.sampled_from([0.0, 0.0, 0.001]), max_size=12))
def test_everything_arrives_once_and_in_order(pauses: list[float]) -> None:
    async def read() -> list[int]:
        source = Source(pauses)
        batches = [batch async for batch in paced(source.stream(), 0.002)]
        assert all(batches)
        assert source.is_closed
        return [item for batch in batches for item in batch]

    assert asyncio.run(read()) == list(range(len(pauses)))


async def test_a_burst_is_one_batch_and_the_first_item_does_not_wait() -> None:
    source = Source([0.0] * 500)
    batches = [batch async for batch in paced(source.stream(), INTERVAL)]
    assert batches[0][0] == 0
    assert len(batches) <= 4


async def test_the_last_items_before_a_silence_are_not_held_back() -> None:
    source = Source([0.0, 0.0, 0.0, 60.0])
    stream = paced(source.stream(), INTERVAL)
    received: list[int] = []
    async with contextlib.aclosing(stream):
        async for batch in stream:
            received += batch
            if received == [0, 1, 2]:
                break
    assert source.is_closed


async def test_an_error_comes_after_everything_before_it() -> None:
    received: list[int] = []
    source = Source([0.0] * 3, ValueError("broken"))

    async def read() -> None:
        async for batch in paced(source.stream(), INTERVAL):
            received.extend(batch)

    with pytest.raises(ValueError, match="broken"):
        await read()
    assert received == [0, 1, 2]


async def test_closing_ends_the_source_before_it_returns() -> None:
    source = Source([0.0, 60.0])
    stream = paced(source.stream(), INTERVAL)
    await anext(stream)
    await stream.aclose()
    assert source.is_closed


async def test_an_error_nobody_waits_for_is_not_reported_later() -> None:
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    source = Source([0.0], ValueError("broken"))
    stream = paced(source.stream(), INTERVAL)
    await anext(stream)
    await asyncio.sleep(0.005)
    assert source.is_closed
    await stream.aclose()
    gc.collect()
    assert complaints == []


async def test_cancelling_the_reader_ends_the_source() -> None:
    source = Source([60.0])

    async def read() -> None:
        async for _batch in paced(source.stream(), INTERVAL):
            pass

    task = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert source.is_closed
    assert len(asyncio.all_tasks()) == 1
