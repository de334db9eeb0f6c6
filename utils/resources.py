"""What the application's own process uses, read without waiting."""

import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

PROC_SELF = Path("/proc/self")
_STAT_USER_TICKS = 11
_STAT_SYSTEM_TICKS = 12
_STAT_THREADS = 17
_STAT_RESIDENT_PAGES = 21
SHORTEST_WINDOW_SECONDS = 0.2
"""The kernel counts CPU time in steps of 10 ms: of less time a share says nothing."""


@dataclass(frozen=True, slots=True)
class ResourceSample:
    """One look at a process.

    ``cpu_percent`` is of one core, since the sample before; the first one is 0.0, and
    one that comes too soon has that of the sample before. ``cpu_seconds`` is user and
    system time since the process began, ``peak_rss_bytes`` its largest memory so far.
    """

    cpu_percent: float
    rss_bytes: int
    threads: int
    file_descriptors: int
    uptime_seconds: float
    cpu_seconds: float = 0.0
    peak_rss_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    cpu_seconds: float
    rss_bytes: int
    threads: int
    file_descriptors: int


class ResourceSampler:
    """Samples this process: one small file on Linux, psutil elsewhere."""

    def __init__(self, *, proc: Path = PROC_SELF) -> None:
        self._proc = proc
        self._has_proc = (proc / "stat").exists()
        self._process = psutil.Process()
        self._created = self._process.create_time()
        self._last_cpu_seconds: float | None = None
        self._last_clock = 0.0
        self._last_percent = 0.0
        self._peak_rss_bytes = 0

    def sample(self) -> ResourceSample:
        """Return the figures since the last call; takes well under a millisecond."""
        reading = self._read_proc() if self._has_proc else self._read_psutil()
        clock = time.perf_counter()
        window = clock - self._last_clock
        if self._last_cpu_seconds is None or window >= SHORTEST_WINDOW_SECONDS:
            if self._last_cpu_seconds is not None:
                used = reading.cpu_seconds - self._last_cpu_seconds
                self._last_percent = max(0.0, used / window * 100)
            self._last_cpu_seconds = reading.cpu_seconds
            self._last_clock = clock
        # The kernel's own peak lags behind its own figure of now by some pages.
        self._peak_rss_bytes = max(
            self._peak_rss_bytes, reading.rss_bytes, _peak_rss_bytes()
        )
        return ResourceSample(
            cpu_percent=self._last_percent,
            rss_bytes=reading.rss_bytes,
            threads=reading.threads,
            file_descriptors=reading.file_descriptors,
            uptime_seconds=max(0.0, time.time() - self._created),
            cpu_seconds=reading.cpu_seconds,
            peak_rss_bytes=self._peak_rss_bytes,
        )

    def open_files(self) -> int:
        """Return how many regular files are open; looks at every descriptor."""
        return len(self._process.open_files())

    def _read_proc(self) -> _Reading:
        stat = (self._proc / "stat").read_text("ascii", "replace")
        # The program's name stands in parentheses and may hold spaces and more of them.
        fields = stat.rpartition(")")[2].split()
        ticks = int(fields[_STAT_USER_TICKS]) + int(fields[_STAT_SYSTEM_TICKS])
        with os.scandir(self._proc / "fd") as descriptors:
            count = sum(1 for _ in descriptors)
        return _Reading(
            cpu_seconds=ticks / os.sysconf("SC_CLK_TCK"),
            rss_bytes=int(fields[_STAT_RESIDENT_PAGES]) * os.sysconf("SC_PAGE_SIZE"),
            threads=int(fields[_STAT_THREADS]),
            # Reading the directory opened one of them.
            file_descriptors=max(0, count - 1),
        )

    def _read_psutil(self) -> _Reading:
        times = self._process.cpu_times()
        return _Reading(
            cpu_seconds=times.user + times.system,
            rss_bytes=self._process.memory_info().rss,
            threads=self._process.num_threads(),
            file_descriptors=self._process.num_fds(),
        )


def _peak_rss_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
