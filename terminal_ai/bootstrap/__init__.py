"""Settings to objects to run: the only place that builds anything.

Light to import; what draws and connects is imported by ``run_app``.
"""

import contextlib
import gc
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal_ai.assistant.assistant import Assistant
    from terminal_ai.config import Resolved, Settings

__all__ = ["log_crash", "open_assistant", "run_app"]


def run_app(resolved: "Resolved") -> int:
    """Open the app and return the process's exit code.

    Textual reads its environment while it is imported, so that is set first. The shell
    gets the environment as the user has it.
    """
    environ = dict(os.environ)
    interface = resolved.settings.interface
    os.environ["ESCDELAY"] = str(resolved.settings.terminal.escape_delay_milliseconds)
    if interface.color:
        os.environ.pop("NO_COLOR", None)
    else:
        os.environ["NO_COLOR"] = "1"

    if resolved.settings.performance.gc_freeze:
        # Nearly all that modules make stays for good. The collector's start ends it.
        gc.disable()
    try:
        from terminal_ai.bootstrap.application import run

        return run(resolved, environ)
    finally:
        gc.enable()


def open_assistant(
    settings: "Settings",
) -> "contextlib.AbstractContextManager[Assistant]":
    """Build the app's assistant for a command that has no screen."""
    from terminal_ai.bootstrap.assistance import assistant_of_a_command

    return assistant_of_a_command(settings)


def log_crash(error: BaseException) -> Path | None:
    """Write an unexpected error's traceback to the log; None where that fails too."""
    from terminal_ai.bootstrap.log_file import FILE_NAME, close_log, open_log
    from terminal_ai.config import state_directory
    from terminal_ai.errors import TerminalAIError
    from terminal_ai.safety.redact import Redactor

    logger = logging.getLogger("terminal_ai")
    with contextlib.suppress(OSError, TerminalAIError):
        directory = state_directory()
        open_log(directory, level="error", redact=Redactor(os.environ).clean)
        logger.critical("unexpected error", exc_info=error)
        close_log()
        return directory / FILE_NAME
    return None
