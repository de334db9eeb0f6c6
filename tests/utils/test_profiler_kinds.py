"""Generators and asynchronous generators are measured, and behave as unmeasured ones.

The eleventh mistake of the sample was to time the making of a generator, and to take
the time between its yields for its own.
"""

import asyncio
import contextlib
import functools
import gc
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.profiler import FunctionTiming, PerformanceProfiler

from .profiler_clock import FakeClock


def _only(profiler: PerformanceProfiler) -> FunctionTiming:
    (timing,) = profiler.timings()
    return timing


def _talk(log: list[object]) -> Generator[str, int, str]:
    """Take and give in all the ways a generator can."""
    try:
        got = yield "first"
        log.append(got)
        try:
            yield "second"
        except KeyError as error:
            log.append(repr(error))
        log.append((yield "third"))
        return "result"
    finally:
        log.append("cleaned")


async def _talk_later(log: list[object]) -> AsyncGenerator[str, int]:
    """Take and give in all the ways an asynchronous generator can."""
    try:
        await asyncio.sleep(0)
        got = yield "first"
        log.append(got)
        try:
            yield "second"
        except KeyError as error:
            log.append(repr(error))
        await asyncio.sleep(0)
        log.append((yield "third"))
    finally:
        await asyncio.sleep(0)
        log.append("cleaned")


Step = tuple[str, object]
PASSED_ON = (
    KeyError,
    ValueError,
    TypeError,
    RuntimeError,
    StopIteration,
    StopAsyncIteration,
    GeneratorExit,
)
SCRIPTS: list[list[Step]] = [
    [
        ("next", None),
        ("send", 1),
        ("throw", KeyError("k")),
        ("send", 2),
        ("next", None),
    ],
    [("next", None), ("close", None), ("next", None)],
    [("close", None), ("next", None)],
    [("throw", ValueError("early")), ("next", None)],
    [("next", None), ("throw", ValueError("in it")), ("next", None)],
    [("next", None), ("send", 1), ("throw", GeneratorExit()), ("next", None)],
    [("send", 5)],
]


def _play(generator: Generator[str, int, str], script: list[Step]) -> list[object]:
    seen: list[object] = []
    for verb, argument in script:
        try:
            match verb:
                case "next":
                    seen.append(next(generator))
                case "send":
                    seen.append(generator.send(argument))  # type: ignore[arg-type]
                case "throw":
                    seen.append(generator.throw(argument))  # type: ignore[call-overload]
                case _:
                    generator.close()
                    seen.append("closed")
        except PASSED_ON as error:
            seen.append(repr(error))
    return seen


async def _play_later(
    generator: AsyncGenerator[str, int], script: list[Step]
) -> list[object]:
    seen: list[object] = []
    for verb, argument in script:
        try:
            match verb:
                case "next":
                    seen.append(await anext(generator))
                case "send":
                    seen.append(await generator.asend(argument))  # type: ignore[arg-type]
                case "throw":
                    seen.append(await generator.athrow(argument))  # type: ignore[call-overload]
                case _:
                    await generator.aclose()
                    seen.append("closed")
        except PASSED_ON as error:
            seen.append(repr(error))
    return seen


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_measured_generator_behaves_as_the_bare_one(
    script: list[Step], enabled: bool
) -> None:
    bare_log: list[object] = []
    log: list[object] = []
    measured = PerformanceProfiler(enabled).measure()(_talk)

    bare = _play(_talk(bare_log), script)

    assert _play(measured(log), script) == bare
    assert log == bare_log
    assert inspect.isgeneratorfunction(measured)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_measured_async_generator_behaves_as_the_bare_one(
    script: list[Step], enabled: bool
) -> None:
    bare_log: list[object] = []
    log: list[object] = []
    measured = PerformanceProfiler(enabled).measure()(_talk_later)

    bare = await _play_later(_talk_later(bare_log), script)

    assert await _play_later(measured(log), script) == bare
    assert log == bare_log
    assert inspect.isasyncgenfunction(measured)


def test_a_generators_time_is_its_own_and_not_its_consumers(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("count")
    def count() -> Generator[int, None, None]:
        for number in range(3):
            clock.advance(1)
            yield number

    for _number in count():
        clock.advance(100)

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (1, 3)
    assert timing.max_seconds == 3
    assert timing.suspended_seconds == 300


async def test_a_streams_time_is_what_it_runs(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("stream")
    async def stream() -> AsyncGenerator[int, None]:
        for number in range(3):
            clock.advance(1)
            await asyncio.sleep(0)
            clock.advance(1)
            yield number

    async def others() -> None:
        clock.advance(0.25)
        await asyncio.sleep(0)

    async for _number in stream():
        await others()

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (1, 6)
    assert timing.suspended_seconds == 0.75


async def test_concurrent_sleeps_cost_nothing_and_are_told_apart(
    clock: FakeClock,
) -> None:
    profiler = PerformanceProfiler()
    gate = asyncio.Event()

    @profiler.measure("sleep")
    async def sleep() -> None:
        await gate.wait()

    sleeping = [asyncio.create_task(sleep()) for _ in range(10)]
    await asyncio.sleep(0)
    clock.advance(0.2)
    gate.set()
    await asyncio.gather(*sleeping)

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (10, 0)
    assert timing.suspended_seconds == pytest.approx(2.0)


def test_a_recursive_generator_counts_its_time_once(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("walk")
    def walk(depth: int) -> Generator[int, None, None]:
        clock.advance(1)
        yield depth
        if depth:
            yield from walk(depth - 1)

    for _depth in walk(3):
        clock.advance(10)

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (4, 4)
    assert timing.suspended_seconds == 40


async def test_leaving_a_stream_early_ends_it_and_counts_it(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()
    cleaned: list[bool] = []

    @profiler.measure("stream")
    async def stream() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
        finally:
            clock.advance(2)
            cleaned.append(True)

    generator = stream()
    async for _number in generator:
        break
    await generator.aclose()

    assert cleaned == [True]
    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (1, 2)


async def test_cancelling_a_stream_reaches_it(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()
    seen: list[str] = []

    @profiler.measure("stream")
    async def stream() -> AsyncGenerator[int, None]:
        try:
            await asyncio.Event().wait()
            yield 1
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def consume() -> None:
        async for _number in stream():
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert seen == ["cancelled"]
    assert _only(profiler).calls == 1


def test_an_error_thrown_in_is_not_kept_alive() -> None:
    class Payload(Exception):
        pass

    @PerformanceProfiler().measure()
    def survive() -> Generator[int, None, None]:
        while True:
            with contextlib.suppress(Payload):
                yield 1

    gc.disable()
    try:
        generator = survive()
        next(generator)
        payload = Payload()
        kept = weakref.ref(payload)
        generator.throw(payload)
        payload.__traceback__ = None
        del payload
        assert kept() is None
    finally:
        gc.enable()


def test_measuring_twice_measures_the_same_kind_twice(clock: FakeClock) -> None:
    outer, inner = PerformanceProfiler(), PerformanceProfiler()

    @outer.measure("count")
    @inner.measure("count")
    def count() -> Generator[int, None, None]:
        clock.advance(1)
        yield 1
        clock.advance(1)

    assert list(count()) == [1]
    assert _only(outer).total_seconds == _only(inner).total_seconds == 2


def test_an_object_that_can_be_called_has_its_classes_name() -> None:
    class Adder:
        def __call__(self) -> int:
            return 2

    profiler = PerformanceProfiler()
    callables: list[Callable[[], int]] = [Adder(), functools.partial(int, 3)]
    for each in callables:
        profiler.measure()(each)()

    names = [timing.name for timing in profiler.timings()]
    assert sorted(name.rpartition(".")[2] for name in names) == ["Adder", "partial"]


def test_an_object_whose_calls_are_of_a_kind_is_measured_as_that(
    clock: FakeClock,
) -> None:
    profiler = PerformanceProfiler()

    class Waiter:
        async def __call__(self) -> int:
            clock.advance(2)
            return 5

    class Counter:
        def __call__(self) -> Generator[int, None, None]:
            clock.advance(1)
            yield 1
            clock.advance(1)
            yield 2

    assert _run_at_once(profiler.measure("waiter")(Waiter())()) == 5
    assert list(profiler.measure("counter")(Counter())()) == [1, 2]
    totals = {each.name: each.total_seconds for each in profiler.timings()}
    assert totals == {"waiter": 2, "counter": 2}


async def _every_kind(
    first: int, /, second: int, third: int = 3, *rest: int, key: int, more: int = 6
) -> tuple[int, ...]:
    return first, second, third, *rest, key, more


async def _named_as_ours(watch: int, started: int = 2, **clock: int) -> tuple[int, ...]:
    return watch, started, *clock.values()


async def _nothing() -> tuple[int, ...]:
    return ()


async def _only_keys(*, key: int = 1, **more: int) -> tuple[int, ...]:
    return key, *more.values()


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    "function", [_every_kind, _named_as_ours, _nothing, _only_keys]
)
@given(
    arguments=st.lists(st.integers(1, 9), max_size=5),
    keywords=st.dictionaries(
        st.sampled_from(["first", "second", "third", "key", "more", "watch", "other"]),
        st.integers(1, 9),
        max_size=4,
    ),
)
def test_arguments_arrive_as_they_were_given(
    function: Callable[..., Coroutine[Any, Any, tuple[int, ...]]],
    enabled: bool,
    arguments: list[int],
    keywords: dict[str, int],
) -> None:
    measured = PerformanceProfiler(enabled).measure()(function)

    def called(
        function: Callable[..., Coroutine[Any, Any, tuple[int, ...]]],
    ) -> object:
        try:
            return _run_at_once(function(*arguments, **keywords))
        except TypeError as error:
            return str(error)

    assert called(measured) == called(function)
    assert inspect.signature(measured) == inspect.signature(function)


def _run_at_once(coroutine: Coroutine[Any, Any, object]) -> object:
    """Return the result of what never waits."""
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


def test_what_is_no_plain_function_is_passed_its_arguments() -> None:
    class Adder:
        async def add(self, first: int, *, second: int) -> int:
            return first + second

    measure = PerformanceProfiler().measure()
    bound = measure(Adder().add)
    partial = measure(functools.partial(Adder().add, second=5))

    assert _run_at_once(bound(3, second=4)) == 7
    assert _run_at_once(partial(3)) == 8


def test_neither_result_nor_arguments_are_kept() -> None:
    class Payload:
        pass

    @PerformanceProfiler().measure()
    async def pass_on(payload: Payload, *, fails: bool) -> Payload:
        if fails:
            raise KeyError
        return payload

    gc.disable()
    try:
        for fails in (False, True):
            payload = Payload()
            kept = weakref.ref(payload)
            with contextlib.suppress(KeyError, StopIteration):
                pass_on(payload, fails=fails).send(None)
            del payload
            assert kept() is None
    finally:
        gc.enable()


def test_a_name_counts_again_after_each_way_a_call_can_end(clock: FakeClock) -> None:
    """An exception and a suspension each leave the quick way behind for a moment."""
    profiler = PerformanceProfiler()
    gate = _Gate()

    @profiler.measure("work")
    async def work(how: str) -> str:
        clock.advance(1)
        if how == "fails":
            raise KeyError
        if how == "waits":
            await gate
            clock.advance(1)
        return how

    waiting = []
    for how in ("ends", "fails", "ends", "waits", "ends", "waits", "fails", "ends"):
        coroutine = work(how)
        if how == "waits":
            coroutine.send(None)
            waiting.append(coroutine)
        elif how == "fails":
            with pytest.raises(KeyError):
                coroutine.send(None)
        else:
            assert _run_at_once(coroutine) == "ends"
    clock.advance(100)
    assert [_run_at_once(coroutine) for coroutine in waiting] == ["waits"] * 2

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (8, 10)
    # Until it went on, the first saw four seconds of others pass, the second three.
    assert timing.suspended_seconds == 104 + 103


class _Gate:
    def __await__(self) -> Generator[None, None, None]:
        yield


def test_switching_is_for_the_calls_that_begin_later(clock: FakeClock) -> None:
    profiler = PerformanceProfiler()

    @profiler.measure("work")
    async def work() -> None:
        clock.advance(1)
        await _Gate()
        clock.advance(2)

    begun = work()
    begun.send(None)
    profiler.enabled = False
    unmeasured = work()
    unmeasured.send(None)
    _run_at_once(begun)
    profiler.enabled = True
    _run_at_once(unmeasured)

    timing = _only(profiler)
    assert (timing.calls, timing.total_seconds) == (1, 3)
    assert not profiler.measure("late")(len)([])
    assert len(profiler.timings()) == 2
