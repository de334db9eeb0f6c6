"""Profiles the app for some seconds, counts them down, and shows what was seen."""

import asyncio
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from textual.app import App
from textual.worker import Worker

from terminal_ai.messages import gettext as _
from terminal_ai.ui.reading.profiles import TakenProfile, taken
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.screens.profile import ProfileScreen
from terminal_ai.ui.screens.profile_export import ProfileExportScreen
from terminal_ai.ui.texts import short_path
from terminal_ai.vitals import VitalsReader
from utils.async_optimizer import run_in_thread
from utils.sampling import SamplingProfiler
from utils.stack_profile import StackProfile

COUNTDOWN_SECONDS = 1.0

_logger = logging.getLogger(__name__)


class StackSampler(Protocol):
    """Looks at the stacks of the event loop's thread."""

    async def profile_for(self, seconds: float) -> StackProfile:
        """Sample for so long; a cancelled call stops it as well."""


class ProfileDesk:
    """Starts a profile, or stops the one that runs."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        vitals: VitalsReader,
        *,
        seconds: float,
        key: str,
        home: str,
        make_sampler: Callable[[], StackSampler] = SamplingProfiler,
    ) -> None:
        self._app = app
        self._main = main
        self._vitals = vitals
        self._seconds = seconds
        self._key = key
        self._home = home
        self._make_sampler = make_sampler
        self._worker: Worker[None] | None = None

    def toggle(self) -> None:
        """Begin, or stop without a result."""
        if self._worker is not None and not self._worker.is_finished:
            self._worker.cancel()
            self._main.tell(_("The profile was stopped."))
        elif not self._seconds:
            self._main.tell(_("Nothing is profiled: profiler.sampling_seconds is 0."))
        else:
            self._main.tell(
                _("Go on working: it is profiled. {key} stops.").format(key=self._key)
            )
            self._worker = self._app.run_worker(
                self._profile(), group="profile", exit_on_error=False
            )

    async def _profile(self) -> None:
        try:
            profile = await self._taken()
        except Exception:
            # A system without a thread to give is no reason to lose the shell.
            _logger.exception("no profile could be taken")
            self._main.tell(_("The profile was stopped."))
        else:
            self._app.push_screen(ProfileScreen(profile))

    async def _taken(self) -> TakenProfile:
        clock = asyncio.get_running_loop().time
        until = clock() + self._seconds
        sampling = asyncio.create_task(self._make_sampler().profile_for(self._seconds))
        status = self._main.status
        try:
            while not sampling.done():
                status.show_profiling(max(0, math.ceil(until - clock())))
                await asyncio.wait({sampling}, timeout=COUNTDOWN_SECONDS)
        finally:
            status.show_profiling(None)
            sampling.cancel()
        timings = self._vitals.read().timings
        return await run_in_thread(taken, sampling.result(), timings, self._home)

    def export(self, profile: TakenProfile) -> None:
        """Ask where to, and write it there."""
        screen = ProfileExportScreen(profile, home=self._home)
        self._app.push_screen(screen, self._tell_written)

    def _tell_written(self, path: Path | None) -> None:
        if path is not None:
            told = _("Exported to {path}")
            shown = short_path(str(path), self._home)
            self._app.notify(told.format(path=shown), markup=False)
