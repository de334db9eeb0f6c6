"""What the offline advisor may know besides the record, gathered in a thread."""

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from terminal_ai.project.names import read_names
from terminal_ai.records import Aftermath, NameKind, Surroundings
from terminal_ai.shell.builtins import shell_builtins
from terminal_ai.shell.manual import Manual

DIRECTORY_LIMIT = 8
NEARBY_ROUNDS = 2
NAMES_PER_DIRECTORY = 5_000
PROGRAM_LIMIT = 50_000

# Says from the listings so far which directories to list next.
Nearby = Callable[[Mapping[str, tuple[str, ...]]], Sequence[str]]


class SurroundingsCollector:
    """Lists programs and directories; programs only again when PATH has changed."""

    def __init__(self, *, shell: str, home: str) -> None:
        self._builtins = shell_builtins(shell)
        self._home = home
        self._manual = Manual()
        self._lock = threading.Lock()
        self._programs_key: tuple[tuple[str, int], ...] | None = None
        self._programs: frozenset[str] = frozenset()

    def gather(
        self,
        *,
        search_path: str,
        cwd: str,
        directories: Sequence[str],
        nearby: Nearby | None = None,
        names: Collection[NameKind] = (),
        known_commands: tuple[str, ...] = (),
        aftermaths: tuple[Aftermath, ...] = (),
    ) -> Surroundings:
        """Look around now. Blocks on the file system: for a thread."""
        return Surroundings(
            programs=self.programs(search_path, cwd),
            listings=self._listings(directories, cwd, nearby),
            known_commands=known_commands,
            aftermaths=aftermaths,
            project=read_names(names, cwd, home=self._home),
            manual_pages=self.manual_pages(search_path),
            home=self._home,
            is_root=os.geteuid() == 0,
        )

    def _listings(
        self, directories: Sequence[str], cwd: str, nearby: Nearby | None
    ) -> dict[str, tuple[str, ...]]:
        """List directories, then those that what was found makes interesting."""
        listings: dict[str, tuple[str, ...]] = {}
        for _ in range(1 + NEARBY_ROUNDS):
            for directory in directories[:DIRECTORY_LIMIT]:
                listings[directory] = _list_names(self._resolve(directory, cwd))
            directories = nearby(listings) if nearby else ()
            if not directories:
                break
        return listings

    def manual_pages(self, search_path: str) -> frozenset[str]:
        """Return the pages of the manual that are installed, as ``git-push(1)``."""
        return self._manual.pages(search_path, os.environ.get("MANPATH", ""))

    def programs(self, search_path: str, cwd: str) -> frozenset[str]:
        """Return the names of all programs on a PATH and of the shell's builtins."""
        directories = tuple(
            os.path.join(cwd, directory)  # noqa: PTH118 - an empty entry is the cwd
            for directory in dict.fromkeys(search_path.split(os.pathsep))
        )
        key = tuple((directory, _changed_at(directory)) for directory in directories)
        with self._lock:
            if key != self._programs_key:
                found = itertools.chain.from_iterable(map(_list_programs, directories))
                self._programs = self._builtins.union(
                    itertools.islice(found, PROGRAM_LIMIT)
                )
                self._programs_key = key
            return self._programs

    def _resolve(self, directory: str, cwd: str) -> Path:
        if directory == "~" or directory.startswith("~/"):
            return Path(self._home + directory[1:])
        return Path(cwd, directory)


def _changed_at(directory: str) -> int:
    try:
        return os.stat(directory).st_mtime_ns  # noqa: PTH116 - hot, over all of PATH
    except OSError:
        return 0


def _list_programs(directory: str) -> list[str]:
    names: list[str] = []
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if not entry.is_dir() and os.access(entry.path, os.X_OK):
                    names.append(entry.name)
    return names


def _marked_name(entry: os.DirEntry[str]) -> str:
    """Return the name, with a trailing slash if it is a directory's."""
    with contextlib.suppress(OSError):
        return f"{entry.name}/" if entry.is_dir() else entry.name
    return entry.name


def _list_names(directory: Path) -> tuple[str, ...]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        return tuple(
            _marked_name(entry)
            for entry in itertools.islice(entries, NAMES_PER_DIRECTORY)
        )
    return ()
