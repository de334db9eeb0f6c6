"""How the app grows with its history and with the output it has shown."""

import time
from pathlib import Path

from benchmarks import history
from benchmarks.figures import MIB, Row
from benchmarks.flood import megabytes_a_second, write_log
from benchmarks.hosts import OURS, PROMPT, Bench
from benchmarks.running import Extent
from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from terminal_ai.safety.redact import redact

RECORDS = (10, 100, 1_000, 10_000)
OUTPUT_MEGABYTES = (1, 10, 100, 1_000)
SEARCHES = ("error", "git", "quxzyplugh")
SIZES = {"records": RECORDS, "MB of output": OUTPUT_MEGABYTES}


def measure(bench: Bench, extent: Extent) -> list[Row]:
    """Measure at each size; the peer of each row is the smallest size."""
    return [*_records(bench, extent), *_output(bench, extent)]


def _records(bench: Bench, extent: Extent) -> list[Row]:
    rows: list[Row] = []
    path = history.path_in(bench.home)
    first: list[float] | None = None
    for count in [count for count in RECORDS if count <= extent.records]:
        path.unlink(missing_ok=True)
        history.fill(path, count)
        search = _search_milliseconds(path)
        begun = time.perf_counter()
        with bench.run(OURS) as hosted:
            hosted.expect(PROMPT)
            prompt = time.perf_counter() - begun
            hosted.settle()
            rss = bench.server(OURS, hosted).memory_info().rss / MIB
        figures = [prompt, rss, search]
        first = first or figures
        rows += [
            Row(f"{name} at {count} records", ours, base, f"{RECORDS[0]}", unit)
            for name, unit, ours, base in zip(
                ("first prompt", "RSS", "search"),
                ("s", "MiB", "ms"),
                figures,
                first,
                strict=True,
            )
        ]
    path.unlink(missing_ok=True)
    return rows


def _output(bench: Bench, extent: Extent) -> list[Row]:
    """Show more and more output in one run of the app."""
    rows: list[Row] = []
    log = bench.home / "log"
    base: float | None = None
    speed: float | None = None
    with bench.run(OURS) as hosted:
        hosted.expect(PROMPT)
        for megabytes in [size for size in OUTPUT_MEGABYTES if size <= extent.growth]:
            write_log(log, megabytes * 1_000_000)
            taken = megabytes_a_second(hosted, log)
            hosted.settle()
            rss = bench.server(OURS, hosted).memory_info().rss / MIB
            base, speed = base or rss, speed or taken
            size, first = f"{megabytes} MB of output", f"{OUTPUT_MEGABYTES[0]}"
            rows += [
                Row(f"RSS at {size}", rss, base, first, "MiB"),
                Row(f"cat at {size}", taken, speed, first, "MB/s", "higher"),
            ]
    return rows


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
