"""The user's directory of rules: looked at before each diagnosis, read when it changed.

A file with a mistake costs only itself: what it said before stays in use, and the
mistake is told once. Nothing here waits for a pipe, follows a file without end, or
raises. Blocks on the file system: for a thread.
"""

import itertools
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from terminal_ai.advisor.rulebook.own import (
    OwnFile,
    OwnRules,
    Problem,
    read_own_file,
)
from terminal_ai.config import config_directory
from terminal_ai.messages import gettext as _

DIRECTORY = "rules"
SUFFIX = ".toml"
FILES_LIMIT = 50
ENTRIES_LIMIT = 1_000
"""Names looked at in the directory."""
FILE_LIMIT_BYTES = 131_072
FRESH_SECONDS = 2.0
"""A file that changed so lately may still be being written: it is read once more."""

_Stamp = tuple[int, int, int, int]
_ABSENT = (0, 0, 0, 0)


def rules_directory() -> Path:
    """Return where the user's rules are; it need not exist."""
    return config_directory() / DIRECTORY


@dataclass(slots=True)
class _Known:
    """What is known of one file."""

    stamp: _Stamp | None = None
    now: OwnFile = field(default_factory=OwnFile)
    good: OwnFile = field(default_factory=OwnFile)


class UserRules:
    """Keeps the user's rules as their files say now.

    ``tell`` is given one line for each problem, in the thread that looks. Who looks
    only once takes every file as it is: ``fresh_seconds`` is 0.
    """

    def __init__(
        self,
        directory: Path,
        tell: Callable[[str], object],
        *,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._fresh_seconds = fresh_seconds
        self._directory = directory
        self._tell = tell
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._rules = OwnRules()
        self._problems: tuple[Problem, ...] = ()
        self._told: frozenset[tuple[Problem, _Stamp | None]] = frozenset()
        self._directory_problem: Problem | None = None

    def look(self) -> OwnRules:
        """Return the rules, after one look at the directory and each of its files."""
        with self._lock:
            if self._look():
                self._put_together()
            return self._rules

    def tell_news(self) -> None:
        """Tell what is wrong and was not told since its file changed last.

        What is wrong with a file that is perhaps still being written has time.
        """
        for problem in self._news():
            self._tell(problem.told)

    def _news(self) -> tuple[Problem, ...]:
        with self._lock:
            stamps = {
                shown(self._directory / name): known.stamp
                for name, known in self._known.items()
            }
            wrong = {
                (problem, stamps.get(problem.file, _ABSENT))
                for problem in (*self._problems, *self._slow())
            }
            settled = frozenset(pair for pair in wrong if pair[1] is not None)
            new = settled - self._told
            self._told = settled
        problems = (problem for problem, _stamp in new)
        return tuple(sorted(problems, key=lambda problem: problem.place))

    def _look(self) -> bool:
        """Read what is new; tell whether anything is."""
        found, problem = _files(self._directory)
        is_changed = problem != self._directory_problem
        self._directory_problem = problem
        for name in self._known.keys() - found.keys():
            del self._known[name]
            is_changed = True
        for name, stamp in found.items():
            known = self._known.setdefault(name, _Known())
            if stamp != known.stamp:
                is_changed = self._read(known, name, stamp) or is_changed
        return is_changed

    def _read(self, known: _Known, name: str, stamp: _Stamp) -> bool:
        """Read a file; tell whether it says something new."""
        now = read_file(self._directory / name, shown(self._directory / name))
        is_new = now != known.now
        known.stamp = None if self._is_fresh(stamp) else stamp
        known.now = now
        if not now.problems:
            known.good = now
        return is_new

    def _is_fresh(self, stamp: _Stamp) -> bool:
        return abs(time.time() - stamp[1] / 1e9) < self._fresh_seconds

    def _put_together(self) -> None:
        files = {
            shown(self._directory / name): self._known[name]
            for name in sorted(self._known)
        }
        problems = [self._directory_problem] if self._directory_problem else []
        problems += [
            problem for known in files.values() for problem in known.now.problems
        ]
        good, taken = without_taken({path: known.good for path, known in files.items()})
        self._rules = own_rules(good)
        self._problems = (*problems, *taken)

    def _slow(self) -> list[Problem]:
        slow = self._rules.slow
        return [
            Problem(
                shown(self._directory / rule.origin.partition("/")[2]),
                _("a pattern takes too long; the rule is left out"),
                rule=rule.id,
                hint=_("nested repeats like (a+)+ do that"),
            )
            for rule in self._rules.book.rules
            if rule.id in slow
        ]


def own_rules(files: Iterable[OwnFile]) -> OwnRules:
    """Return the rules of several files, whose ids differ, for use."""
    kept = tuple(files)
    return OwnRules(
        (rule for file in kept for rule in file.rules),
        (name for file in kept for name in file.off),
    )


def without_taken(
    files: Mapping[str, OwnFile],
) -> tuple[list[OwnFile], list[Problem]]:
    """Leave out files with an id that one before them has."""
    owners: dict[str, str] = {}
    kept, problems = [], []
    for path, file in files.items():
        taken = [
            (rule.id, line)
            for rule, line in zip(file.rules, file.lines, strict=True)
            if rule.id in owners
        ]
        for rule_id, line in taken:
            told = _("the id is taken by a rule in {file}")
            message = told.format(file=Path(owners[rule_id]).name)
            hint = _("give it another")
            problems.append(Problem(path, message, line, rule_id, hint))
        if not taken:
            kept.append(file)
            owners |= dict.fromkeys((rule.id for rule in file.rules), path)
    return kept, problems


def shown(path: Path) -> str:
    """Return a path as people write it, from the home directory."""
    home = os.path.expanduser("~")  # noqa: PTH111 - the other one may raise
    text = str(path)
    return f"~{text[len(home) :]}" if text.startswith(f"{home}/") else text


def read_file(path: Path, place: str) -> OwnFile:
    """Read one file, whatever it is; ``place`` is how problems call it."""
    try:
        # A pipe must not keep us waiting, a terminal not become ours.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _refused(place, _("this is no regular file"))
            data = file.read(FILE_LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _refused(place, _("cannot be read: {reason}").format(reason=reason))
    if len(data) > FILE_LIMIT_BYTES:
        return _refused(
            place,
            _("is larger than {limit} bytes").format(limit=FILE_LIMIT_BYTES),
            _("split it in two"),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return OwnFile(problems=(Problem(place, _("is not UTF-8"), line),))
    return read_own_file(text.replace("\r\n", "\n"), name=path.name, shown=place)


def _refused(place: str, message: str, hint: str = "") -> OwnFile:
    return OwnFile(problems=(Problem(place, message, hint=hint),))


def rule_files(directory: Path) -> tuple[list[Path], Problem | None]:
    """Return the rule files in a directory, and what is wrong with it."""
    try:
        with os.scandir(directory) as entries:
            seen = [entry.name for entry in itertools.islice(entries, ENTRIES_LIMIT)]
    except FileNotFoundError:
        return [], None
    except OSError as error:
        told = _("cannot be read: {reason}").format(reason=error.strerror)
        return [], Problem(shown(directory), told)
    names = [n for n in seen if n.endswith(SUFFIX) and not n.startswith(".")]
    problem = None
    if len(names) > FILES_LIMIT:
        hint = _("put rules together in files")
        told = _("only the first {limit} files are read").format(limit=FILES_LIMIT)
        problem = Problem(shown(directory), told, hint=hint)
    return [directory / name for name in sorted(names)[:FILES_LIMIT]], problem


def _files(directory: Path) -> tuple[dict[str, _Stamp], Problem | None]:
    """Return the rule files by name, each with what changes when the file does."""
    paths, problem = rule_files(directory)
    return {path.name: _stamp(path) for path in paths}, problem


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return _ABSENT
    # A new mode changes only the last of them.
    return status.st_ino, status.st_mtime_ns, status.st_size, status.st_ctime_ns
