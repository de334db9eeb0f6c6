import asyncio
import math
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.telemetry.loop_lag import (
    KEPT_SAMPLES,
    RECENT_SAMPLES,
    STALL_SECONDS,
    STALLS_LIMIT,
    LoopLagMonitor,
    StallWatch,
)
from terminal_ai.telemetry.operations import percentile

from ..virtual_time import VirtualLoop, run_virtually

LAGS = st.lists(st.floats(-1, 10), max_size=3 * KEPT_SAMPLES)


@given(LAGS)
def test_the_figure_comes_from_the_newest_lags(lags: list[float]) -> None:
    monitor = LoopLagMonitor()
    for lag in lags:
        monitor.record(lag)
    kept = [max(0.0, lag) for lag in lags[-KEPT_SAMPLES:]]
    assert monitor.lag_seconds == max(kept, default=0.0)


async def test_a_blocked_loop_is_seen() -> None:
    monitor = LoopLagMonitor(interval_seconds=0.001)
    monitor.start()
    await asyncio.sleep(0.01)
    await asyncio.to_thread(time.sleep, 0.001)
    _block(0.05)
    await asyncio.sleep(0.005)
    monitor.stop()
    assert monitor.lag_seconds >= 0.045


async def test_a_stopped_monitor_asks_no_more() -> None:
    monitor = LoopLagMonitor(interval_seconds=0.001)
    monitor.start()
    monitor.start()
    await asyncio.sleep(0.01)
    monitor.stop()
    counted = len(monitor._lags)
    await asyncio.sleep(0.01)
    assert len(monitor._lags) == counted > 0


def _block(seconds: float) -> None:
    time.sleep(seconds)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=2 * RECENT_SAMPLES))
@settings(max_examples=30)
def test_all_lags_are_in_the_percentiles_and_the_newest_in_the_recent_one(
    lags: list[float],
) -> None:
    monitor = LoopLagMonitor()
    for lag in lags:
        monitor.record(lag)
    figures, ordered = monitor.figures, sorted(lags)
    assert figures.samples == len(lags)
    assert figures.recent_p99_seconds == percentile(
        sorted(lags[-RECENT_SAMPLES:]), 0.99
    )
    assert figures.max_seconds == pytest.approx(max(lags), abs=1e-9)
    for fraction, found in (
        (0.50, figures.p50_seconds),
        (0.95, figures.p95_seconds),
        (0.99, figures.p99_seconds),
    ):
        nearest = ordered[max(0, math.ceil(len(ordered) * fraction - 1e-9) - 1)]
        assert found == pytest.approx(nearest, rel=0.0626, abs=2e-9)
    stalls = [lag for lag in lags if lag >= STALL_SECONDS]
    assert figures.stall_count == len(stalls)
    newest = [stall.seconds for stall in figures.stalls]
    assert newest == stalls[::-1][:STALLS_LIMIT]


def test_the_watch_says_where_a_late_loop_stands_and_whose_lateness_it_is() -> None:
    now, due = 10.0, 10.0
    watch = StallWatch(lambda: now, lambda: due)
    watch.look()
    assert watch.place == ""
    now = due + STALL_SECONDS
    watch.look()
    place = watch.place
    now += 1.0
    watch.look()
    assert watch.place == place != ""
    # The loop turned, and is late for another reason that nobody has seen yet.
    due = now
    assert watch.place == ""


async def test_a_stall_is_kept_with_our_function_that_caused_it() -> None:
    monitor = LoopLagMonitor(interval_seconds=0.001)
    monitor.start()
    await asyncio.sleep(0.01)
    watch = monitor._watch
    assert watch is not None
    # Busy in a function of ours until the thread has seen it, however loaded we are.
    percentile(_Endless(lambda: watch._place), 0.5)
    await asyncio.sleep(0.01)
    monitor.stop()
    stall = monitor.figures.stalls[-1]
    assert stall.place.startswith("terminal_ai.telemetry.operations.percentile:")
    assert stall.seconds >= STALL_SECONDS / 2


class _Endless(list[float]):
    """Values whose number is known only once something else is known."""

    def __init__(self, is_known: Callable[[], object]) -> None:
        super().__init__([1.0])
        self._is_known = is_known

    def __len__(self) -> int:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._is_known():
                time.sleep(STALL_SECONDS)
                break
        return 1


def test_an_idle_loop_is_woken_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    used = 0.0
    monkeypatch.setattr(time, "thread_time", lambda: used)

    def samples(seconds_a_second: float) -> int:
        monitor = LoopLagMonitor(interval_seconds=0.1, idle_seconds=0.25)

        async def main(_loop: VirtualLoop) -> None:
            nonlocal used
            monitor.start()
            for _ in range(1_000):
                await asyncio.sleep(0.01)
                used += seconds_a_second / 100
            monitor.stop()

        run_virtually(main)
        return monitor.figures.samples

    assert 38 <= samples(0.001) <= 41
    assert 95 <= samples(0.5) <= 100
