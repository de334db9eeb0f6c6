"""Exported files: new, and readable for their user alone."""

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from terminal_ai.config import state_directory
from terminal_ai.errors import ExportError
from terminal_ai.messages import gettext as _

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
NAMES_LIMIT = 1_000
"""Files of one second that get a name of their own."""


def exports_directory() -> Path:
    """Return where the app puts its exports; it need not exist yet."""
    return state_directory() / "exports"


def write_new(path: Path, text: str, *, replaces: bool = False) -> None:
    """Write a file that is not there yet; with ``replaces`` instead of one that is.

    Raises ExportError. What could not be written whole is not left behind, and a file
    that is replaced is whole at any moment: the old one or the new one. Links, devices
    and pipes are not replaced.
    """
    if replaces:
        _refuse_special(path)
    target = path.with_name(f"{path.name}.part-{os.getpid()}") if replaces else path
    try:
        _write(target, text)
        if replaces:
            _move(target, path)
    except FileExistsError as error:
        raise ExportError(
            _("{path} exists").format(path=path),
            hint=_("--force replaces it; -o names another file"),
        ) from error
    except OSError as error:
        raise _not_written(path, error) from error


def write_named(directory: Path, suffix: str, text: str) -> Path:
    """Write a file named after the time into a directory of the user's; return it.

    Raises ExportError.
    """
    stem = time.strftime("terminal-ai-%Y%m%d-%H%M%S")
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    except OSError as error:
        raise _not_written(directory, error) from error
    for number in range(1, NAMES_LIMIT + 1):
        path = directory / (f"{stem}-{number}{suffix}" if number > 1 else stem + suffix)
        try:
            _write(path, text)
        except FileExistsError:
            continue
        except OSError as error:
            raise _not_written(path, error) from error
        return path
    raise ExportError(_("{path} is full of exports").format(path=directory))


def _write(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            file.write(text)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _refuse_special(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise ExportError(
            _("{path} is not a regular file").format(path=path),
            hint=_("-o - writes to standard output; -o names another file"),
        )


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            source.unlink()
        raise


def _not_written(path: Path, error: OSError) -> ExportError:
    hint = ""
    if error.errno == errno.ENOSPC:
        hint = _("make room, or name a file on another disk")
    return ExportError(
        _("{path} cannot be written: {reason}").format(
            path=path, reason=error.strerror or error
        ),
        hint=hint,
    )
