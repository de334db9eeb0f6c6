"""Steady mixed use of the real app for a long time: does it leak?

The app runs in a pseudo-terminal of this script, which types commands, lets some fail,
floods it, pages, opens and closes panels, and resizes it. Resident memory, descriptors
and threads are read after each round, and the slope of each must stay under its bound.
The first commands fill the scrollback, the history's memory and the caches, which is no
leak: what ends before them is judged by its peak alone.
"""

import argparse
import dataclasses
import fcntl
import json
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import linear_regression

import psutil

from benchmarks.figures import MIB
from benchmarks.hosts import COLUMNS, OURS, PROMPT, ROWS, Bench, Hosted, environment

WARM_UP_COMMANDS = 1_200
"""More than the records that the history keeps in memory."""
LEAST_READINGS = 6
PAUSE_SECONDS = 0.15
BOUNDS = {
    "rss_peak_mib": 200.0,
    "rss_kib_per_command": 1.0,
    "fds_per_hour": 2.0,
    "threads_per_hour": 2.0,
}
"""A command may cost a kibibyte; a descriptor or thread is only lost by mistake."""
COMMANDS = (
    "true",
    "ls -l /usr/bin | head -30",
    "seq 1 400",
    "gti status",
    "false",
    "printf '\\033[31mred\\033[0m\\n'",
    "cat /nonexistent-{number}",
    "seq 1 3000",
)
KEYS = (b"\x1bOQ", b"\x1bOQ", b"\x1bOR", b"\x1bOR", b"\x1b[5;2~", b"\x1b[6;2~")
"""F2 and F3 open and close the panels; Shift+PageUp and PageDown page."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What the app holds at one moment, so many commands after its start."""

    seconds: float
    commands: int
    rss_bytes: int
    fds: int
    threads: int


def main(arguments: Sequence[str]) -> int:
    """Use the app for some minutes, print the slopes, and judge them."""
    parser = argparse.ArgumentParser(prog="bench.py soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(
        prefix="terminal-ai-bench-", ignore_cleanup_errors=True
    ) as directory:
        home = Path(directory)
        bench = Bench(home, environment(home))
        with bench.run(OURS) as hosted:
            readings = used(hosted, options.minutes * 60)
    figures = judged(readings)
    broken = [name for name, figure in figures.items() if not figure["holds"]]
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(f"{readings[-1].commands} commands in {options.minutes:g} minutes")
        for name, figure in figures.items():
            value = figure["value"]
            state = "ok" if figure["holds"] else "TOO MUCH"
            shown = "too short to tell" if value is None else f"{value:.3f}  {state}"
            print(f"{name:<22} most {figure['most']:<8}{shown}")
    return 1 if broken else 0


def used(
    hosted: Hosted, seconds: float, clock: Callable[[], float] = time.monotonic
) -> list[Reading]:
    """Use the app until the time is over; return what it held after each round."""
    hosted.expect(PROMPT)
    process, begun, commands = psutil.Process(hosted.pid), clock(), 0
    readings: list[Reading] = []
    while (now := clock() - begun) < seconds or len(readings) < LEAST_READINGS:
        for number, command in enumerate(COMMANDS):
            hosted.write(f"{command.format(number=commands)}\r".encode())
            hosted.read_until(None, PAUSE_SECONDS)
            hosted.write(KEYS[number % len(KEYS)])
            hosted.read_until(None, PAUSE_SECONDS / 3)
            commands += 1
        _resize(hosted, len(readings))
        hosted.write(f"echo roun''d-{commands}.\r".encode())
        hosted.expect(b"round-%d." % commands)
        commands += 1
        held = process.memory_info().rss
        reading = Reading(now, commands, held, process.num_fds(), process.num_threads())
        readings.append(reading)
        print(
            f"\r{now / 60:6.1f} min  {commands} commands  {held / MIB:.1f} MiB",
            end="",
            file=sys.stderr,
            flush=True,
        )
    print(file=sys.stderr)
    return readings


def judged(readings: Sequence[Reading]) -> dict[str, dict[str, float | bool | None]]:
    """Return each slope and the peak with what is allowed, and whether it holds."""
    values: dict[str, float | None] = {
        "rss_peak_mib": max(reading.rss_bytes for reading in readings) / MIB
    }
    settled = [each for each in readings if each.commands >= WARM_UP_COMMANDS]
    hours = [each.seconds / 3600 for each in settled]
    commands = [float(each.commands) for each in settled]
    for name, over, held in (
        ("rss_kib_per_command", commands, [e.rss_bytes / 1024 for e in settled]),
        ("fds_per_hour", hours, [float(e.fds) for e in settled]),
        ("threads_per_hour", hours, [float(e.threads) for e in settled]),
    ):
        is_long = len(settled) >= LEAST_READINGS
        values[name] = linear_regression(over, held).slope if is_long else None
    return {
        name: {
            "value": value,
            "most": BOUNDS[name],
            "holds": value is None or value <= BOUNDS[name],
        }
        for name, value in values.items()
    }


def _resize(hosted: Hosted, number: int) -> None:
    """Make the window another size every round, and the old one again."""
    columns = COLUMNS - 30 * (number % 2)
    size = struct.pack("HHHH", ROWS - number % 3, columns, 0, 0)
    fcntl.ioctl(hosted.master, termios.TIOCSWINSZ, size)
    psutil.Process(hosted.pid).send_signal(signal.SIGWINCH)
