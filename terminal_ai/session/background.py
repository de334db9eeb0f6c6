"""Work beside a session that ends with it."""

import asyncio
from collections.abc import Coroutine


class Background:
    """Owns the tasks that nobody waits for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[None, None, object]) -> None:
        """Do something without waiting for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, *others: asyncio.Task[object] | None) -> None:
        """Cancel all of it, and other tasks, and wait until they have ended."""
        tasks = {*self._tasks, *(task for task in others if task)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
