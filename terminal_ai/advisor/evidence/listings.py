"""Paths of a command line against the directory listings the caller gathered."""

import re
from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import CommandLine, Word, parse, quote
from terminal_ai.records import Surroundings

LISTED_DIRECTORIES_LIMIT = 8
LISTED_DEPTH_LIMIT = 5
NAME_CUTOFF = 0.62
OTHER_ENDING_PENALTY = 0.14
# The rest of a corrected path is not there either: it may be about to be made.
MISSING_REST_WEIGHT = 0.9

_PYTHON_PROGRAM = re.compile(
    r"python|pytest|uvicorn|gunicorn|hypercorn|flask|celery|uv$|poetry"
)
# "server.js": a name that says what kind of file it is.
_FILE_NAME = re.compile(r"\w[\w.-]*\.[A-Za-z]\w{0,9}")
# Not hidden, and not what tools fill with other people's files.
_OWN_DIRECTORY = re.compile(r"(?!node_modules/|venv/|vendor/|target/|build/|dist/)\w")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::\w+)?")


def listing_directories(command_line: str) -> tuple[str, ...]:
    """Return the directories, as written, whose names help to correct this line.

    "." is always first; then, for each path in the line, its parents from the top.
    A module of Python (``tests.test_app``, ``app.main:app``) is a path as well.
    """
    found: dict[str, None] = {".": None}
    line = parse(command_line)
    paths = [_path_of(word) for word in path_words(line)]
    # "HEAD:src/app.py" names a file in a directory that is here too.
    paths += [path.rpartition(":")[2] for path in paths if ":" in path]
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


def nearby_directories(
    command_line: str, listings: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return directories worth listing next: those that corrected paths go through.

    ``scr/componnt/x`` needs the names in ``src``, then those in ``src/component``.
    """
    found: dict[str, None] = {}
    for word in path_words(parse(command_line)):
        path = _path_of(word)
        found |= dict.fromkeys(_nearby(split_path(path), listings))
        found |= dict.fromkeys(_below(path, listings))
    return tuple(directory for directory in found if directory not in listings)


def _nearby(parts: list[str], listings: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for index, part in enumerate(parts[:-1]):
        if part in ("/", "~", ".", ".."):
            continue
        names = listings.get(join_path(parts[:index]) or ".", ())
        if f"{part}/" in names:
            continue
        for match in closest(part, _pool(names, False), limit=1, cutoff=NAME_CUTOFF):
            right = [*parts[:index], match.name, *parts[index + 1 :]]
            yield join_path(right[: index + 1])
            yield from _nearby(right, listings)
        return


def _below(path: str, listings: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield the directories here, one of which may hold a file that is not here."""
    names = listings.get(".", ())
    if _FILE_NAME.fullmatch(path) and path not in names:
        for name in names:
            if name.endswith("/") and _OWN_DIRECTORY.match(name):
                yield name.rstrip("/")


def found_below(path: str, surroundings: Surroundings) -> str:
    """Return where a file of this name is, one directory down, or ""."""
    if not _FILE_NAME.fullmatch(path):
        return ""
    listings = surroundings.listings
    found = [
        f"{directory}/{path}"
        for directory, names in listings.items()
        if f"{directory}/" in listings.get(".", ()) and path in names
    ]
    return found[0] if len(found) == 1 else ""


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
    """Return existing paths near ``path``: its missing parts are replaced."""
    ending = "/" if path.endswith("/") else ""
    found = _corrected(split_path(path), 0, surroundings, directories_only)
    best = sorted(found, key=lambda match: -match.score)[:3]
    return tuple(Match(match.name + ending, match.score) for match in best)


def _corrected(
    parts: list[str], start: int, surroundings: Surroundings, directories_only: bool
) -> Iterator[Match]:
    for index in range(start, len(parts)):
        part = parts[index]
        if part in ("/", "~", ".", ".."):
            continue
        names = _names_in(join_path(parts[:index]), surroundings)
        if names is None:
            return
        if part in names or f"{part}/" in names:
            continue
        is_last = index == len(parts) - 1
        pool = _pool(names, is_last and not directories_only)
        for match in _closest_names(part, pool):
            right = [*parts[:index], match.name, *parts[index + 1 :]]
            yield from _whole(right, index, match.score, surroundings, directories_only)
        return


def _whole(
    parts: list[str],
    index: int,
    score: float,
    surroundings: Surroundings,
    directories_only: bool,
) -> Iterator[Match]:
    """Yield the path whose part ``index`` was replaced, and what follows corrected."""
    rest = list(_corrected(parts, index + 1, surroundings, directories_only))
    for match in rest:
        yield Match(match.name, score * match.score)
    if not rest:
        is_there = exists(join_path(parts), surroundings)
        doubt = MISSING_REST_WEIGHT if is_there is False else 1.0
        yield Match(join_path(parts), score * doubt)


def _closest_names(wrong: str, pool: list[str]) -> list[Match]:
    """Return the near names; another kind of file is a bit less likely meant.

    ``env`` may be ``.env``; of names that differ by more than their case, one with
    the same ending comes first.
    """
    shown = {name.lstrip(".") or name: name for name in pool if name.startswith(".")}
    shown |= {name: name for name in pool}
    found: dict[str, float] = {}
    for match in closest(wrong, shown, limit=6, cutoff=NAME_CUTOFF):
        score = match.score - _ending_penalty(wrong, match.name)
        name = shown[match.name]
        if score >= NAME_CUTOFF and name != wrong:
            found[name] = max(found.get(name, 0.0), score)
    if wrong in shown and shown[wrong] != wrong:
        found[shown[wrong]] = 0.95
    ranked = sorted(found, key=lambda name: -found[name])
    return [Match(name, found[name]) for name in ranked[:3]]


def _ending_penalty(wrong: str, name: str) -> float:
    stem, _, ending = wrong.lower().rpartition(".")
    other_stem, _, other = name.lower().rpartition(".")
    if not stem or not other_stem or ending == other or stem == other_stem:
        return 0.0
    is_mistyped = OSA.distance(ending, other, score_cutoff=1) <= 1
    return 0.0 if is_mistyped else OTHER_ENDING_PENALTY


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
