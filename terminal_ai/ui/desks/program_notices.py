"""What programs say to the user: notices, the bell, and that they copied something."""

from collections.abc import Callable
from typing import Literal

from textual.app import App

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.terminal.events import Bell, ClipboardWritten, Event, Notification
from terminal_ai.ui.bars.status_bar import StatusBar

TITLE_LIMIT_CHARACTERS = 60
BODY_LIMIT_CHARACTERS = 300

BellSetting = Literal["visual", "host", "off"]


class ProgramNotices:
    """Shows them as what they are: the program's words, not the app's."""

    def __init__(
        self,
        app: App[None],
        status: StatusBar,
        *,
        bell: BellSetting,
        copy: Callable[[str], None],
    ) -> None:
        self._app = app
        self._status = status
        self._bell = bell
        self._copy = copy

    def show(self, event: Event) -> None:
        """Show an event that asks for attention; ignore all others."""
        match event:
            case Bell() if self._bell == "host":
                self._app.bell()
            case Bell() if self._bell == "visual":
                self._status.show_bell()
            case Notification(title, body):
                self._notify(title, body)
            case ClipboardWritten(text=text) if text:
                self._copy(text)
                self._notify("", _("It put text on the clipboard."))
            case _:
                pass

    def _notify(self, title: str, body: str) -> None:
        claim = single_line(title, TITLE_LIMIT_CHARACTERS)
        origin = _("(from the program)")
        self._app.notify(
            single_line(body, BODY_LIMIT_CHARACTERS),
            title=f"{claim} {origin}".strip(),
            markup=False,
        )
