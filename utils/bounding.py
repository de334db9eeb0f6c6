"""Many at once, but never more than a bound."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Generic, Literal, TypeVar, overload

from utils.object_pool import ObjectPool, reset_by_method

Item = TypeVar("Item")
Pooled = TypeVar("Pooled")
Result = TypeVar("Result")

GATHER_LIMIT = 100


class AsyncPool(Generic[Pooled]):
    """Lends at most ``limit`` objects; whoever comes then waits, first come first.

    Objects are made when they are needed, and reset when they come back: what one
    borrower left in them, no other sees. A borrower that is cancelled while it waits
    takes nobody's place, and one that fails inside ``lend`` gives its object back.
    """

    def __init__(
        self,
        factory: Callable[[], Pooled],
        limit: int,
        *,
        reset: Callable[[Pooled], object] = reset_by_method,
    ) -> None:
        if limit < 1:
            raise ValueError("a pool with a limit below 1 lends nothing, ever")
        self._objects = ObjectPool(factory, limit, reset=reset)
        self._places = asyncio.Semaphore(limit)

    @property
    def lent(self) -> int:
        """How many are in use."""
        return self._objects.lent

    async def acquire(self) -> Pooled:
        """Wait for an object."""
        await self._places.acquire()
        try:
            return self._objects.acquire()
        except BaseException:
            self._places.release()
            raise

    def release(self, pooled: Pooled) -> None:
        """Take an object back; raise ValueError if it is not lent."""
        lent = self._objects.lent
        try:
            self._objects.release(pooled)
        finally:
            # Whatever the reset raises: the place is not lost with the object.
            if self._objects.lent < lent:
                self._places.release()

    @contextlib.asynccontextmanager
    async def lend(self) -> AsyncIterator[Pooled]:
        """Lend an object for a block."""
        pooled = await self.acquire()
        try:
            yield pooled
        finally:
            self.release(pooled)


@overload
async def gather_bounded(
    function: Callable[[Item], Awaitable[Result]],
    items: Iterable[Item],
    *,
    limit: int = ...,
    return_exceptions: Literal[False] = ...,
) -> list[Result]: ...


@overload
async def gather_bounded(
    function: Callable[[Item], Awaitable[Result]],
    items: Iterable[Item],
    *,
    limit: int = ...,
    return_exceptions: Literal[True],
) -> list[Result | Exception]: ...


async def gather_bounded(
    function: Callable[[Item], Awaitable[Result]],
    items: Iterable[Item],
    *,
    limit: int = GATHER_LIMIT,
    return_exceptions: bool = False,
) -> list[Result] | list[Result | Exception]:
    """Await the function for each item, ``limit`` at a time; results in their order.

    Items are taken as they are needed and no more than ``limit`` tasks exist, so there
    may be very many. The first error stops the others and is raised, unless exceptions
    are to be returned in the results' places.
    """
    if limit < 1:
        raise ValueError("a limit below 1 lets nothing run, ever")
    results: dict[int, Result | Exception] = {}
    left = enumerate(items)

    async def work(position: int, item: Item) -> None:
        while True:
            try:
                results[position] = await function(item)
            except Exception as error:
                if not return_exceptions:
                    raise
                results[position] = error
            following = next(left, None)
            if following is None:
                return
            position, item = following

    try:
        async with asyncio.TaskGroup() as group:
            workers = [
                group.create_task(work(*first))
                for first in itertools.islice(left, limit)
            ]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    if any(worker.cancelled() for worker in workers):
        # A function that was cancelled from elsewhere has no result to give.
        raise asyncio.CancelledError
    return [results[position] for position in sorted(results)]
