"""The log file: private, bounded, without secrets, and the only place for tracebacks.

Anything a library prints while the app draws would corrupt the screen, so warnings and
exceptions nobody caught are led here too.
"""

import logging
import logging.handlers
import os
import sys
import threading
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

FILE_NAME = "terminal-ai.log"
FILE_MODE = 0o600
LIMIT_BYTES = 1_048_576
KEPT_FILES = 1
RECORD_LIMIT_CHARACTERS = 16_384

_logger = logging.getLogger("terminal_ai")


class PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner may read and that is never a link."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.baseFilename, flags, FILE_MODE)
        os.fchmod(descriptor, FILE_MODE)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


class RedactingFormatter(logging.Formatter):
    """Takes secrets out of the whole record, its traceback included."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the bounded, redacted text of one record."""
        # A secret that the limit would cut in two is found only while it is whole.
        text = super().format(record)[: 2 * RECORD_LIMIT_CHARACTERS]
        return self._redact(text)[:RECORD_LIMIT_CHARACTERS]


def open_log(directory: Path, *, level: str, redact: Callable[[str], str]) -> Path:
    """Send everything that is logged, or that nobody caught, to the file."""
    path = directory / FILE_NAME
    handler = PrivateFile(
        path, maxBytes=LIMIT_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(RedactingFormatter(redact))
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _logger.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread
    return path


def close_log() -> None:
    """Close the file, and give the levels and the hooks back."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, PrivateFile)]:
        root.removeHandler(handler)
        handler.close()
    _logger.setLevel(logging.NOTSET)
    logging.raiseExceptions = True
    logging.captureWarnings(capture=False)
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__


def _log_unraisable(unraisable: "UnraisableHookArgs") -> None:
    error = unraisable.exc_value
    _logger.error(
        "%s: %r",
        unraisable.err_msg or "exception ignored",
        unraisable.object,
        exc_info=error if error is not None else False,
    )


def _log_thread(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    name = arguments.thread.name if arguments.thread is not None else "?"
    _logger.error(
        "exception in thread %s", name, exc_info=error if error is not None else False
    )
