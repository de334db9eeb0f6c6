"""A program that does not exist: which one was meant, or which package has it."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.command_line import SimpleCommand, Word
from terminal_ai.advisor.failure import Failure
from terminal_ai.advisor.finding import Finding, Fix
from terminal_ai.advisor.knowledge import Knowledge
from terminal_ai.advisor.similar import Match, closest
from terminal_ai.messages import gettext as _

NOT_FOUND_EXIT_CODE = 127
NAME_CUTOFF = 0.62
# The shortest program name that may be split off a word typed without a space.
SPLIT_MINIMUM = 2

_NOT_FOUND = (
    re.compile(
        r"^(?:\S+: )*?(?P<name>[^\s:'][^:'\n]*|'[^'\n]+'): command not found", re.M
    ),
    re.compile(
        r"^(?:env|nohup|timeout|time|xargs|nice|watch|exec|sudo): (?:failed to run"
        r" command |cannot run )?'?(?P<name>[^\s':]+)'?: No such file or directory",
        re.M,
    ),
    re.compile(r"^'(?P<name>[^'\n]+)' is not recogni[sz]ed as", re.M),
    re.compile(r"^exec: (?P<name>\S+): not found", re.M),
)
_PACKAGE_MANAGERS = (
    ("apt", "apt install {package}"),
    ("dnf", "dnf install {package}"),
    ("pacman", "pacman -S {package}"),
    ("apk", "apk add {package}"),
    ("zypper", "zypper install {package}"),
    ("brew", "brew install {package}"),
)
# These install for the user and want no root.
_USER_MANAGERS = frozenset(("brew",))
_INTERPRETERS = {
    ".py": ("python", "python3"),
    ".js": ("node",),
    ".mjs": ("node",),
    ".rb": ("ruby",),
    ".pl": ("perl",),
    ".php": ("php",),
    ".sh": ("bash", "sh"),
    ".lua": ("lua",),
    ".jar": ("java -jar",),
}


def correct_program(failure: Failure, knowledge: Knowledge) -> Iterable[Finding]:
    """Explain "command not found" and name the programs that were probably meant."""
    name, evidence = _missing_name(failure)
    if not name:
        return
    found = _place(failure, name)
    if found is None:
        yield Finding(
            "not-found-inside",
            _("{name} was not found.").format(name=name),
            _(
                "Something that the command started needs {name}, and no program of"
                " that name is on PATH."
            ).format(name=name),
            evidence,
            weight=0.6,
        )
        return
    command, word = found
    fixes = list(_fixes(failure, command, word, knowledge))
    package, install = _package(word.value, failure, knowledge)
    if install and failure.surroundings.is_root:
        fixes.append(Fix(install, 0.5))
    if fixes and (not install or max(fix.confidence for fix in fixes) > 0.7):
        why = _("No program named {name} is on PATH; the name looks mistyped.").format(
            name=name
        )
    elif install:
        why = _(
            "No program named {name} is on PATH. The package {package} provides it:"
            " {install}."
        ).format(name=name, package=package, install=install)
    else:
        why = _(
            "No program named {name} is on PATH. It is not installed, or its directory"
            " is missing from PATH."
        ).format(name=name)
    yield Finding(
        "command-not-found",
        _("{name} was not found.").format(name=name),
        why,
        evidence,
        weight=0.9,
        fixes=tuple(fixes),
    )


def _missing_name(failure: Failure) -> tuple[str, str]:
    for pattern in _NOT_FOUND:
        if match := pattern.search(failure.output):
            return match["name"].strip("'"), failure.evidence(match[0])
    command = failure.culprit
    programs = failure.surroundings.programs
    if (
        failure.exit_code == NOT_FOUND_EXIT_CODE
        and not failure.output_lines
        and command
        and command.words
        and "/" not in command.words[0].value
        and command.program not in programs
    ):
        return command.program, ""
    return "", ""


def _place(failure: Failure, name: str) -> tuple[SimpleCommand, Word] | None:
    """Return where the missing name stands in the line, programs first."""
    for command in failure.line.commands:
        if command.words and name in (command.words[0].value, command.words[0].text):
            return command, command.words[0]
    for command in failure.line.commands:
        for word in (*command.prefix, *command.words):
            if word.value == name:
                return command, word
    return None


def _fixes(
    failure: Failure, command: SimpleCommand, word: Word, knowledge: Knowledge
) -> Iterator[Fix]:
    programs = failure.surroundings.programs
    name = word.value
    replace = failure.line.replace
    if "/" in name:
        return
    for command_line, confidence in _split_words(command, word, programs, knowledge):
        start, end, text = command_line
        yield Fix(replace(start, end, text), confidence)
    for match in _near_programs(name, failure, knowledge):
        boost = _history_boost(failure, word, match.name)
        yield Fix(replace(word.start, word.end, match.name), match.score + boost)
    yield from _files(failure, command, word)


def _near_programs(
    name: str, failure: Failure, knowledge: Knowledge
) -> tuple[Match, ...]:
    programs = failure.surroundings.programs
    names = programs or knowledge.familiar.keys()
    used = _used_programs(failure.surroundings.known_commands)
    familiarity = dict(knowledge.familiar)
    for program in used:
        familiarity[program] = 1.0
    # Two-letter names are near to everything: only a swap or a known alias counts.
    cutoff = NAME_CUTOFF if len(name) > 2 else 0.8
    pool = [candidate for candidate in names if len(candidate) > 1]
    return closest(name, pool, limit=3, cutoff=cutoff, familiarity=familiarity)


def _used_programs(known_commands: Iterable[str]) -> frozenset[str]:
    return frozenset(
        words[0] for line in known_commands if (words := line.split(maxsplit=1))
    )


def _history_boost(failure: Failure, word: Word, name: str) -> float:
    """Return a bonus for a corrected line that has worked before."""
    corrected = failure.line.replace(word.start, word.end, name).strip()
    return 0.2 if corrected in failure.surroundings.known_commands else 0.0


def _split_words(
    command: SimpleCommand,
    word: Word,
    programs: frozenset[str],
    knowledge: Knowledge,
) -> Iterator[tuple[tuple[int, int, str], float]]:
    """Yield edits for a missing or misplaced space: ``cd..``, ``gitstatus``, ``gi tlog``."""
    name = word.value
    known = programs or frozenset(knowledge.familiar)
    for cut in range(len(name) - 1, SPLIT_MINIMUM - 1, -1):
        head, tail = name[:cut], name[cut:]
        if head not in known or head not in knowledge.familiar:
            continue
        confidence = _tail_confidence(head, tail, known, knowledge)
        if confidence:
            text = f"{head} {tail.lstrip('-') if confidence == 0.93 else tail}"
            yield (word.start, word.end, text), confidence
    following = next((w for w in command.words if w.start > word.end), None)
    if following is None or following.start != word.end + 1:
        return
    joined = name + following.value
    for cut in (len(name) + 1, len(name) - 1, len(joined)):
        head, tail = joined[:cut], joined[cut:]
        subcommands = knowledge.vocabularies.get(head, ())
        if head in known and (tail in subcommands or (not tail and len(name) == 1)):
            yield (word.start, following.end, f"{head} {tail}".strip()), 0.95


def _tail_confidence(
    head: str, tail: str, programs: frozenset[str], knowledge: Knowledge
) -> float:
    """Return how likely ``head`` + ``tail`` was meant as two words; 0 for not at all."""
    subcommands = knowledge.vocabularies.get(head, ())
    if tail.startswith("-"):
        return 0.93 if tail[1:] in subcommands else 0.9 * (len(tail) > 1)
    if head in ("cd", "ls", "cat") and re.match(r"\.\.?(?:/|$)|~|/", tail):
        return 0.97
    if tail in subcommands:
        return 0.95
    if head in ("man", "sudo", "which", "time", "watch") and tail in programs:
        return 0.9
    return 0.0


def _files(failure: Failure, command: SimpleCommand, word: Word) -> Iterator[Fix]:
    """A file of this directory was given as if it were a program."""
    names = failure.surroundings.listings.get(".", ())
    if word.value not in names or word is not command.words[0]:
        return
    replace = failure.line.replace
    for interpreter in interpreters(word.value, failure.surroundings.programs):
        yield Fix(replace(word.start, word.end, f"{interpreter} {word.text}"), 0.92)
    yield Fix(replace(word.start, word.end, f"./{word.text}"), 0.9)


def interpreters(name: str, programs: frozenset[str]) -> tuple[str, ...]:
    """Return the program that runs a file of this name, the first one installed."""
    suffix = name[name.rfind(".") :] if "." in name else ""
    for candidate in _INTERPRETERS.get(suffix, ()):
        if not programs or candidate.split()[0] in programs:
            return (candidate,)
    return ()


def _package(name: str, failure: Failure, knowledge: Knowledge) -> tuple[str, str]:
    """Return the package with this program and the command that installs it, or ""."""
    packages = knowledge.tables.get("program_packages", {})
    package = packages.get(name, "")
    if not package:
        return "", ""
    programs = failure.surroundings.programs
    for manager, command in _PACKAGE_MANAGERS:
        if manager in programs:
            needs_root = manager not in _USER_MANAGERS
            prefix = "sudo " if needs_root and not failure.surroundings.is_root else ""
            return package, prefix + command.format(package=package)
    return "", ""
