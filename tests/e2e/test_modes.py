"""Every mode that the app sets in the host terminal is reset, however it ends."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from .conftest import World

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WAIT_SECONDS = 45.0
# Alternate screen, mouse (buttons, motion, SGR), focus reports, bracketed paste.
TAKEN = {1049, 1000, 1003, 1006, 1004, 2004}
ON_BY_DEFAULT = {7, 25}
CHANGE = re.compile(rb"\x1b\[(?:\?([\d;]+)([hl])|(>\d+|<\d*)u)")
APP = "from terminal_ai.cli import main; main(['--offline', '--shell', 'sh'])"
FAILING_APP = (
    "from terminal_ai.ui import app\n"
    "app.TerminalApp.on_mount = lambda self: self.set_timer(1.0, lambda: 1 / 0)\n" + APP
)


class HostTerminal:
    """A terminal that remembers the modes a program set, and answers nothing."""

    def __init__(self) -> None:
        self._outside, self.inside = pty.openpty()
        size = struct.pack("HHHH", 40, 120, 0, 0)
        fcntl.ioctl(self.inside, termios.TIOCSWINSZ, size)
        self._unread = b""
        self.modes = set(ON_BY_DEFAULT)
        self.key_protocols = 0

    def close(self) -> None:
        os.close(self._outside)
        os.close(self.inside)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not holds():
            assert time.monotonic() < deadline, self.modes
            self.read()

    def read(self) -> None:
        """Take all output there is; wait a moment for the first of it."""
        while select.select([self._outside], [], [], 0.05)[0]:
            self._unread += os.read(self._outside, 65_536)
        end = 0
        for change in CHANGE.finditer(self._unread):
            end = change.end()
            numbers, letter, protocol = change.groups()
            if protocol is not None:
                self.key_protocols += 1 if protocol.startswith(b">") else -1
            elif letter == b"h":
                self.modes.update(map(int, numbers.split(b";")))
            else:
                self.modes.difference_update(map(int, numbers.split(b";")))
        # A sequence may have been cut at the end of a read.
        self._unread = self._unread[max(end, len(self._unread) - 64) :]


@contextlib.contextmanager
def running(world: World, program: str) -> Iterator[tuple[HostTerminal, psutil.Popen]]:
    terminal = HostTerminal()
    process = psutil.Popen(
        [sys.executable, "-c", program],
        stdin=terminal.inside,
        stdout=terminal.inside,
        stderr=terminal.inside,
        cwd=world.project,
        env=world.environ,
        start_new_session=True,
    )
    try:
        terminal.wait_until(lambda: terminal.modes >= TAKEN)
        assert terminal.key_protocols == 1
        yield terminal, process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        terminal.close()


def assert_untouched(terminal: HostTerminal, line_discipline: object) -> None:
    terminal.read()
    assert terminal.modes == ON_BY_DEFAULT
    assert terminal.key_protocols == 0
    assert termios.tcgetattr(terminal.inside) == line_discipline


def fresh_line_discipline() -> object:
    outside, inside = pty.openpty()
    try:
        return termios.tcgetattr(inside)
    finally:
        os.close(outside)
        os.close(inside)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_no_mode_behind(world: World, number: signal.Signals) -> None:
    with running(world, APP) as (terminal, app):
        app.send_signal(number)
        terminal.wait_until(lambda: app.poll() is not None)
        assert app.returncode == 128 + number
        assert_untouched(terminal, fresh_line_discipline())


def test_an_exception_leaves_no_mode_behind(world: World) -> None:
    with running(world, FAILING_APP) as (terminal, app):
        terminal.wait_until(lambda: app.poll() is not None)
        assert app.returncode == 2
        assert_untouched(terminal, fresh_line_discipline())


def test_a_stop_leaves_no_mode_behind_and_continuing_takes_them_again(
    world: World,
) -> None:
    with running(world, APP) as (terminal, app):
        app.send_signal(signal.SIGTSTP)
        terminal.wait_until(lambda: bool(app.status() == psutil.STATUS_STOPPED))
        assert_untouched(terminal, fresh_line_discipline())
        app.send_signal(signal.SIGCONT)
        terminal.wait_until(lambda: terminal.modes >= TAKEN)
        app.send_signal(signal.SIGTERM)
        terminal.wait_until(lambda: app.poll() is not None)
        assert_untouched(terminal, fresh_line_discipline())
