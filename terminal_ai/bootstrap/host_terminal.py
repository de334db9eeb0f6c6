"""The user's own terminal, given back as it was on every way out.

Textual restores it when it ends normally. It does nothing on SIGTERM and SIGHUP, and a
hanging end would leave the user with a dead screen: both are caught here. SIGTSTP and
SIGCONT are Textual's, which leaves and enters its screen around a stop.
"""

import asyncio
import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from typing import Any

RESTORE_SEQUENCES = b"".join(
    (
        b"\x1b[<u",  # kitty keyboard flags, kept per screen: before leaving it
        b"\x1b[?2026l",  # synchronized output
        b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l",  # mouse
        b"\x1b[?2004l",  # bracketed paste
        b"\x1b[?2048l",  # in-band resize reports
        b"\x1b[?1004l",  # focus reports
        b"\x1b[?7h",  # wrap long lines
        b"\x1b[0m",
        b"\x1b[?1049l",  # primary screen
        b"\x1b[?25h",  # cursor
    )
)
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE_SECONDS = 3.0
SIGNAL_EXIT_BASE = 128


class HostTerminal:
    """Remembers the terminal's state and can put it back without Textual."""

    def __init__(self, *, input_fd: int = 0, output_fd: int = 2) -> None:
        self._input_fd = input_fd
        self._output_fd = output_fd
        self._modes = self._current_modes()

    @property
    def is_restored(self) -> bool:
        """True where the line discipline is as it was, which Textual restores last."""
        return self._current_modes() == self._modes

    def restore(self) -> None:
        """Write every reset and put the line discipline back; never raises."""
        with contextlib.suppress(OSError):
            os.write(self._output_fd, RESTORE_SEQUENCES)
        if self._modes is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._input_fd, termios.TCSANOW, self._modes)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Restore on the way out whatever the body left behind."""
        try:
            yield
        finally:
            if not self.is_restored:
                self.restore()

    def _current_modes(self) -> list[Any] | None:
        try:
            return termios.tcgetattr(self._input_fd)
        except (termios.error, OSError):
            return None


class EndingSignals:
    """Turns SIGTERM, SIGHUP and SIGINT into a normal end of the app, or a forced one.

    ``end`` asks the app to leave. If it has not left after the grace time, or is told
    again, ``force`` runs on a thread (the event loop may be what hangs) and the
    process ends there.
    """

    def __init__(
        self,
        *,
        end: Callable[[], None],
        force: Callable[[], None],
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._end = end
        self._force = force
        self._grace_seconds = grace_seconds
        self._timer: threading.Timer | None = None
        self.received: signal.Signals | None = None

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Listen on the running event loop inside the block."""
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self._receive, number)
        try:
            yield
        finally:
            for number in ENDING_SIGNALS:
                loop.remove_signal_handler(number)

    def settle(self) -> None:
        """Call off the forced end: the app has left by itself."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def exit_code(self) -> int | None:
        """The shell's convention for an end by signal; None without one."""
        return None if self.received is None else SIGNAL_EXIT_BASE + self.received

    def _receive(self, number: signal.Signals) -> None:
        if self.received is not None:
            self._end_by_force()
            return
        self.received = number
        self._timer = threading.Timer(self._grace_seconds, self._end_by_force)
        self._timer.daemon = True
        self._timer.start()
        self._end()

    def _end_by_force(self) -> None:
        try:
            self._force()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os._exit(self.exit_code or SIGNAL_EXIT_BASE)
