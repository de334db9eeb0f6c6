"""Which pages of the manual are installed: their names, never their text."""

import contextlib
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

PAGES_LIMIT = 60_000
ROOTS_LIMIT = 64
# Commands, formats of files, conventions, administration: what a command line is about.
_SECTIONS = ("1", "5", "7", "8")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".Z")
_USUAL_ROOTS = (
    "/usr/share/man",
    "/usr/local/share/man",
    "/usr/local/man",
    "/opt/homebrew/share/man",
    "/run/current-system/sw/share/man",
)


class Manual:
    """The index of the manual; read again only when one of its directories changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[tuple[str, int], ...] | None = None
        self._pages: frozenset[str] = frozenset()

    def pages(self, search_path: str, manual_path: str = "") -> frozenset[str]:
        """Return the pages, as ``git-push(1)``. Blocks on the file system.

        The manual lies where MANPATH says, and beside the programs of PATH.
        """
        directories = [
            f"{root}/man{section}"
            for root in itertools.islice(_roots(search_path, manual_path), ROOTS_LIMIT)
            for section in _SECTIONS
        ]
        key = tuple((directory, _changed_at(directory)) for directory in directories)
        with self._lock:
            if key != self._key:
                there = [directory for directory, changed in key if changed]
                found = itertools.chain.from_iterable(map(_list_pages, there))
                self._pages = frozenset(itertools.islice(found, PAGES_LIMIT))
                self._key = key
            return self._pages


def _roots(search_path: str, manual_path: str) -> Iterator[str]:
    roots = dict.fromkeys(root for root in manual_path.split(os.pathsep) if root)
    for directory in search_path.split(os.pathsep):
        above, _, name = directory.rstrip("/").rpartition("/")
        if above and name in ("bin", "sbin"):
            roots |= dict.fromkeys((f"{above}/share/man", f"{above}/man"))
    yield from roots | dict.fromkeys(_USUAL_ROOTS)


def _changed_at(directory: str) -> int:
    try:
        return Path(directory).stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


def _list_pages(directory: str) -> Iterator[str]:
    section = directory[-1]
    names: list[str] = []
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        names = [entry.name for entry in itertools.islice(entries, PAGES_LIMIT)]
    for name in names:
        for suffix in _COMPRESSED:
            name = name.removesuffix(suffix)
        page, dot, _ = name.rpartition(".")
        if dot:
            yield f"{page}({section})"
