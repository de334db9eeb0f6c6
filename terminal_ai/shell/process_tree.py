"""What a shell and all processes below it use now, for whoever draws it live.

Memory that processes share counts once for each of them, as in ``top``. Time of a
child that ended counts from the moment its parent has waited for it.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from terminal_ai.shell.accounts import stat_fields
from terminal_ai.shell.children import are_listed, children_of_thread, threads_of

PROCESS_LIMIT = 512
"""A fork bomb must not make the sampler the next problem."""
SMALL_TREE = 16
"""So many processes are looked at in place, in a fraction of a millisecond."""
THREADS_A_PROCESS = 8
"""Of a tree, so many times its bound of threads are asked for their children."""
SHORTEST_WINDOW_SECONDS = 0.2
"""The kernel counts CPU time in steps of 10 ms: of less time a share says nothing."""


@dataclass(frozen=True, slots=True)
class TreeReading:
    """The sums over a tree at one moment; ``is_cut`` where it has more processes."""

    cpu_seconds: float
    rss_bytes: int
    processes: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class TreeSample:
    """The shell's tree; ``cpu_percent`` is of one core, since the sample before."""

    cpu_percent: float
    rss_bytes: int
    processes: int
    is_cut: bool = False


Reader = Callable[[int, int], TreeReading | None]
"""Looks at a process and at all below it, at most so many."""


class TreeSampler:
    """Samples one shell's tree after the other; ``sample`` never waits.

    A small tree is looked at in place. One that turned out large is looked at in a
    thread, and what that found is told the next time.
    """

    def __init__(
        self,
        reader: Reader | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        in_thread: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        self._reader = reader or read_tree
        self._clock = clock
        self._in_thread = in_thread or _start_thread
        self._small_limit = SMALL_TREE if _is_listed() or reader else 0
        self._lock = threading.Lock()
        self._is_large = not self._small_limit
        self._is_reading = False
        self._pid: int | None = None
        self._last: tuple[float, float] | None = None
        self._newest: TreeSample | None = None

    def sample(self, pid: int | None) -> TreeSample | None:
        """Return the newest figures of the tree below ``pid``; None for no shell."""
        with self._lock:
            if pid != self._pid:
                self._pid, self._last, self._newest = pid, None, None
                self._is_large = not self._small_limit
            if pid is None or not self._is_due or self._is_reading:
                return self._newest
            if not self._is_large:
                reading = self._reader(pid, self._small_limit)
                self._is_large = reading is not None and reading.is_cut
                if not self._is_large:
                    self._take(reading)
            if self._is_large:
                self._is_reading = True
                self._in_thread(lambda: self._read_large(pid))
            return self._newest

    @property
    def _is_due(self) -> bool:
        return self._last is None or (
            self._clock() - self._last[0] >= SHORTEST_WINDOW_SECONDS
        )

    def _read_large(self, pid: int) -> None:
        reading = None
        try:
            reading = self._reader(pid, PROCESS_LIMIT)
        finally:
            with self._lock:
                self._is_reading = False
                if pid == self._pid:
                    self._take(reading)

    def _take(self, reading: TreeReading | None) -> None:
        """Keep a reading; None is a shell that has ended."""
        if reading is None:
            self._last = self._newest = None
            return
        self._is_large = reading.processes > self._small_limit
        now, percent = self._clock(), 0.0
        if self._last is not None and now > self._last[0]:
            # A process that left the tree takes its time with it.
            used = max(0.0, reading.cpu_seconds - self._last[1])
            percent = used / (now - self._last[0]) * 100
        self._last = now, reading.cpu_seconds
        self._newest = TreeSample(
            percent, reading.rss_bytes, reading.processes, reading.is_cut
        )


def read_tree(pid: int, limit: int) -> TreeReading | None:
    """Look at a process and at most ``limit`` in all below it; None if it is gone."""
    if _is_listed():
        return _read_proc(pid, limit)
    return _read_with_psutil(pid, limit)


def _is_listed() -> bool:
    return sys.platform == "linux" and are_listed()


def _read_proc(pid: int, limit: int) -> TreeReading | None:
    ticks = pages = processes = 0
    threads_left = limit * THREADS_A_PROCESS
    waiting = [pid]
    while waiting and processes < limit:
        each = waiting.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat_fields(each)
            ticks += sum(map(int, fields[11:15]))
            pages += int(fields[21])
            processes += 1
            # A child stands with the thread that has started it.
            threads = [each] if int(fields[17]) == 1 else threads_of(each)
            threads_left -= len(threads)
            for thread in threads[: max(1, threads_left + len(threads))]:
                waiting += children_of_thread(each, thread)
    if not processes:
        return None
    return TreeReading(
        cpu_seconds=ticks / os.sysconf("SC_CLK_TCK"),
        rss_bytes=pages * os.sysconf("SC_PAGE_SIZE"),
        processes=processes,
        is_cut=bool(waiting) or threads_left < 0,
    )


def _read_with_psutil(pid: int, limit: int) -> TreeReading | None:
    cpu_seconds, rss_bytes, processes = 0.0, 0, 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        found = [root, *root.children(recursive=True)]
        for process in found[:limit]:
            with contextlib.suppress(psutil.Error, OSError):
                times = process.cpu_times()
                cpu_seconds += times.user + times.system
                # Told on Linux alone: time of children that were waited for.
                cpu_seconds += getattr(times, "children_user", 0.0)
                cpu_seconds += getattr(times, "children_system", 0.0)
                rss_bytes += process.memory_info().rss
                processes += 1
        if processes:
            return TreeReading(cpu_seconds, rss_bytes, processes, len(found) > limit)
    return None


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="process tree", daemon=True).start()
