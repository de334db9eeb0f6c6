"""A missing or misplaced space: ``cd..``, ``gitstatus``, ``gi tlog``."""

import re
from collections.abc import Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Fix
from terminal_ai.advisor.evidence.listings import exists
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word

# The shortest program name that may be split off a word.
HEAD_MINIMUM = 2

_PATH_START = re.compile(r"\.\.?(?:/|$)|~|/|-$")
_MANY_DOTS = re.compile(r"(?P<dots>\.{3,})(?P<rest>/.*)?")
_PATH_PROGRAMS = frozenset(("cd", "ls", "cat"))
_PROGRAM_RUNNERS = frozenset(("man", "sudo", "which", "time", "watch"))
# Programs that take their letters without a dash, or make what they are given.
_BARE_LETTERS = {
    "ps": re.compile(r"[auxefj]{2,4}$"),
    "tar": re.compile(r"[xctzjJv]{1,4}f?$"),
    "chmod": re.compile(r"[ugoa]*[-+=][rwx]+$"),
}
_MAKING_PROGRAMS = frozenset(("mkdir", "touch"))
_MADE_NAME = re.compile(r"[\w.-]{3,}$")


def respace(failure: Failure, command: SimpleCommand, word: Word) -> Iterator[Fix]:
    """Yield the line with a space put in, taken out, or moved by one letter."""
    known = failure.surroundings.programs or frozenset(failure.knowledge.familiar)
    yield from _split(failure, word, known)
    following = next((w for w in command.words if w.start == word.end + 1), None)
    if following:
        yield from _shift(failure, word, following, known)
        yield from _join(failure, word, following, known)


def upwards(path: str) -> str | None:
    """Return ``../..`` for ``...``, as some shells read it; None for another path."""
    match = _MANY_DOTS.fullmatch(path)
    if not match:
        return None
    return "/".join([".."] * (len(match["dots"]) - 1)) + (match["rest"] or "")


def _split(failure: Failure, word: Word, known: frozenset[str]) -> Iterator[Fix]:
    name = word.value
    familiar = failure.knowledge.familiar
    for cut in range(len(name) - 1, HEAD_MINIMUM - 1, -1):
        head, tail = name[:cut], name[cut:]
        # Some are functions of the shell, and stand in no directory of programs.
        is_known = head in known or tail in failure.knowledge.subcommands(head)
        if is_known and head in familiar:
            for second, confidence in _second_word(failure, head, tail, known):
                text = f"{head} {second}"
                line = failure.line.replace(word.start, word.end, text)
                yield Fix(line, confidence, is_spelling=True)


def _second_word(
    failure: Failure, head: str, tail: str, known: frozenset[str]
) -> Iterator[tuple[str, float]]:
    """Yield what ``tail`` was meant as after ``head``, if it was meant as a word."""
    subcommands = failure.knowledge.subcommands(head)
    letters = _BARE_LETTERS.get(head)
    if head == "cd" and (path := upwards(tail)):
        yield path, 0.97
    elif letters and letters.match(tail):
        yield tail, 0.93
    elif tail.startswith("-") and len(tail) > 1:
        is_joined = tail[1:] in subcommands
        yield (tail[1:], 0.93) if is_joined else (tail, 0.96)
    elif head in _PATH_PROGRAMS and _PATH_START.match(tail):
        yield tail, 0.97
    elif tail in subcommands:
        yield tail, 0.95
    elif (head in _PROGRAM_RUNNERS and tail in known) or (
        len(tail) > 1 and exists(tail, failure.surroundings)
    ):
        yield tail, 0.93
    elif head in _MAKING_PROGRAMS and _MADE_NAME.match(tail):
        yield tail, 0.8


def _shift(
    failure: Failure, word: Word, following: Word, known: frozenset[str]
) -> Iterator[Fix]:
    joined = word.value + following.value
    for cut in (len(word.value) + 1, len(word.value) - 1):
        head, tail = joined[:cut], joined[cut:]
        if head in known and tail in failure.knowledge.subcommands(head):
            text = f"{head} {tail}"
            yield Fix(failure.line.replace(word.start, following.end, text), 0.95)


def _join(
    failure: Failure, word: Word, following: Word, known: frozenset[str]
) -> Iterator[Fix]:
    """``g it status``, ``l s``: the space fell into the name."""
    joined = word.value + following.value
    if joined in known and joined in failure.knowledge.familiar:
        yield Fix(failure.line.replace(word.start, following.end, joined), 0.94)
