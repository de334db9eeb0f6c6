import asyncio

from terminal_ai.telemetry.alerts import AlertRule, Alerts, Signal
from terminal_ai.telemetry.spans import SpanStatus
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.telemetry.watching import CHECK_SECONDS, TELLING_LAGS, Watchman
from utils.resources import ResourceSample

from ..virtual_time import VirtualLoop, run_virtually

AT_ONCE = tuple(
    AlertRule(signal, raised, cleared, seconds=0.0)
    for signal, raised, cleared in (
        (Signal.LOOP_LAG, 0.1, 0.05),
        (Signal.MEMORY, 200e6, 180e6),
        (Signal.CPU, 80.0, 50.0),
        (Signal.ERROR_RATE, 0.2, 0.1),
        (Signal.SLOW_OPERATION, 0.001, 0.0),
    )
)


class Machine:
    """A process, as a test wants it."""

    def __init__(self) -> None:
        self.cpu_percent = 0.0
        self.rss_bytes = 50_000_000
        self.samples = 0
        self.telemetry = Telemetry(alerts=Alerts(AT_ONCE))
        self.watchman = Watchman(self.telemetry, sampler=self)

    def sample(self) -> ResourceSample:
        self.samples += 1
        return ResourceSample(self.cpu_percent, self.rss_bytes, 4, 20, 60.0)

    @property
    def wrong(self) -> set[tuple[Signal, str]]:
        self.watchman.look()
        current = self.telemetry.alerts.current
        return {(alert.signal, alert.subject) for alert in current}


def test_each_figure_raises_its_own_alert() -> None:
    machine = Machine()
    assert machine.wrong == set()
    machine.cpu_percent = 95.0
    assert machine.wrong == {(Signal.CPU, "")}
    machine.cpu_percent, machine.rss_bytes = 10.0, 250_000_000
    assert machine.wrong == {(Signal.MEMORY, "")}
    machine.rss_bytes = 100_000_000
    # The start holds the loop up a few times: that is no alert.
    for lag in [0.5] * 3 + [0.0] * (TELLING_LAGS - 1):
        machine.telemetry.lag.record(lag)
        assert machine.wrong == set()
    for _ in range(10):
        machine.telemetry.lag.record(0.2)
    assert machine.wrong == {(Signal.LOOP_LAG, "")}
    for _ in range(600):
        machine.telemetry.lag.record(0.0)
    assert machine.wrong == set()


def test_failed_and_slow_operations_raise_alerts() -> None:
    machine = Machine()
    tracer = machine.telemetry.tracer
    for number in range(20):
        span = tracer.start("advise")
        span._begun -= 0.5
        tracer.end(span, SpanStatus.ERROR if number % 2 else SpanStatus.OK)
    assert machine.wrong == {(Signal.SLOW_OPERATION, "advise"), (Signal.ERROR_RATE, "")}


def test_it_looks_until_it_is_cancelled() -> None:
    machine = Machine()

    async def main(loop: VirtualLoop) -> None:
        watch = asyncio.create_task(machine.watchman.watch())
        await asyncio.sleep(10 * CHECK_SECONDS - 0.5)
        watch.cancel()
        await asyncio.wait((watch,))
        assert machine.telemetry.lag.figures.samples > 50

    run_virtually(main)
    assert machine.samples == 10
