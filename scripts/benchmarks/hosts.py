"""The programs compared, each in a pseudo-terminal that this process plays."""

import contextlib
import dataclasses
import errno
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from terminal_ai.config.settings import presets
from terminal_ai.config.sources import variable_name

ROOT = Path(__file__).resolve().parents[2]
COLUMNS, ROWS = 120, 40
PROMPT = b"ready>"
DEADLINE_SECONDS = 120.0
SETTLE_SECONDS = 2.0
OURS = "--optimized"
BASE = "--no-optimized"


class Hosted:
    """A program in a pseudo-terminal whose other end is this script."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: dict[str, str],
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._settle_seconds = settle_seconds
        self.started = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), environ)
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def write(self, data: bytes) -> None:
        """Type."""
        os.write(self.master, data)

    def read_until(self, wanted: bytes | None, seconds: float) -> bool:
        """Read until ``wanted`` was printed; with None, for the whole time."""
        deadline = time.perf_counter() + seconds
        seen = b""
        while (left := deadline - time.perf_counter()) > 0:
            if not select.select([self.master], [], [], left)[0]:
                break
            try:
                chunk = os.read(self.master, 65536)
            except OSError as error:
                # Linux reports EIO, not end of file, when the last process is gone.
                if error.errno == errno.EIO:
                    break
                raise
            seen = seen[-4096:] + chunk
            if wanted is not None and wanted in seen:
                return True
        return False

    def settle(self) -> None:
        """Let pass what still happens after a start or a flood."""
        self.read_until(None, self._settle_seconds)

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
        os.close(self.master)
        os.waitpid(self.pid, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Bench:
    """A home with a known prompt, and the three programs compared."""

    home: Path
    environ: dict[str, str]
    settle_seconds: float = SETTLE_SECONDS

    def argv(self, name: str) -> list[str]:
        """Return the command that starts one of the programs compared."""
        match name:
            case "bash":
                return ["bash", "--rcfile", str(self.home / ".bashrc"), "-i"]
            case "tmux":
                socket = str(self.home / "tmux.socket")
                config = self.home / "tmux.conf"
                config.touch()
                return ["tmux", "-S", socket, "-f", str(config), "new-session"]
            case "textual":
                app = ROOT / "scripts" / "benchmarks" / "bare_app.py"
                return [sys.executable, str(app), PROMPT.decode()]
            case _:
                return [sys.executable, "-m", "terminal_ai", "--offline", name]

    def without(self, key: str) -> dict[str, str]:
        """Return the environ in which one value of the preset is switched off."""
        value = presets()["base"][key]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return self.environ | {variable_name(key): text}

    @contextlib.contextmanager
    def run(self, name: str, *, without: str = "") -> Iterator[Hosted]:
        """Start one of the programs and end it afterwards.

        ``without`` is the one value of the preset that is switched off.
        """
        environ, argv = self.environ, self.argv(name)
        if without:
            # A preset's flag would win over the environment.
            environ, argv = self.without(without), argv[:-1]
        if shutil.which(argv[0]) is None:
            raise SystemExit(f"{argv[0]} is needed to compare with; install it")
        hosted = Hosted(argv, environ, self.settle_seconds)
        try:
            yield hosted
        finally:
            hosted.close()
            if name == "tmux":
                # Its server outlives its client, and would be the next one's.
                subprocess.run([*argv[:3], "kill-server"], check=False)

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


def environment(home: Path) -> dict[str, str]:
    """Return what the programs compared are started with; writes their prompt."""
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
