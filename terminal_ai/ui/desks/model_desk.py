"""Opens the list of models, and keeps the model's state in sight."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from textual.app import App

from terminal_ai.records import ModelState, ModelStatus
from terminal_ai.ui.layout import Panel
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.screens.models import ModelsScreen
from terminal_ai.vitals import VitalsReader

WATCH_SECONDS = 5.0
"""How soon a service that answered is asked again: it may die, or unload the model."""
WATCH_LIMIT_SECONDS = 20.0
"""How long it is left alone at most, while it says the same again and again."""
_PATIENCE = 2.0


class ModelDesk:
    """Between the models, their list, and the places that show their state."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        answerer: Answerer,
        vitals: VitalsReader,
        *,
        retry_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._main = main
        self._answerer = answerer
        self._vitals = vitals
        self._retry_seconds = retry_seconds
        self._sleep = sleep

    def open(self) -> None:
        """Show the models; download the one that was named."""
        self._app.push_screen(ModelsScreen(self._answerer.models), self._download)

    def _download(self, name: str | None) -> None:
        if name is not None:
            self._main.show_panel(Panel.ASSISTANT)
            self._main.assistant.model_bar.pull(name)

    async def watch(self) -> None:
        """Show the model's state, and look again as long as the app runs."""
        async for status in self._states():
            self._vitals.model = status
            self._main.show_model(status)

    async def _states(self) -> AsyncIterator[ModelStatus]:
        status: ModelStatus | None = None
        pause_seconds = WATCH_SECONDS
        while status is None or status.state is not ModelState.DISABLED:
            before, status = status, await self._answerer.status()
            yield status
            was_ready = before is not None and before.state is ModelState.READY
            if status.state is ModelState.READY and not was_ready:
                self._answerer.warm_up()
            pause_seconds = self._pause(status, before, pause_seconds)
            await self._sleep(pause_seconds)

    def _pause(
        self, status: ModelStatus, before: ModelStatus | None, last_seconds: float
    ) -> float:
        """Return the seconds until the next look."""
        if status.state is not ModelState.READY:
            return self._retry_seconds
        if status != before:
            return WATCH_SECONDS
        return min(last_seconds * _PATIENCE, WATCH_LIMIT_SECONDS)
