"""Paths of a command line against the directory listings the caller gathered."""

import re
from collections.abc import Iterator

from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import CommandLine, Word, parse, quote
from terminal_ai.records import Surroundings

LISTED_DIRECTORIES_LIMIT = 8
LISTED_DEPTH_LIMIT = 5
NAME_CUTOFF = 0.62

_PYTHON_PROGRAM = re.compile(
    r"python|pytest|uvicorn|gunicorn|hypercorn|flask|celery|uv$|poetry"
)
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::\w+)?")


def listing_directories(command_line: str) -> tuple[str, ...]:
    """Return the directories, as written, whose names help to correct this line.

    "." is always first; then, for each path in the line, its parents from the top.
    A module of Python (``tests.test_app``, ``app.main:app``) is a path as well.
    """
    found: dict[str, None] = {".": None}
    line = parse(command_line)
    paths = [_path_of(word) for word in path_words(line)]
    if any(_PYTHON_PROGRAM.match(command.program) for command in line.commands):
        paths += [module_path(path) for path in paths if _MODULE.fullmatch(path)]
    for path in paths:
        for parent in _parents(path):
            if len(found) < LISTED_DIRECTORIES_LIMIT:
                found[parent] = None
    return tuple(found)


def module_path(module: str) -> str:
    """Return the path of a dotted module, without its suffix."""
    return module.partition(":")[0].replace(".", "/")


def path_words(line: CommandLine) -> Iterator[Word]:
    """Yield every word that may name a file, redirection targets included."""
    yield from line.words
    for command in line.commands:
        for redirection in command.redirections:
            if redirection.target:
                yield redirection.target


def _path_of(word: Word) -> str:
    value = word.value
    if word.is_option:
        value = value.partition("=")[2]
    return "" if "://" in value or not value.isprintable() else value


def _parents(path: str) -> list[str]:
    """Return the directories above ``path``, outermost first, at most five."""
    parts = split_path(path)
    parents = [join_path(parts[:end]) for end in range(1, len(parts))]
    return [parent for parent in parents if parent][-LISTED_DEPTH_LIMIT:]


def split_path(path: str) -> list[str]:
    """Split at slashes; an absolute path starts with the part "/"."""
    parts = [part for part in path.split("/") if part]
    return ["/", *parts] if path.startswith("/") else parts


def join_path(parts: list[str]) -> str:
    """Put the parts of ``split_path`` together again."""
    if parts[:1] == ["/"]:
        return "/" + "/".join(parts[1:])
    return "/".join(parts)


def exists(path: str, surroundings: Surroundings) -> bool | None:
    """Return whether the listings show ``path``; None where they cannot tell."""
    parts = split_path(path)
    if not parts or parts[-1] in ("/", ".", "..", "~"):
        return True if parts else None
    names = _names_in(join_path(parts[:-1]), surroundings)
    if names is None:
        return None
    return parts[-1] in names or f"{parts[-1]}/" in names


def is_directory(path: str, surroundings: Surroundings) -> bool | None:
    """Return whether the listings show ``path`` as a directory; None if unknown."""
    parts = split_path(path)
    names = _names_in(join_path(parts[:-1]), surroundings) if parts else None
    if names is None:
        return None
    return f"{parts[-1]}/" in names


def corrections(
    path: str, surroundings: Surroundings, *, directories_only: bool = False
) -> tuple[Match, ...]:
    """Return existing paths near ``path``: its first missing part is replaced."""
    parts = split_path(path)
    for index, part in enumerate(parts):
        if part in ("/", "~", ".", ".."):
            continue
        names = _names_in(join_path(parts[:index]), surroundings)
        if names is None:
            return ()
        if part in names or f"{part}/" in names:
            continue
        is_last = index == len(parts) - 1
        pool = _pool(names, is_last and not directories_only)
        trailing = "/" if path.endswith("/") and is_last else ""
        return tuple(
            Match(
                join_path([*parts[:index], match.name, *parts[index + 1 :]]) + trailing,
                match.score,
            )
            for match in closest(part, pool, limit=3, cutoff=NAME_CUTOFF)
        )
    return ()


def _pool(names: tuple[str, ...], with_files: bool) -> list[str]:
    marked = [name.rstrip("/") for name in names if name.endswith("/")]
    if with_files or not marked:
        return [name.rstrip("/") for name in names]
    return marked


def _names_in(directory: str, surroundings: Surroundings) -> tuple[str, ...] | None:
    return surroundings.listings.get(directory or ".")


def quoted_path(path: str) -> str:
    """Quote a path for the command line; a leading dash must not become an option."""
    return quote(f"./{path}" if path.startswith("-") else path)
