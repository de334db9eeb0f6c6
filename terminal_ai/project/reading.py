"""Reading a stranger's directory: bounded, regular files only, and remembered.

A repository may hold anything: links to a user's keys, pipes that never answer, files
without end. Whatever is odd counts as absent.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

READ_LIMIT_BYTES = 65_536
ENTRIES_LIMIT = 4_000
"""Names looked at in one directory."""
LOOKS_LIMIT = 600
"""Files and directories touched for the facts of one directory."""
DEPTH_LIMIT = 24
"""Directories between the one asked about and the project's root."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file or a directory does."""

    inode: int
    changed_nanoseconds: int
    size_bytes: int


class Looking:
    """Reads files and directories, and remembers how each of them was.

    No method raises ``OSError``. Links are not followed, except those on the way to a
    directory.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Stamp | None] = {}

    def is_still_true(self) -> bool:
        """Tell whether all that was looked at is as it was."""
        return all(_stamp(path) == stamp for path, stamp in self._seen.items())

    def names(self, directory: str) -> frozenset[str]:
        """Return the names of regular files and directories, at most so many."""
        if not self._may_look(directory):
            return frozenset()
        found: list[str] = []
        with contextlib.suppress(OSError), os.scandir(directory) as entries:
            for _, entry in zip(range(ENTRIES_LIMIT), entries, strict=False):
                if not entry.is_symlink():
                    found.append(entry.name)
        return frozenset(found)

    def marked_names(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names, a directory's with a slash; links are left out."""
        if not self._may_look(directory):
            return ()
        found: list[str] = []
        with contextlib.suppress(OSError, ValueError), os.scandir(directory) as entries:
            for _, entry in zip(range(ENTRIES_LIMIT), entries, strict=False):
                if entry.is_dir(follow_symlinks=False):
                    found.append(f"{entry.name}/")
                elif entry.is_file(follow_symlinks=False):
                    found.append(entry.name)
        return tuple(sorted(found))

    def has(self, path: str) -> bool:
        """Tell whether there is a file or a directory, but no link."""
        if not self._may_look(path):
            return False
        try:
            mode = os.lstat(path).st_mode
        except (OSError, ValueError):
            return False
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode)

    def text(self, path: str, limit_bytes: int = READ_LIMIT_BYTES) -> str:
        """Return a file's text; empty if it is absent, odd or larger than allowed."""
        if not self._may_look(path):
            return ""
        with contextlib.suppress(OSError, ValueError):
            # A pipe must not keep us waiting, a terminal not become ours.
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
            descriptor = os.open(path, flags | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    data = file.read(limit_bytes + 1)
                    if len(data) <= limit_bytes:
                        return data.decode("utf-8", "replace").removeprefix("\ufeff")
        return ""

    def _may_look(self, path: str) -> bool:
        if path not in self._seen:
            if len(self._seen) >= LOOKS_LIMIT:
                return False
            # Taken before it is read: a change meanwhile makes it untrue, not true.
            self._seen[path] = _stamp(path)
        return True


def upwards(directory: str) -> Iterator[str]:
    """Yield a directory and those above it, at most so many."""
    place = PurePosixPath(os.path.normpath(directory))
    for at, one in enumerate((place, *place.parents)):
        if at < DEPTH_LIMIT:
            yield str(one)


def _stamp(path: str) -> Stamp | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - hot, and paths are joined as text
    except (OSError, ValueError):
        return None
    return Stamp(status.st_ino, status.st_mtime_ns, status.st_size)
