"""Many calls as one: gathered by size and time, the urgent ones first."""

import asyncio
import functools
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generic, Literal, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")

BatchCall = Callable[[Sequence[Item]], Awaitable[Sequence[Result | BaseException]]]

BATCH_LIMIT = 10
"""Items that one call takes."""
BATCH_SECONDS = 0.1
"""An item waits no longer for company while another batch is under way."""
PENDING_LIMIT = 1_000
"""Items that are taken in at a time."""
DEADLINE_SECONDS = 30.0
"""A caller waits no longer than this unless it says so."""
TARGET_SECONDS = 0.1
"""What a call should take where the size adapts: short enough to wait for."""

_STEP = 2.0
_WEIGHT = 0.5
_TOLERANCE = 0.2


class Priority(IntEnum):
    """Who goes first; inside one priority, who came first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class BatcherFullError(RuntimeError):
    """As many items as may be pending are; come again later, or wait."""


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """What a batcher did until now, and what it has to do."""

    items: int
    batches: int
    mean_size: float
    mean_wait_seconds: float
    """From an item's coming to the start of its call."""
    mean_call_seconds: float
    waiting: int
    running: int
    """Items inside calls."""
    size: int
    """What the next call may take; it changes where the size adapts."""


class AsyncBatcher(Generic[Item, Result]):
    """Turns calls for one item into calls for many, by priority and as they came.

    ``call`` gets up to ``size_limit`` items and returns as many results; a result that
    is an exception is raised for its caller alone. While nothing is under way an item
    goes at once, with all that came at the same moment; else it waits for company, at
    most ``wait_seconds`` and for a free one of ``batches_at_once``.

    Beyond ``pending_limit`` items, waiting and in calls, a caller waits longer, or is
    told so by ``BatcherFullError`` if ``when_full`` is ``"reject"``. With
    ``target_seconds`` the size adapts between 1 and ``size_limit`` until a full call
    takes about so long.
    """

    def __init__(
        self,
        call: BatchCall[Item, Result],
        *,
        size_limit: int = BATCH_LIMIT,
        wait_seconds: float = BATCH_SECONDS,
        batches_at_once: int = 1,
        pending_limit: int = PENDING_LIMIT,
        when_full: Literal["wait", "reject"] = "wait",
        target_seconds: float | None = None,
    ) -> None:
        if min(size_limit, batches_at_once, pending_limit) < 1:
            raise ValueError("a bound below 1 lets nothing through, ever")
        if not 0 <= wait_seconds < math.inf:
            raise ValueError("wait_seconds must be a number from 0 on")
        if target_seconds is not None and not target_seconds > 0:
            raise ValueError("target_seconds must be positive; None keeps the size")
        self._call = call
        self._sizer = _Sizer(size_limit, target_seconds)
        self._wait_seconds = wait_seconds
        self._batches_at_once = batches_at_once
        self._pending_limit = pending_limit
        self._rejects = when_full == "reject"
        self._waiting: dict[Priority, OrderedDict[_Entry[Item, Result], None]] = {
            priority: OrderedDict() for priority in Priority
        }
        self._running: dict[asyncio.Task[None], _Batch[Item, Result]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._totals = _Totals()

    @property
    def figures(self) -> BatchFigures:
        """What it did until now, and what it has to do."""
        totals = self._totals
        return BatchFigures(
            items=totals.items,
            batches=totals.batches,
            mean_size=_mean(totals.items, totals.batches),
            mean_wait_seconds=_mean(totals.wait_seconds, totals.items),
            mean_call_seconds=_mean(totals.call_seconds, totals.ended),
            waiting=self._count_waiting(),
            running=self._count_running(),
            size=self._sizer.size,
        )

    async def submit(
        self,
        item: Item,
        *,
        priority: Priority = Priority.NORMAL,
        deadline_seconds: float | None = DEADLINE_SECONDS,
    ) -> Result:
        """Return the item's own result; raise TimeoutError after the deadline.

        A caller that is cancelled, or late, takes only its own item along.
        """
        if self._is_closed:
            raise RuntimeError("the batcher is closed")
        pending = self._count_waiting() + self._count_running()
        if self._rejects and pending >= self._pending_limit:
            raise BatcherFullError(f"{pending} items are pending already")
        loop = asyncio.get_running_loop()
        entry: _Entry[Item, Result] = _Entry(
            item, priority, loop.create_future(), loop.time()
        )
        self._waiting[priority][entry] = None
        self._plan()
        try:
            async with asyncio.timeout(deadline_seconds) as deadline:
                return await entry.future
        except TimeoutError as error:
            if not deadline.expired():
                # It is the item's own result.
                raise
            raise TimeoutError(f"no result within {deadline_seconds} s") from error
        finally:
            self._leave(entry)

    async def close(self, *, drains: bool = False) -> None:
        """Refuse new items; the others are finished first, or fail at once."""
        self._is_closed = True
        while drains and (self._count_waiting() or self._running):
            while self._ready() and len(self._running) < self._batches_at_once:
                self._flush()
            await asyncio.wait(self._running)
        self._stop_timer()
        running = tuple(self._running)
        for task in running:
            task.cancel()
        for entries in self._waiting.values():
            for entry in entries:
                entry.fail(RuntimeError("the batcher was closed"))
        if running:
            await asyncio.wait(running)

    def _count_waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _count_running(self) -> int:
        return sum(len(batch.entries) for batch in self._running.values())

    def _ready(self) -> int:
        """Return how many of those who wait may be in calls."""
        room = self._pending_limit - self._count_running()
        return min(self._count_waiting(), room)

    def _plan(self) -> None:
        """Set the timer for the next batch, if one may start."""
        self._stop_timer()
        ready = self._ready()
        if self._is_closed or not ready or len(self._running) >= self._batches_at_once:
            return
        loop = asyncio.get_running_loop()
        is_due = not self._running or ready >= self._sizer.size
        oldest = min(
            next(iter(each)).came_at for each in self._waiting.values() if each
        )
        due_at = oldest + (0.0 if is_due else self._wait_seconds)
        self._timer = loop.call_later(max(0.0, due_at - loop.time()), self._flush)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._stop_timer()
        now = asyncio.get_running_loop().time()
        batch = _Batch(
            [self._take() for _ in range(min(self._sizer.size, self._ready()))]
        )
        batch.task = asyncio.create_task(self._run(batch))
        for entry in batch.entries:
            entry.batch = batch
            self._totals.wait_seconds += now - entry.came_at
        self._totals.items += len(batch.entries)
        self._totals.batches += 1
        self._running[batch.task] = batch
        batch.task.add_done_callback(self._ended)
        self._plan()

    def _take(self) -> "_Entry[Item, Result]":
        entries = next(each for each in self._waiting.values() if each)
        return entries.popitem(last=False)[0]

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Make room; called by the task itself, or when it ended before it began."""
        batch = self._running.pop(task, None)
        if batch is None:
            return
        for entry in batch.entries:
            entry.fail(RuntimeError("the call for this item was stopped"))
        self._plan()

    async def _run(self, batch: "_Batch[Item, Result]") -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            results = await self._call([entry.item for entry in batch.entries])
            if isinstance(results, Mapping | Set):
                raise TypeError(  # noqa: TRY301
                    f"the call returned a {type(results).__name__}, whose order says "
                    "nothing: return a list, in the order of the items"
                )
            if len(results) != len(batch.entries):
                raise RuntimeError(  # noqa: TRY301
                    f"{len(results)} results for {len(batch.entries)} items"
                )
        except Exception as error:  # noqa: BLE001 - it is the callers'
            for entry in batch.entries:
                entry.fail(error)
        else:
            seconds = loop.time() - begun
            self._sizer.learn(len(batch.entries), seconds)
            self._totals.call_seconds += seconds
            self._totals.ended += 1
            for entry, result in zip(batch.entries, results, strict=True):
                entry.settle(result)
        finally:
            # Before anybody hears of a result: who then comes at once finds room.
            self._ended(batch.task)

    def _leave(self, entry: "_Entry[Item, Result]") -> None:
        entry.forget()
        if entry.batch is not None:
            entry.batch.leave()
        elif entry in self._waiting[entry.priority]:
            del self._waiting[entry.priority][entry]
            self._plan()


def batched(
    *,
    size_limit: int = BATCH_LIMIT,
    wait_seconds: float = BATCH_SECONDS,
    batches_at_once: int = 1,
    pending_limit: int = PENDING_LIMIT,
    when_full: Literal["wait", "reject"] = "wait",
    target_seconds: float | None = None,
) -> Callable[[BatchCall[Item, Result]], AsyncBatcher[Item, Result]]:
    """Make a function for many items a batcher: ``await function.submit(item)``."""

    def decorate(call: BatchCall[Item, Result]) -> AsyncBatcher[Item, Result]:
        batcher = AsyncBatcher(
            call,
            size_limit=size_limit,
            wait_seconds=wait_seconds,
            batches_at_once=batches_at_once,
            pending_limit=pending_limit,
            when_full=when_full,
            target_seconds=target_seconds,
        )
        functools.update_wrapper(cast(Any, batcher), call)
        return batcher

    return decorate


@dataclass(slots=True)
class _Totals:
    """Counts and seconds from the start."""

    items: int = 0
    batches: int = 0
    ended: int = 0
    wait_seconds: float = 0.0
    call_seconds: float = 0.0


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0


class _Sizer:
    """Finds the number of items that a call takes the target's time for.

    A call costs something once and something for each item, and neither is known. What
    n items took t seconds for, n * target / t would take about the target for; doing
    that again comes ever closer. Where whole numbers make that stand still too far from
    the target, it goes on by one.
    """

    def __init__(self, limit: int, target_seconds: float | None) -> None:
        self._limit = limit
        self._target_seconds = target_seconds
        self.size = limit if target_seconds is None else 1

    def learn(self, count: int, seconds: float) -> None:
        """Take in what a call for so many items took."""
        if self._target_seconds is None:
            return
        # A clock that did not move says that it was fast, not how fast.
        is_timed = seconds > 0
        wanted = count * self._target_seconds / seconds if is_timed else self._limit
        if count < self.size and wanted > count:
            # It was not full: that it was fast enough tells nothing of full ones.
            return
        wanted = min(max(wanted, self.size / _STEP), self.size * _STEP)
        moved = round(self.size + (wanted - self.size) * _WEIGHT)
        if moved == self.size:
            if seconds < self._target_seconds * (1 - _TOLERANCE):
                moved += 1
            elif seconds > self._target_seconds * (1 + _TOLERANCE):
                moved -= 1
        self.size = min(max(moved, 1), self._limit)


class _Entry(Generic[Item, Result]):
    """One item and the future that waits for its result."""

    def __init__(
        self,
        item: Item,
        priority: Priority,
        future: asyncio.Future[Result],
        came_at: float,
    ) -> None:
        self.item = item
        self.priority = priority
        self.future = future
        self.came_at = came_at
        self.batch: _Batch[Item, Result] | None = None

    def settle(self, result: Result | BaseException) -> None:
        if isinstance(result, Exception):
            self.fail(result)
        elif isinstance(result, BaseException):
            # As gather(return_exceptions=True) has it: it is no cancellation of ours.
            reason = type(result).__name__
            self.fail(RuntimeError(f"the call for this item was stopped: {reason}"))
        elif not self.future.done():
            self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    def forget(self) -> None:
        """The caller is gone: an error that nobody hears is no news."""
        if self.future.done() and not self.future.cancelled():
            self.future.exception()
        self.future.cancel()


class _Batch(Generic[Item, Result]):
    """Items that are in one call, and how many callers still want a result."""

    task: asyncio.Task[None]

    def __init__(self, entries: Sequence[_Entry[Item, Result]]) -> None:
        self.entries = entries
        self._wanted = len(entries)

    def leave(self) -> None:
        """One caller less; the last one stops the call, if it still runs."""
        self._wanted -= 1
        if not self._wanted:
            self.task.cancel()
