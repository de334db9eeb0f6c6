"""What the session tells, turned into Textual messages."""

from dataclasses import dataclass

from textual.app import App
from textual.message import Message

from terminal_ai.records import Advice, CommandRecord, PrefetchState, RunningCommand
from terminal_ai.session import IntegrationState, ShellExit
from terminal_ai.telemetry.spans import Span
from terminal_ai.terminal.events import Event, SizeRequested
from terminal_ai.ui.event_gate import EventGate
from terminal_ai.ui.view.terminal_view import TerminalView


@dataclass
class PromptReady(Message):
    """The shell waits for a command."""

    cwd: str


@dataclass
class CommandStarted(Message):
    """A command runs."""

    command: RunningCommand


@dataclass
class CommandFinished(Message):
    """A command ended."""

    record: CommandRecord


@dataclass
class AdviceReady(Message):
    """A failure wants an answer; the advisor's, or None where it has none."""

    record: CommandRecord
    advice: Advice | None


@dataclass
class AdviceShown(Message):
    """The advisor's card may be laid out now."""

    record: CommandRecord
    advice: Advice
    span: Span


@dataclass
class PrefetchChanged(Message):
    """What was asked ahead is on its way, there, or given up."""

    record_id: str
    state: PrefetchState


@dataclass
class TerminalEvent(Message):
    """A program did more than print: title, screen, bell, notice, clipboard."""

    event: Event


@dataclass
class IntegrationChanged(Message):
    """The prompt marks came, failed to come, or went away."""

    state: IntegrationState


@dataclass
class InsideChanged(Message):
    """A program in the shell takes the commands; "" for the shell itself."""

    name: str


@dataclass
class ShellExited(Message):
    """The shell is gone."""

    status: ShellExit


class ScreenListener:
    """The app's ear at the session: repaints at once, posts everything else."""

    def __init__(self, app: App[None], view: TerminalView) -> None:
        self._app = app
        self._view = view
        self._gate = EventGate()
        self._has_failed = False
        """A command has, in what is being read."""

    def screen_changed(self) -> None:
        """Repaint without a message between the bytes and the screen.

        Only the bar goes before it, which says at once that a failure is looked into;
        the prompt that follows a failure is long, and read later.
        """
        has_failed, self._has_failed = self._has_failed, False
        self._view.screen_changed(waits_a_turn=has_failed)

    def prompt_ready(self, cwd: str) -> None:
        """Post that the shell waits."""
        self._app.post_message(PromptReady(cwd))

    def command_started(self, command: RunningCommand) -> None:
        """Post that a command runs."""
        self._app.post_message(CommandStarted(command))

    def command_finished(self, record: CommandRecord) -> None:
        """Post that a command ended."""
        self._has_failed = record.has_failed
        self._app.post_message(CommandFinished(record))

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        """Post the failure and the advisor's answer."""
        self._app.post_message(AdviceReady(record, advice))

    def terminal_event(self, event: Event) -> None:
        """Post what happened, at a bounded rate where it asks for attention."""
        if isinstance(event, SizeRequested):
            # Unless the host grants it, the size stays what the view has room for.
            self._view.fit()
        if self._gate.admits(event):
            self._app.post_message(TerminalEvent(event))

    def integration_changed(self, state: IntegrationState) -> None:
        """Post what is known of the prompt marks."""
        self._app.post_message(IntegrationChanged(state))

    def inside_changed(self, name: str) -> None:
        """Post who takes the commands."""
        self._app.post_message(InsideChanged(name))

    def shell_exited(self, status: ShellExit) -> None:
        """Post how the shell ended."""
        self._app.post_message(ShellExited(status))
