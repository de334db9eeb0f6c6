"""The screen that is always there: terminal, panels and status bar."""

from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from terminal_ai.assistant.providers.leaving import remote_host_of
from terminal_ai.config import Settings
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.records import Advice, ModelStatus
from terminal_ai.ui.bars.exit_line import ExitLine
from terminal_ai.ui.bars.find_bar import FindBar
from terminal_ai.ui.bars.status_bar import StatusBar
from terminal_ai.ui.keymap import Action, Keymap
from terminal_ai.ui.layout import Layout, Panel, Panels
from terminal_ai.ui.needs import Answerer
from terminal_ai.ui.panels.answer_actions import AnswerAction
from terminal_ai.ui.panels.assistant_panel import AssistantPanel
from terminal_ai.ui.panels.cards import CardKeys
from terminal_ai.ui.panels.profiler_panel import ProfilerPanel
from terminal_ai.ui.texts import COMMAND_LIMIT, line, literal, prose
from terminal_ai.ui.view.gutter import Gutter
from terminal_ai.ui.view.immediate import paint_at_once
from terminal_ai.ui.view.layout_once import LaidOutOnce
from terminal_ai.ui.view.terminal_view import TerminalView

ANSWER_ACTIONS: Mapping[Action, AnswerAction] = {
    Action.ANOTHER: AnswerAction.ANOTHER,
    Action.SIMPLER: AnswerAction.SIMPLER,
    Action.SHORTER: AnswerAction.SHORTER,
    Action.COPY_ANSWER: AnswerAction.COPY,
    Action.QUESTION: AnswerAction.FOLLOW_UP,
}
"""The buttons below an answer that do what a key does."""


class MainScreen(LaidOutOnce, inherit_bindings=False):
    """Knows where everything is, shows and hides the panels, and moves the focus."""

    AUTO_FOCUS = "#terminal"
    ALLOW_SELECT = False

    def __init__(
        self,
        settings: Settings,
        *,
        keymap: Keymap,
        home: str,
        view: TerminalView,
        profiler_panel: ProfilerPanel,
        answerer: Answerer,
    ) -> None:
        super().__init__()
        interface = settings.interface
        self.view = view
        self.marks = Gutter(id="gutter")
        self.exit_line = ExitLine(id="exit-line")
        self.status = StatusBar(keymap, home=home, id="status")
        self.find = FindBar(view, id="find")
        self.assistant = AssistantPanel(
            answerer,
            keys=CardKeys(
                place=keymap.key_of(Action.PLACE),
                ask=keymap.key_of(Action.ASK),
                actions={
                    answer: keymap.leader_keys_of(action)
                    for action, answer in ANSWER_ACTIONS.items()
                },
            ),
            sentence_key=keymap.sentence_key,
            pull_key=keymap.leader_keys_of(Action.PULL),
            id="assistant",
        )
        self.profiler = profiler_panel
        # Known before the service has been asked anything.
        ai = settings.ai
        self._remote_host = (
            remote_host_of(ai, (ai.model, ai.light_model), ()) if ai.enabled else ""
        )
        self._place_key = keymap.key_of(Action.PLACE)
        self._side = Vertical(id="side")
        self._side.styles.width = interface.panel_columns
        self._layout_rule = Layout(
            interface.overlay_below_columns, interface.panel_columns, interface.gutter
        )
        self._panels = Panels({Panel.ASSISTANT})
        if settings.profiler.enabled:
            self._panels.show(Panel.PROFILER)

    def compose(self) -> ComposeResult:
        """Lay out the terminal, the panels beside it, and the bar below."""
        with Horizontal(id="body"):
            yield self.marks
            with Vertical(id="terminal-column"):
                yield self.view
                yield self.exit_line
            with self._side:
                yield self.assistant
                yield self.profiler
        yield self.status
        yield self.find

    def on_mount(self) -> None:
        """Fit the panels to the width before the first paint."""
        self._fit_panels(self.app.size.width)
        self._show_leaving()

    def on_resize(self, event: events.Resize) -> None:
        """Put the panels beside or over the terminal."""
        self._fit_panels(event.size.width)

    def terminal_size(self, columns: int, rows: int) -> tuple[int, int]:
        """Return the terminal's size for a host of this size."""
        return self._layout_rule.terminal_size(columns, rows)

    # -- panels ------------------------------------------------------------------

    def _fit_panels(self, columns: int) -> None:
        is_asking = self.assistant.has_pseudo_class("focus-within")
        self._panels.is_narrow = self._layout_rule.is_narrow(columns)
        if is_asking:
            # Hidden, it would lose the focus, and a question would go to the shell.
            self._panels.show(Panel.ASSISTANT)
        self._side.set_class(self._panels.is_narrow, "-over")
        self.marks.display = bool(self._layout_rule.gutter_columns(columns))
        has_marks = self._layout_rule.gutter != "off"
        self.view.tint_prompts(is_wanted=has_marks and not self.marks.display)
        self._apply_panels()

    def _apply_panels(self) -> None:
        shown = self._panels.shown
        self.assistant.display = Panel.ASSISTANT in shown
        self.profiler.set_shown(is_shown=Panel.PROFILER in shown)
        self._side.display = bool(shown)

    def show_panel(self, panel: Panel) -> None:
        """Show a panel; where it lies over the terminal, in place of the other."""
        self._panels.show(panel)
        self._apply_panels()

    def go_to_question(self) -> None:
        """Show the assistant and put the cursor into its question."""
        self.show_panel(Panel.ASSISTANT)
        self.assistant.focus_question()

    def go_to_sentence(self) -> None:
        """Show the assistant and put the cursor where a sentence is typed."""
        self.show_panel(Panel.ASSISTANT)
        self.assistant.focus_sentence()

    @property
    def is_assistant_shown(self) -> bool:
        """True while the assistant can be seen."""
        return Panel.ASSISTANT in self._panels.shown

    def toggle_assistant(self) -> None:
        """Show and enter the assistant; from inside it, hide it."""
        if self.is_assistant_shown and self.assistant.has_pseudo_class("focus-within"):
            self._panels.hide(Panel.ASSISTANT)
            self._back_to_shell()
        else:
            self.go_to_question()

    def toggle_profiler(self) -> None:
        """Show or hide the profiler."""
        if Panel.PROFILER in self._panels.shown:
            self._panels.hide(Panel.PROFILER)
        else:
            self._panels.show(Panel.PROFILER)
        self._back_to_shell()

    def go_to_functions(self) -> None:
        """Show the profiler and let the keys sort its table."""
        self.show_panel(Panel.PROFILER)
        self.profiler.focus_table()

    @on(AssistantPanel.Left)
    @on(ProfilerPanel.Left)
    def leave_panels(self) -> None:
        """Go back to the shell; an overlay goes away with it."""
        self._panels.uncover()
        self._back_to_shell()

    def _back_to_shell(self) -> None:
        self._apply_panels()
        self.set_focus(self.view)

    @on(FindBar.Closed)
    def leave_search(self) -> None:
        """Go back to the shell."""
        self.set_focus(self.view)

    def show_model(self, status: ModelStatus) -> None:
        """Show what the model can do now, and where it is."""
        self.status.show_model(status)
        self.assistant.show_model(status)
        self._remote_host = status.remote_host
        self._show_leaving()

    def _show_leaving(self) -> None:
        self.status.show_leaving(self._remote_host)
        self.find.show_leaving(self._remote_host)

    # -- notices -----------------------------------------------------------------

    def paint_status(self) -> None:
        """Paint the bar in this turn of the loop."""
        paint_at_once(self.status)

    def tell(self, text: str) -> None:
        """Show a sentence in the status bar for a while."""
        self.status.notify_user(literal(text))

    def tell_error(self, error: TerminalAIError) -> None:
        """Show an error and its hint in the status bar for a while."""
        self.status.notify_user(line(error.told, "$text-warning"))

    def tell_advice(self, advice: Advice) -> None:
        """Where no card can be seen, say the most useful part in the status bar."""
        if self.is_assistant_shown:
            return
        notice = prose(advice.what, "$text-warning", COMMAND_LIMIT)
        if advice.suggestions:
            best = line(advice.suggestions[0].command, "bold")
            key = (f"{self._place_key} ", "bold $text-accent")
            notice = Content.assemble(key, best, "  ", notice)
        self.status.notify_user(notice)

    @on(TerminalView.Scrolled)
    def scrolled(self, message: TerminalView.Scrolled) -> None:
        """Show how far above the bottom the view stands."""
        self.status.show_scroll(message.rows_up)

    def go_to_command(self, *, is_up: bool) -> None:
        """Let the keys choose a command, beginning above or below."""
        self.set_focus(self.view)
        if not self.view.start_command_mode(is_up=is_up):
            self.tell(_("There is no command to go to."))

    @on(TerminalView.MarksChanged)
    def marks_changed(self, message: TerminalView.MarksChanged) -> None:
        """Show how the commands in view ended."""
        self.marks.show(message.marks)

    @on(Gutter.Pressed)
    def mark_pressed(self, message: Gutter.Pressed) -> None:
        """Choose the command whose mark was clicked, or fold it."""
        self.set_focus(self.view)
        # What the view then tells would not come back to whom it was called by.
        self.view.call_next(self.view.press_mark, message.y)

    @on(TerminalView.CommandModeChanged)
    def command_mode_changed(self, message: TerminalView.CommandModeChanged) -> None:
        """Show whose the keys are while they choose commands."""
        self.status.show_command_mode(message.block)

    @on(TerminalView.CopyModeChanged)
    def copy_mode_changed(self, message: TerminalView.CopyModeChanged) -> None:
        """Show whose the keys are while they select."""
        self.status.show_copy_mode(message.mode)
