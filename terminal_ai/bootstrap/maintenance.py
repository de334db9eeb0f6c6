"""Periodic work beside the app: at a quiet moment, and whatever the last run did."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable

from utils.memory_optimizer import MemoryManager

FIRST_SECONDS = 10.0
"""The first run comes soon: who asks early finds a report."""
QUIET_SECONDS = 3.0
"""With nothing typed, pointed at or printed for so long, nobody waits for us."""
PATIENCE_SECONDS = 60.0
"""A program that prints without an end does not put it off for longer."""

COLLECTING_SECONDS = 20.0
"""How often it is asked whether the garbage collector should look through all."""
MIDDLE_PASSES_LIMIT = 100
"""Ten times as many as Python waits for. In busy use 150,000 objects are garbage by
then: some 20 MB, over which what lives is spread, so that they are never given back."""

_logger = logging.getLogger(__name__)


class Maintenance:
    """Does its work every ``interval_seconds``, until cancelled.

    ``activity`` returns anything that changes while somebody is at work. A run that
    fails is logged and counted, and the next one comes in its time.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[object]],
        *,
        interval_seconds: float,
        activity: Callable[[], object],
    ) -> None:
        self._work = work
        self._interval_seconds = interval_seconds
        self._activity = activity
        self.runs = 0
        self.failures = 0

    async def run(self) -> None:
        """Work from time to time; never returns."""
        pause = min(FIRST_SECONDS, self._interval_seconds)
        while True:
            await asyncio.sleep(pause)
            try:
                await self._quiet()
                await self._work()
            except Exception:
                self.failures += 1
                _logger.exception("maintenance failed")
            else:
                self.runs += 1
            pause = self._interval_seconds

    async def _quiet(self) -> None:
        """Wait until nothing happens, but not for ever."""
        quiet_seconds = min(QUIET_SECONDS, self._interval_seconds)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(PATIENCE_SECONDS, self._interval_seconds)
        seen = self._activity()
        while loop.time() < deadline:
            await asyncio.sleep(quiet_seconds)
            before, seen = seen, self._activity()
            if seen == before:
                return


class QuietCollector:
    """Leaves the garbage collector's long passes to quiet moments.

    A pass over all objects stops the app for as long as that takes, which grows with
    what is on the screen. Python begins one in the middle of whatever creates objects:
    in the middle of work. The short passes over new objects stay as they are, and where
    no moment is quiet, a long one comes before the garbage is too much.

    What the start has made, ``memory`` takes out of the collector's sight: at once
    what there is, and at the first quiet moment what came with the first prompt.
    """

    def __init__(self, memory: MemoryManager) -> None:
        self._memory = memory
        self._usual = gc.get_threshold()
        self._is_settled = False

    def start(self) -> None:
        """Keep Python from beginning a long pass as early as it would.

        Garbage is looked for from now on, if it was not before.
        """
        self._memory.freeze()
        self._usual = gc.get_threshold()
        gc.set_threshold(*self._usual[:2], MIDDLE_PASSES_LIMIT)
        gc.enable()

    def stop(self) -> None:
        """Let Python begin long passes again, but not over what lives now.

        It ends with the process, whose last pass would keep the user waiting.
        """
        gc.set_threshold(*self._usual)
        self._memory.freeze()

    async def run(self, activity: Callable[[], object]) -> None:
        """Make long passes at quiet moments; never returns, cancelling stops it."""
        quiet = Maintenance(
            self.collect, interval_seconds=COLLECTING_SECONDS, activity=activity
        )
        self.start()
        try:
            await quiet.run()
        finally:
            self.stop()

    async def collect(self) -> None:
        """Make the long pass if Python would have begun one by now."""
        if not self._is_settled:
            self._memory.freeze(is_idle=True)
            self._is_settled = True
        elif gc.get_count()[2] > self._usual[2]:
            gc.collect()
