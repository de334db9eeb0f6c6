"""Start-up, echo, memory and idling, beside tmux and bash."""

import contextlib
import statistics
import time

import psutil

from benchmarks.figures import MIB, Row, percentile
from benchmarks.hosts import BASE, OURS, PROMPT, SETTLE_SECONDS, Bench

# Letters that no escape sequence and no text of the interface contains.
ECHO_LETTERS = "бгджзилпфцчшщыэюя"
ECHO_LINE_LENGTH = 12


def start_up(bench: Bench, rounds: int) -> list[Row]:
    """Measure spawn to first prompt, interleaved."""
    names = (OURS, BASE, "tmux", "bash")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            with bench.run(name) as hosted:
                seconds[name].append(hosted.expect(PROMPT))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    return [
        Row("first prompt, median", median[OURS], median["tmux"], "tmux", "s"),
        Row("first prompt, median", median[OURS], median["bash"], "bash", "s"),
        Row("first prompt, median", median[OURS], median[BASE], BASE, "s"),
    ]


def key_echo(bench: Bench, presses: int) -> list[Row]:
    """Measure a typed letter to the bytes that show it, interleaved key by key."""
    names = (OURS, "tmux", "bash")
    milliseconds: dict[str, list[float]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        hosts = {name: stack.enter_context(bench.run(name)) for name in names}
        for hosted in hosts.values():
            hosted.expect(PROMPT)
            hosted.read_until(None, SETTLE_SECONDS)
        for press in range(presses):
            letter = ECHO_LETTERS[press % len(ECHO_LETTERS)].encode()
            for name, hosted in hosts.items():
                if press % ECHO_LINE_LENGTH == 0:
                    hosted.write(b"\x15")
                    hosted.read_until(None, 0.1)
                begun = time.perf_counter()
                hosted.write(letter)
                if not hosted.read_until(letter, 5.0):
                    raise SystemExit(f"{name} did not echo within 5 s")
                milliseconds[name].append((time.perf_counter() - begun) * 1e3)
                hosted.read_until(None, 0.01)
    return [
        Row(
            f"key echo p{percent}",
            percentile(milliseconds[OURS], percent),
            percentile(milliseconds[base], percent),
            base,
            "ms",
        )
        for percent in (50, 95)
        for base in ("tmux", "bash")
    ]


def memory_and_flood(bench: Bench, lines: int) -> list[Row]:
    """Measure resident memory after start and after a flood, and the flood's time."""
    resting: dict[str, float] = {}
    flooded: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for name in (OURS, BASE, "tmux"):
        with bench.run(name) as hosted:
            hosted.expect(PROMPT)
            hosted.read_until(None, SETTLE_SECONDS)
            server = bench.server(name, hosted)
            resting[name] = server.memory_info().rss / MIB
            begun = time.perf_counter()
            # The quotes keep the typed line from looking like the printed word.
            hosted.write(f"seq 1 {lines}; echo fini''shed\r".encode())
            hosted.expect(b"finished")
            seconds[name] = time.perf_counter() - begun
            hosted.read_until(None, SETTLE_SECONDS)
            flooded[name] = server.memory_info().rss / MIB
    return [
        Row("RSS after start", resting[OURS], resting["tmux"], "tmux", "MiB"),
        Row(f"RSS after {lines} rows", flooded[OURS], flooded["tmux"], "tmux", "MiB"),
        Row(f"seq 1 {lines}", seconds[OURS], seconds["tmux"], "tmux", "s"),
        Row(f"seq 1 {lines}", seconds[OURS], seconds[BASE], BASE, "s"),
    ]


def idle_cpu(bench: Bench, seconds: float) -> list[Row]:
    """Measure processor time while nothing happens, panels open."""
    with contextlib.ExitStack() as stack:
        hosts = {name: stack.enter_context(bench.run(name)) for name in (OURS, "tmux")}
        for hosted in hosts.values():
            hosted.expect(PROMPT)
            hosted.read_until(None, SETTLE_SECONDS)
        servers = {name: bench.server(name, hosted) for name, hosted in hosts.items()}
        before = {name: _cpu_seconds(server) for name, server in servers.items()}
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            for hosted in hosts.values():
                hosted.read_until(None, 0.25)
        took = time.perf_counter() - begun
        percent = {
            name: (_cpu_seconds(server) - before[name]) / took * 100
            for name, server in servers.items()
        }
    name = f"idle CPU over {seconds:.0f} s"
    return [Row(name, percent[OURS], percent["tmux"], "tmux", "%")]


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
