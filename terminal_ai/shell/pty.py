"""One shell in a pseudo-terminal: started, resized, read, written and reaped here."""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from terminal_ai.errors import ShellError
from terminal_ai.messages import gettext as _

# What the program does not read must not pile up here without end.
PENDING_LIMIT_BYTES = 1_048_576
# Who does not leave at the first signal gets the next one after this long.
CLOSING_SIGNALS = (
    (signal.SIGHUP, 0.6),
    (signal.SIGTERM, 0.4),
    (signal.SIGKILL, 0.8),
)
CLOSING_POLL_SECONDS = 0.01
EXIT_POLL_SECONDS = 0.05
# The same bit on Linux and macOS; the termios module does not name it everywhere.
_IUTF8 = 0x4000


@dataclass(frozen=True, slots=True)
class ShellExit:
    """How a shell ended: by itself with a code, or by a signal."""

    exit_code: int | None = None
    signal: int | None = None
    is_wanted: bool = False
    """The user left it, with whatever status: at its prompt or by ``exit``."""

    @property
    def status(self) -> int | None:
        """The number a parent shell would show in ``$?``."""
        return self.exit_code if self.signal is None else 128 + self.signal


class PtyMaster:
    """The only owner of a pty's master and of the shell at its other end."""

    def __init__(self, process: subprocess.Popen[bytes], fd: int) -> None:
        self._process = process
        self._fd = fd
        self._pending = bytearray()

    @classmethod
    def spawn(
        cls,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        cwd: str | None,
        columns: int,
        rows: int,
    ) -> Self:
        """Start a program as leader of a new session on a new pty."""
        try:
            fd, slave = os.openpty()
        except OSError as error:
            raise ShellError(
                _("no pseudo-terminal is available: {reason}").format(
                    reason=error.strerror
                ),
                hint=_("close other terminals and try again"),
            ) from error
        try:
            _make_sane(slave)
            _set_window_size(slave, columns, rows)
            os.set_blocking(fd, False)
            process = subprocess.Popen(
                argv,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=cwd,
                env=dict(environ),
                start_new_session=True,
                # Taking the controlling terminal can only be done in the child.
                preexec_fn=_take_terminal,
            )
        except (OSError, subprocess.SubprocessError) as error:
            os.close(fd)
            raise ShellError(
                _("cannot start {program}: {reason}").format(
                    program=argv[0], reason=getattr(error, "strerror", None) or error
                ),
                hint=_("set shell.command to an installed shell, or use --shell"),
            ) from error
        finally:
            os.close(slave)
        return cls(process, fd)

    @property
    def fd(self) -> int:
        """The master's descriptor, for the event loop; -1 when closed."""
        return self._fd

    @property
    def pid(self) -> int:
        """The shell's process id."""
        return self._process.pid

    @property
    def foreground_group(self) -> int | None:
        """The process group that reads from the terminal now."""
        try:
            group = os.tcgetpgrp(self._fd)
        except OSError:
            return None
        return group if group > 1 else None

    @property
    def is_raw(self) -> bool:
        """True while keys are read one by one: a line editor is at work, for one."""
        try:
            return not termios.tcgetattr(self._fd)[3] & termios.ICANON
        except (OSError, termios.error):
            return False

    @property
    def has_pending(self) -> bool:
        """True while written bytes wait for the program to read."""
        return bool(self._pending)

    def read(self, limit_bytes: int) -> bytes | None:
        """Return what has arrived, None if nothing has, ``b""`` at the end."""
        try:
            return os.read(self._fd, limit_bytes)
        except BlockingIOError:
            return None
        except OSError as error:
            # Linux reports EIO, not end of file, when the last process leaves.
            if error.errno in (errno.EIO, errno.EBADF):
                return b""
            raise

    def write(self, data: bytes) -> bool:
        """Write at once what the kernel takes, keep the rest in order.

        False, and nothing of ``data`` is written, when too much waits already.
        """
        if self._fd < 0 or len(self._pending) + len(data) > PENDING_LIMIT_BYTES:
            return False
        self._pending += data
        self.flush()
        return True

    def flush(self) -> None:
        """Hand waiting bytes to the kernel until it refuses."""
        while self._pending:
            try:
                written = os.write(self._fd, self._pending)
            except BlockingIOError:
                return
            except OSError:
                # The other end is gone; its exit is reported elsewhere.
                self._pending.clear()
                return
            del self._pending[:written]

    def resize(self, columns: int, rows: int) -> None:
        """Tell the kernel, which tells the foreground group by SIGWINCH."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                _set_window_size(self._fd, columns, rows)

    def poll(self) -> ShellExit | None:
        """Return how the shell ended, reaping it, or None while it lives."""
        code = self._process.poll()
        if code is None:
            return None
        return ShellExit(signal=-code) if code < 0 else ShellExit(exit_code=code)

    async def wait(self) -> ShellExit:
        """Wait for the shell's end without occupying the loop or a thread."""
        exit_fd = _open_pidfd(self.pid)
        if exit_fd is not None:
            loop = asyncio.get_running_loop()
            ended = asyncio.Event()
            loop.add_reader(exit_fd, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(exit_fd)
                os.close(exit_fd)
        while (status := self.poll()) is None:  # noqa: ASYNC110 - no event exists
            await asyncio.sleep(EXIT_POLL_SECONDS)
        return status

    async def close(self) -> None:
        """Hang up, insist, and reap; bounded by ``CLOSING_SIGNALS``."""
        for pause_seconds in self._closing():
            await asyncio.sleep(pause_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pause_seconds in self._closing():
            time.sleep(pause_seconds)

    def _closing(self) -> Iterator[float]:
        """Take one step towards the end; yields how long to wait for the next."""
        if self._fd < 0:
            return
        groups = self._groups()
        # The master goes first: a child blocked on a full terminal could not
        # die, and waiting for it with the master open would never return.
        os.close(self._fd)
        self._fd = -1
        self._pending.clear()
        for number, patience_seconds in CLOSING_SIGNALS:
            for group in groups:
                _signal_group(group, number)
                # A stopped process acts on a signal only once it continues.
                _signal_group(group, signal.SIGCONT)
            deadline = time.monotonic() + patience_seconds
            while time.monotonic() < deadline:
                if self.poll() is not None and not any(map(_is_alive, groups)):
                    return
                yield CLOSING_POLL_SECONDS

    def _groups(self) -> tuple[int, ...]:
        groups = {self.foreground_group}
        if self.poll() is None:
            groups.add(self.pid)
        return tuple(group for group in groups if group is not None)


def _make_sane(slave: int) -> None:
    """Set what a login terminal has, whatever the system's default is."""
    attributes = termios.tcgetattr(slave)
    attributes[0] |= termios.ICRNL | termios.IXON | _IUTF8
    attributes[1] |= termios.OPOST | termios.ONLCR
    attributes[2] |= termios.CREAD | termios.CS8 | termios.HUPCL
    attributes[3] |= (
        termios.ISIG
        | termios.ICANON
        | termios.IEXTEN
        | termios.ECHO
        | termios.ECHOE
        | termios.ECHOK
        | termios.ECHOKE
        | termios.ECHOCTL
    )
    controls = attributes[6]
    controls[termios.VINTR] = b"\x03"
    controls[termios.VQUIT] = b"\x1c"
    controls[termios.VERASE] = b"\x7f"
    controls[termios.VKILL] = b"\x15"
    controls[termios.VEOF] = b"\x04"
    controls[termios.VSUSP] = b"\x1a"
    termios.tcsetattr(slave, termios.TCSANOW, attributes)


def _set_window_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _take_terminal() -> None:
    """Run in the child: own the terminal, and meet signals as a login shell does."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _open_pidfd(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Someone else's now (sudo): nothing more we may do about it.
        return False
    return sys.platform != "linux" or _has_living_member(group)


def _has_living_member(group: int) -> bool:
    """Tell living processes from the dead that nobody reaps, as in many containers."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (entry / "stat").read_bytes()
                # The name may hold anything: the fields follow the last bracket.
                state, _parent, member_of = stat[stat.rindex(b")") + 2 :].split()[:3]
                if int(member_of) == group and state not in (b"Z", b"X"):
                    return True
    return False
