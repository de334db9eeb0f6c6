"""What each key of ours does, in one table."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App

from terminal_ai.session import Session
from terminal_ai.ui.desks.asking import Asking
from terminal_ai.ui.desks.copy_desk import CopyDesk
from terminal_ai.ui.desks.export_desk import ExportDesk
from terminal_ai.ui.desks.history_desk import HistoryDesk
from terminal_ai.ui.desks.link_desk import LinkDesk
from terminal_ai.ui.desks.model_desk import ModelDesk
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.desks.profile_desk import ProfileDesk
from terminal_ai.ui.desks.sentence import SentenceDesk
from terminal_ai.ui.desks.xray_desk import XrayDesk
from terminal_ai.ui.keymap import Action, Keymap
from terminal_ai.ui.layout import Panel
from terminal_ai.ui.screens.help import HelpScreen
from terminal_ai.ui.screens.main import MainScreen


class ActionDesk:
    """Starts what a key or the palette asks for."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        keymap: Keymap,
        *,
        asking: Asking,
        sentences: SentenceDesk,
        placing: Placing,
        history: HistoryDesk,
        exports: ExportDesk,
        copies: CopyDesk,
        links: LinkDesk,
        models: ModelDesk,
        xray: XrayDesk,
        profiles: ProfileDesk,
        restart: Callable[[], None],
    ) -> None:
        self._app = app
        self._main = main
        self._keymap = keymap
        self._placing = placing
        self._copies = copies
        self._session: Session | None = None
        # What a function returns may be awaitable: asking begins with reading a record.
        self._table: Mapping[Action, Callable[[], Any]] = {
            Action.HELP: self._help,
            Action.ASSISTANT: main.toggle_assistant,
            Action.QUESTION: main.go_to_question,
            Action.PROFILER: main.toggle_profiler,
            Action.FUNCTIONS: main.go_to_functions,
            Action.PROFILE: profiles.toggle,
            Action.HISTORY: lambda: history.open(self._session),
            Action.FIND: main.find.open,
            Action.LINKS: links.list_links,
            Action.EXPORT: lambda: exports.open(self._session),
            Action.CONTEXT: lambda: xray.open(self._session),
            Action.MODELS: models.open,
            Action.ASK: asking.about_failure,
            Action.SENTENCE: sentences.open,
            Action.ANOTHER: lambda: asking.about_answer(Action.ANOTHER),
            Action.SIMPLER: lambda: asking.about_answer(Action.SIMPLER),
            Action.SHORTER: lambda: asking.about_answer(Action.SHORTER),
            Action.COPY_ANSWER: lambda: asking.about_answer(Action.COPY_ANSWER),
            Action.PLACE: lambda: placing.suggestion(main.assistant.target),
            Action.PLACE_FIRST: lambda: self._place(1),
            Action.PLACE_SECOND: lambda: self._place(2),
            Action.PLACE_THIRD: lambda: self._place(3),
            Action.PULL: self._pull,
            Action.COPY: lambda: copies.copy(main.view.selected_text),
            Action.COPY_MODE: self._select,
            Action.PREVIOUS_COMMAND: lambda: main.go_to_command(is_up=True),
            Action.NEXT_COMMAND: lambda: main.go_to_command(is_up=False),
            Action.RESTART: restart,
            Action.QUIT: app.exit,
        }

    def attach(self, session: Session) -> None:
        """Act in this session from now on."""
        self._session = session

    async def perform(self, action: Action | None) -> None:
        """Do it; None is a palette that was closed."""
        if action is None:
            return
        begun = self._table[action]()
        if inspect.isawaitable(begun):
            await begun

    def _help(self) -> None:
        # Awaiting the screen would hold the app's messages until it is closed.
        self._app.push_screen(HelpScreen(self._keymap), self.perform)

    def _place(self, number: int) -> None:
        self._placing.suggestion(self._main.assistant.numbered(number))

    def _pull(self) -> None:
        self._main.show_panel(Panel.ASSISTANT)
        self._main.assistant.model_bar.toggle_pull()

    def _select(self) -> None:
        self._main.set_focus(self._main.view)
        self._main.view.start_copy_mode()
