"""Whatever is nested, recursive or interleaved: totals are the stretches that ran."""

import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Coroutine, Generator
from dataclasses import dataclass
from types import coroutine
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from utils import profiler as profiler_module
from utils.profiler import PerformanceProfiler

from .profiler_clock import SECOND, FakeClock

NAMES = ("one", "two")


@dataclass(frozen=True)
class Spend:
    """Time passes while this runs."""

    seconds: int


@dataclass(frozen=True)
class Suspend:
    """Others run; or, in a generator, its consumer."""


@dataclass(frozen=True)
class Call:
    """A measured call of one kind."""

    name: str
    kind: str
    actions: "tuple[Action, ...]"


Action = Spend | Suspend | Call
ACTIONS: st.SearchStrategy[tuple[Action, ...]] = st.recursive(
    st.lists(
        st.one_of(st.builds(Spend, st.integers(1, 9)), st.builds(Suspend)), max_size=4
    ).map(tuple),
    lambda inner: st.lists(
        st.one_of(
            st.builds(Spend, st.integers(1, 9)),
            st.builds(Suspend),
            st.builds(
                Call,
                name=st.sampled_from(NAMES),
                kind=st.sampled_from(
                    ["plain", "later", "generator", "stream", "block"]
                ),
                actions=inner,
            ),
        ),
        max_size=4,
    ).map(tuple),
    max_leaves=12,
)


@coroutine
def _suspended() -> Generator[None, None, None]:
    yield


Path = tuple[str, ...]
"""Names of the measured calls that are on the stack."""


class _World:
    """Plays actions, and adds up beside the profiler what it should tell."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.expected: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        with mock.patch.object(profiler_module, "_clock", self.clock):
            self.profiler = PerformanceProfiler(slow_seconds=None)
            measure = self.profiler.measure
            self._plain = {name: measure(name)(self._play) for name in NAMES}
            self._later = {name: measure(name)(self.play_later) for name in NAMES}
            self._generators = {name: measure(name)(self._generate) for name in NAMES}
            self._streams = {name: measure(name)(self._stream) for name in NAMES}

    def spend(self, seconds: int, path: Path) -> None:
        self.clock.advance(seconds)
        for name in set(path):
            self.expected[name] += seconds

    def _play(self, actions: tuple[Action, ...], path: Path) -> None:
        for action in actions:
            if isinstance(action, Spend):
                self.spend(action.seconds, path)
            elif isinstance(action, Call):
                self._call(action, path)

    def _call(self, call: Call, path: Path) -> None:
        """Make a call that can be made in a plain function."""
        if call.kind == "generator":
            inner = (*path, call.name)
            self.calls[call.name] += 1
            for _ in self._generators[call.name](call.actions, inner):
                self.spend(1, path)
        elif call.kind == "block":
            name = f"block.{call.name}"
            self.calls[name] += 1
            with mock.patch.object(profiler_module, "_clock", self.clock):
                block = self.profiler.profile_block(call.name)
            with block:
                self._play(call.actions, (*path, name))
        else:
            self.calls[call.name] += 1
            self._plain[call.name](call.actions, (*path, call.name))

    async def play_later(self, actions: tuple[Action, ...], path: Path) -> None:
        try:
            for action in actions:
                if isinstance(action, Spend):
                    self.spend(action.seconds, path)
                elif isinstance(action, Suspend):
                    await _suspended()
                elif action.kind == "later":
                    self.calls[action.name] += 1
                    await self._later[action.name](action.actions, (*path, action.name))
                elif action.kind == "stream":
                    self.calls[action.name] += 1
                    inner = (*path, action.name)
                    stream = self._streams[action.name](action.actions, inner)
                    async with contextlib.aclosing(stream):
                        async for _ in stream:
                            self.spend(1, path)
                else:
                    self._call(action, path)
        finally:
            self.spend(1, path)

    def _generate(
        self, actions: tuple[Action, ...], path: Path
    ) -> Generator[int, None, None]:
        for action in actions:
            self._play((action,), path)
            if isinstance(action, Suspend):
                yield 1

    async def _stream(
        self, actions: tuple[Action, ...], path: Path
    ) -> AsyncGenerator[int, None]:
        for action in actions:
            await self.play_later((action,), path)
            if isinstance(action, Suspend):
                yield 1


def _has_stream(actions: tuple[Action, ...]) -> bool:
    return any(
        isinstance(each, Call) and (each.kind == "stream" or _has_stream(each.actions))
        for each in actions
    )


class _Thrown(Exception):
    pass


@given(
    tasks=st.lists(ACTIONS, min_size=1, max_size=4),
    schedule=st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from(["send"] * 8 + ["throw", "close"])
        ),
        max_size=40,
    ),
)
def test_totals_are_the_sum_of_the_stretches(
    tasks: list[tuple[Action, ...]], schedule: list[tuple[int, str]]
) -> None:
    world = _World()
    coroutines: list[Coroutine[Any, Any, None]] = [
        world.play_later((Call(name, "later", actions),), ())
        for name, actions in zip(NAMES * 2, tasks, strict=False)
    ]
    to_the_end = [(index, "send") for index in range(len(tasks)) for _ in range(60)]
    for index, verb in [*schedule, *to_the_end]:
        if index >= len(coroutines):
            continue
        task = coroutines[index]
        with contextlib.suppress(StopIteration, _Thrown, RuntimeError):
            if verb == "send" or task.cr_frame is None:  # type: ignore[attr-defined]
                task.send(None)
            elif verb == "throw":
                task.throw(_Thrown())
            elif not _has_stream(tasks[index]):
                # Python itself leaves a stream that is waited for to be collected.
                task.close()
        # What others do between the stretches is nobody's.
        world.clock.advance(1000)
    for task in coroutines:
        task.close()

    timings = {timing.name: timing for timing in world.profiler.timings()}
    assert {name: timing.total_seconds for name, timing in timings.items()} == {
        name: world.expected[name] for name in timings
    }
    assert {name: timing.calls for name, timing in timings.items()} == {
        name: count for name, count in world.calls.items() if count
    }
    assert set(world.expected) <= set(timings)


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=600))
def test_figures_are_those_of_the_sorted_list(durations: list[int]) -> None:
    clock = FakeClock()
    with mock.patch.object(profiler_module, "_clock", clock):
        profiler = PerformanceProfiler(slow_seconds=None)

    def advance(nanoseconds: int) -> None:
        clock.now += nanoseconds

    with mock.patch.object(profiler_module, "_clock", clock):
        spend = profiler.measure("spend")(advance)
    for nanoseconds in durations:
        spend(nanoseconds)

    (timing,) = profiler.timings()
    ordered = sorted(durations)
    count = len(ordered)
    assert timing.calls == count
    assert timing.total_seconds == sum(ordered) / SECOND
    assert timing.max_seconds == ordered[-1] / SECOND
    assert timing.min_seconds == ordered[0] / SECOND
    for told, part in (
        (timing.p50_seconds, 50),
        (timing.p95_seconds, 95),
        (timing.p99_seconds, 99),
    ):
        exact = ordered[max(1, -(-count * part // 100)) - 1] / SECOND
        assert abs(told - exact) <= 0.0625 * exact
