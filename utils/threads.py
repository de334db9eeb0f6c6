"""Calls in threads: a bounded pool that nobody ever has to wait for."""

import asyncio
import contextvars
import functools
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

THREAD_LIMIT = 4
"""Threads at a time; more work than that waits its turn."""
WAITING_LIMIT = 1_000
"""Calls that may wait for a thread; one more is refused."""
IDLE_SECONDS = 10.0
"""A thread with nothing to do ends after this long."""


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
                self._begin_thread()
            else:
                self._changed.notify()

    def _begin_thread(self) -> None:
        """Begin one more; a system that gives none leaves the call to the others."""
        name = f"{self._name}-{self._threads + 1}"
        try:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        except RuntimeError:
            if not self._threads:
                self._calls.pop()
                raise
            self._changed.notify()
        else:
            self._threads += 1

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
    """Call a function in the pool that the whole application shares.

    Cancelling returns at once, whatever the function does.
    """
    return await _shared.run(function, *arguments)


def in_thread(
    function: Callable[Parameters, Result],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Make a function one to be awaited, which runs as by ``run_in_thread``.

    A decorator for what always blocks; ``run_in_thread`` is for a single call.
    """

    @functools.wraps(function)
    async def call(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        return await _shared.run(functools.partial(function, *arguments, **named))

    return call
