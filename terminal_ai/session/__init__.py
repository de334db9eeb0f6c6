"""One shell: pty, emulator and tracker joined, reporting to one listener."""

from terminal_ai.session.preparing import prepare_now
from terminal_ai.session.session import Session
from terminal_ai.shell.launch import Launch
from terminal_ai.shell.listener import SessionListener
from terminal_ai.shell.pty import ShellExit
from terminal_ai.shell.states import IntegrationState

__all__ = [
    "IntegrationState",
    "Launch",
    "Session",
    "SessionListener",
    "ShellExit",
    "prepare_now",
]
