"""What telling of our own work costs: spans, the key's echo, the loop's lag."""

import asyncio
import contextlib
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator

from benchmarks.figures import Row, at_percent, compared, held_to, interleaved
from benchmarks.hosts import OURS, PROMPT, Bench
from benchmarks.interactive import echo_of
from benchmarks.running import Extent
from terminal_ai.config.sources import variable_name
from terminal_ai.telemetry.echo import KeyEcho
from terminal_ai.telemetry.loop_lag import IDLE_INTERVAL_SECONDS, LoopLagMonitor
from terminal_ai.telemetry.spans import Tracer
from terminal_ai.telemetry.telemetry import Telemetry

ROUNDS = 15
CALLS = 5_000
QUIET_SHARE = 0.5
"""Of the time in which a program settles."""
QUIET_ROUNDS = 6
LIMIT_PERCENT = 0.1


def measure(_bench: Bench, extent: Extent) -> list[Row]:
    """Take each figure beside doing nothing, in turn; the quietest round counts."""
    rounds = extent.some(ROUNDS)
    quiet_seconds = extent.settle * QUIET_SHARE
    return [*_spans(rounds), *_key_echo(rounds), _loop_lag(quiet_seconds)]


def key_echo(bench: Bench, extent: Extent) -> list[Row]:
    """Type into the program with all figures of its own and without, in turn."""
    without = {variable_name("profiler.enabled"): "false"}
    silent = dataclasses.replace(bench, environ=bench.environ | without)
    with bench.run(OURS) as on, silent.run(OURS) as off:
        for hosted in (on, off):
            hosted.expect(PROMPT)
            hosted.settle()
        presses = itertools.count()
        samples = interleaved(
            {
                "on": lambda: echo_of(on, next(presses) // 2),
                "off": lambda: echo_of(off, next(presses) // 2),
            },
            extent.presses,
        )
    return [
        compared(
            f"key echo p{percent}, own figures on",
            samples["on"],
            samples["off"],
            "off",
            "ms",
            of=at_percent(percent),
        )
        for percent in (50, 95)
    ]


def _spans(rounds: int) -> list[Row]:
    off, alone, counted = Tracer(is_enabled=False), Tracer(), Telemetry().tracer
    takes: dict[str, Callable[[], float]] = {
        "nothing": _each(_with_nothing),
        "off": _each(lambda: _with_span(off)),
        "alone": _each(lambda: _with_span(alone)),
        "counted": _each(lambda: _with_span(counted)),
    }
    samples = interleaved(takes, rounds)
    nothing = samples["nothing"]
    return [
        compared(name, samples[key], nothing, "empty contextmanager", "ns", of=min)
        for name, key in (
            ("a span, traces off", "off"),
            ("a span", "alone"),
            ("a span, with its statistics", "counted"),
        )
    ]


def _key_echo(rounds: int) -> list[Row]:
    on, off = KeyEcho(Telemetry().tracer), KeyEcho(Tracer(is_enabled=False))
    samples = interleaved(
        {"on": _each(lambda: _press(on)), "off": _each(lambda: _press(off))}, rounds
    )
    return [
        compared("a key's trace", samples["on"], samples["off"], "off", "ns", of=min)
    ]


def _loop_lag(seconds: float) -> Row:
    """CPU of a loop that sleeps, watched and not; percent of a core."""
    samples = interleaved(
        {
            "watched": lambda: asyncio.run(_sleep(seconds, is_watched=True)),
            "alone": lambda: asyncio.run(_sleep(seconds, is_watched=False)),
        },
        QUIET_ROUNDS,
    )
    added = [
        watched - alone
        for watched, alone in zip(samples["watched"], samples["alone"], strict=True)
    ]
    return held_to("CPU of the loop's watch", added, LIMIT_PERCENT, "%")


async def _sleep(seconds: float, *, is_watched: bool) -> float:
    monitor = LoopLagMonitor(idle_seconds=IDLE_INTERVAL_SECONDS)
    if is_watched:
        monitor.start()
    used, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    monitor.stop()
    return (time.process_time() - used) / (time.perf_counter() - began) * 100


def _each(call: Callable[[], None]) -> Callable[[], float]:
    def take() -> float:
        began = time.perf_counter_ns()
        for _ in range(CALLS):
            call()
        return (time.perf_counter_ns() - began) / CALLS

    return take


@contextlib.contextmanager
def _nothing() -> Iterator[None]:
    yield


def _with_nothing() -> None:
    with _nothing():
        pass


def _with_span(tracer: Tracer) -> None:
    with tracer.span("work"):
        pass


def _press(echo: KeyEcho) -> None:
    echo.pressed(0.001, is_flooded=False)
    echo.written()
    echo.arrived()
    echo.fed()
    echo.painted()
