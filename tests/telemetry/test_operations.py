import logging
import math
import statistics
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.operations import (
    NAMES_LIMIT,
    OVERFLOW_NAME,
    SLOW_LIMIT,
    THROUGHPUT_SECONDS,
    WINDOW_SPANS,
    Operations,
    RateWindow,
    percentile,
)
from terminal_ai.telemetry.spans import Span, SpanStatus, Tracer

DURATIONS = st.lists(st.floats(0, 3_600), min_size=1, max_size=200)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def ended(
    seconds: float,
    name: str = "work",
    status: SpanStatus = SpanStatus.OK,
    waiting: float = 0.0,
) -> Span:
    span = Tracer().start(name)
    span.waited(waiting)
    span.seconds, span.status = seconds, status
    return span


@given(DURATIONS)
def test_percentiles_are_those_of_the_sorted_list(durations: list[float]) -> None:
    operations = Operations()
    for seconds in durations:
        operations.take(ended(seconds))
    (figures,) = operations.figures()
    assert figures.count == len(durations)
    assert figures.min_seconds == min(durations)
    assert figures.max_seconds == max(durations)
    assert figures.mean_seconds == pytest.approx(statistics.fmean(durations))
    ordered = sorted(durations)
    for fraction, recent, overall in (
        (50, figures.recent.p50_seconds, figures.overall.p50_seconds),
        (95, figures.recent.p95_seconds, figures.overall.p95_seconds),
        (99, figures.recent.p99_seconds, figures.overall.p99_seconds),
    ):
        if len(durations) > 1:
            exact = statistics.quantiles(durations, n=100, method="inclusive")
            assert recent == pytest.approx(exact[fraction - 1])
        else:
            assert recent == durations[0]
        nearest = ordered[max(0, math.ceil(len(ordered) * fraction / 100) - 1)]
        assert overall == pytest.approx(nearest, rel=0.0626, abs=2e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_between_its_neighbours(
    values: list[float], fraction: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, fraction)
    place = (len(ordered) - 1) * fraction
    assert ordered[math.floor(place)] <= found <= ordered[math.ceil(place)]


def test_recent_percentiles_are_of_the_newest_spans() -> None:
    operations = Operations()
    for _ in range(WINDOW_SPANS):
        operations.take(ended(1.0))
    for _ in range(WINDOW_SPANS):
        operations.take(ended(0.001))
    (figures,) = operations.figures()
    assert figures.recent.p99_seconds == 0.001
    assert figures.overall.p99_seconds == pytest.approx(1.0, rel=0.0626)
    assert figures.count == 2 * WINDOW_SPANS


@given(st.lists(st.floats(0, 3 * THROUGHPUT_SECONDS), min_size=1, max_size=300))
def test_throughput_counts_whole_seconds_of_the_window(times: list[float]) -> None:
    times.sort()
    window = RateWindow()
    for now in times:
        window.add(now)
    now = times[-1]
    newest, first = int(now), int(times[0])
    seconds = range(max(first, newest - THROUGHPUT_SECONDS), newest)
    counts = [sum(int(each) == second for each in times) for second in seconds]
    found = window.throughput(now)
    assert found.current == (counts[-1] if counts else 0)
    assert found.peak == max(counts, default=0)
    assert found.mean == pytest.approx(statistics.fmean(counts) if counts else 0)
    recent = [each for each in times if int(each) >= newest - THROUGHPUT_SECONDS]
    assert window.counted(now) == len(recent)
    assert window.counted(now + 2 * THROUGHPUT_SECONDS) == 0


def test_how_operations_ended_is_counted() -> None:
    clock = Clock()
    operations = Operations(clock=clock)
    assert operations.error_rate() is None
    for status in (SpanStatus.OK, SpanStatus.ERROR, SpanStatus.CANCELLED):
        operations.take(ended(0.1, status=status))
    operations.take(ended(0.1))
    (figures,) = operations.figures()
    assert (figures.count, figures.errors, figures.cancelled) == (4, 1, 1)
    # One failure of four says nothing; five of twenty do.
    assert operations.error_rate() is None
    for number in range(16):
        status = SpanStatus.OK if number % 4 else SpanStatus.ERROR
        operations.take(ended(0.1, status=status))
    assert operations.error_rate() == 0.25
    clock.now += 2 * THROUGHPUT_SECONDS
    assert operations.error_rate() is None


def test_names_are_bounded() -> None:
    operations = Operations()
    for number in range(NAMES_LIMIT + 50):
        operations.take(ended(0.1, name=f"name{number}"))
    figures = {each.name: each.count for each in operations.figures()}
    assert len(figures) == NAMES_LIMIT + 1
    assert figures[OVERFLOW_NAME] == 50


def test_only_what_held_us_up_is_slow(caplog: pytest.LogCaptureFixture) -> None:
    operations = Operations(slow_seconds=1.0, limits={"echo": 0.1, "model": math.inf})
    with caplog.at_level(logging.WARNING):
        for span in (
            ended(1.0),
            ended(1.5, name="model"),
            ended(30.0, name="answer", waiting=29.5),
        ):
            operations.take(span)
        assert not operations.slow
        assert not caplog.records
        operations.take(ended(0.2, name="echo"))
        operations.take(ended(3.5, name="answer", waiting=1.0))
    assert [(slow.name, slow.seconds) for slow in operations.slow] == [
        ("answer", 2.5),
        ("echo", 0.2),
    ]
    assert [each.limit_seconds for each in operations.slow] == [1.0, 0.1]
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("slow: echo took 0.20 s (limit 0.10 s, ok, trace ")
    assert "answer took 2.50 s" in second


def test_the_newest_slow_operations_are_kept() -> None:
    operations = Operations(slow_seconds=1.0)
    for number in range(SLOW_LIMIT + 7):
        operations.take(ended(2.0 + number))
    assert operations.slow_count == SLOW_LIMIT + 7
    assert [each.seconds for each in operations.slow] == [
        2.0 + number for number in reversed(range(7, SLOW_LIMIT + 7))
    ]


def test_what_waits_for_others_or_is_rare_has_no_telling_percentile() -> None:
    operations = Operations()
    for _ in range(20):
        operations.take(ended(0.5, name="ours"))
        operations.take(ended(0.5, name="model", waiting=0.4))
    operations.take(ended(9.0, name="rare"))
    assert operations.recent_p95_seconds() == {"ours": 0.5}


def test_threads_lose_no_span() -> None:
    operations = Operations()

    def work() -> None:
        for _ in range(2_000):
            operations.take(ended(0.001))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert operations.figures()[0].count == 8_000
