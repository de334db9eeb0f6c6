"""A pty's master on the event loop: read in slices, written in order."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from terminal_ai.shell.pty import PtyMaster

Measure = Callable[[str], AbstractContextManager[object]]


def unmeasured(_name: str) -> AbstractContextManager[object]:
    """Stand in for a profiler's block."""
    return contextlib.nullcontext()


class PtyStream:
    """Delivers what arrives, at once, but never longer than a slice at a time.

    Between slices the loop runs everything else; the kernel's pty buffer is the
    back-pressure that slows a flood down.
    """

    def __init__(
        self,
        master: PtyMaster,
        *,
        chunk_bytes: int,
        slice_seconds: float,
        on_data: Callable[[bytes], None],
        on_slice_end: Callable[[], None],
        on_end: Callable[[], None],
        measure: Measure = unmeasured,
    ) -> None:
        self._master = master
        self._chunk_bytes = chunk_bytes
        self._slice_seconds = slice_seconds
        self._on_data = on_data
        self._on_slice_end = on_slice_end
        self._on_end = on_end
        self._measure = measure
        self._loop = asyncio.get_running_loop()
        self._is_reading = False
        self._is_writing = False

    def start(self) -> None:
        """Begin to read."""
        self._is_reading = True
        self._loop.add_reader(self._master.fd, self._read_slice)

    def stop(self) -> None:
        """Leave the loop; the master stays open."""
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._master.fd)
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._master.fd)

    def write(self, data: bytes) -> bool:
        """Write at once; what the kernel refuses follows when it has room."""
        is_accepted = self._master.write(data)
        self._watch_pending()
        return is_accepted

    def drain(self) -> None:
        """Read what a shell that has ended left behind, for one slice."""
        if self._is_reading:
            self._read_slice()

    def _read_slice(self) -> None:
        deadline = time.monotonic() + self._slice_seconds
        has_ended = False
        while True:
            with self._measure("pty.read"):
                data = self._master.read(self._chunk_bytes)
            if not data:
                has_ended = data is not None
                break
            self._on_data(data)
            # The listener may have closed us.
            if not self._is_reading or time.monotonic() >= deadline:
                break
        self._on_slice_end()
        if has_ended:
            self.stop()
            self._on_end()

    def _watch_pending(self) -> None:
        if self._master.has_pending and not self._is_writing:
            self._is_writing = True
            self._loop.add_writer(self._master.fd, self._write_pending)

    def _write_pending(self) -> None:
        self._master.flush()
        if not self._master.has_pending:
            self._is_writing = False
            self._loop.remove_writer(self._master.fd)
