"""Measure the program beside its peers, in the same run, interleaved.

Every figure is taken from outside: the program, tmux and a bare shell each run in a
pseudo-terminal of this script, which plays the host terminal. Ratios count, absolute
times depend on the machine. ``--json`` prints a list of
``{name, ours, base, base_name, unit, ratio, better}``.
"""

import argparse
import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 120, 40
PROMPT = b"ready>"
DEADLINE_SECONDS = 120.0
SETTLE_SECONDS = 2.0
# Letters that no escape sequence and no text of the interface contains.
ECHO_LETTERS = "бгджзилпфцчшщыэюя"
ECHO_LINE_LENGTH = 12
MIB = 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its peer's; ``better`` says which direction is good."""

    name: str
    ours: float
    base: float | None
    base_name: str
    unit: str
    better: str = "lower"

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, None where there is no peer."""
        return self.ours / self.base if self.base else None


class Hosted:
    """A program in a pseudo-terminal whose other end is this script."""

    def __init__(self, argv: Sequence[str], environ: dict[str, str]) -> None:
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), environ)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def write(self, data: bytes) -> None:
        """Type."""
        os.write(self._master, data)

    def read_until(self, wanted: bytes | None, seconds: float) -> bool:
        """Read until ``wanted`` was printed; with None, for the whole time."""
        deadline = time.perf_counter() + seconds
        seen = b""
        while (left := deadline - time.perf_counter()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                break
            try:
                chunk = os.read(self._master, 65536)
            except OSError as error:
                # Linux reports EIO, not end of file, when the last process is gone.
                if error.errno == errno.EIO:
                    break
                raise
            seen = seen[-4096:] + chunk
            if wanted is not None and wanted in seen:
                return True
        return False

    def expect(self, wanted: bytes) -> float:
        """Return when ``wanted`` is printed: seconds since the start."""
        if not self.read_until(wanted, DEADLINE_SECONDS):
            raise SystemExit(f"{wanted!r} did not appear in {DEADLINE_SECONDS} s")
        return time.perf_counter() - self.started

    def close(self) -> None:
        """End the program and reap it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        self.read_until(None, 1.0)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self._master)
        os.waitpid(self.pid, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Bench:
    """A home with a known prompt, and the three programs compared."""

    home: Path
    environ: dict[str, str]

    def argv(self, name: str) -> list[str]:
        """Return the command that starts one of the programs compared."""
        match name:
            case "bash":
                return ["bash", "--rcfile", str(self.home / ".bashrc"), "-i"]
            case "tmux":
                socket = str(self.home / "tmux.socket")
                return ["tmux", "-S", socket, "-f", "/dev/null", "new-session"]
            case _:
                return [sys.executable, "-m", "terminal_ai", "--offline", name]

    @contextlib.contextmanager
    def run(self, name: str) -> Iterator[Hosted]:
        """Start one of the programs and end it afterwards."""
        hosted = Hosted(self.argv(name), self.environ)
        try:
            yield hosted
        finally:
            hosted.close()

    def server(self, name: str, hosted: Hosted) -> psutil.Process:
        """Return the process that holds the terminal: for tmux that is its server."""
        if name != "tmux":
            return psutil.Process(hosted.pid)
        socket = str(self.home / "tmux.socket")
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            if socket in line and process.pid != hosted.pid:
                return process
        raise SystemExit("the tmux server was not found")


OURS = "--optimized"
BASE = "--no-optimized"


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by the nearest-rank-below rule of ``statistics``."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


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


def main() -> None:
    """Run the chosen measurements and print one table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--rounds", type=int, default=5, help="starts per program")
    parser.add_argument("--presses", type=int, default=120, help="keys per program")
    parser.add_argument("--lines", type=int, default=200_000, help="rows of the flood")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of idling")
    options = parser.parse_args()
    for program in ("tmux", "bash"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is needed to compare with; install it")
    with tempfile.TemporaryDirectory(prefix="terminal-ai-bench-") as directory:
        bench = Bench(Path(directory), _environment(Path(directory)))
        rows = [
            *start_up(bench, options.rounds),
            *key_echo(bench, options.presses),
            *memory_and_flood(bench, options.lines),
            *idle_cpu(bench, options.idle),
        ]
    if options.json:
        listed = [dataclasses.asdict(row) | {"ratio": row.ratio} for row in rows]
        print(json.dumps(listed, indent=2))
        return
    print(f"{'figure':<28}{'ours':>10}{'peer':>10}  {'unit':<5}{'ratio':>7}  peer")
    for row in rows:
        base = f"{row.base:.2f}" if row.base is not None else "-"
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else "-"
        print(
            f"{row.name:<28}{row.ours:>10.2f}{base:>10}  "
            f"{row.unit:<5}{ratio:>7}  {row.base_name}"
        )


def _environment(home: Path) -> dict[str, str]:
    # tmux starts a login shell, the others do not.
    for name in (".bashrc", ".bash_profile"):
        (home / name).write_text(f"PS1='{PROMPT.decode()} '\n")
    kept = ("PATH", "LANG", "LC_ALL", "USER", "LOGNAME")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return environ | {
        "HOME": str(home),
        "SHELL": shutil.which("bash") or "bash",
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


if __name__ == "__main__":
    main()
