"""What a flood of output costs: its time, the loop's lateness, and ^C."""

import json
import statistics
import sys
import time
from pathlib import Path

from benchmarks.figures import Row, percentile
from benchmarks.hosts import BASE, OURS, PROMPT, ROOT, SETTLE_SECONDS, Bench, Hosted

LOG_LINE = "2026-11-21 05:04:{:02d} INFO request {:08d} handled in {:3d} ms\n"
FLOOD_SECONDS = 1.0
PROBE = ROOT / "scripts" / "benchmarks" / "loop_probe.py"


def cat(bench: Bench, megabytes: int, rounds: int) -> list[Row]:
    """Measure ``cat`` of a log through each program, interleaved."""
    log = bench.home / "log"
    _write_log(log, megabytes * 1_000_000)
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, BASE, "tmux")}
    for _ in range(rounds):
        for name, taken in seconds.items():
            with bench.run(name) as hosted:
                _settle(hosted)
                taken.append(_cat(hosted, log)[1])
    best = {name: min(taken) for name, taken in seconds.items()}
    name = f"cat of {megabytes} MB, best"
    return [
        Row(name, best[OURS], best["tmux"], "tmux", "s"),
        Row(name, best[OURS], best[BASE], BASE, "s"),
    ]


def loop_gap(bench: Bench, megabytes: int) -> list[Row]:
    """Measure from inside how late the app's loop is while ``cat`` floods it."""
    log, report = bench.home / "log", bench.home / "lags.json"
    _write_log(log, megabytes * 1_000_000)
    late: dict[str, float] = {}
    for preset in (OURS, BASE):
        argv = [sys.executable, str(PROBE), str(report), "--offline", preset]
        hosted = Hosted(argv, bench.environ)
        _settle(hosted)
        begun, seconds = _cat(hosted, log)
        hosted.write(b"exit\r")
        hosted.read_until(None, SETTLE_SECONDS)
        hosted.close()
        lags = [
            lag * 1e3
            for at, lag in json.loads(report.read_text())
            if begun <= at <= begun + seconds
        ]
        late[preset] = percentile(lags, 99)
    return [Row("loop gap under cat, p99", late[OURS], late[BASE], BASE, "ms")]


def interrupt(bench: Bench, rounds: int) -> list[Row]:
    """Measure ^C to the next prompt while ``yes`` floods each program."""
    milliseconds: dict[str, list[float]] = {name: [] for name in (OURS, "tmux")}
    for name, taken in milliseconds.items():
        with bench.run(name) as hosted:
            _settle(hosted)
            for _ in range(rounds):
                hosted.write(b"yes\r")
                hosted.read_until(None, FLOOD_SECONDS)
                begun = time.perf_counter()
                hosted.write(b"\x03")
                if not hosted.read_until(PROMPT, 10.0):
                    raise SystemExit(f"{name} did not come back from yes within 10 s")
                taken.append((time.perf_counter() - begun) * 1e3)
                hosted.read_until(None, 0.2)
    return [
        Row(
            f"^C under yes, {label}",
            pick(milliseconds[OURS]),
            pick(milliseconds["tmux"]),
            "tmux",
            "ms",
        )
        for label, pick in (("median", statistics.median), ("worst", max))
    ]


def _settle(hosted: Hosted) -> None:
    hosted.expect(PROMPT)
    hosted.read_until(None, SETTLE_SECONDS)


def _cat(hosted: Hosted, log: Path) -> tuple[float, float]:
    """Return when it was begun, by the clock of all processes, and how long it took."""
    begun = time.time()
    # The quotes keep the typed line from looking like the printed word.
    hosted.write(f"cat {log}; echo fini''shed\r".encode())
    hosted.expect(b"finished")
    return begun, time.time() - begun


def _write_log(path: Path, size_bytes: int) -> None:
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(size_bytes):
            written += file.write(LOG_LINE.format(number % 60, number, number % 997))
            if written >= size_bytes:
                break
