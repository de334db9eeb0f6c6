"""The helpers beside what others use: caches, pools, throttles, batches and threads.

Everything runs in this process. Figures of single calls are means over many of them, in
rounds that take turns. Rows about asynchronous helpers include the loop's own share.
"""

import asyncio
import contextlib
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import cachetools

from benchmarks.figures import Row, compared, held_to, paired
from benchmarks.hosts import Bench
from benchmarks.running import Extent
from terminal_ai.terminal.grid.rows import Row as ScreenRow
from utils.async_optimizer import (
    AsyncBatcher,
    AsyncCache,
    AsyncPool,
    AsyncThrottler,
    BackgroundThreads,
    Priority,
    gather_bounded,
)
from utils.lru_cache import LRUCache
from utils.object_pool import ObjectPool

ROUNDS = 25
FEW_ROUNDS = 7
"""Of what takes a tenth of a second."""
CALLS = 4_000
"""Of what takes less than a microsecond, in a round."""
FEW_CALLS = 100
"""Of what starts a thread or a task, in a round."""
ENTRIES = 2_000
MODEL_SECONDS = 0.1
CALL_SECONDS = 0.01
ITEMS = 100
CROWD = 300
URGENT = 20
LEAST_SPEED_UP = 5.0
FROZEN_OBJECTS = 100_000

NANOSECONDS = 1e9
MICROSECONDS = 1e6


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Take every figure."""
    rounds, few = extent.some(ROUNDS), extent.some(FEW_ROUNDS)
    return [
        *_caches(rounds),
        _pool(rounds),
        _collector(few),
        *asyncio.run(_waiting(rounds, few)),
        *asyncio.run(_batches(extent.few)),
        *asyncio.run(_threads(rounds)),
    ]


def _each(call: Callable[[int], object], count: int = CALLS) -> float:
    """Return the mean seconds of a call."""
    begun = time.perf_counter()
    for number in range(count):
        call(number)
    return (time.perf_counter() - begun) / count


def _side_by_side(
    name: str,
    ours: Callable[[int], object],
    base: Callable[[int], object],
    base_name: str,
    rounds: int,
) -> Row:
    taken = paired(lambda: _each(ours), lambda: _each(base), rounds)
    scaled = [[value * NANOSECONDS for value in series] for series in taken]
    return compared(name, *scaled, base_name, "ns")


def _caches(rounds: int) -> list[Row]:
    ours: LRUCache[int, int] = LRUCache(ENTRIES)
    theirs: cachetools.LRUCache[int, int] = cachetools.LRUCache(ENTRIES)
    aging: LRUCache[int, int] = LRUCache(ENTRIES, ttl_seconds=300)
    their_aging: cachetools.TTLCache[int, int] = cachetools.TTLCache(ENTRIES, 300)

    def put(number: int) -> None:
        theirs[number] = number

    def put_aging(number: int) -> None:
        their_aging[number] = number

    return [
        # Twice as many keys as fit: each put forgets another.
        _side_by_side(
            "LRU put", lambda n: ours.put(n, n), put, "cachetools.LRUCache", rounds
        ),
        _side_by_side(
            "LRU hit",
            lambda n: ours.get(CALLS - 1 - n % ENTRIES),
            lambda n: theirs.get(CALLS - 1 - n % ENTRIES),
            "cachetools.LRUCache",
            rounds,
        ),
        _side_by_side(
            "LRU put, with an age",
            lambda n: aging.put(n, n),
            put_aging,
            "cachetools.TTLCache",
            rounds,
        ),
        _side_by_side(
            "LRU hit, with an age",
            lambda n: aging.get(CALLS - 1 - n % ENTRIES),
            lambda n: their_aging.get(CALLS - 1 - n % ENTRIES),
            "cachetools.TTLCache",
            rounds,
        ),
    ]  # fmt: skip


def _pool(rounds: int) -> Row:
    """A row of the screen, made anew and lent by a pool that wipes it."""

    def wipe(row: ScreenRow) -> None:
        row.truncate(0)

    pool = ObjectPool(ScreenRow, reset=wipe)

    def lend(_number: int) -> None:
        pool.release(pool.acquire())

    return _side_by_side(
        "screen row from a pool", lend, lambda _: ScreenRow(), "new", rounds
    )


def _collector(rounds: int) -> Row:
    """A collection in a program of some size, its first objects frozen and not."""
    kept = [[number] for number in range(FROZEN_OBJECTS)]

    def collect() -> float:
        begun = time.perf_counter()
        gc.collect()
        return (time.perf_counter() - begun) * 1e3

    def frozen() -> float:
        gc.freeze()
        try:
            return collect()
        finally:
            gc.unfreeze()

    gc.collect()
    taken = paired(frozen, collect, rounds)
    kept.clear()
    return compared("full collection, frozen", *taken, "not frozen", "ms")


async def _timed(call: Callable[[], Awaitable[object]], count: int = 1) -> float:
    """Return the mean seconds of an awaited call."""
    begun = time.perf_counter()
    for _ in range(count):
        await call()
    return (time.perf_counter() - begun) / count


async def _taking_turns(
    ours: Callable[[], Awaitable[float]],
    base: Callable[[], Awaitable[float]],
    rounds: int,
) -> tuple[list[float], list[float]]:
    """Return rounds of two in microseconds, each second one backwards."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for place in order:
            seconds = await (ours, base)[place]()
            taken[place].append(seconds * MICROSECONDS)
    return taken


async def _waiting(rounds: int, few: int) -> list[Row]:
    """What asks for a turn, a place or a result that is there already."""
    throttler = AsyncThrottler(1_000_000, 1.0, at_once=10)
    semaphore = asyncio.Semaphore(10)
    pool: AsyncPool[list[int]] = AsyncPool(list, 10)
    cache: AsyncCache[str, int] = AsyncCache()

    async def model() -> int:
        await asyncio.sleep(MODEL_SECONDS)
        return 1

    async def throttled() -> None:
        async with throttler:
            pass

    async def guarded() -> None:
        async with semaphore:
            pass

    async def lent() -> None:
        pool.release(await pool.acquire())

    async def nothing(_number: int) -> None:
        await asyncio.sleep(0)

    async def guarded_nothing(number: int) -> None:
        async with semaphore:
            await nothing(number)

    async def bounded() -> float:
        return await _timed(lambda: gather_bounded(nothing, range(1_000), limit=10))

    async def gathered() -> float:
        return await _timed(
            lambda: asyncio.gather(*(guarded_nothing(n) for n in range(1_000)))
        )

    await cache.get_or_compute("key", model)
    hits = await _taking_turns(
        lambda: _timed(lambda: cache.get_or_compute("key", model), FEW_CALLS),
        lambda: _timed(model),
        few,
    )
    turns = await _taking_turns(
        lambda: _timed(throttled, FEW_CALLS),
        lambda: _timed(guarded, FEW_CALLS),
        rounds,
    )
    places = await _taking_turns(
        lambda: _timed(lent, FEW_CALLS),
        lambda: _timed(guarded, FEW_CALLS),
        rounds,
    )
    return [
        compared("AsyncCache hit", *hits, "a model of 100 ms", "µs"),
        compared("throttled entry", *turns, "asyncio.Semaphore", "µs"),
        compared("AsyncPool loan", *places, "asyncio.Semaphore", "µs"),
        compared(
            "1000 short tasks, 10 at once",
            *await _taking_turns(bounded, gathered, rounds),
            "gather, Semaphore",
            "µs",
        ),
    ]


async def _service(items: Sequence[int]) -> Sequence[int]:
    """Takes as long for many as for one."""
    await asyncio.sleep(CALL_SECONDS)
    return items


async def _batches(rounds: int) -> list[Row]:
    async def single() -> None:
        for number in range(ITEMS):
            await _service([number])

    async def together() -> None:
        batcher: AsyncBatcher[int, int] = AsyncBatcher(_service)
        await asyncio.gather(*(batcher.submit(number) for number in range(ITEMS)))

    batched, one_by_one = await _taking_turns(
        lambda: _timed(together), lambda: _timed(single), rounds
    )
    urgent, usual = await _taking_turns(
        lambda: _median_wait(Priority.HIGH),
        lambda: _median_wait(Priority.NORMAL),
        rounds,
    )
    name = f"{ITEMS} calls of 10 ms in batches"
    speed_ups = [one / many for one, many in zip(one_by_one, batched, strict=True)]
    return [
        compared(name, *_as_ms(batched, one_by_one), "one by one", "ms"),
        held_to(f"{name}: speed-up", speed_ups, LEAST_SPEED_UP, "x", "higher"),
        compared(
            "urgent item under load, p50", *_as_ms(urgent, usual), "in turn", "ms"
        ),
    ]


def _as_ms(*microseconds: Sequence[float]) -> Iterator[list[float]]:
    return ([value / 1e3 for value in series] for series in microseconds)


async def _median_wait(priority: Priority) -> float:
    """Return how long an item waits that comes while hundreds wait already."""
    batcher: AsyncBatcher[int, int] = AsyncBatcher(_service)
    crowd = [asyncio.create_task(batcher.submit(number)) for number in range(CROWD)]

    async def come(number: int) -> float:
        await asyncio.sleep(number * CALL_SECONDS / 2)
        return await _timed(lambda: batcher.submit(number, priority=priority))

    waits = await asyncio.gather(*map(come, range(URGENT)))
    await asyncio.gather(*crowd)
    return statistics.median(waits)


async def _threads(rounds: int) -> list[Row]:
    loop = asyncio.get_running_loop()
    threads = BackgroundThreads("bench")

    async def ours() -> float:
        return await _timed(lambda: threads.run(int), FEW_CALLS)

    async def shared() -> float:
        return await _timed(lambda: asyncio.to_thread(int), FEW_CALLS)

    async def own_executor() -> None:
        with ThreadPoolExecutor(max_workers=1) as executor:
            await loop.run_in_executor(executor, int)

    async def own() -> float:
        return await _timed(own_executor, FEW_CALLS)

    with contextlib.closing(threads):
        return [
            compared(
                "call in a thread",
                *await _taking_turns(ours, shared, rounds),
                "asyncio.to_thread",
                "µs",
            ),
            compared(
                "call in a thread, again",
                *await _taking_turns(ours, own, rounds),
                "an executor a call",
                "µs",
            ),
        ]
