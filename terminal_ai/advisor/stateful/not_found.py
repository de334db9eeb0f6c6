"""A program that does not exist: which one was meant, or which package has it."""

import re
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.habits import used_words
from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.advisor.stateful.spacing import respace
from terminal_ai.messages import gettext as _

NOT_FOUND_EXIT_CODE = 127
NAME_CUTOFF = 0.62
CERTAIN_CUTOFF = 0.78
# Short names are near to everything: only a swap, or a program in daily use, counts.
SHORT_LENGTH = 3
SCORE_WINDOW = 0.2

_NOT_FOUND = (
    Wording(
        r"^(?:\S+: )*?(?P<name>[^\s:'][^:'\n]*|'[^'\n]+'): command not found", re.M
    ),
    Wording(
        r"^(?:env|nohup|timeout|time|xargs|nice|watch|exec|sudo): (?:failed to run"
        r" command |cannot run )?'?(?P<name>[^\s':]+)'?: No such file or directory",
        re.M,
    ),
    Wording(r"^'(?P<name>[^'\n]+)' is not recogni[sz]ed as", re.M),
    Wording(r"^exec: (?P<name>\S+): not found", re.M),
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


def correct_program(failure: Failure) -> Iterable[Finding]:
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
    if _is_subcommand(command, word, failure):
        return
    fixes = list(_fixes(failure, command, word))
    package, install = _package(word.value, failure)
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


def _is_subcommand(command: SimpleCommand, word: Word, failure: Failure) -> bool:
    """Return True for a word that a known program takes as its subcommand.

    ``zypper`` says "Unknown command 'isntall'", as fish says of a program.
    """
    return word is not command.words[0] and bool(
        failure.exit_code != NOT_FOUND_EXIT_CODE
        and word in command.operands[:1]
        and failure.knowledge.subcommands(bare_program(command.program))
    )


def _fixes(failure: Failure, command: SimpleCommand, word: Word) -> Iterator[Fix]:
    name = word.value
    replace = failure.line.replace
    spaced = tuple(respace(failure, command, word))
    yield from spaced
    if "/" in name or _is_offered(name, failure):
        return
    yield from _slip_of_fingers(failure, command, word)
    if capital := _in_capitals(failure, word):
        yield Fix(capital, 0.97, is_spelling=True)
        return
    if name == "source" and word is command.words[0]:
        # The small shells know it by its other name only.
        yield Fix(replace(word.start, word.end, "."), 0.97)
        return
    for match in _near_programs(name, failure):
        # ``mkdir-p`` is near to mkdir only because the option is glued to it.
        if spaced and name.startswith(match.name):
            continue
        corrected = replace(word.start, word.end, match.name)
        yield Fix(corrected, match.score, is_spelling=True)
    yield from _files(failure, command, word)


def _is_offered(name: str, failure: Failure) -> bool:
    """Return True if the system names a package of just this name: no slip then."""
    if name not in failure.output:
        return False
    offer = rf"(?:\b(?:install|add|-S|in) |^\s+\* ){re.escape(name)}(?:\s|$)"
    return bool(re.search(offer, failure.output, re.MULTILINE))


def _slip_of_fingers(
    failure: Failure, command: SimpleCommand, word: Word
) -> Iterator[Fix]:
    """``cs ..``: names too short to be near to any other, but with a known cause."""
    meant = failure.knowledge.tables.get("slips", {}).get(word.value)
    if not meant or word.value in failure.surroundings.listings.get(".", ()):
        return
    operands = command.operands
    if meant == "cd" and (len(operands) > 1 or len(command.words) > len(operands) + 1):
        return
    yield Fix(failure.line.replace(word.start, word.end, meant), 0.9, is_spelling=True)


def _in_capitals(failure: Failure, word: Word) -> str:
    """Return the line as it is meant where the shift lock was on, or ""."""
    text = failure.line.text
    if not word.value.isupper() or word.value.lower() not in (
        failure.surroundings.programs
    ):
        return ""
    if text.isupper():
        return text.lower()
    return failure.line.replace(word.start, word.end, word.value.lower())


def _near_programs(name: str, failure: Failure) -> tuple[Match, ...]:
    programs = failure.surroundings.programs
    names = programs or failure.knowledge.familiar.keys()
    familiarity = dict(failure.knowledge.familiar)
    for program, used in used_words(failure).items():
        familiarity[program] = max(used, familiarity.get(program, 0.0))
    # A name that everybody knows is hardly mistyped: that program is not installed.
    is_short_or_known = len(name) <= SHORT_LENGTH or name in failure.knowledge.familiar
    cutoff = CERTAIN_CUTOFF if is_short_or_known else NAME_CUTOFF
    pool = [candidate for candidate in names if len(candidate) > 1]
    pool += failure.knowledge.familiar.keys() - programs if programs else ()
    near = closest(name, pool, limit=3, cutoff=cutoff, familiarity=familiarity)
    if name in failure.knowledge.familiar:
        # ``pip3`` for ``pip``, but not ``bundle`` for ``bun``.
        near = tuple(match for match in near if OSA.distance(name, match.name) <= 1)
    # When the best name is not installed, the lesser ones are not what was meant.
    if near and programs and near[0].name not in programs:
        # A function of the shell, as conda, or what is to be installed first.
        is_near = near[0].score >= CERTAIN_CUTOFF
        return near[:1] if is_near and name not in failure.knowledge.familiar else ()
    return tuple(
        match
        for match in near
        if match.score >= near[0].score - SCORE_WINDOW
        and (not programs or match.name in programs)
    )


def _files(failure: Failure, command: SimpleCommand, word: Word) -> Iterator[Fix]:
    """A file or directory of this place was given as if it were a program."""
    names = failure.surroundings.listings.get(".", ())
    if f"{word.value}/" in names and len(failure.line.words) == 1:
        yield Fix(f"cd {word.text}", 0.94)
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


def _package(name: str, failure: Failure) -> tuple[str, str]:
    """Return the package with this program and the command that installs it, or ""."""
    packages = failure.knowledge.tables.get("program_packages", {})
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
