"""Opens the history, and does with a record what it was chosen for."""

from textual.app import App

from terminal_ai.session import Session
from terminal_ai.ui.desks.asking import Asking
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.needs import Records
from terminal_ai.ui.reading.history_query import HistoryPlace
from terminal_ai.ui.screens.history import HistoryChoice, HistoryScreen, HistoryUse
from terminal_ai.ui.screens.main import MainScreen


class HistoryDesk:
    """Places what was found at the prompt, or asks the assistant about it."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        history: Records,
        placing: Placing,
        asking: Asking,
        *,
        home: str,
    ) -> None:
        self._app = app
        self._main = main
        self._history = history
        self._placing = placing
        self._asking = asking
        self._home = home

    def open(self, session: Session | None) -> None:
        """Show the history as seen from the shell's directory and session."""
        place = HistoryPlace(home=self._home)
        if session is not None:
            place = HistoryPlace(session.cwd, self._home, session.session_id)
        self._app.push_screen(HistoryScreen(self._history, place), self._use)

    def tell(self, text: str) -> None:
        """Say something where the user looks now."""
        screen = self._app.screen
        if isinstance(screen, HistoryScreen):
            screen.tell(text)
        else:
            self._main.tell(text)

    async def _use(self, choice: HistoryChoice | None) -> None:
        if choice is None:
            return
        if choice.use is HistoryUse.PLACE:
            self._placing.record(choice.record)
        else:
            await self._asking.about(choice.record)
