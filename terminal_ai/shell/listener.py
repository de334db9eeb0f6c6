"""Who is told what happens in a session."""

from typing import Protocol

from terminal_ai.records import Advice, CommandRecord, RunningCommand
from terminal_ai.shell.pty import ShellExit
from terminal_ai.shell.states import IntegrationState
from terminal_ai.terminal.events import Event


class SessionListener(Protocol):
    """Implemented by whoever shows a session; called on the event loop, in order."""

    def screen_changed(self) -> None:
        """The terminal has new damage."""

    def prompt_ready(self, cwd: str) -> None:
        """The shell waits for a command."""

    def command_started(self, command: RunningCommand) -> None:
        """A command runs."""

    def command_finished(self, record: CommandRecord) -> None:
        """A command has ended."""

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        """The newest record is a failure that wants an answer.

        The offline advisor has had its say: None where it is silent, off, or too slow.
        """

    def terminal_event(self, event: Event) -> None:
        """A program did more than print: title, screen, bell, notice, clipboard."""

    def integration_changed(self, state: IntegrationState) -> None:
        """Commands are captured differently from now on."""

    def inside_changed(self, name: str) -> None:
        """A program in the shell takes the commands ("ssh", "bash"); "" for none."""

    def shell_exited(self, status: ShellExit) -> None:
        """The shell is gone; ``restart`` starts another."""
