"""The emulator beside pyte, in this process: speed, and bytes a scrollback row."""

import functools
import gc
import time
import tracemalloc
from collections.abc import Callable

import pyte

from benchmarks.figures import Row, compared, paired
from benchmarks.hosts import Bench
from benchmarks.payloads import COLUMNS, ROWS, payloads
from benchmarks.running import Extent
from terminal_ai.terminal.terminal import Terminal

FEED_BYTES = 65_536
SLICES = 4
"""A round parses this part of what is asked for."""
# pyte is hundreds of times slower: as much as it can do in about as many seconds.
PYTE_SHARE = 32
MEMORY_ROWS = 2_000
PLAIN_ROW = b"2026-11-21 05:04:00 INFO a request was answered in time, number %08d\r\n"
COLORED_ROW = (
    b"\x1b[2m05:04:00\x1b[0m \x1b[32mINFO\x1b[0m a \x1b[1mrequest\x1b[0m was "
    b"answered in \x1b[36mtime\x1b[0m, number %08d\r\n"
)


def speed(_bench: Bench, extent: Extent) -> list[Row]:
    """Measure megabytes parsed a second of processor time, kind by kind."""
    rows = []
    for name, data in payloads(extent.payload // SLICES).items():
        part = data[: len(data) // PYTE_SHARE]
        ours = Terminal(COLUMNS, ROWS, parser="fast").feed
        theirs = _pyte_screen(scrollback_rows=1_000)
        speeds = paired(
            functools.partial(_speed, ours, data),
            functools.partial(_speed, theirs, part),
            extent.rounds,
        )
        rows.append(compared(f"parse {name}", *speeds, "pyte", "MB/s", "higher"))
    return rows


def memory(_bench: Bench, extent: Extent) -> list[Row]:
    """Measure what a row of the scrollback takes."""
    kept = min(MEMORY_ROWS, extent.lines // 40)
    rows = []
    for name, line in (("plain", PLAIN_ROW), ("coloured", COLORED_ROW)):
        data = b"".join(line % number for number in range(kept + ROWS))
        ours = _bytes_a_row(lambda: Terminal(COLUMNS, ROWS).feed, data, kept)
        theirs = _bytes_a_row(lambda: _pyte_screen(MEMORY_ROWS), data, kept)
        rows.append(Row(f"scrollback row, {name}", ours, theirs, "pyte", "B"))
    return rows


def _speed(feed: Callable[[bytes], object], data: bytes) -> float:
    chunks = [data[at : at + FEED_BYTES] for at in range(0, len(data), FEED_BYTES)]
    begun = time.process_time()
    for chunk in chunks:
        feed(chunk)
    return len(data) / 1e6 / (time.process_time() - begun)


def _pyte_screen(scrollback_rows: int) -> Callable[[bytes], object]:
    screen = pyte.HistoryScreen(COLUMNS, ROWS, history=scrollback_rows)
    feed: Callable[[bytes], object] = pyte.ByteStream(screen).feed
    return feed


def _bytes_a_row(
    make: Callable[[], Callable[[bytes], object]], data: bytes, rows: int
) -> float:
    gc.collect()
    tracemalloc.start()
    try:
        feed = make()
        before = tracemalloc.get_traced_memory()[0]
        for at in range(0, len(data), FEED_BYTES):
            feed(data[at : at + FEED_BYTES])
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / rows
    finally:
        tracemalloc.stop()
