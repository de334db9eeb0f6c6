"""What a first version of these helpers got wrong: each shown, so that none returns.

Numbered as in docs/performance.md, which says where the tests of the others are.
"""

import ast
import asyncio
import gc
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

import utils
from tests.virtual_time import VirtualLoop, run_virtually

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for folder in ("terminal_ai", "utils")
    for path in (ROOT / folder).rglob("*.py")
]
HELPERS = ("profiler", "memory_optimizer", "async_optimizer")


# 1. It did not import, and names were missing.


@pytest.mark.parametrize("name", HELPERS)
def test_1_each_module_imports_by_itself_and_all_its_names_exist(name: str) -> None:
    code = (
        f"import typing, utils.{name} as module\n"
        "for one in vars(module).values():\n"
        "    if isinstance(one, type) and one.__module__.startswith('utils.'):\n"
        "        typing.get_type_hints(one)\n"
        "        for method in vars(one).values():\n"
        "            if callable(method) and hasattr(method, '__annotations__'):\n"
        "                typing.get_type_hints(method, vars(sys_module(one)))\n"
    ).replace("sys_module(one)", "__import__('sys').modules[one.__module__]")
    home = Path(utils.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""


# 2. The throttler left waiters behind, let too many through, and never ended.


def test_2_the_throttler_serves_all_and_leaves_no_task() -> None:
    from utils.async_optimizer import AsyncThrottler

    async def main(loop: VirtualLoop) -> list[float]:
        throttler = AsyncThrottler(5, 0.2, clock=loop.time)
        times: list[float] = []

        async def enter(number: int) -> None:
            # Some come just before a period ends, some just after.
            await asyncio.sleep(0.19 if number > 5 else 0.0)
            async with throttler:
                times.append(loop.time())

        async with asyncio.timeout(60):
            await asyncio.gather(*map(enter, range(12)))
        return times

    times = run_virtually(main)
    assert len(times) == 12
    for first, later in zip(times, times[5:], strict=False):
        assert later - first >= 0.2 - 1e-9


# 3. The batcher batched nothing, and one caller could hang the others.


def test_3_a_hundred_items_are_ten_calls_one_at_a_time() -> None:
    from utils.async_optimizer import AsyncBatcher

    calls: list[int] = []
    inside: list[int] = []

    async def call(items: Sequence[int]) -> Sequence[int]:
        calls.append(len(items))
        inside.append(1)
        assert len(inside) == 1
        await asyncio.sleep(0.01)
        inside.clear()
        return [item * 2 for item in items]

    async def main(_loop: VirtualLoop) -> list[int]:
        batcher: AsyncBatcher[int, int] = AsyncBatcher(call, size_limit=10)
        return await asyncio.gather(*(batcher.submit(n) for n in range(100)))

    assert run_virtually(main) == [number * 2 for number in range(100)]
    assert calls == [10] * 10


async def _same(items: Sequence[int]) -> Sequence[int]:
    return items


def test_3_a_lone_item_does_not_wait() -> None:
    from utils.async_optimizer import AsyncBatcher

    async def main(loop: VirtualLoop) -> float:
        begun = loop.time()
        batcher: AsyncBatcher[int, int] = AsyncBatcher(_same, wait_seconds=0.1)
        assert await batcher.submit(1) == 1
        return loop.time() - begun

    assert run_virtually(main) == 0.0


def test_3_one_who_is_cancelled_hangs_nobody() -> None:
    from utils.async_optimizer import AsyncBatcher

    async def call(items: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(1)
        return items

    async def main(_loop: VirtualLoop) -> list[int | BaseException]:
        batcher: AsyncBatcher[int, int] = AsyncBatcher(call)
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(3)]
        await asyncio.sleep(0.5)
        tasks[0].cancel()
        async with asyncio.timeout(60):
            return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = run_virtually(main)
    assert isinstance(first, asyncio.CancelledError)
    assert others == [1, 2]


def test_3_that_a_call_was_cancelled_is_an_error_and_no_result() -> None:
    from utils.async_optimizer import AsyncBatcher

    async def call(_items: Sequence[int]) -> Sequence[int]:
        raise asyncio.CancelledError

    async def main(_loop: VirtualLoop) -> None:
        batcher: AsyncBatcher[int, int] = AsyncBatcher(call)
        with pytest.raises((RuntimeError, asyncio.CancelledError)):
            await batcher.submit(1)

    run_virtually(main)


def test_3_whoever_leaves_before_the_call_leaves_no_coroutine_behind() -> None:
    from utils.async_optimizer import AsyncBatcher

    async def main(_loop: VirtualLoop) -> None:
        batcher: AsyncBatcher[int, int] = AsyncBatcher(_same)
        tasks = [asyncio.create_task(batcher.submit(n)) for n in range(3)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run_virtually(main)
        gc.collect()
    assert not [one for one in told if "never awaited" in str(one.message)]


# 4. The cache kept what had expired and a lock for each key for ever; a failure was
# computed anew for each who waited.


def test_4_nothing_is_left_of_what_expired_or_was_cleared() -> None:
    from utils.async_optimizer import AsyncCache

    async def main(loop: VirtualLoop) -> None:
        cache: AsyncCache[str, int] = AsyncCache(1.0, 50_000, clock=loop.time)

        async def compute() -> int:
            return 1

        async def fill() -> None:
            for number in range(2_000):
                await cache.get_or_compute(str(number), compute)

        def held() -> int:
            """Count what is in whatever dictionaries the cache has, and their own."""
            owners = [cache, *vars(cache).values()]
            parts = [
                part
                for owner in owners
                for part in getattr(owner, "__dict__", {}).values()
            ]
            return sum(len(part) for part in parts if isinstance(part, dict))

        await fill()
        await asyncio.sleep(2)
        await cache.get_or_compute("another", compute)
        assert held() <= 2
        await fill()
        cache.clear()
        assert held() == 0

    run_virtually(main)


def test_4_a_failure_is_computed_once_for_all_who_wait() -> None:
    from utils.async_optimizer import AsyncCache

    calls = []

    async def fail() -> int:
        calls.append(1)
        await asyncio.sleep(0.1)
        raise OSError("broken")

    async def main(loop: VirtualLoop) -> None:
        cache: AsyncCache[str, int] = AsyncCache()
        begun = loop.time()
        outcomes = await asyncio.gather(
            *(cache.get_or_compute("key", fail) for _ in range(8)),
            return_exceptions=True,
        )
        assert all(isinstance(outcome, OSError) for outcome in outcomes)
        assert loop.time() - begun == pytest.approx(0.1)

    run_virtually(main)
    assert len(calls) == 1


# 6. Three answers were prepared under one key, and no real failure ever found them.


def test_6_each_common_failure_has_its_answer_before_any_model_is_asked() -> None:
    from terminal_ai.advisor import Advisor
    from tests.advisor.conftest import make_record, make_surroundings

    advisor, around = Advisor(), make_surroundings({".": ("x.sh", "notes.txt")})
    advices = [
        advisor.diagnose(make_record(line, output, code), around)
        for line, output, code in (
            ("gti status", "bash: gti: command not found\n", 127),
            ("./x.sh", "bash: ./x.sh: Permission denied\n", 126),
            ("cat note.txt", "cat: note.txt: No such file or directory\n", 1),
        )
    ]
    assert [advice and advice.suggestions[0].command for advice in advices] == [
        "git status",
        "chmod +x ./x.sh && ./x.sh",
        "cat notes.txt",
    ]


# 7. Output that had been seen before was not shown again.


@pytest.mark.parametrize("parser", ["fast", "pyte"])
def test_7_the_same_output_is_shown_each_time(parser: Literal["fast", "pyte"]) -> None:
    from terminal_ai.terminal.terminal import Terminal

    terminal = Terminal(20, 8, parser=parser)
    for _ in range(3):
        terminal.feed(b"$ ls\r\na.txt\r\n")
    shown = [terminal.line(number).text.rstrip() for number in range(6)]
    assert shown == ["$ ls", "a.txt"] * 3


# 8. Looking at the processor stopped the event loop for 0.1 s.


def test_8_looking_at_resources_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from utils.resources import ResourceSampler

    def sleep(_seconds: float) -> None:
        pytest.fail("it waits")

    sampler = ResourceSampler()
    with_psutil = ResourceSampler(proc=Path("/nowhere"))
    monkeypatch.setattr(time, "sleep", sleep)
    assert sampler.sample().rss_bytes > 0
    assert with_psutil.sample().rss_bytes > 0


# 9. A task was made where no loop runs, and nobody kept it.


def _tasks_made(tree: ast.AST, *, is_deep: bool) -> list[ast.Call]:
    return [
        node
        for node in (ast.walk(tree) if is_deep else [tree])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("create_task", "ensure_future")
    ]


def test_9_every_task_is_kept_and_none_is_made_while_an_object_is() -> None:
    found = []
    for path in SOURCES:
        source = path.read_text()
        if "create_task(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Expr):
                calls = _tasks_made(node.value, is_deep=False)
            elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
                calls = _tasks_made(node, is_deep=True)
            else:
                continue
            found += [f"{path.name}:{call.lineno}" for call in calls]
    assert not found


def test_9_all_helpers_can_be_made_before_a_loop_runs() -> None:
    from utils import async_optimizer as helpers

    throttler = helpers.AsyncThrottler(5, 1.0)
    batcher = helpers.AsyncBatcher(_same)
    cache: helpers.AsyncCache[str, int] = helpers.AsyncCache()
    pool = helpers.AsyncPool(list[int], 1)

    async def compute() -> int:
        async with throttler, pool.lend():
            return await batcher.submit(7)

    async def main() -> int:
        return await cache.get_or_compute("key", compute)

    assert asyncio.run(main()) == 7


def test_9_the_program_is_built_before_a_loop_runs(tmp_path: Path) -> None:
    from terminal_ai.bootstrap.application import Application
    from terminal_ai.bootstrap.host_terminal import HostTerminal
    from terminal_ai.config import load_settings

    settings = load_settings(environ={}).settings
    built = Application(settings, {}, tmp_path, HostTerminal(), [])

    async def main() -> None:
        # Whatever was started would be lost with the first loop, or run twice.
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await built._close()

    asyncio.run(main())


# 10. A thread was joined when its caller was cancelled, with the loop standing still;
# and each call made a thread of its own.


async def test_10_a_cancelled_caller_does_not_wait_for_the_thread() -> None:
    from utils.async_optimizer import run_in_thread

    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        # Whoever waits for it waits in vain until somebody gives up on it.
        go_on.wait(5)
        ended.set()

    task = asyncio.create_task(run_in_thread(job))
    async with asyncio.timeout(60):
        while not begun.is_set():  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not ended.is_set()
    go_on.set()


async def test_10_many_calls_share_few_threads() -> None:
    from utils.async_optimizer import run_in_thread
    from utils.threads import THREAD_LIMIT

    idents = await asyncio.gather(
        *(run_in_thread(threading.get_ident) for _ in range(100))
    )
    assert len(set(idents)) <= THREAD_LIMIT


# 11. Functions of one name were one row, time asleep was work, recursion counted twice.


async def test_11_what_is_measured_is_work_under_a_name_of_its_own() -> None:
    from utils.profiler import PerformanceProfiler

    profiler = PerformanceProfiler()

    class First:
        @profiler.measure()
        async def run(self) -> None:
            await asyncio.sleep(0.05)

    class Second:
        @profiler.measure()
        def run(self, depth: int) -> None:
            if depth:
                self.run(depth - 1)
            else:
                time.perf_counter()

    await asyncio.gather(*(First().run() for _ in range(10)))
    Second().run(5)
    by_name = {
        timing.name.split("<locals>.")[-1]: timing for timing in profiler.timings()
    }
    assert set(by_name) == {"First.run", "Second.run"}
    assert (by_name["First.run"].calls, by_name["Second.run"].calls) == (10, 6)
    # Ten slept side by side for 0.05 s: as work that would be 0.5 s.
    assert by_name["First.run"].total_seconds < 0.25


# 13. A clean-up measured before it cleaned, took what was of use, and stopped the loop.


class _Cleaned(NamedTuple):
    """What there is to clean, and what the process takes, which follows it."""

    manager: Any
    cache: Any


def _filled(budget_megabytes: int) -> _Cleaned:
    from utils.memory_optimizer import MemoryManager

    kept: list[Any] = []

    def resident() -> int:
        megabytes: int = 50 + sum(cache.size() for cache in kept)
        return megabytes * 1_048_576

    manager = MemoryManager(
        budget_bytes=budget_megabytes * 1_048_576, read_resident_bytes=resident
    )
    cache = manager.get_cache("big", 100)
    kept.append(cache)
    for number in range(100):
        cache.put(str(number), "a megabyte, says the meter")
    return _Cleaned(manager, cache)


def test_13_what_was_freed_is_measured_after_it_was_freed() -> None:
    cleaned = _filled(budget_megabytes=100)
    report = cleaned.manager.cleanup(force=True)
    assert cleaned.cache.size() == 80
    assert report.resident_bytes_freed == 20 * 1_048_576


def test_13_while_there_is_memory_nothing_of_use_is_evicted() -> None:
    cleaned = _filled(budget_megabytes=1_000)
    cleaned.manager.cleanup()
    assert cleaned.cache.size() == 100


def test_13_the_collector_runs_only_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = _filled(budget_megabytes=1)
    monkeypatch.setattr(gc, "collect", lambda: pytest.fail("it stops everything"))
    cleaned.manager.cleanup()
    cleaned.manager.cleanup(force=True)


# 14. The cache counted entries of any size, knew no None and no bound of 0; an object
# could have two owners; weak references failed without a word of help.


def test_14_a_cache_is_bounded_by_bytes() -> None:
    from utils.memory_optimizer import LRUCache

    cache: LRUCache[str, bytes] = LRUCache(500, 10_000_000, len)
    for number in range(500):
        cache.put(str(number), bytes(1_000_000))
    assert cache.size() == 10


def test_14_a_bound_of_nothing_keeps_nothing() -> None:
    from utils.memory_optimizer import LRUCache

    cache: LRUCache[str, str] = LRUCache(0)
    cache.put("key", "value")
    assert cache.size() == 0


def test_14_none_can_be_told_from_nothing() -> None:
    from utils.memory_optimizer import LRUCache

    cache: LRUCache[str, None] = LRUCache(5)
    cache.put("key", None)
    missing = object()
    assert cache.get("key", missing) is None
    assert cache.get("another", missing) is missing


def test_14_no_object_has_two_owners() -> None:
    from utils.memory_optimizer import ObjectPool

    pool: ObjectPool[object] = ObjectPool(object)
    thing = pool.acquire()
    pool.release(thing)
    with pytest.raises(ValueError, match="back already"):
        pool.release(thing)
    assert pool.acquire() is not pool.acquire()


@pytest.mark.parametrize("value", [{}, "", [], ()])
def test_14_what_has_no_weak_reference_says_what_to_do(value: object) -> None:
    from utils.memory_optimizer import MemoryManager

    with pytest.raises(TypeError, match="get_cache"):
        MemoryManager().store_weak_ref("name", value)


# 15. A coroutine that a plain function returned came out of the pipeline as it was.


async def test_15_whatever_a_stage_returns_is_awaited() -> None:
    from utils.async_optimizer import AsyncPipeline

    async def double(number: int) -> int:
        return number * 2

    stage: Callable[[int], Any] = lambda number: double(number)  # noqa: E731
    assert await AsyncPipeline().add_stage(stage).add_stage(stage).execute(1) == 4


# 16. Textual calls the on_mount of every class by itself.


def test_16_no_handler_calls_that_of_its_base() -> None:
    # `on_event` is a method of Textual's own, to be extended.
    doubled = re.compile(r"super\(\)\s*\.\s*(?!on_event\b)on_\w+\s*\(")
    found = [path.name for path in SOURCES if doubled.search(path.read_text())]
    assert not found
