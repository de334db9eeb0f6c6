"""Files of ours on disk: private to their user, and put aside when damaged."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from terminal_ai.errors import ForeignFileError
from terminal_ai.messages import gettext as _

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
COMPANIONS = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite keeps for one database."""
QUARANTINE_LIMIT = 3
"""Damaged files kept for the user to look at."""


def prepare(path: Path) -> None:
    """Create the file and its directory for the user alone, whatever the umask.

    Raises ForeignFileError for a symbolic link or another user's file, OSError where
    nothing can be written.
    """
    directory = path.parent
    directory.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    _refuse_foreign(directory)
    if stat.S_IMODE(directory.stat().st_mode) != DIRECTORY_MODE:
        directory.chmod(DIRECTORY_MODE)
    for suffix in COMPANIONS:
        companion = Path(f"{path}{suffix}")
        if companion.is_symlink() or companion.exists():
            _refuse_foreign(companion)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)
    finally:
        os.close(descriptor)


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of its name; None if there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def put_aside(path: Path) -> Path:
    """Rename a damaged file and its companions; return the new name."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    for suffix in COMPANIONS:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    _forget_old(path)
    return aside


def _forget_old(path: Path) -> None:
    damaged = sorted(path.parent.glob(f"{path.name}.damaged-*"))
    kept = sorted({file.name.partition("-wal")[0] for file in damaged})
    for file in damaged:
        if not any(file.name.startswith(name) for name in kept[-QUARANTINE_LIMIT:]):
            with suppress(OSError):
                file.unlink()


def _refuse_foreign(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise ForeignFileError(
            _("{path} is a symbolic link").format(path=path),
            hint=_("put a file of your own in its place"),
        )
    if status.st_uid != os.getuid():
        raise ForeignFileError(
            _("{path} belongs to another user").format(path=path),
            hint=_("move it away; it will be created again"),
        )
