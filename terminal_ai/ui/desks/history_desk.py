"""Opens the history, and does with a record what it was chosen for."""

from textual.app import App

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.session import Session
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.layout import Panel
from terminal_ai.ui.needs import Records
from terminal_ai.ui.reading.history_query import HistoryPlace
from terminal_ai.ui.screens.history import HistoryChoice, HistoryScreen, HistoryUse
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.texts import COMMAND_LIMIT


class HistoryDesk:
    """Places what was found at the prompt, or asks the assistant about it."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        history: Records,
        placing: Placing,
        *,
        home: str,
    ) -> None:
        self._app = app
        self._main = main
        self._history = history
        self._placing = placing
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
        record, assistant = choice.record, self._main.assistant
        if choice.use is HistoryUse.PLACE:
            self._placing.record(record)
            return
        self._main.show_panel(Panel.ASSISTANT)
        if record.has_failed:
            await assistant.explain(record)
        else:
            command = single_line(record.command_line, COMMAND_LIMIT)
            question = _("Explain this command and what it printed: {command}")
            await assistant.ask(question.format(command=command), [record])
        assistant.focus_cards()
