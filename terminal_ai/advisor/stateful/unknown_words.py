"""A mistyped subcommand of any program: "unknown command", or only a list of them.

For programs of which little is known: what they print as their commands counts, and
the names everybody knows.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.habits import used_words
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.advisor.rulebook.template import plain_words
from terminal_ai.advisor.stateful.hints import follow_hint
from terminal_ai.advisor.stateful.subcommands import correct_subcommand
from terminal_ai.messages import gettext as _

DEPTH_LIMIT = 3
LINES_LIMIT = 200
ENDS_LIMIT = 30
PRINTED_LIMIT = 300
NAME_CUTOFF = 0.6
# Without a word of complaint, only a name that is nearly right was mistyped.
USAGE_CUTOFF = 0.75
SCORE_WINDOW = 0.12
WORD_LENGTH_LIMIT = 60

# They start scripts and tasks of a project, which have rules of their own.
_RUNNERS = frozenset(
    ("npm", "npx", "yarn", "pnpm", "bun", "make", "ninja", "just", "gulp", "grunt")
)
_COMPLAINT = Wording(
    r"(?:unknown|invalid|unrecogni[sz]ed|undefined|unsupported|no such|bad|illegal"
    r"|unexpected|incorrect)\b[^\n]{0,24}?\b(?:sub-?)?(?:command|operation|verb|action"
    r"|task|object|choice|topic|mode|phase|keyword)"
    r"|\b(?:command|operation|verb|action|task|object|topic|subcommand)\b[^\n]{0,70}"
    r"\b(?:not|unknown|unrecogni[sz]ed|invalid|undefined|doesn't exist)\b"
    r"|not (?:a |an )?(?:\S+ )?(?:valid |known |recogni[sz]ed )?(?:sub-?)?command"
    r"|(?:could not|couldn't|can't|cannot|unable to) (?:find|invoke)[^\n]{0,20}"
    r"\b(?:command|task|subcommand)"
    r"|no (?:sub)?command (?:named|called|'|\")|is misspelled or not recogni[sz]ed"
    r"|was not matched|\b[a-z]+-\S+ does not exist|unmatched argument"
    r"|requested command",
    re.IGNORECASE,
)
_USAGE = Wording(
    r"^\s*(?:usage\b|(?:\w+ ){0,3}(?:sub)?commands?\b[^\n]{0,40}:\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(
    r"^[ \t]{1,12}(?P<name>[a-z][\w:.-]*)(?:[,|] ?[a-z][\w-]*)*\*?(?:[ \t]{2,}\S|\t|$)"
)
_SEPARATOR = re.compile(r"\s?[,|]\s?")
_CHOICES = re.compile(r"\{([\w:.-]+(?:\s?[,|]\s?[\w:.-]+)+)\}")


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The word that was not understood, and the words that lead to it."""

    word: Word
    path: tuple[str, ...]
    evidence: str
    cutoff: float = NAME_CUTOFF


def correct_word(failure: Failure) -> Iterable[Finding]:
    """Name the subcommand that was probably meant."""
    command = failure.culprit
    if command is None or not command.words or command.program in _RUNNERS:
        return
    wrong = _complained_of(command, failure) or _not_listed(command, failure)
    if wrong is None:
        return
    for better in (follow_hint, correct_subcommand):
        if next(iter(better(failure)), None):
            return  # the program, or what is known of it, says more
    names = dict.fromkeys((*_printed(failure, wrong), *_known(failure, wrong.path)))
    value = wrong.word.value
    used = used_words(failure, *wrong.path)
    near = closest(value, names, limit=3, cutoff=wrong.cutoff, familiarity=used)
    fixes = tuple(
        Fix(
            failure.line.replace(wrong.word.start, wrong.word.end, match.name),
            match.score,
        )
        for match in near
        if match.score >= near[0].score - SCORE_WINDOW and plain_words(match.name)
    )
    program = " ".join(wrong.path)
    if fixes:
        why = _("The name looks mistyped.")
    elif wrong.cutoff == USAGE_CUTOFF:
        return
    else:
        why = _("Its help lists the commands there are.")
    yield Finding(
        "unknown-word",
        _("{program} has no command {name}.").format(program=program, name=value),
        why,
        wrong.evidence,
        0.7 if fixes else 0.45,
        fixes,
    )


def _complained_of(command: SimpleCommand, failure: Failure) -> _Wrong | None:
    lines = failure.output_lines
    for line in dict.fromkeys((*lines[:ENDS_LIMIT], *lines[-ENDS_LIMIT:])):
        if not _COMPLAINT.search(line):
            continue
        for path, word in _candidates(command, failure):
            if _mentions(line, word.value, command):
                return _Wrong(word, path, line.strip())
    return None


def _not_listed(command: SimpleCommand, failure: Failure) -> _Wrong | None:
    """Find the first word where the program only printed which ones there are."""
    usage = _USAGE.search(failure.output)
    if not usage:
        return None
    for path, word in _candidates(command, failure):
        wrong = _Wrong(word, path, failure.evidence(usage[0]), USAGE_CUTOFF)
        printed = set(_printed(failure, wrong))
        if printed and word.value not in printed:
            return wrong
        return None
    return None


def _candidates(
    command: SimpleCommand, failure: Failure
) -> Iterator[tuple[tuple[str, ...], Word]]:
    """Yield the words that may be a wrong subcommand, each with what leads to it."""
    program = command.program
    is_known = bool(_known(failure, (program,)))
    path: tuple[str, ...] = (program if is_known else bare_program(program),)
    for word in command.operands[:DEPTH_LIMIT]:
        value = word.value
        if "/" in value or len(value) > WORD_LENGTH_LIMIT or not value.isprintable():
            return
        known = _known(failure, path)
        if value not in known:
            yield path, word
            if _known(failure, path[:1]):
                return
        path = (*path, value)


def _known(failure: Failure, path: tuple[str, ...]) -> tuple[str, ...]:
    return failure.knowledge.subcommands(*path)


def _mentions(line: str, value: str, command: SimpleCommand) -> bool:
    """Return True if the line names the word, alone or as ``program-word``."""
    if value not in line:
        return False
    program = re.escape(command.program)
    pattern = rf"(?:(?<![\w-])|(?<=[\s/]){program}-){re.escape(value)}(?![\w-])"
    return bool(re.search(pattern, line)) and len(value) > 1


def _printed(failure: Failure, wrong: _Wrong) -> Iterator[str]:
    """Yield the names that the output lists as commands."""
    lead = re.escape(" ".join(wrong.path))
    after_lead = re.compile(
        rf"(?:usage:|or:|^\s+)\s*(?:\[[^\]]*\] )?{lead} (?:\[[^\]]*\] )*([a-z][\w-]+)\b"
    )
    found: dict[str, None] = {}
    for line in itertools.islice(failure.output_lines, LINES_LIMIT):
        if listed := _LISTED.match(line):
            found[listed["name"]] = None
        if shown := after_lead.search(line):
            found[shown[1]] = None
        for braces in _CHOICES.finditer(line):
            found |= dict.fromkeys(_SEPARATOR.split(braces[1]))
        if len(found) > PRINTED_LIMIT:
            break
    found.pop(wrong.word.value, None)
    yield from found
