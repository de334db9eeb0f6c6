"""Puts a command at the prompt, for the user to read and to run."""

from collections.abc import Callable

from terminal_ai.errors import PlacementError
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord, Suggestion
from terminal_ai.safety.placeholders import PLACEHOLDER_START
from terminal_ai.safety.sanitize import NEWLINE_MARK, placeable
from terminal_ai.session import Session
from terminal_ai.ui.desks.copy_desk import Copy
from terminal_ai.ui.screens.main import MainScreen


class Placing:
    """Places suggestions and recorded commands; says why where it cannot."""

    def __init__(
        self, main: MainScreen, *, copy: Copy, restore: Callable[[str], str]
    ) -> None:
        self._main = main
        self._copy = copy
        self._restore = restore
        self._session: Session | None = None

    def attach(self, session: Session) -> None:
        """Place into this session from now on."""
        self._session = session

    def suggestion(self, suggestion: Suggestion | None, *, said: str = "") -> None:
        """Place a suggestion with the secrets it stands for; then say something."""
        if suggestion is None:
            self._main.tell(_("There is no suggestion to place."))
            return
        command = self._restore(suggestion.command)
        if PLACEHOLDER_START in command:
            said = _("A secret could not be put back: fill it in before you run it.")
        self._place(command, said=said)

    def record(self, record: CommandRecord | None) -> None:
        """Place a recorded command again, if one was chosen."""
        if record is not None:
            self.command(record.command_line)

    def command(self, command_line: str) -> None:
        """Place the user's own command again.

        One of several lines would be another command on a single line, and its line
        ends could run it: it is copied, for the user to paste.
        """
        is_one_line = placeable(command_line).text.count(NEWLINE_MARK) == (
            command_line.count(NEWLINE_MARK)
        )
        if is_one_line:
            self._place(command_line)
        else:
            notice = _("It has several lines: paste it, it is on the clipboard.")
            self._copy(command_line.strip("\n"), notice)

    def _place(self, command: str, *, said: str = "") -> None:
        if self._session is None:
            return
        placed = placeable(command)
        try:
            self._session.place(placed.text)
        except PlacementError as error:
            self._main.tell_error(error)
            return
        self._main.leave_panels()
        # What was said before is not about the command at the prompt.
        self._main.tell(placed.warnings[0] if placed.warnings else said)
