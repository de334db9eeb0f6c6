"""Reading a stream in its own task, and handing it on at a rate a screen can follow."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import TypeVar

Item = TypeVar("Item")


async def paced(
    stream: AsyncGenerator[Item, None], interval_seconds: float
) -> AsyncGenerator[list[Item], None]:
    """Yield what has arrived, at most once per interval, and nothing held back longer.

    The stream belongs to one task from its first step to its last. Closing this
    generator, or cancelling whoever iterates it, ends that task and waits until the
    stream has closed.
    """
    arrived: list[Item] = []
    has_news = asyncio.Event()

    async def read() -> None:
        try:
            async with contextlib.aclosing(stream):
                async for item in stream:
                    arrived.append(item)
                    has_news.set()
        finally:
            has_news.set()

    reader = asyncio.create_task(read())
    try:
        while True:
            await has_news.wait()
            has_news.clear()
            handed_at = time.monotonic()
            if arrived:
                batch, arrived[:] = arrived.copy(), ()
                yield batch
            if reader.done() and not arrived:
                break
            if not reader.done():
                spent = time.monotonic() - handed_at
                await asyncio.wait(
                    (reader,), timeout=max(interval_seconds - spent, 0.0)
                )
            if reader.done():
                has_news.set()
        reader.result()
    finally:
        reader.cancel()
        await asyncio.wait((reader,))
        if not reader.cancelled():
            # Whoever stopped listening does not want to hear why it failed either.
            reader.exception()
