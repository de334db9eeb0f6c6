"""Scores, alerts letter by letter, and a fixture whose hot line comes first."""

import inspect
import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils import bottlenecks
from utils.bottlenecks import (
    ALERTS_KEPT,
    MEMORY_THRESHOLD_BYTES,
    BottleneckDetector,
    BottleneckProfiler,
    MemoryGrowth,
    MemoryRecorder,
    function_at,
)
from utils.profiler import PerformanceProfiler
from utils.stack_profile import Frame, SampledStack, StackProfile
from utils.stopwatch import FunctionTiming

MB = 1024 * 1024
CPU_TO_SPEND_NANOSECONDS = 150_000_000


def _timing(name: str, total: float, longest: float, line: int = 0) -> FunctionTiming:
    file = "/x/app.py" if line else ""
    return FunctionTiming(
        name, 3, total, total / 3, 0, 0, 0, longest, file=file, line=line
    )


def _stack(seconds: float, *frames: tuple[str, int]) -> SampledStack:
    called = tuple(
        Frame(name, "/x/app.py", line, line // 10 * 10) for name, line in frames
    )
    return SampledStack("main", called, False, 1, seconds)


def test_alerts_to_the_letter() -> None:
    detector = BottleneckDetector()

    assert (
        detector.detect_time_bottleneck("X", 2.5)
        == "Time bottleneck: X took 2.50s (threshold: 1.0s)"
    )
    assert (
        detector.detect_memory_bottleneck("X", 150 * MB)
        == "Memory bottleneck: X took 150.00MB (threshold: 100.0MB)"
    )
    assert detector.detect_time_bottleneck("X", 1.0) is None
    assert detector.detect_memory_bottleneck("X", MEMORY_THRESHOLD_BYTES) is None
    assert len(detector.alerts) == 2


def test_alerts_are_logged_and_bounded(caplog: pytest.LogCaptureFixture) -> None:
    detector = BottleneckDetector()
    for number in range(ALERTS_KEPT + 3):
        detector.detect_time_bottleneck(f"call {number}", 2)

    assert len(detector.alerts) == ALERTS_KEPT
    assert detector.alerts[-1].startswith(f"Time bottleneck: call {ALERTS_KEPT + 2} ")
    assert caplog.messages[0] == "Time bottleneck: call 0 took 2.00s (threshold: 1.0s)"


def test_a_threshold_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="memory_threshold is 0"):
        BottleneckDetector(memory_threshold=0)


COSTS = st.tuples(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(0, 10**12))


@given(st.lists(COSTS, min_size=1, max_size=12), st.data())
def test_the_score_is_bounded_and_a_worse_function_never_ranks_lower(
    costs: list[tuple[float, float, int]], data: st.DataObject
) -> None:
    def scores(each: list[tuple[float, float, int]]) -> dict[str, float]:
        detector = BottleneckDetector()
        timings = [
            _timing(f"f{number}", total, longest, line=10 * (number + 1))
            for number, (total, longest, _) in enumerate(each)
        ]
        detector.add_timings(timings)
        detector.add_memory(
            MemoryGrowth(timing.name, timing.file, timing.line, timing.line, size)
            for timing, (_, _, size) in zip(timings, each, strict=True)
        )
        found = detector.get_bottlenecks(1000)
        assert [one.score for one in found] == sorted(
            (one.score for one in found), reverse=True
        )
        return {one.function: one.score for one in found}

    before = scores(costs)
    assert all(0 <= score <= 100 for score in before.values())
    number = data.draw(st.integers(0, len(costs) - 1))
    total, longest, size = costs[number]
    costs[number] = (total * 2, longest + 1, size + MB)
    assert scores(costs)[f"f{number}"] >= before[f"f{number}"] - 1e-9


def test_what_reaches_a_threshold_has_half_of_all_points() -> None:
    detector = BottleneckDetector()
    detector.add_timings([_timing("slow", 0.0, 1.0)])
    detector.add_memory([MemoryGrowth("large", "/m.py", 5, 1, MEMORY_THRESHOLD_BYTES)])

    scores = {found.function: found.score for found in detector.get_bottlenecks()}
    assert scores == {"slow": pytest.approx(50), "large": pytest.approx(50)}


def test_the_report_to_the_letter() -> None:
    detector = BottleneckDetector()
    detector.add_samples(
        StackProfile(
            4.0,
            0.01,
            (
                _stack(1.5, ("main", 11), ("parse", 25)),
                _stack(0.25, ("main", 11), ("parse", 27)),
                _stack(0.25, ("main", 12)),
            ),
        )
    )
    detector.add_timings([_timing("app.parse", 1.8, 1.5, line=20)])
    detector.add_memory([MemoryGrowth("parse", "/x/app.py", 27, 20, 25 * MB)])

    assert detector.get_report(top_n=2) == (
        "Performance Report (Top Bottlenecks)\n"
        + "=" * 80
        + """

1. /x/app.py:25:parse
   Bottleneck Score: 96.00/100
   Own Time: 1.7500s
   Cumulative Time: 1.8000s
   Longest Call: 1.5000s
   Calls: 3
   Memory: 25.00 MB

2. /x/app.py:12:main
   Bottleneck Score: 12.50/100
   Own Time: 0.2500s

Alert: Time bottleneck: app.parse took 1.50s (threshold: 1.0s)
"""
    )
    assert "nothing measured" in BottleneckDetector().get_report()


def test_ten_are_told() -> None:
    detector = BottleneckDetector()
    detector.add_timings(_timing(f"f{number}", 1, 0) for number in range(30))

    assert len(detector.get_bottlenecks()) == 10
    assert detector.get_report().count("Bottleneck Score") == 10


def _cold(number: int) -> int:
    return number


def _hot(profiler: PerformanceProfiler) -> int:
    """Spend processor time, nearly all of it in one line."""
    total = 0
    with profiler.profile_block("spending"):
        end = time.thread_time_ns() + CPU_TO_SPEND_NANOSECONDS
        while time.thread_time_ns() < end:
            total += _cold(1)
            total += sum(each % 7 for each in range(20_000))  # hot
    return total


def test_a_known_hot_line_comes_first() -> None:
    profiler = PerformanceProfiler()
    with BottleneckProfiler(profiler=profiler) as run:
        _hot(profiler)

    worst, *_others = run.detector.get_bottlenecks()
    source, first = inspect.getsourcelines(_hot)
    (offset,) = [n for n, text in enumerate(source) if "# hot" in text]
    assert worst.file == __file__
    assert worst.line == first + offset
    assert worst.function in {"_hot", "_hot.<locals>.<genexpr>"}
    assert "block.spending" in {
        found.function for found in run.detector.get_bottlenecks(100)
    }


def test_who_allocates_and_keeps_is_found_and_the_tracing_ends() -> None:
    kept: list[bytearray] = []

    def allocate() -> None:
        for _ in range(4):
            kept.append(bytearray(MB))

    recorder = MemoryRecorder()
    recorder.start()
    allocate()
    growths = recorder.stop()

    assert not tracemalloc.is_tracing()
    worst = growths[0]
    assert worst.file == __file__
    assert worst.function.endswith(".<locals>.allocate")
    assert worst.line == worst.first_line + 2
    assert 4 * MB <= worst.bytes < 5 * MB
    with pytest.raises(RuntimeError, match="start it first"):
        recorder.stop()


def test_a_tracing_that_was_there_before_goes_on() -> None:
    tracemalloc.start()
    try:
        with BottleneckProfiler(memory=True):
            pass
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_a_second_start_leaves_no_tracing_behind() -> None:
    run = BottleneckProfiler(memory=True)
    run.start()
    try:
        with pytest.raises(RuntimeError, match="stop it first"):
            run.start()
    finally:
        run.stop()
    assert not tracemalloc.is_tracing()


def test_memory_is_left_alone_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracemalloc, "start", lambda *_: pytest.fail("traced"))

    with BottleneckProfiler():
        pass


def test_the_function_round_a_line_is_named() -> None:
    line = inspect.getsourcelines(BottleneckDetector.get_report)[1]

    found = function_at(bottlenecks.__file__, line + 3)

    assert found == ("BottleneckDetector.get_report", line)
    assert function_at(bottlenecks.__file__, 1) == ("<module>", 1)
    assert function_at("/nowhere.py", 7) == ("<module>", 1)


def test_measured_and_sampled_figures_of_one_function_are_one_row() -> None:
    detector = BottleneckDetector()
    timing = replace(_timing("named", 2.0, 0.5, line=20), file="/x/app.py")
    detector.add_timings([timing])
    detector.add_samples(StackProfile(1.0, 0.01, (_stack(1.0, ("parse", 23)),)))

    (found,) = detector.get_bottlenecks()
    assert (found.line, found.own_seconds, found.total_seconds) == (23, 1.0, 2.0)
