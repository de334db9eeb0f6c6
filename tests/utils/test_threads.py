"""Calls in threads: results, errors, order, bounds, and nobody ever waits in vain."""

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils import threads
from utils.threads import BackgroundThreads, in_thread, run_in_thread


class _Gate:
    """A call that ends only when told."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    def wait(self) -> str:
        self.entered.release()
        assert self.opened.wait(30)
        return threading.current_thread().name


@pytest.fixture
def gate() -> Iterator[_Gate]:
    gate = _Gate()
    yield gate
    gate.opened.set()


async def _entered(gate: _Gate) -> None:
    await asyncio.to_thread(gate.entered.acquire)


async def test_the_result_comes_back() -> None:
    assert await run_in_thread(divmod, 7, 3) == (2, 1)
    assert await run_in_thread(threading.get_ident) != threading.get_ident()


async def test_an_exception_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_in_thread(divmod, 1, 0)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await run_in_thread(next, iter(()))


async def test_the_context_is_the_callers() -> None:
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(7)

    assert await run_in_thread(variable.get) == 7


async def test_a_function_that_always_blocks_can_be_made_one_to_await() -> None:
    @in_thread
    def where(number: int, *, plus: int) -> tuple[int, int]:
        """Tell where it runs."""
        return number + plus, threading.get_ident()

    number, ident = await where(1, plus=2)
    assert number == 3
    assert ident != threading.get_ident()
    assert where.__doc__ == "Tell where it runs."
    assert where.__name__ == "where"


async def test_cancelling_does_not_wait_for_the_call(gate: _Gate) -> None:
    task = asyncio.create_task(run_in_thread(gate.wait))
    await _entered(gate)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not gate.opened.is_set()


async def test_threads_are_bounded_and_calls_keep_their_order(gate: _Gate) -> None:
    pool = BackgroundThreads("few", thread_limit=2)
    order: list[int] = []
    held = [asyncio.create_task(pool.run(gate.wait)) for _ in range(2)]
    for _ in held:
        await _entered(gate)
    waiting = [asyncio.create_task(pool.run(order.append, n)) for n in range(5)]
    await asyncio.sleep(0.01)
    assert order == []

    gate.opened.set()

    assert {name.partition("-")[0] for name in await asyncio.gather(*held)} == {"few"}
    await asyncio.gather(*waiting)
    assert sorted(order) == list(range(5))
    assert pool._threads == 2
    pool.close()


async def test_the_pool_of_all_has_four_threads(gate: _Gate) -> None:
    calls = [asyncio.create_task(run_in_thread(gate.wait)) for _ in range(6)]
    for _ in range(4):
        await _entered(gate)
    assert not gate.entered.acquire(blocking=False)

    gate.opened.set()

    await asyncio.gather(*calls)


async def test_a_waiting_call_that_is_cancelled_never_runs(gate: _Gate) -> None:
    pool = BackgroundThreads("one", thread_limit=1)
    ran: list[str] = []
    held = asyncio.create_task(pool.run(gate.wait))
    await _entered(gate)
    dropped = asyncio.create_task(pool.run(ran.append, "dropped"))
    kept = asyncio.create_task(pool.run(ran.append, "kept"))
    await asyncio.sleep(0)

    dropped.cancel()
    await asyncio.gather(dropped, return_exceptions=True)
    gate.opened.set()
    await asyncio.gather(held, kept)

    assert ran == ["kept"]
    pool.close()


async def test_closing_strands_nobody(gate: _Gate) -> None:
    pool = BackgroundThreads("closing", thread_limit=1)
    held = asyncio.create_task(pool.run(gate.wait))
    await _entered(gate)
    waiting = asyncio.create_task(pool.run(divmod, 1, 1))
    await asyncio.sleep(0)

    pool.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(RuntimeError, match="closed"):
        await pool.run(divmod, 1, 1)
    gate.opened.set()
    assert (await held).startswith("closing")


async def test_too_many_waiting_calls_are_refused(
    gate: _Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "WAITING_LIMIT", 1)
    pool = BackgroundThreads("full", thread_limit=1)
    held = asyncio.create_task(pool.run(gate.wait))
    await _entered(gate)
    waiting = asyncio.create_task(pool.run(divmod, 1, 1))
    await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="too many"):
        await pool.run(divmod, 1, 1)

    gate.opened.set()
    await asyncio.gather(held, waiting)
    pool.close()


class _NoThread(threading.Thread):
    def start(self) -> None:
        raise RuntimeError("can't start new thread")


async def test_a_system_that_gives_no_thread_strands_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = BackgroundThreads("short", thread_limit=2)
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Thread", _NoThread)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="new thread"):
                await pool.run(int)

    async with asyncio.timeout(30):
        assert await pool.run(int, "7") == 7


async def test_where_there_is_a_thread_a_call_waits_for_it(
    gate: _Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = BackgroundThreads("short", thread_limit=2)
    held = pool.start(gate.wait)
    await _entered(gate)
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Thread", _NoThread)
        waiting = pool.start(int, "7")

    gate.opened.set()
    async with asyncio.timeout(30):
        assert await waiting == 7
    await held


def test_the_end_of_the_program_waits_for_no_call() -> None:
    program = (
        "import asyncio, threading\n"
        "from utils.threads import run_in_thread\n"
        "entered = threading.Event()\n"
        "def hang() -> None:\n"
        "    entered.set()\n"
        "    threading.Event().wait()\n"
        "async def leave() -> None:\n"
        "    call = asyncio.create_task(run_in_thread(hang))\n"
        "    while not entered.is_set():\n"
        "        await asyncio.sleep(0)\n"
        "    call.cancel()\n"
        "asyncio.run(leave())\n"
    )
    home = Path(threads.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=home, timeout=60, check=False
    )
    assert run.returncode == 0


async def test_an_idle_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.01)
    pool = BackgroundThreads("idle")
    await pool.run(divmod, 1, 1)

    for thread in threading.enumerate():
        if thread.name.startswith("idle-"):
            await asyncio.to_thread(thread.join)

    assert pool._threads == 0
    assert await pool.run(divmod, 4, 2) == (2, 0)
    pool.close()


def test_a_loop_that_is_gone_is_no_trouble(gate: _Gate) -> None:
    pool = BackgroundThreads("gone", thread_limit=1)

    async def leave() -> None:
        task = asyncio.create_task(pool.run(gate.wait))
        await _entered(gate)
        task.cancel()

    asyncio.run(leave())
    gate.opened.set()
    while pool._threads and not pool._idle:
        threading.Event().wait(0.001)

    assert asyncio.run(pool.run(divmod, 7, 2)) == (3, 1)
    pool.close()
