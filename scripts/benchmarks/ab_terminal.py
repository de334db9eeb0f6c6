"""The values of ``--optimized`` that the terminal has, each with all but it."""

import contextlib
import functools
import statistics
from collections.abc import Iterator

from benchmarks.figures import Better, Row, compared, paired
from benchmarks.flood import SLOW_SHARE, megabytes_a_second, settle, write_log
from benchmarks.hosts import OURS, Bench, Hosted
from benchmarks.payloads import payloads
from benchmarks.running import Extent
from terminal_ai.config.settings import presets


def parser(bench: Bench, extent: Extent) -> list[Row]:
    """Show a log and an editor's screens through each of the two parsers."""
    key = "terminal.parser"
    log, screens = bench.home / "log", bench.home / "screens"
    write_log(log, extent.megabytes * 1_000_000 // SLOW_SHARE)
    screens.write_bytes(payloads(extent.payload // SLOW_SHARE)["vim"])
    with _both(bench, key) as (ours, base):
        return [
            _row(
                key,
                f"cat of {what}",
                paired(
                    functools.partial(megabytes_a_second, ours, path),
                    functools.partial(megabytes_a_second, base, path),
                    extent.rounds,
                ),
                "MB/s",
                "higher",
            )
            for what, path in (("a log", log), ("an editor's screens", screens))
        ]


def read_chunk(bench: Bench, extent: Extent) -> list[Row]:
    """Let a flood through, read and parsed in large pieces and in small ones."""
    key = "performance.read_chunk_bytes"
    log = bench.home / "log"
    write_log(log, extent.megabytes * 1_000_000)

    def flood(hosted: Hosted) -> float:
        return log.stat().st_size / 1e6 / megabytes_a_second(hosted, log)

    with _both(bench, key) as (ours, base):
        seconds = paired(
            functools.partial(flood, ours),
            functools.partial(flood, base),
            extent.rounds,
        )
    return [_row(key, f"{extent.megabytes} MB of log", seconds, "s")]


def _row(
    key: str,
    name: str,
    samples: tuple[list[float], list[float]],
    unit: str,
    better: Better = "lower",
) -> Row:
    base = str(presets()["base"][key]).lower()
    return compared(
        f"{key}: {name}", *samples, base, unit, better, of=statistics.median
    )


@contextlib.contextmanager
def _both(bench: Bench, key: str) -> Iterator[tuple[Hosted, Hosted]]:
    with bench.run(OURS) as ours, bench.run(OURS, without=key) as base:
        for hosted in (ours, base):
            settle(hosted)
        yield ours, base
