import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.telemetry.loop_lag import KEPT_SAMPLES, LoopLagMonitor

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
