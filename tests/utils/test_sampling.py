"""What a sampler tells of threads: told samples of real stacks, and one real run."""

import asyncio
import itertools
import math
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from utils import sampling
from utils.sampling import (
    COST_SHARE,
    DEPTH_LIMIT,
    OUTER_CALLS,
    SWITCH_SECONDS,
    Samples,
    SamplingProfiler,
    cpu_clock,
)
from utils.stack_profile import StackProfile

TICK = 10_000_000
WORKER, ANOTHER = 7, 8
HERE = __file__


class _Looker:
    """Looks at a worker, which has no processor of its own but the one told here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.used = 0
        monkeypatch.setattr(sampling, "cpu_clock", lambda _native: 1)
        worker = SimpleNamespace(ident=WORKER, name="worker", native_id=1)
        monkeypatch.setattr(threading, "enumerate", lambda: [worker])
        monkeypatch.setattr(time, "clock_gettime_ns", lambda _clock: self.used)

    def look(self, samples: Samples, frames: dict[int, FrameType], used: int) -> None:
        self.used += used
        samples.look(frames, TICK)


@pytest.fixture
def looker(monkeypatch: pytest.MonkeyPatch) -> _Looker:
    return _Looker(monkeypatch)


def _leaf() -> FrameType:
    return sys._getframe()


def _frames(depth: int = 0) -> FrameType:
    """Return the frame of a call some calls deep."""
    return _frames(depth - 1) if depth else sys._getframe()


def _select() -> FrameType:
    source = "import sys\ndef select():\n return sys._getframe()\n"
    names: dict[str, Callable[[], FrameType]] = {}
    exec(compile(source, "/lib/selectors.py", "exec"), names)
    return names["select"]()


def _sampled(
    looker: _Looker, frames: list[tuple[FrameType, int]], *, is_first: bool = True
) -> StackProfile:
    """Return the profile of a thread seen at these places, having used so much."""
    samples = Samples(WORKER if is_first else ANOTHER, all_threads=True)
    looker.look(samples, {WORKER: _leaf()}, 0)
    for frame, used in frames:
        looker.look(samples, {WORKER: frame}, used)
    return samples.profile(1.0, 0.01)


def test_the_line_that_ran_is_the_hottest(looker: _Looker) -> None:
    leaf = _leaf()

    profile = _sampled(looker, [(leaf, TICK)] * 3 + [(_frames(), TICK)])

    hot = profile.hot_lines(1)[0]
    assert (hot.function, hot.file) == ("_leaf", HERE)
    assert hot.line == leaf.f_lineno
    assert (hot.self_samples, hot.self_seconds) == (3, 0.03)
    assert profile.samples == 4
    assert profile.busy_seconds == pytest.approx(0.04)


def test_the_selector_is_idle_unless_it_never_waits(looker: _Looker) -> None:
    resting, working, spinning = 0, TICK // 3, TICK
    select = _select()

    profile = _sampled(
        looker, [(select, resting), (select, working), (select, spinning)]
    )

    assert (profile.idle_samples, profile.samples) == (2, 1)
    assert profile.idle_seconds == pytest.approx(0.02)
    assert profile.hot_lines(1)[0].function == "select"


def test_what_uses_no_processor_waits_on_the_first_thread(looker: _Looker) -> None:
    leaf = _leaf()

    profile = _sampled(looker, [(leaf, TICK), (leaf, 0), (leaf, TICK)])

    waited = [stack for stack in profile.stacks if stack.is_waiting]
    assert [stack.samples for stack in waited] == [1]
    hot = profile.hot_lines(1)[0]
    assert hot.waiting_seconds == pytest.approx(0.01)
    assert hot.self_seconds == pytest.approx(0.03)


def test_what_uses_no_processor_is_idle_on_any_other_thread(looker: _Looker) -> None:
    leaf = _leaf()

    profile = _sampled(looker, [(leaf, 0), (leaf, 0), (leaf, TICK)], is_first=False)

    assert (profile.idle_samples, profile.samples) == (2, 1)


def test_callers_have_the_time_of_the_called_once_in_spite_of_recursion(
    looker: _Looker,
) -> None:
    profile = _sampled(looker, [(_frames(depth=5), TICK)])

    functions = {spot.function: spot for spot in profile.hot_functions(DEPTH_LIMIT)}
    assert functions["_frames"].samples == 1
    name = "test_callers_have_the_time_of_the_called_once_in_spite_of_recursion"
    assert functions[name].self_samples == 0
    assert functions[name].seconds == profile.busy_seconds


def _without_caller() -> FrameType:
    """Return the frame of what is suspended, as a coroutine is in an ``await``."""
    generator: Any = (each for each in [0])
    frame: FrameType = generator.gi_frame
    return frame


def test_a_stack_whose_callers_have_gone_is_looked_at_again(
    looker: _Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = _without_caller()
    looks = iter([{WORKER: torn}, {WORKER: _leaf()}])
    monkeypatch.setattr(sys, "_current_frames", lambda: next(looks))

    profile = _sampled(looker, [(torn, TICK)])

    assert (profile.samples, profile.lost_samples) == (1, 0)
    assert profile.stacks[0].frames[-1].function == "_leaf"


def test_a_thread_that_always_goes_on_is_only_counted(
    looker: _Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = _without_caller()
    monkeypatch.setattr(sys, "_current_frames", lambda: {WORKER: torn})

    profile = _sampled(looker, [(torn, TICK), (torn, TICK), (_leaf(), TICK)])

    assert (profile.samples, profile.lost_samples) == (1, 2)


def test_a_deep_stack_keeps_its_innermost_calls(looker: _Looker) -> None:
    profile = _sampled(looker, [(_frames(depth=DEPTH_LIMIT * 2), TICK)])

    frames = profile.stacks[0].frames
    assert frames[0] == OUTER_CALLS
    assert len(frames) == DEPTH_LIMIT + 1
    assert {frame.function for frame in frames[1:]} == {"_frames"}


def test_stacks_beyond_the_bound_are_only_counted(
    looker: _Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "STACKS_LIMIT", 2)
    places = [(_frames(depth), TICK) for depth in range(5)]

    profile = _sampled(looker, places + places[:1])

    assert len(profile.stacks) == 2
    assert (profile.samples, profile.lost_samples) == (3, 3)


def test_a_thread_that_has_ended_and_one_with_its_number_are_two(
    looker: _Looker,
) -> None:
    samples = Samples(ANOTHER, all_threads=True)
    looker.look(samples, {WORKER: _leaf()}, 0)
    looker.look(samples, {}, TICK)
    looker.look(samples, {WORKER: _leaf()}, TICK)
    looker.look(samples, {WORKER: _leaf()}, TICK)

    profile = samples.profile(1.0, 0.01)

    assert profile.samples == 1
    assert profile.cpu_seconds == pytest.approx(0.01)


def test_without_a_clock_only_the_known_places_are_idle(
    looker: _Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "cpu_clock", lambda _native: None)

    profile = _sampled(looker, [(_leaf(), 0), (_select(), 0)])

    assert (profile.samples, profile.idle_samples) == (1, 1)
    assert profile.cpu_seconds is None


def test_a_look_leaves_no_frame_behind(looker: _Looker) -> None:
    frames = {WORKER: _leaf()}

    Samples(WORKER).look(frames, TICK)

    assert frames == {}


@pytest.mark.skipif(sys.platform != "linux", reason="has no clock of other threads")
def test_a_threads_clock_is_what_the_thread_itself_reads() -> None:
    clock = cpu_clock(threading.get_native_id())
    assert clock is not None

    before = time.thread_time_ns()
    seen = time.clock_gettime_ns(clock)

    assert before <= seen <= time.thread_time_ns()


def test_a_real_run_finds_what_a_thread_is_held_up_by() -> None:
    profiler = SamplingProfiler(interval_seconds=sampling.LEAST_INTERVAL_SECONDS)
    usual = sys.getswitchinterval()
    never = threading.Event()

    def hold_up() -> None:
        while profiler._run is None or not profiler._run.samples.count:
            never.wait(0.001)

    profiler.start()
    hold_up()
    profile = profiler.stop()

    assert not profiler.is_running
    assert sys.getswitchinterval() == usual
    assert "hold_up" in profile.folded()
    assert profile.cost_seconds > 0
    assert not [
        each for each in threading.enumerate() if each.name == sampling.THREAD_NAME
    ]


def test_it_is_started_once_and_stopped_once() -> None:
    profiler = SamplingProfiler()
    with pytest.raises(RuntimeError, match="start it first"):
        profiler.stop()
    profiler.start()
    with pytest.raises(RuntimeError, match="stop it first"):
        profiler.start()
    profiler.stop()
    for seconds in (0, math.nan, math.inf):
        with pytest.raises(ValueError, match="the least is"):
            SamplingProfiler(interval_seconds=seconds)


def test_two_samplers_give_the_switch_interval_back_when_both_have_ended() -> None:
    usual = sys.getswitchinterval()
    first, second = SamplingProfiler(), SamplingProfiler()
    first.start()
    second.start()
    first.stop()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    second.stop()

    assert sys.getswitchinterval() == usual


def test_of_many_who_stop_it_one_gets_the_profile() -> None:
    usual = sys.getswitchinterval()
    profiler = SamplingProfiler()
    profiler.start()
    barrier = threading.Barrier(4)
    told: list[str] = []

    def stop() -> None:
        barrier.wait()
        try:
            told.append(type(profiler.stop()).__name__)
        except RuntimeError:
            told.append("not sampling")

    threads = [threading.Thread(target=stop) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["StackProfile", *["not sampling"] * 3]
    # The next one hands the lock over sooner, and gives it back.
    profiler.start()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    profiler.stop()
    assert sys.getswitchinterval() == usual


def test_a_system_without_a_thread_to_give_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    usual = sys.getswitchinterval()
    profiler = SamplingProfiler()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            profiler.start()
    assert not profiler.is_running
    assert sys.getswitchinterval() == usual
    profiler.start()
    profiler.stop()
    assert sys.getswitchinterval() == usual


def test_what_is_dear_to_look_at_is_looked_at_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = itertools.count(0, 2_000_000)
    monkeypatch.setattr(time, "thread_time_ns", lambda: next(used))
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) > 3

    run = sampling._Run(Samples(WORKER), 0.01)
    monkeypatch.setattr(run, "_stopping", SimpleNamespace(wait=wait))
    run._look_on()

    seconds = 0.002 / COST_SHARE
    assert pauses == [0.0, seconds, seconds, seconds]


async def test_a_sampler_leaves_the_loop_free(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 0
    stop = SamplingProfiler.stop
    stopped_in: list[int] = []

    def note_stop(profiler: SamplingProfiler) -> StackProfile:
        stopped_in.append(threading.get_ident())
        return stop(profiler)

    monkeypatch.setattr(SamplingProfiler, "stop", note_stop)

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turning = asyncio.create_task(turn())
    profile = await SamplingProfiler().profile_for(0.02)
    turning.cancel()

    assert turns
    assert profile.seconds >= 0.02
    assert threading.get_ident() not in stopped_in


async def test_a_cancelled_run_stops_the_sampler() -> None:
    profiler = SamplingProfiler()
    running = asyncio.create_task(profiler.profile_for(3600))
    await asyncio.sleep(0)
    assert profiler.is_running

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not profiler.is_running
