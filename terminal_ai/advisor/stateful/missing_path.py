"""A path that does not exist: close names from the listings, or missing parents."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import (
    corrections,
    exists,
    found_below,
    is_directory,
    join_path,
    path_words,
    quoted_path,
    split_path,
)
from terminal_ai.advisor.evidence.similar import Match
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.stateful.spacing import respace, upwards
from terminal_ai.messages import gettext as _

# A tool that misses one thing may say so a thousand times.
ERROR_LINES_LIMIT = 20
# From here on a name is rather mistyped than new.
CLOSE_SCORE = 0.78
# The very name, but in another directory.
BELOW_CONFIDENCE = 0.82

_MISSING = Wording(
    r"no such file or directory|can(?:'t|not) (?:open|find|read|access)"
    r"|cannot find module '/|can't cd to"
    r"|(?:file|directory|path)(?: or directory)? (?:not found|does not exist)"
    r"|does not exist|cannot find or open|no such file|failed to open"
    r"|file '[^']*' (?:not found|does not exist)"
    r"|no such directory|enoent|not found in the current directory"
    r"|could not (?:open|find|create) (?:the )?(?:output )?file|nonexistent"
    r"|cannot create extraction directory"
    # A name with a slash at its end that nothing has.
    r"|cannot create regular file '[^']*/': not a directory",
    re.IGNORECASE,
)
# "Cannot open" for a reason that is not absence.
_OTHERWISE = Wording(
    r"(?<!/': )not a directory|is a directory|denied|not permitted|read-only|no space"
    r"|busy"
    r"|file exists|too many|not empty",
    re.IGNORECASE,
)
_CREATING_PROGRAMS = frozenset(("mv", "cp", "touch", "ln", "tee", "install", "rsync"))
_DESTINATION_PROGRAMS = frozenset(("mv", "cp", "install", "rsync"))
# What is written to, by the program and the option before it, or by its place.
_OUTPUT_OPTIONS = frozenset(("-o", "-O", "--output", "--out", "--output-document"))
_ARCHIVE_OPTIONS = re.compile(r"-?[a-zA-Z]*c[a-zA-Z]*f|-f|--file")
_ARCHIVERS = frozenset(("zip", "jar"))
_UNPACKING_OPTIONS = {
    "tar": frozenset(("-C", "--directory")),
    "unzip": frozenset(("-d",)),
    "bsdtar": frozenset(("-C",)),
}
# Old tools blame "directory X" when it is the destination that is missing.
_NO_DESTINATION = Wording(r"^(?:cp|mv): directory (?P<path>\S+) does not exist", re.M)
_DIRECTORY_PROGRAMS = frozenset(("cd", "pushd", "rmdir", "z"))


def correct_path(failure: Failure) -> Iterable[Finding]:
    """Explain a missing file and name the paths that were probably meant."""
    lines = [
        line
        for line in _MISSING.lines(failure.output, failure.output_lines)
        if not _OTHERWISE.search(line)
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
    if path.startswith("~/"):
        whole = failure.surroundings.home + path[1:]
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
    unquoted = tuple(_unquoted(command, word, failure))
    near = () if unquoted else _near(command, word, failure)
    is_output = _is_output(command, word)
    below = "" if is_output or is_program else found_below(path, failure.surroundings)
    fixes = [
        *unquoted,
        *(Fix(_replaced(word, path, m.name, failure), m.score) for m in near),
    ]
    if below:
        fixes.append(Fix(_replaced(word, path, below, failure), BELOW_CONFIDENCE))
    if is_program:
        fixes += respace(failure, command, word)
    fixes += _creating(command, word, is_output, failure, near)
    what = _("{path} does not exist.").format(path=path)
    if near or unquoted:
        why = _("A name close to it does exist there.")
    elif below:
        why = _("A file of that name is in a directory below this one.")
    elif is_output or command.program in _CREATING_PROGRAMS:
        why = _("The directory it should be created in does not exist yet.")
    else:
        why = _("Check the spelling, and the directory you are in: {cwd}.").format(
            cwd=failure.cwd or "."
        )
    return Finding("missing-path", what, why, line, 0.75, tuple(fixes))


def _near(command: SimpleCommand, word: Word, failure: Failure) -> tuple[Match, ...]:
    """Return the paths that were probably meant, none that stands in the line."""
    is_program = word is command.words[0] if command.words else False
    wants_directory = command.program in _DIRECTORY_PROGRAMS and not is_program
    others = {other.value for other in command.words if other is not word}
    found = corrections(
        _path(word), failure.surroundings, directories_only=wants_directory
    )
    return tuple(match for match in found if match.name not in others)


def _is_output(command: SimpleCommand, word: Word) -> bool:
    """Return True for the name of a file that the command is to write."""
    if any(redirection.target is word for redirection in command.redirections):
        return True
    program = command.program
    if program in ("touch", "tee", "ln"):
        return True
    if word.is_option:
        return word.value.partition("=")[0] in _OUTPUT_OPTIONS
    before = next((w for w in command.words if w.end == word.start - 1), None)
    if before and before.value in _OUTPUT_OPTIONS:
        return True
    if program == "tar" and before:
        return bool(_ARCHIVE_OPTIONS.fullmatch(before.value)) and any(
            re.fullmatch(r"-?[a-zA-Z]*c[a-zA-Z]*|--create", other.value)
            for other in command.arguments
        )
    return program in _ARCHIVERS and word in command.operands[:1]


def _unquoted(command: SimpleCommand, word: Word, failure: Failure) -> Iterator[Fix]:
    """A name with spaces was typed without quotes."""
    words = [other for other in command.words if other.start >= word.start]
    for last in reversed(words[1:]):
        name = failure.line.text[word.start : last.end]
        if exists(name, failure.surroundings):
            line = failure.line.replace(word.start, last.end, quoted_path(name))
            yield Fix(line, 0.97)
            return


def _replaced(word: Word, path: str, by: str, failure: Failure) -> str:
    at = word.end - len(path) if word.is_option else word.start
    if word.is_option and not word.text.endswith(path):
        at = word.start
    return failure.line.replace(at, word.end, quoted_path(by))


def _creating(
    command: SimpleCommand,
    word: Word,
    is_output: bool,
    failure: Failure,
    near: tuple[Match, ...],
) -> Iterator[Fix]:
    """Yield fixes that create the directory which was taken for granted."""
    line = failure.line.text.strip()
    path = _path(word)
    parent = join_path(split_path(path)[:-1])
    doubt = 0.15 if near and near[0].score >= CLOSE_SCORE else 0.0
    options = _UNPACKING_OPTIONS.get(command.program, frozenset())
    before = next((w for w in command.words if w.end == word.start - 1), None)
    if command.program in ("cd", "pushd") and (up := upwards(path)):
        yield Fix(failure.line.replace(word.start, word.end, up), 0.97)
    elif command.program in ("cd", "pushd") and not is_output:
        yield Fix(f"mkdir -p {quoted_path(path)} && {line}", 0.4 if near else 0.55)
    elif before and before.value in options:
        yield Fix(f"mkdir -p {quoted_path(path)} && {line}", 0.85 - doubt)
    elif is_output and parent and not is_directory(parent, failure.surroundings):
        yield Fix(f"mkdir -p {quoted_path(parent)} && {line}", 0.85 - doubt)


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
    is_blamed = any(destination.value.rstrip("/") in line for line in lines)
    is_blamed = is_blamed or bool(_NO_DESTINATION.search(failure.output))
    is_source_missing = any(
        exists(source.value, surroundings) is False
        and any(source.value in line for line in lines)
        for source in sources
    )
    if is_directory(directory, surroundings) or (is_source_missing and not is_blamed):
        return
    if len(sources) > 1 and exists(directory, surroundings):
        return
    text = directory if destination.value != directory else destination.text
    quoted = text if text == destination.text else quoted_path(text)
    near = _near(command, destination, failure)
    fixes = [
        Fix(_replaced(destination, destination.value, m.name, failure), m.score)
        for m in near
        if m.score >= CLOSE_SCORE
    ]
    creating = f"mkdir -p {quoted} && {failure.line.text.strip()}"
    yield Finding(
        "missing-destination",
        _("{path} does not exist.").format(path=directory),
        _("The directory it should be created in does not exist yet."),
        lines[0],
        0.8,
        (*fixes, Fix(creating, 0.7 if fixes else 0.9)),
    )
