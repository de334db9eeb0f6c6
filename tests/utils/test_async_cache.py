"""Computed once for all who ask, failures too; nothing is left of what is over."""

import asyncio

import pytest

from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncCache
from utils.memory_optimizer import MemoryManager

SECONDS = 0.1


class Source:
    """Computes a new number each time, which takes a while; fails when told."""

    def __init__(self) -> None:
        self.calls = 0
        self.inside = 0
        self.ended = 0
        self.fails = False

    async def compute(self) -> int:
        self.calls += 1
        number = self.calls
        self.inside += 1
        try:
            await asyncio.sleep(SECONDS)
            if self.fails:
                raise OSError(f"failure {number}")
            self.ended += 1
            return number
        finally:
            self.inside -= 1


def cache_in(
    loop: VirtualLoop, ttl_seconds: float = 10.0, max_entries: int = 100
) -> AsyncCache[object, int]:
    return AsyncCache(ttl_seconds, max_entries, clock=loop.time)


def test_a_kept_result_is_not_computed_again_before_its_time() -> None:
    async def main(loop: VirtualLoop) -> list[int]:
        source, cache = Source(), cache_in(loop)
        results = []
        for seconds in (0.0, 9.0, 1.5, 9.0):
            await asyncio.sleep(seconds)
            results.append(await cache.get_or_compute("key", source.compute))
        return results

    assert run_virtually(main) == [1, 1, 2, 2]


def test_all_who_ask_meanwhile_get_the_one_result() -> None:
    async def main(loop: VirtualLoop) -> Source:
        source, cache = Source(), cache_in(loop)
        results = await asyncio.gather(
            *(cache.get_or_compute("key", source.compute) for _ in range(8))
        )
        assert results == [1] * 8
        figures = cache.figures
        assert (figures.entries, figures.computed, figures.joined) == (1, 1, 7)
        assert (figures.hits, figures.failed) == (0, 0)
        assert await cache.get_or_compute("key", source.compute) == 1
        assert cache.figures.hits == 1
        return source

    assert run_virtually(main).calls == 1


def test_a_failure_is_shared_once_and_not_kept() -> None:
    async def main(loop: VirtualLoop) -> None:
        source, cache = Source(), cache_in(loop)
        source.fails = True
        begun = loop.time()
        outcomes = await asyncio.gather(
            *(cache.get_or_compute("key", source.compute) for _ in range(8)),
            return_exceptions=True,
        )
        assert [str(outcome) for outcome in outcomes] == ["failure 1"] * 8
        assert loop.time() - begun == pytest.approx(SECONDS)
        assert (source.calls, cache.figures.failed, len(cache)) == (1, 1, 0)
        source.fails = False
        assert await cache.get_or_compute("key", source.compute) == 2

    run_virtually(main)


def test_one_who_leaves_stops_nothing_and_the_last_one_does() -> None:
    async def main(loop: VirtualLoop) -> None:
        source, cache = Source(), cache_in(loop)

        def ask() -> asyncio.Task[int]:
            return asyncio.create_task(cache.get_or_compute("key", source.compute))

        first, second = ask(), ask()
        await asyncio.sleep(SECONDS / 2)
        first.cancel()
        assert await second == 1
        assert first.cancelled()

        cache.clear()
        last = ask()
        await asyncio.sleep(SECONDS / 2)
        last.cancel()
        # Who comes now does not join what is about to stop.
        await asyncio.sleep(0)
        assert await ask() == 3
        assert (source.inside, source.ended) == (0, 2)

    run_virtually(main)


def test_what_expired_leaves_no_trace() -> None:
    async def main(loop: VirtualLoop) -> None:
        cache = cache_in(loop, ttl_seconds=1.0, max_entries=50_000)

        async def compute() -> int:
            return 1

        for number in range(20_000):
            await cache.get_or_compute(number, compute)
        assert len(cache) == 20_000
        await asyncio.sleep(2)
        assert len(cache) == 0
        assert not cache._flights

    run_virtually(main)


def test_entries_are_bounded() -> None:
    async def main(loop: VirtualLoop) -> None:
        source, cache = Source(), cache_in(loop, max_entries=3)
        for number in range(5):
            await cache.get_or_compute(number, source.compute)
        assert len(cache) == 3
        assert await cache.get_or_compute(4, source.compute) == 5
        assert await cache.get_or_compute(0, source.compute) == 6

    run_virtually(main)


@pytest.mark.parametrize("way", ["clear", "remove"])
def test_what_is_under_way_when_all_is_forgotten_is_told_but_not_kept(way: str) -> None:
    async def main(loop: VirtualLoop) -> None:
        source, cache = Source(), cache_in(loop)
        early = asyncio.create_task(cache.get_or_compute("key", source.compute))
        await asyncio.sleep(SECONDS / 2)
        cache.clear() if way == "clear" else cache.remove("key")
        late = asyncio.create_task(cache.get_or_compute("key", source.compute))
        assert await early == 1
        assert len(cache) == 0
        assert await late == 2
        assert await cache.get_or_compute("key", source.compute) == 2

    run_virtually(main)


def test_none_can_be_kept() -> None:
    async def main(_loop: VirtualLoop) -> None:
        calls = []

        async def nothing() -> None:
            calls.append(1)

        cache: AsyncCache[str, None] = AsyncCache()
        await cache.get_or_compute("key", nothing)
        await cache.get_or_compute("key", nothing)
        assert len(calls) == 1

    run_virtually(main)


def test_what_needs_itself_is_an_error_and_no_wait_for_ever() -> None:
    async def main(loop: VirtualLoop) -> None:
        cache = cache_in(loop)

        async def circle() -> int:
            return await cache.get_or_compute("key", circle)

        with pytest.raises(RuntimeError, match="needs 'key' itself"):
            await cache.get_or_compute("key", circle)

    run_virtually(main)


def test_a_circle_of_several_is_an_error_too() -> None:
    async def main(loop: VirtualLoop) -> None:
        cache = cache_in(loop)

        async def compute(number: int) -> int:
            following = (number + 1) % 3
            return await cache.get_or_compute(following, lambda: compute(following))

        with pytest.raises(RuntimeError, match="needs 0 itself"):
            await asyncio.wait_for(cache.get_or_compute(0, lambda: compute(0)), 5)
        # A chain that ends is none.
        source = Source()

        async def through() -> int:
            return await cache.get_or_compute("end", source.compute)

        found = await asyncio.gather(
            *(cache.get_or_compute(name, through) for name in "ab"), through()
        )
        assert found == [1, 1, 1]

    run_virtually(main)


def test_it_is_cleaned_up_with_all_others() -> None:
    async def main(loop: VirtualLoop) -> None:
        source, cache = Source(), cache_in(loop, max_entries=10)
        manager = MemoryManager(read_resident_bytes=lambda: 0)
        manager.register("answers", cache)
        for number in range(10):
            await cache.get_or_compute(number, source.compute)
        assert manager.get_stats()["caches"] == {"answers": 10}
        assert manager.cleanup(force=True).entries_dropped == 2
        await asyncio.sleep(60)
        assert manager.cleanup().entries_dropped == 8

    run_virtually(main)


def test_results_are_bounded_by_bytes_too() -> None:
    async def main(loop: VirtualLoop) -> tuple[int, int]:
        cache: AsyncCache[int, bytes] = AsyncCache(
            10.0, 100, max_bytes=1_000, size_of=len, clock=loop.time
        )

        async def compute() -> bytes:
            return bytes(300)

        for key in range(9):
            await cache.get_or_compute(key, compute)
        return len(cache), cache.figures.computed

    assert run_virtually(main) == (3, 9)
