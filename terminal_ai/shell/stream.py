"""A pty's master on the event loop: read in slices, written in order.

Everything happens on the loop, not in a thread: docs/decisions/011 has the figures.
"""

import contextlib
import math
import time
from asyncio import Handle, get_running_loop
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

Measure = Callable[[str], AbstractContextManager[object]]

UNPARSED_LIMIT_BYTES = 262_144
"""Read and not yet parsed; above it nothing is read, and the kernel holds the program
back. Small, because what is shown after ^C waits until all of this was parsed."""
FEED_LEAST_BYTES = 1_024
"""Parsed at a time however slow the parser is: every feed has a cost of its own."""
SPEED_GROWTH = 2.0
"""How much faster than expected the parser is believed to be: fast text may turn into
slow at any byte."""
FIRST_SPEED_BYTES_PER_SECOND = 250_000.0
READ_SHARE = 0.5
"""The part of a slice that may go by with reading."""
LEAST_SHARE = 0.25
"""A rest of the slice shorter than this part is left to the loop."""
DRAIN_LIMIT_SECONDS = 1.0
"""What a shell left behind and takes longer to parse than this is not shown."""
BREATHS = 8
"""Turns of the loop between two slices of a flood: a key passes through several queues,
one a turn, on its way to the pty, and a frame on its way to the screen."""


IsOver = Callable[[], bool]
"""Tells whether the time for a feed is over."""
Consume = Callable[[bytes, IsOver], bytes]
"""Takes bytes for as long as it may; returns those it did not come to."""


def unmeasured(_name: str) -> AbstractContextManager[object]:
    """Stand in for a profiler's block."""
    return contextlib.nullcontext()


class Master(Protocol):
    """What a stream needs of the pty's master."""

    @property
    def fd(self) -> int:
        """The descriptor to watch."""

    @property
    def has_pending(self) -> bool:
        """True while written bytes wait for the program to read."""

    def read(self, limit_bytes: int) -> bytes | None:
        """Return what has arrived, None if nothing has, ``b""`` at the end."""

    def write(self, data: bytes) -> bool:
        """Write what the kernel takes and keep the rest; False if refused."""

    def flush(self) -> None:
        """Hand waiting bytes to the kernel until it refuses."""


class ParserSpeed:
    """How many bytes a stretch of time is good for, learnt from the feeds so far."""

    def __init__(self) -> None:
        self._bytes_per_second = FIRST_SPEED_BYTES_PER_SECOND
        self.parsed_bytes = 0
        self.parsed_seconds = 0.0

    def bytes_in(self, seconds: float) -> int:
        """Return how many bytes can be parsed in a time; at least a small feed."""
        return max(FEED_LEAST_BYTES, int(seconds * self._bytes_per_second))

    def learn(
        self, fed_bytes: int, seconds: float, *, was_stopped: bool = False
    ) -> None:
        """Take one measured feed; one too small to tell the speed is left out."""
        self.parsed_bytes += fed_bytes
        self.parsed_seconds += seconds
        if fed_bytes >= FEED_LEAST_BYTES or was_stopped:
            most = self._bytes_per_second * SPEED_GROWTH
            self._bytes_per_second = min(fed_bytes / max(seconds, 1e-9), most)


class PtyStream:
    """Delivers what arrives, at once, but never longer than a slice at a time.

    Between slices the loop runs everything else. What has arrived is gathered until
    the kernel has no more, and parsed in the same call: an echo waits for nothing.
    """

    def __init__(
        self,
        master: Master,
        *,
        chunk_bytes: int,
        slice_seconds: float,
        on_data: Consume,
        on_slice_end: Callable[[], None],
        on_end: Callable[[], None],
        measure: Measure = unmeasured,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._master = master
        self._chunk_bytes = chunk_bytes
        self._slice_seconds = slice_seconds
        self._on_data = on_data
        self._on_slice_end = on_slice_end
        self._on_end = on_end
        self._measure = measure
        self._clock = clock
        self._loop = get_running_loop()
        self.speed = ParserSpeed()
        self._unparsed = bytearray()
        self._has_ended = False
        self._is_dry = True
        self._is_reading = False
        self._is_writing = False
        self._next_slice: Handle | None = None

    @property
    def unparsed_bytes(self) -> int:
        """How much was read and not yet parsed."""
        return len(self._unparsed)

    @property
    def is_flooded(self) -> bool:
        """True while more arrives than the slices are long enough for."""
        return bool(self._unparsed) or not self._is_dry

    def start(self) -> None:
        """Begin to read."""
        self._is_reading = True
        self._loop.add_reader(self._master.fd, self._on_readable)

    def stop(self) -> None:
        """Leave the loop; the master stays open, and what was read is dropped."""
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._master.fd)
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._master.fd)
        if self._next_slice is not None:
            self._next_slice.cancel()
            self._next_slice = None
        self._unparsed.clear()

    def write(self, data: bytes) -> bool:
        """Write at once; what the kernel refuses follows when it has room."""
        is_accepted = self._master.write(data)
        self._watch_pending()
        return is_accepted

    def drain(self) -> None:
        """Take what a shell that has ended left behind: a kernel's buffer at most."""
        if not self._is_reading:
            return
        deadline = self._clock() + DRAIN_LIMIT_SECONDS
        self._gather(UNPARSED_LIMIT_BYTES, math.inf)
        while self._unparsed and self._is_reading and self._clock() < deadline:
            self._feed(self._slice_seconds)
        self._finish_slice()

    # A slice

    def _on_readable(self) -> None:
        # The slice that waits for its turn will read as well.
        if self._next_slice is None:
            self._run_slice()

    def _breathe(self, breaths: int) -> None:
        """Run the next slice after so many turns of the loop."""
        self._next_slice = (
            self._loop.call_soon(self._breathe, breaths - 1)
            if breaths
            else self._loop.call_soon(self._run_slice)
        )

    def _run_slice(self) -> None:
        self._next_slice = None
        begun = self._clock()
        seconds = self._slice_seconds
        self._gather(self.speed.bytes_in(seconds), begun + seconds * READ_SHARE)
        left = seconds - (self._clock() - begun)
        while self._unparsed:
            self._feed(left)
            left = seconds - (self._clock() - begun)
            # The listener may have closed us.
            if not self._is_reading or left < seconds * LEAST_SHARE:
                break
        self._finish_slice()

    def _gather(self, wanted_bytes: int, deadline: float) -> None:
        """Read until nothing more has arrived, enough has, or the time is over."""
        unparsed, limit = self._unparsed, min(wanted_bytes, UNPARSED_LIMIT_BYTES)
        self._is_dry = False
        with self._measure("pty.read"):
            while not self._is_dry and len(unparsed) < limit:
                data = self._master.read(
                    min(self._chunk_bytes, UNPARSED_LIMIT_BYTES - len(unparsed))
                )
                self._is_dry = not data
                self._has_ended = data == b""
                unparsed += data or b""
                if self._clock() >= deadline:
                    break

    def _feed(self, seconds: float) -> None:
        """Parse what this time is good for."""
        unparsed = self._unparsed
        limit_bytes = min(self._chunk_bytes, self.speed.bytes_in(seconds))
        if len(unparsed) <= limit_bytes:
            data = bytes(unparsed)
            unparsed.clear()
        else:
            data = bytes(memoryview(unparsed)[:limit_bytes])
            del unparsed[:limit_bytes]
        begun = self._clock()
        deadline = begun + max(seconds, self._slice_seconds * LEAST_SHARE)
        rest = self._on_data(data, lambda: self._clock() >= deadline)
        # The listener may have closed us: then nothing waits any more.
        if self._is_reading:
            unparsed[:0] = rest
        self.speed.learn(
            len(data) - len(rest), self._clock() - begun, was_stopped=bool(rest)
        )

    def _finish_slice(self) -> None:
        self._on_slice_end()
        if not self._is_reading:
            return
        if self.is_flooded:
            self._breathe(BREATHS)
        elif self._has_ended:
            self.stop()
            self._on_end()

    # Writing

    def _watch_pending(self) -> None:
        if self._master.has_pending and not self._is_writing:
            self._is_writing = True
            self._loop.add_writer(self._master.fd, self._write_pending)

    def _write_pending(self) -> None:
        self._master.flush()
        if not self._master.has_pending:
            self._is_writing = False
            self._loop.remove_writer(self._master.fd)
