"""The shell's life as the user sees it: begun, gone, begun again."""

from collections.abc import Awaitable, Callable

from textual.app import App

from terminal_ai.errors import ShellError
from terminal_ai.session import Session, ShellExit
from terminal_ai.ui.screens.main import MainScreen


class ShellDesk:
    """Starts and restarts the shell, and says how it ended."""

    def __init__(self, app: App[None], main: MainScreen) -> None:
        self._app = app
        self._main = main
        self._session: Session | None = None

    def attach(self, session: Session) -> None:
        """Start and restart this session's shell from now on."""
        self._session = session

    @property
    def is_full_screen(self) -> bool:
        """True while a program draws the whole screen, and wants all keys."""
        return self._session is not None and self._session.terminal.is_alternate

    @property
    def is_gone(self) -> bool:
        """True while there is no shell; its place says which keys go on."""
        return self._main.exit_line.is_shown

    def start(self) -> None:
        """Start the shell."""
        if self._session is not None:
            self._run(self._session, self._session.start)

    def restart(self) -> None:
        """End the shell if it still runs, and start another."""
        if self._session is not None:
            self._run(self._session, self._session.restart)

    def _run(self, session: Session, begin: Callable[[], Awaitable[None]]) -> None:
        self._app.run_worker(
            self._begin(session, begin),
            group="shell",
            exclusive=True,
            exit_on_error=False,
        )

    async def _begin(
        self, session: Session, begin: Callable[[], Awaitable[None]]
    ) -> None:
        self._main.exit_line.hide()
        try:
            await begin()
        except ShellError as error:
            self._main.exit_line.show_error(error)
        self._main.view.attach(session)
        self.show_full_screen()

    def show_full_screen(self) -> None:
        """Show whose keys they are."""
        self._main.status.show_full_screen(self.is_full_screen)

    def exited(self, status: ShellExit) -> None:
        """Leave with the shell, unless it went wrong: then say so and stay.

        After a failure ``exit`` and ^D end the shell with that failure's status.
        """
        if status.exit_code == 0 or status.is_wanted:
            self._app.exit()
        else:
            self._main.status.show_running(None)
            self._main.exit_line.show_exit(status)

    def take_key(self, key: str) -> None:
        """Do what a key means while there is no shell."""
        if key == "enter":
            self.restart()
        elif key in ("q", "ctrl+d"):
            self._app.exit()
