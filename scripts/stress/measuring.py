"""What is measured of the process while the work goes on."""

import asyncio
import contextlib
import statistics
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LAG_INTERVAL_SECONDS = 0.01
POLL_SECONDS = 0.002
_SCHEDULING = Path("/proc/self/schedstat")
WARM_UP_SHARE = 0.3
"""Until then caches, histories and scrollbacks fill: growth is theirs."""
SLOPE_LEAST_COMMANDS = 2_000
"""Below this many commands allocators' steps say more than leaks."""
MEMORY_SAMPLES = 200


class LoopLag:
    """How late the event loop runs what is due, in milliseconds.

    On a busy machine most of it is the wait for a processor, which the kernel tells of
    each thread: ``own_milliseconds`` are without it, where the kernel tells.
    """

    def __init__(self) -> None:
        self.milliseconds: array[float] = array("d")
        self.own_milliseconds: array[float] = array("d")
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin on the running event loop."""
        self._arm(asyncio.get_running_loop())

    def stop(self) -> None:
        """Stop asking."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + LAG_INTERVAL_SECONDS
        waited = processor_wait_seconds()
        self._timer = loop.call_at(due, self._tick, loop, due, waited)

    def _tick(self, loop: asyncio.AbstractEventLoop, due: float, waited: float) -> None:
        lag = max(0.0, loop.time() - due)
        waited = processor_wait_seconds() - waited
        self.milliseconds.append(lag * 1e3)
        self.own_milliseconds.append(max(0.0, lag - waited) * 1e3)
        self._arm(loop)


def processor_wait_seconds() -> float:
    """Return how long the main thread was ready to run and did not; 0 if unknown."""
    try:
        return int(_SCHEDULING.read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class MemoryGrowth:
    """Resident bytes after so many commands, and how they grow with each."""

    def __init__(self, commands: int) -> None:
        self._process = psutil.Process()
        self._commands = commands
        self._step = max(1, commands // MEMORY_SAMPLES)
        self._samples: list[tuple[int, int]] = []

    def note(self, done: int) -> None:
        """So many commands are done."""
        if done % self._step == 0:
            self._samples.append((done, self.now()))

    def now(self) -> int:
        """Return the resident bytes of this process."""
        return int(self._process.memory_info().rss)

    @property
    def slope(self) -> float | None:
        """Bytes a command after the warm-up; None where too few commands tell."""
        if self._commands < SLOPE_LEAST_COMMANDS:
            return None
        warm = self._commands * WARM_UP_SHARE
        found = [each for each in self._samples if each[0] >= warm]
        if len(found) < 2:
            return None
        return statistics.linear_regression(*zip(*found, strict=True)).slope


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds that it must give back."""

    descriptors: int
    tasks: int
    threads: int
    children: int

    @classmethod
    def now(cls) -> "Held":
        """Count it; call it on the event loop."""
        process = psutil.Process()
        return cls(
            process.num_fds(),
            len(asyncio.all_tasks()),
            process.num_threads(),
            len(process.children(recursive=True)),
        )


async def settled(before: Held, patience_seconds: float) -> Held:
    """Return what is held as soon as it is no more than before, or after a while."""

    def is_less() -> bool:
        held = Held.now()
        return (
            held.descriptors <= before.descriptors
            and held.tasks <= before.tasks
            and held.children <= before.children
        )

    with contextlib.suppress(TimeoutError):
        await until(is_less, seconds=patience_seconds)
    return Held.now()


async def until(holds: Callable[[], object], *, seconds: float | None = None) -> None:
    """Wait until something holds that nobody tells; raise TimeoutError after a time."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the 50th, 95th and 99th; zeros for nothing."""
    if len(values) < 2:
        only = values[0] if values else 0.0
        return only, only, only
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]
