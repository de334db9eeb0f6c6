"""A path that does not exist: close names from the listings, or missing parents."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import (
    corrections,
    exists,
    is_directory,
    join_path,
    path_words,
    quoted_path,
    split_path,
)
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.stateful.spacing import respace
from terminal_ai.messages import gettext as _

# A tool that misses one thing may say so a thousand times.
ERROR_LINES_LIMIT = 20

_MISSING = re.compile(
    r"no such file or directory|can(?:'t|not) (?:open|find|read|access)"
    r"|cannot find module '/|can't cd to"
    r"|(?:file|directory|path)(?: or directory)? (?:not found|does not exist)"
    r"|does not exist|cannot find or open|no such file|failed to open"
    r"|no such directory|enoent|not found in the current directory"
    r"|could not (?:open|find) (?:the )?file",
    re.IGNORECASE,
)
# "Cannot open" for a reason that is not absence.
_OTHERWISE = re.compile(
    r"not a directory|is a directory|denied|not permitted|read-only|no space|busy"
    r"|file exists|too many|not empty",
    re.IGNORECASE,
)
_CREATING_PROGRAMS = frozenset(("mv", "cp", "touch", "ln", "tee", "install", "rsync"))
_DESTINATION_PROGRAMS = frozenset(("mv", "cp", "install", "rsync"))
_DIRECTORY_PROGRAMS = frozenset(("cd", "pushd", "rmdir", "z"))


def correct_path(failure: Failure) -> Iterable[Finding]:
    """Explain a missing file and name the paths that were probably meant."""
    lines = [
        line
        for line in failure.output_lines
        if _MISSING.search(line) and not _OTHERWISE.search(line)
    ]
    lines = lines[:ERROR_LINES_LIMIT]
    if not lines:
        return
    yield from _missing_destination(failure, lines)
    for word in path_words(failure.line):
        line = _line_about(word, lines, failure)
        if not line or exists(_path(word), failure.surroundings):
            continue
        finding = _about_word(word, line, failure)
        if finding:
            yield finding
            return


def _path(word: Word) -> str:
    return word.value.partition("=")[2] if word.is_option else word.value


def _line_about(word: Word, lines: list[str], failure: Failure) -> str:
    """Return the error line that names this word, whole or as an absolute path."""
    path = _path(word)
    if not path:
        return ""
    whole = join_path([*split_path(failure.cwd), *split_path(path)])
    for line in lines:
        for form in (path, path.rstrip("/"), whole):
            if (
                form
                and form in line
                and re.search(rf"(?<![\w./-]){re.escape(form)}(?![\w-]|\.\w|/\w)", line)
            ):
                return line
    return ""


def _about_word(word: Word, line: str, failure: Failure) -> Finding | None:
    command = next(
        (c for c in failure.line.commands if c.start <= word.start < c.end),
        None,
    )
    if command is None:
        return None
    path = _path(word)
    is_program = bool(command.words) and word is command.words[0]
    if is_program and "/" not in path:
        return None
    wants_directory = command.program in _DIRECTORY_PROGRAMS and not is_program
    others = {other.value for other in command.words if other is not word}
    near = tuple(
        match
        for match in corrections(
            path, failure.surroundings, directories_only=wants_directory
        )
        if match.name not in others
    )
    fixes = [
        Fix(_replaced(word, path, match.name, failure), match.score) for match in near
    ]
    fixes += _unquoted(command, word, failure)
    if is_program:
        fixes += respace(failure, command, word)
    is_target = any(r.target is word for r in command.redirections)
    fixes += _creating(command, word, is_target, failure, has_near=bool(near))
    what = _("{path} does not exist.").format(path=path)
    if near:
        why = _("A name close to it does exist there.")
    elif is_target or command.program in _CREATING_PROGRAMS:
        why = _("The directory it should be created in does not exist yet.")
    else:
        why = _("Check the spelling, and the directory you are in: {cwd}.").format(
            cwd=failure.cwd or "."
        )
    return Finding("missing-path", what, why, line, 0.75, tuple(fixes))


def _unquoted(command: SimpleCommand, word: Word, failure: Failure) -> Iterator[Fix]:
    """A name with spaces was typed without quotes."""
    words = [other for other in command.words if other.start >= word.start]
    for last in words[1:]:
        name = failure.line.text[word.start : last.end]
        if exists(name, failure.surroundings):
            line = failure.line.replace(word.start, last.end, quoted_path(name))
            yield Fix(line, 0.97)


def _replaced(word: Word, path: str, by: str, failure: Failure) -> str:
    at = word.end - len(path) if word.is_option else word.start
    if word.is_option and not word.text.endswith(path):
        at = word.start
    return failure.line.replace(at, word.end, quoted_path(by))


def _creating(
    command: SimpleCommand,
    word: Word,
    is_target: bool,
    failure: Failure,
    *,
    has_near: bool,
) -> Iterator[Fix]:
    """Yield fixes that create the directory which was taken for granted."""
    line = failure.line.text.strip()
    path = _path(word)
    parent = join_path(split_path(path)[:-1])
    if command.program in ("cd", "pushd") and not is_target:
        yield Fix(f"mkdir -p {quoted_path(path)} && {line}", 0.4 if has_near else 0.55)
    elif (is_target or command.program in ("touch", "tee", "ln")) and parent:
        yield Fix(f"mkdir -p {quoted_path(parent)} && {line}", 0.85)


def _missing_destination(failure: Failure, lines: list[str]) -> Iterator[Finding]:
    """``cp a b/c`` where ``b`` does not exist."""
    command = failure.culprit
    if command is None or command.program not in _DESTINATION_PROGRAMS:
        return
    operands = command.operands
    if len(operands) < 2:
        return
    surroundings = failure.surroundings
    destination = operands[-1]
    sources = operands[:-1]
    directory = destination.value
    if not directory.endswith("/") and len(sources) == 1:
        directory = join_path(split_path(directory)[:-1])
    if not directory.strip("/.~"):
        return
    if any(
        exists(source.value, surroundings) is False for source in sources
    ) and not any(destination.value.rstrip("/") in line for line in lines):
        return
    if is_directory(directory, surroundings):
        return
    text = directory if destination.value != directory else destination.text
    quoted = text if text == destination.text else quoted_path(text)
    yield Finding(
        "missing-destination",
        _("{path} does not exist.").format(path=directory),
        _("The directory it should be created in does not exist yet."),
        lines[0],
        0.8,
        (Fix(f"mkdir -p {quoted} && {failure.line.text.strip()}", 0.9),),
    )
