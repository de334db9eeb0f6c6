"""A look at where the app's time goes, from time to time."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from terminal_ai.reports import HotLine
from utils.async_optimizer import run_in_thread
from utils.sampling import SamplingProfiler
from utils.stack_profile import HotSpot, StackProfile, short_file

HOT_LINES = 10

_logger = logging.getLogger(__name__)


class StackSampler(Protocol):
    """Looks at the stacks of the event loop's thread."""

    async def profile_for(self, seconds: float) -> StackProfile:
        """Sample for so long; a cancelled call stops it as well."""


class PeriodicSampling:
    """Samples the event loop ``seconds`` long every ``every_seconds``.

    ``tell`` gets the hottest lines of each profile in which there was work, the hottest
    first. One that fails is logged, and the next one comes in its time.
    """

    def __init__(
        self,
        *,
        every_seconds: float,
        seconds: float,
        tell: Callable[[tuple[HotLine, ...]], object],
        make_sampler: Callable[[], StackSampler] = SamplingProfiler,
    ) -> None:
        self._seconds = min(seconds, every_seconds)
        self._pause_seconds = every_seconds - self._seconds
        self._tell = tell
        self._make_sampler = make_sampler

    async def run(self) -> None:
        """Sample from time to time; never returns."""
        while True:
            await asyncio.sleep(self._pause_seconds)
            try:
                profile = await self._make_sampler().profile_for(self._seconds)
                if hot_lines := await run_in_thread(hot_lines_of, profile):
                    self._tell(hot_lines)
            except Exception:
                _logger.exception("a periodic profile failed")
                await asyncio.sleep(self._seconds)


def hot_lines_of(profile: StackProfile) -> tuple[HotLine, ...]:
    """Return the lines where most time was spent, without the user's directories."""
    busy = profile.busy_seconds
    return tuple(
        HotLine(
            place=_place(spot),
            seconds=spot.self_seconds,
            share=spot.self_seconds / busy if busy else 0.0,
        )
        for spot in profile.hot_lines(HOT_LINES)
        if spot.self_seconds
    )


def _place(spot: HotSpot) -> str:
    file = Path(short_file(spot.file))
    # What Python did not import from one of its directories may lie in the user's.
    return f"{file.name if file.is_absolute() else file}:{spot.line} {spot.function}"
