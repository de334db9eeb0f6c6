"""The Textual app: joins the session, the assistant and the screen."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import ClassVar

from textual import events, on, work
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.theme import Theme
from textual.worker import Worker

from terminal_ai.config import Settings
from terminal_ai.records import CommandRecord, PrefetchState
from terminal_ai.safety.redact import redact as redact_by_rules
from terminal_ai.session import Session, SessionListener
from terminal_ai.telemetry.names import CARD
from terminal_ai.telemetry.spans import NO_SPAN, Tracer
from terminal_ai.terminal.events import AlternateScreenChanged, SizeRequested
from terminal_ai.ui import listener as told
from terminal_ai.ui.desks.actions import ActionDesk
from terminal_ai.ui.desks.asking import Asking
from terminal_ai.ui.desks.command_desk import CommandDesk
from terminal_ai.ui.desks.copy_desk import CopyDesk
from terminal_ai.ui.desks.export_desk import ExportDesk
from terminal_ai.ui.desks.history_desk import HistoryDesk
from terminal_ai.ui.desks.keys import KeyDesk
from terminal_ai.ui.desks.link_desk import LinkDesk
from terminal_ai.ui.desks.model_desk import ModelDesk
from terminal_ai.ui.desks.news import News
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.desks.profile_desk import ProfileDesk
from terminal_ai.ui.desks.program_notices import ProgramNotices
from terminal_ai.ui.desks.sentence import SentenceDesk
from terminal_ai.ui.desks.shell_desk import ShellDesk
from terminal_ai.ui.desks.xray_desk import XrayDesk
from terminal_ai.ui.host.driver import RawDriver, raw_driver
from terminal_ai.ui.keymap import Action, Keymap
from terminal_ai.ui.mended_textual import SteadyStylesheet, release_removed_widgets
from terminal_ai.ui.needs import Answerer, Records
from terminal_ai.ui.panels.assistant_panel import AssistantPanel
from terminal_ai.ui.panels.model_bar import ModelBar
from terminal_ai.ui.panels.profiler_panel import ProfilerPanel
from terminal_ai.ui.panels.suggestion_row import SuggestionRow
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.screens.models import ModelsScreen
from terminal_ai.ui.screens.profile import ProfileScreen
from terminal_ai.ui.theme import THEMES, choose_theme, colors_of, is_native, palette_of
from terminal_ai.ui.view.terminal_view import TerminalView
from terminal_ai.ui.workers import log_failure
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler

SessionFactory = Callable[[SessionListener, int, int], Session]


# Textual's own bindings (quit, palette, copy) would take keys from the shell.
class TerminalApp(App[None], inherit_bindings=False):
    """Draws and forwards; what is to be decided is decided in the layers below."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name(name) for name in ("app.tcss", "assistant.tcss")
    ]
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    TITLE = "terminal-ai"

    def __init__(
        self,
        settings: Settings,
        *,
        session_factory: SessionFactory,
        assistant: Answerer,
        history: Records,
        profiler: PerformanceProfiler,
        vitals: VitalsReader,
        tracer: Tracer,
        environ: Mapping[str, str] = os.environ,
        notices: Sequence[str] = (),
        redact: Callable[[str], str] = redact_by_rules,
    ) -> None:
        theme = choose_theme(settings.interface.theme, environ)
        keymap = Keymap.from_settings(
            settings.interface.keys, sentence_key=settings.interface.sentence_key
        )
        has_no_color = "NO_COLOR" in environ
        release_removed_widgets()
        super().__init__(
            driver_class=raw_driver(settings.terminal.escape_delay_milliseconds),
            ansi_color=True if has_no_color or is_native(theme) else None,
        )
        for own in THEMES:
            self.register_theme(own)
        self.theme = theme
        self.stylesheet = SteadyStylesheet(variables=self.get_css_variables())
        self.inputs = 0
        """Keys and moves of the mouse that have come."""
        self._settings = settings
        self._session_factory = session_factory
        self._session: Session | None = None
        self._assistant = assistant
        self._history = history
        self._tracer = tracer
        self._home = environ.get("HOME", "")
        self._has_asked_for_model = False
        self._host_size: Size | None = None
        self._prefetched: tuple[str, PrefetchState | None] = "", None
        view = TerminalView(
            palette_of(theme),
            cursor_may_blink=settings.terminal.cursor_blink == "auto",
            profiler=profiler,
            backlog=self._backlog_writes,
            id="terminal",
        )
        self._main = MainScreen(
            settings,
            keymap=keymap,
            home=self._home,
            view=view,
            profiler_panel=ProfilerPanel(
                vitals=vitals,
                interval_seconds=settings.profiler.interval_seconds,
                id="profiler",
            ),
            answerer=assistant,
        )
        self._shell = ShellDesk(self, self._main)
        self._news = News(self._main, history, notices)
        self._placing = Placing(
            self._main, copy=self.copy_to_clipboard, restore=assistant.restore
        )
        self._sentences = SentenceDesk(
            self._main, self._placing, keymap, is_enabled=settings.ai.enabled
        )
        asking = self._asking = Asking(
            self._main, history, context_records=settings.ai.context_records
        )
        self._history_desk = HistoryDesk(
            self, self._main, history, self._placing, asking, home=self._home
        )
        self._command_desk = CommandDesk(
            self,
            self._main,
            history,
            placing=self._placing,
            asking=asking,
            copy=self.copy_to_clipboard,
            redact=redact,
            fold_rows=settings.interface.fold_rows,
            home=self._home,
        )
        self._model_desk = ModelDesk(
            self,
            self._main,
            assistant,
            vitals,
            retry_seconds=settings.ai.retry_interval_seconds,
        )
        self._copy_desk = CopyDesk(
            self,
            settings.terminal.clipboard,
            tell=self._history_desk.tell,
            write_to_host=self._write_to_host,
            environ=dict(environ),
        )
        self._links = LinkDesk(
            self,
            self._main.view,
            tell=self._main.tell,
            copy=self.copy_to_clipboard,
            environ=environ,
        )
        self._profiles = ProfileDesk(
            self,
            self._main,
            vitals,
            seconds=settings.profiler.sampling_seconds,
            key=keymap.leader_keys_of(Action.PROFILE),
            home=self._home,
        )
        self._actions = ActionDesk(
            self,
            self._main,
            keymap,
            asking=asking,
            sentences=self._sentences,
            placing=self._placing,
            history=self._history_desk,
            exports=ExportDesk(
                self, self._main, history, redact=redact, home=self._home
            ),
            copies=self._copy_desk,
            links=self._links,
            models=self._model_desk,
            xray=XrayDesk(self, self._main, assistant, history, settings.ai),
            profiles=self._profiles,
            restart=self._shell.restart,
        )
        self._keys = KeyDesk(
            self,
            self._main,
            keymap,
            actions=self._actions,
            sentences=self._sentences,
            shell=self._shell,
        )
        self._attached = (
            self._shell,
            self._placing,
            self._asking,
            self._sentences,
            self._command_desk,
            self._actions,
        )
        self._program_notices = ProgramNotices(
            self,
            self._main.status,
            bell=settings.terminal.bell,
            copy=self.copy_to_clipboard,
        )

    def get_default_screen(self) -> MainScreen:
        """Return the screen below all others."""
        return self._main

    def _backlog_writes(self) -> int:
        driver = self._driver
        return driver.backlog_writes if isinstance(driver, RawDriver) else 0

    # -- the shell's life --------------------------------------------------------

    def on_load(self) -> None:
        """Start the shell before anything is drawn: it needs most of the time."""
        columns, rows = self._main.terminal_size(*self.size)
        listener = told.ScreenListener(self, self._main.view)
        self._session = self._session_factory(listener, columns, rows)
        for desk in self._attached:
            desk.attach(self._session)
        self._session.set_colors(colors_of(self.theme))
        self._shell.start()

    def on_mount(self) -> None:
        """Tell programs that ask when the theme changes; hear of prefetches."""
        self.theme_changed_signal.subscribe(self, self._tell_colors)
        self._assistant.watch_prefetch(self._tell_prefetch)

    def _tell_prefetch(self, record_id: str, state: PrefetchState) -> None:
        self._prefetched = record_id, state
        self._main.status.show_prefetch(record_id, state)
        self._post_once_painted(told.PrefetchChanged(record_id, state))

    def _post_once_painted(self, message: Message) -> None:
        """Let the eye see the bar first: to lay out a card takes much longer."""
        self.call_after_refresh(self.post_message, message)

    def _tell_colors(self, theme: Theme) -> None:
        if self._session is not None:
            self._session.set_colors(colors_of(theme.name))

    @on(told.ShellExited)
    def shell_exited(self, message: told.ShellExited) -> None:
        """Leave with the shell, or say how it ended."""
        self._shell.exited(message.status)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    # -- keys --------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take our few keys before any widget sees them, in the order typed."""
        if isinstance(event, events.InputEvent):
            self.inputs += 1
        if not await self._keys.take(event):
            await super().on_event(event)

    # -- asking and placing ------------------------------------------------------

    @on(AssistantPanel.QuestionAsked)
    async def ask_question(self, message: AssistantPanel.QuestionAsked) -> None:
        """Stream an answer to the user's question."""
        await self._asking.question(message)

    @on(AssistantPanel.CommandProposed)
    def place_proposed(self, message: AssistantPanel.CommandProposed) -> None:
        """Place what a sentence has become."""
        self._sentences.place(message.suggestion)

    @on(AssistantPanel.SentenceLeft)
    def leave_sentence(self, message: AssistantPanel.SentenceLeft) -> None:
        """Go back to the shell without a command."""
        self._sentences.leave(is_literal=message.is_literal)

    @on(AssistantPanel.CopyWanted)
    def copy_answer(self, message: AssistantPanel.CopyWanted) -> None:
        """Copy an answer."""
        self.copy_to_clipboard(message.text)

    @on(SuggestionRow.Chosen)
    def place_chosen(self, message: SuggestionRow.Chosen) -> None:
        """Place the suggestion the user pointed at."""
        self._placing.suggestion(message.suggestion)

    # -- copying -----------------------------------------------------------------

    @on(TerminalView.CopyWanted)
    def copy_wanted(self, message: TerminalView.CopyWanted) -> None:
        """Copy what is selected in the terminal."""
        self._copy_desk.copy(message.text)

    def copy_to_clipboard(self, text: str, notice: str = "") -> None:
        """Copy a text the ways that the settings allow, and say how it went."""
        self._clipboard = text
        self._copy_desk.give_away(text, notice)

    def _write_to_host(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    @on(TerminalView.CommandChosen)
    def command_chosen(self, message: TerminalView.CommandChosen) -> None:
        """Do with a command what its keys asked for."""
        self._command_desk.perform(message.action, message.block)

    @on(TerminalView.LinkChosen)
    def link_chosen(self, message: TerminalView.LinkChosen) -> None:
        """Show where the link leads."""
        self._links.show(message.link)

    # -- what the session tells --------------------------------------------------

    @on(told.PromptReady)
    def prompt_ready(self, message: told.PromptReady) -> None:
        """Show where we are; the first prompt also lets us look for the model."""
        name = self._session.shell_name if self._session is not None else ""
        self._main.status.show_prompt(message.cwd, name)
        if not self._has_asked_for_model:
            self._has_asked_for_model = True
            self.watch_model()
        self._news.tell(self._session)

    @on(told.CommandStarted)
    def command_started(self, message: told.CommandStarted) -> None:
        """Show what runs."""
        self._main.status.clear_notice()
        self._main.status.show_running(message.command)
        self._assistant.command_started()

    @on(told.CommandFinished)
    def command_finished(self, message: told.CommandFinished) -> None:
        """Show how it ended, and at once that a failure is looked into."""
        record, status = message.record, self._main.status
        status.show_finished(record)
        is_newest = self._session is not None and self._session.last_failure is record
        if is_newest and self._assistant.thinks_ahead_of(record):
            status.show_prefetch(record.id, PrefetchState.ASKING)
            self._main.paint_status()
        self._tell_assistant(record)

    @work(group="finished", exit_on_error=False)
    async def _tell_assistant(self, record: CommandRecord) -> None:
        await self._assistant.command_finished(record)

    @on(told.AdviceReady)
    def advice_ready(self, message: told.AdviceReady) -> None:
        """Let the model think ahead, and show the card."""
        if message.advice is not None:
            failure = self._tracer.bound(message.record.id)
            span = self._tracer.start(CARD, parent=failure)
            self._post_once_painted(
                told.AdviceShown(message.record, message.advice, span)
            )
        if self._session is not None and self._session.running is None:
            self._assistant.failure_examined(message.record, message.advice)

    @on(told.AdviceShown)
    async def show_advice(self, message: told.AdviceShown) -> None:
        """Show the card."""
        record_id, state = self._prefetched
        await self._main.assistant.add_failure(
            message.record,
            message.advice,
            prefetch=state if record_id == message.record.id else None,
        )
        self._main.tell_advice(message.advice)
        self.call_after_refresh(self._end_card, message)

    def _end_card(self, message: told.AdviceShown) -> None:
        """The card is painted, and with it the failure is answered."""
        self._tracer.end(message.span)
        self._tracer.end(self._tracer.bound(message.record.id) or NO_SPAN)

    @on(told.PrefetchChanged)
    async def prefetch_changed(self, message: told.PrefetchChanged) -> None:
        """Show whether an answer waits."""
        await self._asking.show_prefetch(message.record_id, message.state)

    @on(told.TerminalEvent)
    def terminal_event(self, message: told.TerminalEvent) -> None:
        """Show whose keys they are, and what the program says."""
        match message.event:
            case AlternateScreenChanged():
                self._shell.show_full_screen()
            case SizeRequested(columns, rows):
                self._ask_host_for_size(columns, rows)
            case event:
                self._program_notices.show(event)

    def _ask_host_for_size(self, columns: int, rows: int) -> None:
        """XTWINOPS 8: the terminal's size, and what our screen has around it."""
        around = self.size - self._main.view.size
        columns, rows = columns + around.width, rows + around.height
        self._write_to_host(f"\x1b[8;{rows};{columns}t")

    @on(told.IntegrationChanged)
    def integration_changed(self, message: told.IntegrationChanged) -> None:
        """Show how exactly commands are captured."""
        self._main.status.show_integration(
            message.state, is_wanted=self._settings.shell.integration
        )

    @on(told.InsideChanged)
    def inside_changed(self, message: told.InsideChanged) -> None:
        """Show whose prompt it is."""
        self._main.status.show_inside(message.name)

    # -- the model ---------------------------------------------------------------

    @on(ModelBar.ModelsWanted)
    def list_models(self) -> None:
        """Show the models."""
        self._model_desk.open()

    @on(ModelBar.Changed)
    @on(ModelsScreen.Chosen)
    @work(exclusive=True, group="model", exit_on_error=False)
    async def watch_model(self) -> None:
        """Show the model's state from now on."""
        await self._model_desk.watch()

    def on_app_blur(self) -> None:
        """Leave the service alone while nobody looks."""
        self.workers.cancel_group(self, "model")

    def on_app_focus(self) -> None:
        """Look again at once: much may have happened meanwhile."""
        if self._has_asked_for_model:
            self.watch_model()

    @on(ProfileScreen.ExportWanted)
    def export_profile(self, message: ProfileScreen.ExportWanted) -> None:
        """Write a profile to a file."""
        self._profiles.export(message.profile)

    # -- the host ----------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Draw everything again if the size is as before: it was another meanwhile.

        A host that is made smaller and large again in a moment has lost rows, but we
        are told only of the last size. Textual paints nothing for that.
        """
        if event.size == self._host_size:
            self.refresh(layout=True)
        self._host_size = event.size

    @on(Driver.SignalResume)
    def repaint_after_stop(self) -> None:
        """Draw everything again: the host showed its own screen meanwhile."""
        self.refresh(layout=True)

    # -- the unexpected ----------------------------------------------------------

    @property
    def crash(self) -> Exception | None:
        """The exception nobody expected that ended the app; the caller reports it."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which would print values on the screen."""
        self._close_messages_no_wait()
