"""Work that takes turns: in few threads, at a limited rate, or many calls as one."""

import asyncio
import contextvars
import functools
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREAD_LIMIT = 4
"""Threads at a time; more work than that waits its turn."""
WAITING_LIMIT = 1_000
"""Calls that may wait for a thread; one more is refused."""
IDLE_SECONDS = 10.0
"""A thread with nothing to do ends after this long."""
BATCH_LIMIT = 10
"""Items that one call takes."""
BATCH_SECONDS = 0.1
"""An item waits no longer for company while another batch is under way."""


class BackgroundThreads:
    """A bounded pool of daemon threads.

    Unlike an executor it is never joined: neither a cancelled caller nor the end of
    the program waits for a call that hangs on a dead file system.
    """

    def __init__(self, name: str, thread_limit: int = THREAD_LIMIT) -> None:
        self._name = name
        self._thread_limit = thread_limit
        self._changed = threading.Condition()
        self._calls: deque[_Call] = deque()
        self._threads = 0
        self._idle = 0
        self._is_closed = False

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Return ``function(*arguments)``, called in a thread with our context.

        Cancelling returns at once: a call that waits is dropped, one that runs goes on
        and its result is ignored.
        """
        return await self.start(function, *arguments)

    def start(
        self, function: Callable[..., Result], *arguments: Any
    ) -> asyncio.Future[Result]:
        """Call as ``run`` does; what it returns can be awaited by several."""
        call = _Call(
            asyncio.get_running_loop(),
            functools.partial(contextvars.copy_context().run, function, *arguments),
        )
        self._submit(call)
        return call.future

    def close(self) -> None:
        """Refuse new calls and drop those that wait; running ones go on unheard."""
        with self._changed:
            self._is_closed = True
            dropped = tuple(self._calls)
            self._calls.clear()
            self._changed.notify_all()
        for call in dropped:
            call.finish(call.future.cancel)

    def _submit(self, call: "_Call") -> None:
        with self._changed:
            if self._is_closed:
                raise RuntimeError(f"the threads of {self._name} are closed")
            if len(self._calls) >= WAITING_LIMIT:
                raise RuntimeError(f"too many calls wait for a thread of {self._name}")
            self._calls.append(call)
            if self._idle < len(self._calls) and self._threads < self._thread_limit:
                self._threads += 1
                threading.Thread(
                    target=self._work, name=f"{self._name}-{self._threads}", daemon=True
                ).start()
            else:
                self._changed.notify()

    def _work(self) -> None:
        while (call := self._next()) is not None:
            call.run()
            # A result must not stay alive until the next call.
            del call

    def _next(self) -> "_Call | None":
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._calls or self._is_closed, IDLE_SECONDS)
            self._idle -= 1
            if self._calls:
                return self._calls.popleft()
            self._threads -= 1
            return None


class _Call:
    """One call and the future that waits for it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any]
    ) -> None:
        self.future: asyncio.Future[Any] = loop.create_future()
        self._loop = loop
        self._call = call

    def run(self) -> None:
        if self.future.cancelled():
            return
        try:
            result = self._call()
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            self.finish(self._fail, error)
        else:
            self.finish(self._succeed, result)

    def finish(self, settle: Callable[..., object], *arguments: object) -> None:
        """Settle the future on its own loop, if that still runs."""
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(settle, *arguments)
            except RuntimeError:
                # It was closed in between; nobody waits any more.
                return

    def _succeed(self, result: object) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if self.future.done():
            return
        if isinstance(error, StopIteration):
            # A future cannot carry it; asyncio would swallow it.
            error = RuntimeError("the call raised StopIteration")
        self.future.set_exception(error)


_shared = BackgroundThreads("background")


async def run_in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function in the pool that the whole application shares."""
    return await _shared.run(function, *arguments)


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


class AsyncBatcher(Generic[Item, Result]):
    """Turns calls for one item into calls for many, in the order they came.

    ``call`` gets up to ``size_limit`` items and returns as many results; a result that
    is an exception is raised for its caller alone. While nothing is under way an item
    goes at once, with all that came at the same moment; else it waits for company, at
    most ``wait_seconds`` and for a free one of ``batches_at_once``. Beyond
    ``pending_limit`` callers wait to be taken in.
    """

    def __init__(
        self,
        call: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        size_limit: int = BATCH_LIMIT,
        wait_seconds: float = BATCH_SECONDS,
        batches_at_once: int = 1,
        pending_limit: int = WAITING_LIMIT,
    ) -> None:
        self._call = call
        self._size_limit = size_limit
        self._wait_seconds = wait_seconds
        self._batches_at_once = batches_at_once
        self._room = asyncio.Semaphore(pending_limit)
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._running: dict[asyncio.Task[None], list[_Entry[Item, Result]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def submit(
        self, item: Item, *, deadline_seconds: float | None = None
    ) -> Result:
        """Return the item's own result; raise TimeoutError after the deadline.

        A caller that is cancelled takes only its own item along.
        """
        async with asyncio.timeout(deadline_seconds), self._room:
            if self._is_closed:
                raise RuntimeError("the batcher is closed")
            loop = asyncio.get_running_loop()
            entry: _Entry[Item, Result] = _Entry(
                item, loop.create_future(), loop.time()
            )
            self._waiting.append(entry)
            self._plan()
            try:
                return await entry.future
            finally:
                self._leave(entry)

    async def close(self, *, drains: bool = False) -> None:
        """Refuse new items; the others are finished first, or fail at once."""
        self._is_closed = True
        while drains and (self._waiting or self._running):
            while self._waiting and len(self._running) < self._batches_at_once:
                self._flush()
            await asyncio.wait(self._running)
        self._stop_timer()
        running = tuple(self._running)
        for task in running:
            task.cancel()
        for entry in self._waiting:
            entry.fail(RuntimeError("the batcher was closed"))
        if running:
            await asyncio.wait(running)

    def _plan(self) -> None:
        """Set the timer for the next batch, if one may start."""
        self._stop_timer()
        if not self._waiting or len(self._running) >= self._batches_at_once:
            return
        loop = asyncio.get_running_loop()
        is_due = not self._running or len(self._waiting) >= self._size_limit
        due_at = self._waiting[0].came_at + (0.0 if is_due else self._wait_seconds)
        self._timer = loop.call_later(max(0.0, due_at - loop.time()), self._flush)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        self._stop_timer()
        count = min(self._size_limit, len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(count)]
        task = asyncio.create_task(self._run(batch))
        for entry in batch:
            entry.batch = batch
            entry.task = task
        self._running[task] = batch
        task.add_done_callback(self._ended)
        self._plan()

    def _ended(self, task: asyncio.Task[None]) -> None:
        for entry in self._running.pop(task):
            entry.fail(RuntimeError("the batcher was closed"))
        if not self._is_closed:
            self._plan()

    async def _run(self, batch: "list[_Entry[Item, Result]]") -> None:
        try:
            results = await self._call([entry.item for entry in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{len(results)} results for {len(batch)} items")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - it is the callers'
            for entry in batch:
                entry.fail(error)
        else:
            for entry, result in zip(batch, results, strict=True):
                entry.settle(result)

    def _leave(self, entry: "_Entry[Item, Result]") -> None:
        entry.forget()
        if entry.task is None:
            if entry in self._waiting:
                self._waiting.remove(entry)
                self._plan()
        elif all(other.future.done() for other in entry.batch):
            # Nobody is left who wants it.
            entry.task.cancel()


class _Entry(Generic[Item, Result]):
    """One item and the future that waits for its result."""

    def __init__(
        self, item: Item, future: asyncio.Future[Result], came_at: float
    ) -> None:
        self.item = item
        self.future = future
        self.came_at = came_at
        self.batch: Sequence[_Entry[Item, Result]] = ()
        self.task: asyncio.Task[None] | None = None

    def settle(self, result: Result | Exception) -> None:
        if isinstance(result, Exception):
            self.fail(result)
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
