"""Start-up, echo, memory and idling, beside tmux and bash."""

import contextlib
import dataclasses
import functools
import time
from statistics import fmean

import psutil

from benchmarks import history
from benchmarks.figures import MIB, Row, at_percent, compared, held_to, interleaved
from benchmarks.hosts import BASE, OURS, PROMPT, Bench, Hosted, environment
from benchmarks.running import Extent
from terminal_ai.config.sources import variable_name

# Letters that no escape sequence and no text of the interface contains.
ECHO_LETTERS = "бгджзилпфцчшщыэюя"
ECHO_LINE_LENGTH = 12
IDLE_SLICES = 8
RSS_LIMIT_MIB, IDLE_LIMIT_PERCENT = 120.0, 3.0
PROFILER_KEY = b"\x1bOR"
_IDLE_PROGRAMS = {"open": OURS, "hidden": OURS}


def start_up(bench: Bench, extent: Extent) -> list[Row]:
    """Measure spawn to first prompt, interleaved."""
    names = (OURS, BASE, "textual", "tmux", "bash")
    takes = {name: functools.partial(first_prompt, bench, name) for name in names}
    seconds = interleaved(takes, extent.rounds)
    name = "first prompt, median"
    return [
        compared(name, seconds[OURS], seconds[base], base_name, "s")
        for base, base_name in (
            ("tmux", "tmux"),
            ("textual", "bare Textual app"),
            ("bash", "bash"),
            (BASE, BASE),
        )
    ]


def key_echo(bench: Bench, extent: Extent) -> list[Row]:
    """Measure a typed letter to the bytes that show it, interleaved key by key."""
    names = (OURS, BASE, "tmux", "bash")
    milliseconds: dict[str, list[float]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        hosts = {name: stack.enter_context(bench.run(name)) for name in names}
        for hosted in hosts.values():
            hosted.expect(PROMPT)
            hosted.settle()
        for press in range(extent.presses):
            for name, hosted in hosts.items():
                milliseconds[name].append(echo_of(hosted, press))
    return [
        compared(
            f"key echo p{percent}",
            milliseconds[OURS],
            milliseconds[base],
            base_name,
            "ms",
            of=at_percent(percent),
        )
        for percent in (50, 95, 99)
        for base, base_name in (("tmux", "tmux"), ("bash", "bare pty"), (BASE, BASE))
    ]


def echo_of(hosted: Hosted, press: int) -> float:
    """Return the milliseconds from one key, of many, to the bytes that show it."""
    letter = ECHO_LETTERS[press % len(ECHO_LETTERS)].encode()
    if press % ECHO_LINE_LENGTH == 0:
        hosted.write(b"\x15")
        hosted.read_until(None, 0.1)
    begun = time.perf_counter()
    hosted.write(letter)
    if not hosted.read_until(letter, 5.0):
        raise SystemExit(f"{letter.decode()} was not echoed within 5 s")
    took = time.perf_counter() - begun
    hosted.read_until(None, 0.01)
    return took * 1e3


def memory_and_flood(bench: Bench, extent: Extent) -> list[Row]:
    """Measure resident memory after start and after a flood, and the flood's time."""
    names = (OURS, "tmux")
    resting: dict[str, list[float]] = {name: [] for name in names}
    flooded: dict[str, list[float]] = {name: [] for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(extent.few):
        for name in names if number % 2 == 0 else reversed(names):
            with bench.run(name) as hosted:
                hosted.expect(PROMPT)
                hosted.settle()
                server = bench.server(name, hosted)
                resting[name].append(server.memory_info().rss / MIB)
                seconds[name].append(_flood(hosted, extent.lines))
                hosted.settle()
                flooded[name].append(server.memory_info().rss / MIB)
    flood = f"seq 1 {extent.lines}"
    return [
        compared("RSS after start", resting[OURS], resting["tmux"], "tmux", "MiB"),
        compared(f"RSS after {flood}", flooded[OURS], flooded["tmux"], "tmux", "MiB"),
        compared(flood, seconds[OURS], seconds["tmux"], "tmux", "s"),
    ]


def full(bench: Bench, extent: Extent) -> list[Row]:
    """Measure memory with a full scrollback, and a history beside it."""
    rows, records = extent.lines // 2, extent.records // 10
    config = bench.home / "tmux.conf"
    config.write_text(f"set -g history-limit {rows}\n")
    variable = variable_name("terminal.scrollback_rows")
    environ = bench.environ | {variable: str(rows)}
    roomy = dataclasses.replace(bench, environ=environ)
    remembering = bench.home / "remembering"
    remembering.mkdir()
    history.fill(history.path_in(remembering), records)
    own = environment(remembering) | {variable: str(rows)}
    takes = {
        "alone": functools.partial(_held, roomy, OURS, rows),
        "history": functools.partial(
            _held, dataclasses.replace(bench, home=remembering, environ=own), OURS, rows
        ),
        "tmux": functools.partial(_held, roomy, "tmux", rows),
    }
    held = interleaved(takes, extent.few)
    name = f"RSS with {rows:,} rows"
    both = f"{name} and {records:,} records"
    return [
        compared(name, held["alone"], held["tmux"], "tmux", "MiB"),
        compared(both, held["history"], held["tmux"], "tmux", "MiB"),
        held_to(f"{both}: limit", held["history"], RSS_LIMIT_MIB, "MiB", of=max),
    ]


def _held(bench: Bench, program: str, rows: int) -> float:
    """Return the MiB of a program that has so many rows."""
    with bench.run(program) as hosted:
        hosted.expect(PROMPT)
        hosted.settle()
        _flood(hosted, rows)
        hosted.settle()
        return bench.server(program, hosted).memory_info().rss / MIB


def idle_cpu(bench: Bench, extent: Extent) -> list[Row]:
    """Measure processor time while nothing happens: the panel open, and hidden."""
    names = ("open", "hidden", "tmux", "textual")
    percent: dict[str, list[float]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        hosts = {
            name: stack.enter_context(bench.run(_IDLE_PROGRAMS.get(name, name)))
            for name in names
        }
        for hosted in hosts.values():
            hosted.expect(PROMPT)
            hosted.settle()
        hosts["hidden"].write(PROFILER_KEY)
        hosts["hidden"].settle()
        servers = {name: bench.server(name, hosted) for name, hosted in hosts.items()}
        for _ in range(IDLE_SLICES):
            before = {name: _cpu_seconds(server) for name, server in servers.items()}
            begun = time.perf_counter()
            while time.perf_counter() - begun < extent.idle / IDLE_SLICES:
                for hosted in hosts.values():
                    hosted.read_until(None, 0.05)
            took = time.perf_counter() - begun
            for name, server in servers.items():
                used = _cpu_seconds(server) - before[name]
                percent[name].append(used / took * 100)
    name = f"idle CPU over {extent.idle} s, panel"
    return [
        compared(f"{name} {ours}", percent[ours], percent[base], label, "%", of=fmean)
        for ours, base, label in (
            ("open", "hidden", "panel hidden"),
            ("open", "tmux", "tmux"),
            ("hidden", "textual", "bare Textual app"),
        )
    ] + [
        held_to(
            f"{name} open: limit", percent["open"], IDLE_LIMIT_PERCENT, "%", of=fmean
        )
    ]


def first_prompt(bench: Bench, name: str, *, without: str = "") -> float:
    """Return the seconds from spawn to prompt, with one value of the preset off."""
    with bench.run(name, without=without) as hosted:
        return hosted.expect(PROMPT)


def _flood(hosted: Hosted, lines: int) -> float:
    begun = time.perf_counter()
    # The quotes keep the typed line from looking like the printed word.
    hosted.write(f"seq 1 {lines}; echo fini''shed\r".encode())
    hosted.expect(b"finished")
    return time.perf_counter() - begun


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
