"""How the app grows with its history and with the output it has shown.

The peer of each row is the smallest size. Sizes are taken in turn, in an app of its own
for each round; the largest output is shown only once, for the curves are straight.
"""

import dataclasses
import functools
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import history
from benchmarks.figures import MIB, Better, Row, compared, interleaved
from benchmarks.flood import megabytes_a_second, write_log
from benchmarks.hosts import OURS, PROMPT, Bench, environment
from benchmarks.running import Extent
from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from terminal_ai.safety.redact import redact

RECORDS = (10, 100, 1_000, 10_000)
OUTPUT_MEGABYTES = (1, 10, 100, 1_000)
ONCE_MEGABYTES = 1_000
"""From here on an output is shown only once."""
LOG_MEGABYTES = 10
"""What is larger is this log again and again."""
SEARCHES = ("error", "git", "quxzyplugh")
SIZES = {"records": RECORDS, "MB of output": OUTPUT_MEGABYTES}
Figures = tuple[float, ...]


def measure(bench: Bench, extent: Extent) -> list[Row]:
    """Measure at each size; the peer of each row is the smallest size."""
    return [*_records(bench, extent), *_output(bench, extent)]


def _records(bench: Bench, extent: Extent) -> list[Row]:
    homes = {}
    for count in [count for count in RECORDS if count <= extent.records]:
        home = bench.home / f"{count}"
        home.mkdir()
        homes[count] = dataclasses.replace(bench, home=home, environ=environment(home))
        history.fill(history.path_in(home), count)
    starts = {
        str(count): functools.partial(_start, own) for count, own in homes.items()
    }
    taken = interleaved(starts, extent.few)
    figures = (("first prompt", "s"), ("RSS", "MiB"), ("search", "ms"))
    return [
        _row(f"{name} at {count} records", taken, count, place, unit)
        for count in taken
        for place, (name, unit) in enumerate(figures)
    ]


def _start(bench: Bench) -> Figures:
    """Return seconds to the first prompt, MiB then, and a search's milliseconds."""
    search = _search_milliseconds(history.path_in(bench.home))
    begun = time.perf_counter()
    with bench.run(OURS) as hosted:
        hosted.expect(PROMPT)
        prompt = time.perf_counter() - begun
        hosted.settle()
        rss = bench.server(OURS, hosted).memory_info().rss / MIB
    return prompt, rss, search


def _output(bench: Bench, extent: Extent) -> list[Row]:
    """Show more and more output in one run of the app, and again in another one."""
    sizes = [size for size in OUTPUT_MEGABYTES if size <= extent.growth]
    taken: dict[str, list[Figures]] = {str(size): [] for size in sizes}
    log = bench.home / "log"
    for number in range(extent.few):
        with bench.run(OURS) as hosted:
            hosted.expect(PROMPT)
            hosted.settle()
            for size in sizes:
                if number and size >= ONCE_MEGABYTES:
                    continue
                write_log(log, min(size, LOG_MEGABYTES) * 1_000_000)
                times = max(1, size // LOG_MEGABYTES)
                speed = megabytes_a_second(hosted, log, times)
                hosted.settle()
                rss = bench.server(OURS, hosted).memory_info().rss / MIB
                taken[str(size)].append((rss, speed))
    figures: tuple[tuple[str, str, Better], ...] = (
        ("RSS", "MiB", "lower"),
        ("cat", "MB/s", "higher"),
    )
    return [
        _row(f"{name} at {size} MB of output", taken, size, place, unit, better)
        for size in taken
        for place, (name, unit, better) in enumerate(figures)
    ]


def _row(
    name: str,
    taken: dict[str, list[Figures]],
    size: str,
    place: int,
    unit: str,
    better: Better = "lower",
) -> Row:
    """Return the row of a size beside the smallest one."""
    smallest = next(iter(taken))
    ours: Sequence[float] = [figures[place] for figures in taken[size]]
    base = [figures[place] for figures in taken[smallest]][: len(ours)]
    return compared(name, ours, base, f"at {smallest}", unit, better)


def _search_milliseconds(path: Path) -> float:
    opened = History(HistorySettings(retention_bytes=0), path, redact=redact)
    try:
        taken = []
        for text in SEARCHES:
            begun = time.thread_time()
            opened.search(HistoryQuery(text))
            taken.append((time.thread_time() - begun) * 1e3)
        return max(taken)
    finally:
        opened.close()
