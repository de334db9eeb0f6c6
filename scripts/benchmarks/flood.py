"""What a flood of output costs: its time, the loop's lateness, and ^C."""

import contextlib
import functools
import itertools
import json
import statistics
import sys
import time
from pathlib import Path

from benchmarks.figures import Row, compared, interleaved, paired, percentile
from benchmarks.hosts import BASE, DEADLINE_SECONDS, OURS, PROMPT, ROOT, Bench, Hosted
from benchmarks.payloads import payloads
from benchmarks.running import Extent

LOG_LINE = "2026-11-21 05:04:{:02d} INFO request {:08d} handled in {:3d} ms\n"
FLOOD_SECONDS = 1.0
SLOW_SHARE = 10
EXIT_SECONDS = 20.0
TIMES_A_DEADLINE = 10
"""A log that is shown more often may take longer."""
GAP_SHARE = 4
_NUMBERS = itertools.count(1)
PROBE = ROOT / "scripts" / "benchmarks" / "loop_probe.py"


def cat(bench: Bench, extent: Extent) -> list[Row]:
    """Measure ``cat`` of a log, and of each kind of output, through each program."""
    log, short = bench.home / "log", bench.home / "short"
    write_log(log, extent.megabytes * 1_000_000)
    # The slow parser needs a second for a megabyte.
    write_log(short, extent.megabytes * 1_000_000 // SLOW_SHARE)
    files = {
        f"cat of {extent.megabytes} MB log": log,
        f"cat of {extent.megabytes / SLOW_SHARE:g} MB log": short,
    }
    for name, data in payloads(extent.payload).items():
        files[f"cat of {name}"] = bench.home / name
        files[f"cat of {name}"].write_bytes(data)
    names = (OURS, BASE, "tmux")
    rows = []
    with contextlib.ExitStack() as stack:
        hosts = {name: stack.enter_context(bench.run(name)) for name in names}
        for hosted in hosts.values():
            settle(hosted)
        for name, path in files.items():
            # The slow parser shows in one row what the others would repeat.
            programs = (OURS, BASE if path is short else "tmux")
            takes = {
                program: functools.partial(megabytes_a_second, hosts[program], path)
                for program in programs
            }
            speeds = interleaved(takes, extent.rounds)
            base = programs[1]
            rows.append(
                compared(name, speeds[OURS], speeds[base], base, "MB/s", "higher")
            )
    return rows


def loop_gap(bench: Bench, extent: Extent) -> list[Row]:
    """Measure from inside how late the app's loop is while ``cat`` floods it."""
    log = bench.home / "log"
    write_log(log, extent.megabytes * 1_000_000 // GAP_SHARE)
    takes = {
        preset: functools.partial(_loop_gap, bench, preset, log)
        for preset in (OURS, BASE)
    }
    late = interleaved(takes, extent.few)
    name = "loop gap under cat, p99"
    return [compared(name, late[OURS], late[BASE], BASE, "ms")]


def _loop_gap(bench: Bench, preset: str, log: Path) -> float:
    report = bench.home / "lags.json"
    argv = [sys.executable, str(PROBE), str(report), "--offline", preset]
    hosted = Hosted(argv, bench.environ, bench.settle_seconds)
    try:
        settle(hosted)
        begun, seconds = _cat(hosted, log)
        hosted.write(b"exit\r")
        # It writes its report when it ends, which a busy machine may put off.
        hosted.read_until(None, EXIT_SECONDS)
    finally:
        hosted.close()
    lags = [
        lag * 1e3
        for at, lag in json.loads(report.read_text())
        if begun <= at <= begun + seconds
    ]
    return percentile(lags, 99)


def interrupt(bench: Bench, extent: Extent) -> list[Row]:
    """Measure ^C to the next prompt while ``yes`` floods each program."""
    with bench.run(OURS) as ours, bench.run("tmux") as tmux:
        for hosted in (ours, tmux):
            settle(hosted)
        milliseconds = paired(
            functools.partial(_interrupt, ours, "terminal-ai"),
            functools.partial(_interrupt, tmux, "tmux"),
            extent.few,
        )
    return [
        compared(f"^C under yes, {label}", *milliseconds, "tmux", "ms", of=of)
        for label, of in (("median", statistics.median), ("worst", max))
    ]


def _interrupt(hosted: Hosted, name: str) -> float:
    hosted.write(b"yes\r")
    hosted.read_until(None, FLOOD_SECONDS)
    begun = time.perf_counter()
    hosted.write(b"\x03")
    if not hosted.read_until(PROMPT, 10.0):
        raise SystemExit(f"{name} did not come back from yes within 10 s")
    milliseconds = (time.perf_counter() - begun) * 1e3
    hosted.read_until(None, 0.2)
    return milliseconds


def settle(hosted: Hosted) -> None:
    """Wait for the first prompt, and for what still happens after it."""
    hosted.expect(PROMPT)
    hosted.settle()


def megabytes_a_second(hosted: Hosted, path: Path, times: int = 1) -> float:
    """Return how fast ``cat`` of a file, so many times, is shown to its end."""
    return times * path.stat().st_size / 1e6 / _cat(hosted, path, times)[1]


def _cat(hosted: Hosted, log: Path, times: int = 1) -> tuple[float, float]:
    """Return when it was begun, by the clock of all processes, and how long it took."""
    begun = time.time()
    # Neither the typed line nor an earlier end that is painted again looks like it.
    number = next(_NUMBERS)
    command = f"cat {log}"
    if times > 1:
        command = f"for _ in {{1..{times}}}; do {command}; done"
    hosted.write(f"{command}; echo fini''shed-{number}.\r".encode())
    deadline = DEADLINE_SECONDS * max(1, times // TIMES_A_DEADLINE)
    if not hosted.read_until(b"finished-%d." % number, deadline):
        raise SystemExit(f"cat of {log.name} did not end within {deadline:.0f} s")
    return begun, time.time() - begun


def write_log(path: Path, size_bytes: int) -> None:
    """Write lines as a server does."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(size_bytes):
            written += file.write(LOG_LINE.format(number % 60, number, number % 997))
            if written >= size_bytes:
                break
