"""Whose key it is: ours, a screen's, or the terminal's."""

from collections.abc import Mapping
from typing import Any

from textual import events
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Input

from terminal_ai.ui.desks.actions import ActionDesk
from terminal_ai.ui.desks.sentence import SentenceDesk
from terminal_ai.ui.desks.shell_desk import ShellDesk
from terminal_ai.ui.keymap import Action, Keymap, KeyRouter, Verdict
from terminal_ai.ui.screens.help import HelpScreen
from terminal_ai.ui.screens.history import HistoryScreen
from terminal_ai.ui.screens.main import MainScreen

_OPENED_BY: Mapping[Action, type[ModalScreen[Any]]] = {
    Action.HELP: HelpScreen,
    Action.HISTORY: HistoryScreen,
}


class KeyDesk:
    """Takes our few keys before any widget sees them, in the order typed."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        keymap: Keymap,
        *,
        actions: ActionDesk,
        sentences: SentenceDesk,
        shell: ShellDesk,
    ) -> None:
        self._app = app
        self._main = main
        self._keymap = keymap
        self._router = KeyRouter(keymap)
        self._actions = actions
        self._sentences = sentences
        self._shell = shell

    async def take(self, event: events.Event) -> bool:
        """Take a key if it is ours; note what is on its way to the terminal."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            return False
        if isinstance(event, events.Key) and await self._take_key(event):
            return True
        if self._is_in_terminal:
            self._sentences.give(event)
        return False

    @property
    def _is_in_terminal(self) -> bool:
        return self._app.focused is self._main.view

    async def _take_key(self, event: events.Key) -> bool:
        if self._app.screen is not self._main:
            return self._close_with(event.key)
        is_full_screen = self._shell.is_full_screen
        verdict = self._router.route(
            event.key, leader_only=self._is_in_terminal and is_full_screen
        )
        self._main.status.show_leader(self._router.is_leader_pending)
        if isinstance(verdict, Action):
            await self._actions.perform(verdict)
            return True
        if verdict is Verdict.SWALLOW:
            return True
        if self._is_in_terminal and self._shell.is_gone:
            self._shell.take_key(event.key)
            return True
        if event.is_printable and not isinstance(self._app.focused, Input):
            if not is_full_screen and self._sentences.begins_with(event):
                self._sentences.open()
                return True
            # Letters typed while a card has the focus are meant for the shell.
            self._main.set_focus(self._main.view)
        return False

    def _close_with(self, key: str) -> bool:
        """The key that opened a screen closes it."""
        screen = self._app.screen
        action = self._keymap.direct.get(key)
        is_its_key = action is not None and type(screen) is _OPENED_BY.get(action)
        if is_its_key:
            screen.dismiss(None)
        return is_its_key
