"""The history file on disk: private to its user, and put aside when damaged."""

from pathlib import Path

from terminal_ai.errors import ForeignFileError, HistoryError
from terminal_ai.safety import private_files

FILE_NAME = "history.sqlite3"
"""In the state directory."""


def prepare(path: Path) -> None:
    """Create the file and its directory for the user alone, whatever the umask.

    Raises HistoryError for a symbolic link or another user's file, OSError where
    nothing can be written.
    """
    try:
        private_files.prepare(path)
    except ForeignFileError as error:
        raise HistoryError(error.message, hint=error.hint) from error
