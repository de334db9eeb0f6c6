"""Exports the session, in a form that the user chooses."""

from collections.abc import Callable, Sequence

from textual.app import App

from terminal_ai.errors import ExportError
from terminal_ai.export import RECORDS_LIMIT, bounded
from terminal_ai.history.query import HistoryQuery
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.session import Session
from terminal_ai.ui.needs import Records
from terminal_ai.ui.screens.export import (
    ExportChoice,
    ExportScreen,
    ExportSource,
    write_export,
)
from terminal_ai.ui.screens.main import MainScreen

_CELLS_AROUND_NOTICE = 2


class ExportDesk:
    """Asks for the form, writes the file, says where it is."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        history: Records,
        *,
        redact: Callable[[str], str],
        home: str,
    ) -> None:
        self._app = app
        self._main = main
        self._history = history
        self._redact = redact
        self._home = home

    def open(self, session: Session | None) -> None:
        """Offer the commands of the session that have ended."""
        if session is None or not session.session_id:
            self._main.tell(_("No shell has started yet."))
            return
        # One more than fits, so that too many are noticed and never all read.
        query = HistoryQuery(session_id=session.session_id, limit=RECORDS_LIMIT + 1)

        def read() -> Sequence[CommandRecord]:
            hint = _("the history exports those that a search finds")
            return bounded(self._history.search(query), hint=hint)

        source = ExportSource(_("This session"), read)
        self._app.push_screen(ExportScreen([source]), self._use)

    def _use(self, choice: ExportChoice | None) -> None:
        if choice is not None:
            self._app.run_worker(
                self._write(choice), group="export", exit_on_error=False
            )

    async def _write(self, choice: ExportChoice) -> None:
        cells = self._app.size.width - _CELLS_AROUND_NOTICE
        try:
            told = await write_export(
                choice, redact=self._redact, home=self._home, cells=cells
            )
        except ExportError as error:
            self._main.tell_error(error)
        else:
            self._main.tell(told)
