"""What a command costs: processor time, memory and storage of its process tree.

Time and storage come from the kernel's own accounts of the shell, memory and whatever
still runs from samples. Children of earlier commands that the shell waits for only now,
and those that the user's hooks start at the prompt, are charged to this command.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from terminal_ai.records import ResourceUsage
from terminal_ai.shell.accounts import Account, stat_fields
from terminal_ai.shell.children import are_listed, children_of
from terminal_ai.shell.delayed import DelayedWork

# Soon enough to see a command of a tenth of a second; then at growing intervals.
FIRST_SAMPLE_SECONDS = 0.05
# A large tree of processes is looked at less often. Waking up for it, and looking who
# takes the commands, come on top: together they stay below a hundredth of a core.
SAMPLER_SHARE = 0.005
# A fork bomb must not make the sampler the next problem.
PROCESS_LIMIT = 512


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """One process at one moment; children that ended count into its time."""

    pid: int
    root_pid: int
    cpu_user_seconds: float
    cpu_system_seconds: float
    rss_bytes: int


Sampler = Callable[[int, int], tuple[ProcessSample, ...]]


Accountant = Callable[[int], Account | None]


class ResourceMeter:
    """Measures one command of one shell after the other."""

    def __init__(
        self,
        shell_pid: int,
        *,
        interval_seconds: float,
        foreground_group: Callable[[], int | None],
        sampler: Sampler | None = None,
        accountant: Accountant = Account.of,
    ) -> None:
        self._shell_pid = shell_pid
        self._interval_seconds = interval_seconds
        self._foreground_group = foreground_group
        self._sampler = sampler or sample_processes
        self._accountant = accountant
        self._before: Account | None = None
        self._sampling = DelayedWork(self._sample_until_stopped)
        self._cpu_by_root: dict[int, tuple[float, float]] = {}
        self._peak_rss_bytes: int | None = None

    def line_entered(self) -> None:
        """What is used from now on belongs to the next command.

        Its start is announced too late: it may have ended by then.
        """
        self._before = self._accountant(self._shell_pid)

    def start(self) -> None:
        """A command has started."""
        self._cpu_by_root = {}
        self._peak_rss_bytes = None
        self._sampling.start(FIRST_SAMPLE_SECONDS)

    def stop(self) -> ResourceUsage:
        """The command has ended; return what it has used."""
        self._sampling.stop()
        user, system = self._sampled_cpu()
        before, after = self._before, self._accountant(self._shell_pid)
        self._before = after
        if before is None or after is None:
            return ResourceUsage(user, system, self._peak_rss_bytes)
        # What was suspended or put into the background is on no account yet.
        return ResourceUsage(
            max(user or 0.0, after.cpu_user_seconds - before.cpu_user_seconds),
            max(system or 0.0, after.cpu_system_seconds - before.cpu_system_seconds),
            self._peak_rss_bytes,
            _difference(before.read_bytes, after.read_bytes),
            _difference(before.written_bytes, after.written_bytes),
        )

    def _sampled_cpu(self) -> tuple[float | None, float | None]:
        if not self._cpu_by_root:
            return None, None
        users, systems = zip(*self._cpu_by_root.values(), strict=True)
        return sum(users), sum(systems)

    async def _sample_until_stopped(self) -> None:
        interval_seconds = FIRST_SAMPLE_SECONDS
        while True:
            group = self._foreground_group()
            cost_seconds = 0.0
            if group is not None and group != self._shell_pid:
                samples, cost_seconds = await asyncio.to_thread(self._sample, group)
                self._take(samples)
            interval_seconds = min(2 * interval_seconds, self._interval_seconds)
            await asyncio.sleep(max(interval_seconds, cost_seconds / SAMPLER_SHARE))

    def _sample(self, group: int) -> tuple[tuple[ProcessSample, ...], float]:
        """Look at the processes; also return the processor time that this took."""
        began = time.thread_time()
        samples = self._sampler(self._shell_pid, group)
        return samples, time.thread_time() - began

    def _take(self, samples: tuple[ProcessSample, ...]) -> None:
        if not samples:
            return
        rss_bytes = sum(sample.rss_bytes for sample in samples)
        self._peak_rss_bytes = max(self._peak_rss_bytes or 0, rss_bytes)
        totals: dict[int, tuple[float, float]] = {}
        for sample in samples:
            user, system = totals.get(sample.root_pid, (0.0, 0.0))
            totals[sample.root_pid] = (
                user + sample.cpu_user_seconds,
                system + sample.cpu_system_seconds,
            )
        # A process that ended is no longer seen; its last figure stays.
        for root_pid, (user, system) in totals.items():
            last_user, last_system = self._cpu_by_root.get(root_pid, (0.0, 0.0))
            self._cpu_by_root[root_pid] = (
                max(user, last_user),
                max(system, last_system),
            )


def sample_processes(shell_pid: int, group: int) -> tuple[ProcessSample, ...]:
    """Look at the children of a shell in its foreground group, and at all of theirs."""
    if sys.platform == "linux" and are_listed():
        return _LinuxProcesses().sample(shell_pid, group)
    return _sample_with_psutil(shell_pid, group)


class _LinuxProcesses:
    """Reads /proc directly: a tenth of what a walk over all processes costs."""

    def __init__(self) -> None:
        self._tick_seconds = 1 / os.sysconf("SC_CLK_TCK")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")

    def sample(self, shell_pid: int, group: int) -> tuple[ProcessSample, ...]:
        samples: list[ProcessSample] = []
        # Shells start programs in their first thread.
        waiting = [(pid, pid) for pid in children_of(shell_pid, threads=1)]
        while waiting and len(samples) < PROCESS_LIMIT:
            pid, root_pid = waiting.pop()
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = stat_fields(pid)
                if pid == root_pid and int(fields[2]) != group:
                    continue
                samples.append(
                    ProcessSample(
                        pid=pid,
                        root_pid=root_pid,
                        cpu_user_seconds=self._seconds(fields[11], fields[13]),
                        cpu_system_seconds=self._seconds(fields[12], fields[14]),
                        rss_bytes=int(fields[21]) * self._page_bytes,
                    )
                )
                children = children_of(pid, threads=int(fields[17]))
                waiting += ((child, root_pid) for child in children)
        return tuple(samples)

    def _seconds(self, *ticks: bytes) -> float:
        return sum(map(int, ticks)) * self._tick_seconds


def _sample_with_psutil(shell_pid: int, group: int) -> tuple[ProcessSample, ...]:
    samples: list[ProcessSample] = []
    with contextlib.suppress(psutil.Error):
        for root in psutil.Process(shell_pid).children():
            with contextlib.suppress(psutil.Error, OSError):
                if os.getpgid(root.pid) != group:
                    continue
                for process in (root, *root.children(recursive=True)):
                    if len(samples) >= PROCESS_LIMIT:
                        break
                    times = process.cpu_times()
                    samples.append(
                        ProcessSample(
                            pid=process.pid,
                            root_pid=root.pid,
                            cpu_user_seconds=times.user,
                            cpu_system_seconds=times.system,
                            rss_bytes=process.memory_info().rss,
                        )
                    )
    return tuple(samples)


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before
