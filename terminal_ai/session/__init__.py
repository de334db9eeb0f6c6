"""One shell: pty, emulator and tracker joined, reporting to one listener."""

from terminal_ai.session.session import Session
from terminal_ai.shell.listener import SessionListener
from terminal_ai.shell.pty import ShellExit
from terminal_ai.shell.states import IntegrationState

__all__ = ["IntegrationState", "Session", "SessionListener", "ShellExit"]
