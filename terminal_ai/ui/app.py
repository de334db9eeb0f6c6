"""The Textual app: joins the session, the assistant and the screen."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from textual import events, on, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from terminal_ai.config import Settings
from terminal_ai.errors import PlacementError, ShellError, TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord, ModelState, Suggestion
from terminal_ai.safety.sanitize import placeable
from terminal_ai.session import Session, SessionListener
from terminal_ai.terminal.events import Bell
from terminal_ai.ui import listener as told
from terminal_ai.ui.assistant_panel import AssistantPanel
from terminal_ai.ui.driver import raw_driver
from terminal_ai.ui.exit_line import ExitLine
from terminal_ai.ui.keymap import Action, Keymap, KeyRouter, Verdict
from terminal_ai.ui.layout import Layout
from terminal_ai.ui.model_bar import ModelBar
from terminal_ai.ui.needs import Answerer, Records
from terminal_ai.ui.profiler_panel import LagMonitor, ProfilerPanel, Sampler
from terminal_ai.ui.screens.help import HelpScreen
from terminal_ai.ui.screens.history import HistoryScreen
from terminal_ai.ui.status_bar import StatusBar
from terminal_ai.ui.suggestion_row import SuggestionRow
from terminal_ai.ui.terminal_view import TerminalView
from terminal_ai.ui.texts import line, literal
from terminal_ai.ui.theme import THEMES, choose_theme, is_native, palette_of
from utils.profiler import PerformanceProfiler

SessionFactory = Callable[[SessionListener, int, int], Session]


# Textual's own bindings (quit, palette, copy) would take keys from the shell.
class TerminalApp(App[None], inherit_bindings=False):
    """Draws and forwards; what is to be decided is decided in the layers below."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = "#terminal"
    TITLE = "terminal-ai"

    def __init__(
        self,
        settings: Settings,
        *,
        session_factory: SessionFactory,
        assistant: Answerer,
        history: Records,
        profiler: PerformanceProfiler,
        sampler: Sampler,
        lag: LagMonitor | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        theme = choose_theme(settings.interface.theme, environ)
        self.keymap = Keymap.from_settings(settings.interface.keys)
        has_no_color = "NO_COLOR" in environ
        super().__init__(
            driver_class=raw_driver(settings.terminal.escape_delay_milliseconds),
            ansi_color=True if has_no_color or is_native(theme) else None,
        )
        for own in THEMES:
            self.register_theme(own)
        self.theme = theme
        self._settings = settings
        self._session_factory = session_factory
        self._session: Session | None = None
        self._assistant = assistant
        self._history = history
        self._home = environ.get("HOME", "")
        self._router = KeyRouter(self.keymap)
        self._layout_rule = Layout(
            settings.interface.overlay_below_columns, settings.interface.panel_columns
        )
        self._asked_model = False
        self._view = TerminalView(
            palette_of(theme),
            strip_cache_rows=settings.performance.strip_cache_rows,
            profiler=profiler,
            id="terminal",
        )
        self._exit_line = ExitLine(id="exit-line")
        self._status = StatusBar(self.keymap, home=self._home, id="status")
        self._panel = AssistantPanel(
            assistant,
            place_key=self.keymap.key_of(Action.PLACE),
            ask_key=self.keymap.key_of(Action.ASK),
            id="assistant",
        )
        self._profiler_panel = ProfilerPanel(
            sampler=sampler,
            timings=profiler,
            lag=lag,
            interval_seconds=settings.profiler.interval_seconds,
            id="profiler",
        )
        self._side = Vertical(id="side")

    # -- start -------------------------------------------------------------------

    def on_load(self) -> None:
        """Start the shell before anything is drawn: it needs most of the time."""
        columns, rows = self._layout_rule.terminal_size(*self.size)
        listener = told.ScreenListener(self, self._view)
        self._session = self._session_factory(listener, columns, rows)
        self._start_shell(self._session)

    @work(group="shell", exit_on_error=False)
    async def _start_shell(self, session: Session) -> None:
        try:
            await session.start()
        except ShellError as error:
            self._exit_line.show_error(error)
        self._view.attach(session)

    def compose(self) -> ComposeResult:
        """Lay out the terminal, the panels beside it, and the bar below."""
        with Horizontal(id="body"):
            with Vertical(id="terminal-column"):
                yield self._view
                yield self._exit_line
            with self._side:
                yield self._panel
                yield self._profiler_panel
        yield self._status

    def on_mount(self) -> None:
        """Fit the panels to the width."""
        self._side.styles.width = self._settings.interface.panel_columns
        self._profiler_panel.display = self._settings.profiler.enabled
        self._side.display = not self._layout_rule.is_narrow(self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Put the panels beside or over the terminal."""
        was_narrow = self.screen.has_class("-narrow")
        is_narrow = self._layout_rule.is_narrow(event.size.width)
        self.screen.set_class(is_narrow, "-narrow")
        if was_narrow != is_narrow:
            self._side.display = not is_narrow

    # -- keys --------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take our few keys before any widget sees them, in the order typed."""
        is_taken = (
            isinstance(event, events.Key)
            and not event.is_forwarded
            and await self._take_key(event)
        )
        if not is_taken:
            await super().on_event(event)

    async def _take_key(self, event: events.Key) -> bool:
        if isinstance(self.screen, ModalScreen):
            return self._close_modal_with(event.key)
        is_in_terminal = self.focused is self._view
        verdict = self._router.route(
            event.key, leader_only=is_in_terminal and self._is_full_screen
        )
        self._status.show_leader(self._router.is_leader_pending)
        if isinstance(verdict, Action):
            await self._perform(verdict)
            return True
        if verdict is Verdict.SWALLOW:
            return True
        if is_in_terminal and self._exit_line.is_shown:
            self._after_exit(event.key)
            return True
        if self._is_typing_beside(event):
            self.screen.set_focus(self._view)
        return False

    def _close_modal_with(self, key: str) -> bool:
        """The key that opened a screen closes it."""
        screen = self.screen
        action = self.keymap.direct.get(key)
        is_help = action is Action.HELP and isinstance(screen, HelpScreen)
        is_history = action is Action.HISTORY and isinstance(screen, HistoryScreen)
        if is_help or is_history:
            screen.dismiss(None)
        return is_help or is_history

    def _is_typing_beside(self, event: events.Key) -> bool:
        """Letters typed while a card has the focus are meant for the shell."""
        return (
            event.is_printable
            and self.focused is not None
            and not isinstance(self.focused, Input)
        )

    @property
    def _is_full_screen(self) -> bool:
        return self._session is not None and self._session.terminal.is_alternate

    async def _perform(self, action: Action) -> None:
        match action:
            case Action.HELP:
                self.push_screen(HelpScreen(self.keymap), self._perform_chosen)
            case Action.ASSISTANT:
                self._toggle_assistant()
            case Action.QUESTION:
                self._go_to_assistant()
            case Action.PROFILER:
                self._toggle_profiler()
            case Action.HISTORY:
                screen = HistoryScreen(self._history, home=self._home)
                self.push_screen(screen, self._place_record)
            case Action.ASK:
                await self._ask_about_failure()
            case Action.PLACE:
                self._place(self._panel.target)
            case Action.PLACE_FIRST:
                self._place(self._panel.numbered(1))
            case Action.PLACE_SECOND:
                self._place(self._panel.numbered(2))
            case Action.PLACE_THIRD:
                self._place(self._panel.numbered(3))
            case Action.PULL:
                self._show_side()
                self._panel.model_bar.toggle_pull()
            case Action.COPY:
                self._copy_selection()
            case Action.RESTART:
                self._restart_shell()
            case Action.QUIT:
                self.exit()

    async def _perform_chosen(self, action: Action | None) -> None:
        if action is not None:
            await self._perform(action)

    # -- panels ------------------------------------------------------------------

    def _show_side(self) -> None:
        self._side.display = True
        self._panel.display = True

    def _hide_side_when_empty(self) -> None:
        if not self._panel.display and not self._profiler_panel.display:
            self._side.display = False

    def _go_to_assistant(self) -> None:
        self._show_side()
        self._panel.focus_question()

    def _toggle_assistant(self) -> None:
        """Show and enter the assistant; from inside it, hide it."""
        is_inside = self._panel.has_pseudo_class("focus-within")
        if is_inside and self._side.display:
            if self.screen.has_class("-narrow"):
                self._side.display = False
            else:
                self._panel.display = False
                self._hide_side_when_empty()
            self.screen.set_focus(self._view)
        else:
            self._go_to_assistant()

    def _toggle_profiler(self) -> None:
        is_shown = self._side.display and self._profiler_panel.display
        self._profiler_panel.display = not is_shown
        if not is_shown:
            self._side.display = True
        elif self.screen.has_class("-narrow") and not self._panel.has_pseudo_class(
            "focus-within"
        ):
            self._side.display = False
        self._hide_side_when_empty()

    @on(AssistantPanel.Left)
    def leave_panel(self) -> None:
        """Go back to the shell; an overlay goes away with it."""
        if self.screen.has_class("-narrow"):
            self._side.display = False
        self.screen.set_focus(self._view)

    # -- suggestions -------------------------------------------------------------

    async def _ask_about_failure(self) -> None:
        record = self._session.last_failure if self._session is not None else None
        if record is None:
            self._tell(_("No command has failed yet."))
            return
        self._show_side()
        await self._panel.explain(record)
        self._panel.focus_cards()

    @on(AssistantPanel.QuestionAsked)
    async def ask_question(self, message: AssistantPanel.QuestionAsked) -> None:
        """Stream an answer to the user's question."""
        recent = self._history.records(self._settings.ai.context_records)
        await self._panel.ask(message.question, recent)

    @on(SuggestionRow.Chosen)
    def place_chosen(self, message: SuggestionRow.Chosen) -> None:
        """Place the suggestion the user pointed at."""
        self._place(message.suggestion)

    def _place(self, suggestion: Suggestion | None) -> None:
        if suggestion is None:
            self._tell(_("There is no suggestion to place."))
        else:
            self._place_command(suggestion.command)

    def _place_record(self, record: CommandRecord | None) -> None:
        if record is not None:
            self._place_command(record.command_line)

    def _place_command(self, command: str) -> None:
        if self._session is None:
            return
        placed = placeable(command)
        try:
            self._session.place(placed.text)
        except PlacementError as error:
            self._tell_error(error)
            return
        self.leave_panel()
        if placed.warnings:
            self._tell(placed.warnings[0])

    def _copy_selection(self) -> None:
        text = self._view.selected_text
        if text:
            self.copy_to_clipboard(text)
        self._tell(_("Copied.") if text else _("Nothing is selected."))

    @on(TerminalView.CopyWanted)
    def copy_wanted(self) -> None:
        """Copy what is selected in the terminal."""
        self._copy_selection()

    # -- what the session tells --------------------------------------------------

    @on(told.PromptReady)
    def prompt_ready(self, message: told.PromptReady) -> None:
        """Show where we are; the first prompt also lets us look for the model."""
        name = self._session.shell_name if self._session is not None else ""
        self._status.show_prompt(message.cwd, name)
        if not self._asked_model:
            self._asked_model = True
            self._watch_model()

    @on(told.CommandStarted)
    def command_started(self, message: told.CommandStarted) -> None:
        """Show what runs."""
        self._status.clear_notice()
        self._status.show_running(message.command)

    @on(told.CommandFinished)
    def command_finished(self, message: told.CommandFinished) -> None:
        """Show how it ended."""
        self._status.show_finished(message.record)

    @on(told.AdviceReady)
    async def advice_ready(self, message: told.AdviceReady) -> None:
        """Show the card; where the panel is hidden, one line says the most useful."""
        await self._panel.add_failure(message.record, message.advice)
        if self._side.display and self._panel.display:
            return
        notice = line(message.advice.what, "$text-warning")
        if message.advice.suggestions:
            notice = Content.assemble(
                (self.keymap.key_of(Action.PLACE) + " ", "bold $text-accent"),
                line(message.advice.suggestions[0].command, "bold"),
                "  ",
                notice,
            )
        self._status.notify_user(notice)

    @on(told.TerminalEvent)
    def terminal_event(self, message: told.TerminalEvent) -> None:
        """Ring the host's bell."""
        if isinstance(message.event, Bell):
            self.bell()

    @on(told.IntegrationChanged)
    def integration_changed(self, message: told.IntegrationChanged) -> None:
        """Show how exactly commands are captured."""
        self._status.show_integration(message.state)

    @on(told.ShellExited)
    def shell_exited(self, message: told.ShellExited) -> None:
        """Leave with the shell, unless it went wrong: then say so and stay."""
        if message.status.exit_code == 0:
            self.exit()
        else:
            self._status.show_running(None)
            self._exit_line.show_exit(message.status)

    @on(TerminalView.Scrolled)
    def scrolled(self, message: TerminalView.Scrolled) -> None:
        """Show how far above the bottom the view stands."""
        self._status.show_scroll(message.rows_up)

    # -- after the shell's end ---------------------------------------------------

    def _after_exit(self, key: str) -> None:
        if key == "enter":
            self._restart_shell()
        elif key in ("q", "ctrl+d"):
            self.exit()

    @work(group="shell", exclusive=True, exit_on_error=False)
    async def _restart_shell(self) -> None:
        if self._session is None:
            return
        self._exit_line.hide()
        try:
            await self._session.restart()
        except ShellError as error:
            self._exit_line.show_error(error)
        self._view.attach(self._session)

    # -- the model ---------------------------------------------------------------

    @on(ModelBar.Changed)
    def model_changed(self) -> None:
        """Look at the model again."""
        self._watch_model()

    @work(exclusive=True, group="model", exit_on_error=False)
    async def _watch_model(self) -> None:
        """Show the model's state, and look again as long as it is not ready."""
        while True:
            status = await self._assistant.status()
            self._status.show_model(status)
            self._panel.show_model(status)
            if status.state in (ModelState.READY, ModelState.DISABLED):
                return
            await asyncio.sleep(self._settings.ai.retry_interval_seconds)

    # -- notices -----------------------------------------------------------------

    def _tell(self, text: str) -> None:
        self._status.notify_user(literal(text))

    def _tell_error(self, error: TerminalAIError) -> None:
        hint = f" – {error.hint}" if error.hint else ""
        self._status.notify_user(line(error.message + hint, "$text-warning"))

    # -- the unexpected ----------------------------------------------------------

    @property
    def crash(self) -> Exception | None:
        """The exception nobody expected that ended the app; the caller reports it."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which would print values on the screen."""
        self._close_messages_no_wait()
