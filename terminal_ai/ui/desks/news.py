"""What the user should know about the history, or about the start: said once."""

from collections.abc import Sequence

from terminal_ai.session import Session
from terminal_ai.ui.needs import Records
from terminal_ai.ui.screens.main import MainScreen


class News:
    """Tells in the status bar what is new since the last prompt."""

    def __init__(
        self, main: MainScreen, history: Records, notices: Sequence[str]
    ) -> None:
        self._main = main
        self._history = history
        self._notices = list(notices)
        self._start_notice = ""
        self._history_notice = ""

    def tell(self, session: Session | None) -> None:
        """Say what has not been said yet."""
        if self._history.notice != self._history_notice:
            self._history_notice = self._history.notice
            self._notices.append(self._history_notice)
        started = session.notice if session is not None else ""
        if started != self._start_notice:
            self._start_notice = started
            self._notices.append(started)
        if notices := [notice for notice in self._notices if notice]:
            self._main.tell(" · ".join(notices))
        self._notices.clear()
