"""Work at a limited rate."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Self


class AsyncThrottler:
    """A bucket of tokens, each of which comes back one period after it was taken.

    So no span as long as the period ever sees more than ``limit`` starts, wherever it
    begins. Who comes first is served first; a waiter that is cancelled gives its place
    to the next. Nothing runs in the background. As a context manager it also bounds how
    many are inside ``at_once``.
    """

    def __init__(
        self,
        limit: int,
        period_seconds: float,
        *,
        at_once: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if limit < 1 or (at_once is not None and at_once < 1):
            raise ValueError("a limit below 1 lets nobody through for ever")
        if not 0 <= period_seconds < math.inf:
            raise ValueError("period_seconds must be a number from 0 on")
        self._taken: deque[float] = deque(maxlen=limit)
        self._period_seconds = period_seconds
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(at_once) if at_once is not None else None

    @property
    def wait_seconds(self) -> float:
        """How long it takes until there is a token, 0.0 if there is one."""
        if len(self._taken) < (self._taken.maxlen or 0):
            return 0.0
        return max(0.0, self._taken[0] + self._period_seconds - self._clock())

    def take(self) -> None:
        """Take a token; whoever calls this has looked at ``wait_seconds``."""
        self._taken.append(self._clock())

    async def acquire(self) -> None:
        """Wait for a token and take it."""
        async with self._turn:
            while (seconds := self.wait_seconds) > 0:
                await self._sleep(seconds)
            self.take()

    async def __aenter__(self) -> Self:
        if self._places is None:
            await self.acquire()
            return self
        # A token that is held while others run is lost for those.
        await self._places.acquire()
        try:
            await self.acquire()
        except BaseException:
            self._places.release()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._places is not None:
            self._places.release()
