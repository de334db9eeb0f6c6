"""What becomes of copied text: it goes where the settings say, and the user is told."""

from collections.abc import Callable, Mapping
from typing import Protocol

from textual.app import App

from terminal_ai.messages import gettext as _
from terminal_ai.ui.desks.clipboard import (
    ClipboardSetting,
    copied_notice,
    give_to_tool,
    osc_52,
    refused_notice,
    uses_osc_52,
    uses_tool,
)
from utils.async_optimizer import run_in_thread


class Copy(Protocol):
    """Copies a text."""

    def __call__(self, text: str, notice: str = "") -> None:
        """Copy it; the notice is told instead of how many lines there were."""


class CopyDesk:
    """Gives one text at a time away; a newer one takes the place of an older."""

    def __init__(
        self,
        app: App[None],
        setting: ClipboardSetting,
        *,
        tell: Callable[[str], None],
        write_to_host: Callable[[str], None],
        environ: Mapping[str, str],
    ) -> None:
        self._app = app
        self._setting = setting
        self._tell = tell
        self._write_to_host = write_to_host
        self._environ = environ

    def copy(self, text: str) -> None:
        """Copy a selection, if there is one."""
        if text:
            self._app.copy_to_clipboard(text)
        else:
            self._tell(_("Nothing is selected."))

    def give_away(self, text: str, notice: str = "") -> None:
        """Copy a text the ways that the setting allows, and say how it went.

        A notice is told instead of how many lines there were.
        """
        self._app.run_worker(
            self._give_away(text, notice or copied_notice(text)),
            group="clipboard",
            exclusive=True,
            exit_on_error=False,
        )

    async def _give_away(self, text: str, copied: str) -> None:
        sequence = osc_52(text) if uses_osc_52(self._setting) else None
        if sequence is not None:
            self._write_to_host(sequence)
            self._tell(copied)
        is_kept = uses_tool(self._setting) and await run_in_thread(
            give_to_tool, text, self._environ
        )
        if sequence is None:
            self._tell(copied if is_kept else refused_notice(self._setting))
