"""A subcommand or an option its program does not know, found in what is known of it.

Vocabularies are named by the path to them: ``docker``, ``docker-image``. What other
tools call a thing (``docker list``) stands in the synonyms; programs that have a table
of them are those whose vocabulary is complete.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.habits import used_words
from terminal_ai.advisor.evidence.similar import closest, in_other_order
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.messages import gettext as _

NEAR_CUTOFF = 0.65
# From here on a near name is a slip of the fingers, not another word.
SLIP_CUTOFF = 0.8
OPTION_CUTOFF = 0.6
GLUED_LENGTH_MINIMUM = 3
SHORT_LENGTH = 2
FOUND_WEIGHT = 0.945
UNKNOWN_WEIGHT = 0.6

_UNKNOWN_COMMAND = Wording(
    r"(?:unknown|invalid|unrecogni[sz]ed|unexpected|undefined|bad|unsupported)"
    r"(?: (?:sub-?)?(?:command|operation|verb|action|choice|topic|task|arg)s?\b"
    r"|[^\n]{0,40}(?:sub-?command|operation|command verb)\b)"
    r"|no such (?:sub-?)?command|(?:sub-?)?command not (?:found|recogni[sz]ed)"
    r"|is not an? (?:\S+ ){0,2}(?:sub-?command|command|operation|task)\b"
    r"|unexpected args:|misspelled or not recogni[sz]ed|has no command named"
    r"|not a (?:known|valid|recogni[sz]ed) (?:sub-?)?command|did not recognize command"
    r"|unknown argument|unknown help topic",
    re.IGNORECASE,
)
_UNKNOWN_OPTION = Wording(
    r"(?:unknown|invalid|unrecogni[sz]ed|unsupported|no such|bad)"
    r"(?: command[- ]line| shorthand)? (?:flag|option|argument|switch)s?\b"
    r"|flags cannot be placed before plugin name|flag provided but not defined"
    r"|command line option \S+ \[?[^\n]*not understood",
    re.IGNORECASE,
)
# Options before a subcommand whose value is the next word.
_VALUE_OPTION_NAMES = """
    -n --namespace --context --kubeconfig --cluster -H --host --profile --region
    --project --output -o -C --config -f --file -p --project-name --log-level -l
    --subscription -g --resource-group -s --server --user --chdir --project-directory
    --env-file --kube-context --app -a -t --target -u --account --zone --format
"""
_VALUE_OPTIONS = frozenset(_VALUE_OPTION_NAMES.split())


@dataclass(frozen=True, slots=True)
class _Unknown:
    """The word that the vocabulary of its place does not hold."""

    command: SimpleCommand
    path: str
    word: Word
    rest: tuple[Word, ...]
    """The words after it that are no options."""


def correct_subcommand(failure: Failure) -> Iterable[Finding]:
    """Replace a word that is no subcommand by the one that was meant."""
    about_option = _UNKNOWN_OPTION.search(failure.output)
    about_command = _UNKNOWN_COMMAND.search(failure.output)
    match = about_command or about_option
    if match is None:
        return
    for command in failure.line.commands:
        unknown = _unknown(command, failure)
        if unknown is None:
            continue
        if about_command and not _is_named(unknown, failure.output):
            continue
        fixes = tuple(_fixes(unknown, failure))
        if not fixes and not about_command:
            continue
        program = _spoken(unknown.path, command)
        yield Finding(
            "unknown-subcommand",
            _("{program} has no command {name}.").format(
                program=program, name=unknown.word.value
            ),
            _("The name looks mistyped.")
            if fixes
            else _("Its help lists the commands there are."),
            failure.evidence(match[0]),
            FOUND_WEIGHT if fixes else UNKNOWN_WEIGHT,
            fixes,
            see=(f"{program} --help",),
        )
        return
    if about_option:
        yield from _option_findings(failure, about_option[0])


def _unknown(command: SimpleCommand, failure: Failure) -> _Unknown | None:
    """Walk down the vocabularies; return the first word that none of them holds."""
    vocabularies = failure.knowledge.vocabularies
    path = bare_program(command.program)
    if path not in failure.knowledge.synonyms:
        # Its vocabulary holds what is common, not all there is.
        return None
    words = tuple(_operands(command))
    for number, word in enumerate(words):
        names = vocabularies.get(path)
        if names is None:
            return None
        if word.value not in names:
            return _Unknown(command, path, word, words[number + 1 :])
        path = f"{path}-{word.value}"
    return None


def _operands(command: SimpleCommand) -> Iterator[Word]:
    skip = False
    for word in command.arguments:
        if word.value == "--":
            return
        if skip:
            skip = False
        elif word.is_option:
            skip = word.value in _VALUE_OPTIONS
        else:
            yield word


def _is_named(unknown: _Unknown, output: str) -> bool:
    """Return True if the output speaks of this word; some tools name none."""
    return bool(
        re.search(rf"(?<![\w-]){re.escape(unknown.word.value)}(?![\w-])", output)
    )


def _spoken(path: str, command: SimpleCommand) -> str:
    """Return ``docker image`` for the path ``docker-image``."""
    program = bare_program(command.program)
    rest = path.removeprefix(program).lstrip("-")
    known = {word.value for word in command.arguments}
    if not rest:
        return program
    return f"{program} {rest if rest in known else rest.replace('-', ' ')}"


def _fixes(unknown: _Unknown, failure: Failure) -> Iterator[Fix]:
    word, path = unknown.word, unknown.path
    names = failure.knowledge.vocabularies[path]
    replace = failure.line.replace
    synonym = failure.knowledge.synonyms.get(path, {}).get(word.value.lower())
    if synonym == "":
        # A word of another tool that this one has nothing for, whatever is near.
        return
    if synonym and unknown.rest and synonym.startswith(unknown.rest[0].value):
        yield from _swapped(unknown, names, failure)
        return
    if synonym:
        yield Fix(replace(word.start, word.end, synonym), 0.98)
    if (turned := word.value[::-1]) in names and len(turned) == SHORT_LENGTH:
        # Of two letters a swap leaves nothing that is alike.
        yield Fix(replace(word.start, word.end, turned), 0.95)
    lead = _spoken(path, unknown.command).split()
    near = in_other_order(word.value, names) or closest(
        word.value,
        names,
        limit=2,
        cutoff=NEAR_CUTOFF,
        familiarity=used_words(failure, *lead),
    )
    is_slip = bool(near) and near[0].score >= SLIP_CUTOFF
    yield from _separated(unknown, names, failure, is_slip=is_slip)
    for match in near if is_slip or not synonym else ():
        yield Fix(replace(word.start, word.end, match.name), match.score * 0.97)
    if not is_slip:
        yield from _swapped(unknown, names, failure)


def _swapped(
    unknown: _Unknown, names: tuple[str, ...], failure: Failure
) -> Iterator[Fix]:
    """``systemctl nginx restart``: the subcommand stands after what it is about."""
    word = unknown.word
    if unknown.rest and unknown.rest[0].value in names:
        other = unknown.rest[0]
        between = failure.line.text[word.end : other.start]
        text = f"{other.text}{between}{word.text}"
        yield Fix(failure.line.replace(word.start, other.end, text), 0.96)


def _separated(
    unknown: _Unknown, names: tuple[str, ...], failure: Failure, *, is_slip: bool
) -> Iterator[Fix]:
    """``docker compose-up``, ``docker composeup``: two words became one."""
    word = unknown.word
    vocabularies = failure.knowledge.vocabularies
    for name in names:
        tail = word.value.removeprefix(name).lstrip("-")
        if tail == word.value or len(name) < GLUED_LENGTH_MINIMUM or not tail:
            continue
        inner = vocabularies.get(f"{unknown.path}-{name}")
        is_known = inner is not None and tail in inner
        if is_known or (inner is None and len(name) > GLUED_LENGTH_MINIMUM + 2):
            if is_slip and not is_known:
                continue
            text = failure.line.replace(word.start, word.end, f"{name} {tail}")
            yield Fix(text, 0.99 if is_known else 0.75)


def _option_findings(failure: Failure, evidence: str) -> Iterator[Finding]:
    """Replace an unknown option by the nearest one of this very subcommand."""
    for command in failure.line.commands:
        known = _known_options(command, failure)
        if not known:
            continue
        for word in command.arguments:
            head = word.value.partition("=")[0]
            name = head.lstrip("-")
            if not head.startswith("--") or name in known or word.text != word.value:
                continue
            if name not in failure.output:
                continue
            fixes = tuple(
                Fix(
                    failure.line.replace(
                        word.start, word.start + len(head), f"--{match.name}"
                    ),
                    match.score,
                )
                for match in closest(name, known, limit=2, cutoff=OPTION_CUTOFF)
            )
            if fixes:
                yield Finding(
                    "unknown-option-of-subcommand",
                    _("{program} has no option {option}.").format(
                        program=command.program, option=head
                    ),
                    _("The name looks mistyped."),
                    failure.evidence(evidence),
                    FOUND_WEIGHT,
                    fixes,
                )
            return


def _known_options(command: SimpleCommand, failure: Failure) -> tuple[str, ...]:
    """Return the long options of the subcommand and of all commands above it."""
    options = failure.knowledge.options
    path = bare_program(command.program)
    known = list(options.get(path, ()))
    is_complete = False
    for word in _operands(command):
        path = f"{path}-{word.value}"
        if path in options:
            known += options[path]
            is_complete = True
        elif path not in failure.knowledge.vocabularies:
            break
    return tuple(dict.fromkeys(known)) if is_complete or len(known) > 1 else ()
