"""Records what a real program writes to a terminal, answering its queries.

It knows vim and less, whose screens say nothing about the machine.
``python -m tests.terminal.recorder`` records again what ``test_recordings`` replays.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from terminal_ai.terminal.events import Reply
from terminal_ai.terminal.terminal import Terminal

COLUMNS, ROWS = 80, 24
GOLDEN = Path(__file__).parent.parent / "golden" / "terminal"
QUIET_SECONDS = 0.7
"""A program that wrote nothing for so long waits for a key."""

LIMIT_SECONDS = 10.0

NUMBERS = "\n".join(f"line {number}" for number in range(1, 201)) + "\n"
SCRIPTS: dict[str, tuple[Sequence[str], Sequence[bytes]]] = {
    "vim": (
        ["vim", "-u", "NONE", "-N", "numbers.txt"],
        [b"G", b"Oadded \xe4\xb8\x96\xe7\x95\x8c\x1b", b":set number\r", b":q!\r"],
    ),
    "less": (["less", "numbers.txt"], [b" ", b"/line 99\r", b"q"]),
}


def record(command: Sequence[str], keys: Sequence[bytes], cwd: Path) -> list[bytes]:
    """Return what the program wrote before the first key and after each of them."""
    master, slave = pty.openpty()
    size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
    fcntl.ioctl(master, termios.TIOCSWINSZ, size)
    program = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(cwd),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LESSHISTFILE": "-",
        },
    )
    os.close(slave)
    terminal = Terminal(COLUMNS, ROWS)
    steps = [_read_until_quiet(master, terminal)]
    for key in keys:
        os.write(master, key)
        steps.append(_read_until_quiet(master, terminal))
    os.close(master)
    program.wait(LIMIT_SECONDS)
    return steps


def _read_until_quiet(master: int, terminal: Terminal) -> bytes:
    written = b""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        if not select.select([master], [], [], QUIET_SECONDS)[0]:
            break
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        written += data
        for event in terminal.feed(data):
            if isinstance(event, Reply):
                os.write(master, event.data)
    return written


def main() -> None:
    """Write one file per program: its steps, each after a line with the length."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, (command, keys) in SCRIPTS.items():
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "numbers.txt").write_text(NUMBERS)
            steps = record(command, keys, Path(directory))
        content = b"".join(b"%d\n%s" % (len(step), step) for step in steps)
        (GOLDEN / f"{name}.steps").write_bytes(content)


def load(name: str) -> list[bytes]:
    """Read a recording back into its steps."""
    content = (GOLDEN / f"{name}.steps").read_bytes()
    steps = []
    while content:
        length, _, rest = content.partition(b"\n")
        steps.append(rest[: int(length)])
        content = rest[int(length) :]
    return steps


if __name__ == "__main__":
    main()
