"""A bracket that is opened and never closed in a program for awk or jq."""

import re
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.messages import gettext as _

_PROGRAMS = frozenset(("awk", "gawk", "mawk", "nawk", "jq", "gojq", "yq"))
_ENDED_EARLY = re.compile(
    r"unexpected newline or end of string|syntax error at or near end of"
    r"|unexpected \$end|unexpected end of (?:file|input)|missing \}"
    r"|unexpected token \"?EOF|unexpected EOF"
)
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def close_bracket(failure: Failure) -> Iterable[Finding]:
    """Close what the program leaves open, where the tool says it ended too early."""
    match = _ENDED_EARLY.search(failure.output)
    if not match:
        return
    for command in failure.line.commands:
        word = _text_of_program(command)
        missing = _missing(word.value) if word else ""
        if word and missing:
            line = failure.line.replace(word.end - 1, word.end - 1, missing)
            yield Finding(
                "unclosed-bracket",
                _("A bracket is opened and never closed."),
                _("Every opening bracket wants its closing one."),
                failure.evidence(match[0]),
                0.96,
                (Fix(line, 0.93),),
            )
            return


def _text_of_program(command: SimpleCommand) -> Word | None:
    """Return the first argument in single quotes: there the shell changes nothing."""
    if not command.words or bare_program(command.program) not in _PROGRAMS:
        return None
    return next(
        (
            word
            for word in command.arguments
            if word.text == f"'{word.value}'" and not _TEXT.fullmatch(word.value)
        ),
        None,
    )


def _missing(text: str) -> str:
    """Return the brackets that close what is open at the end, or "" if it is not so."""
    opened: list[str] = []
    for sign in _TEXT.sub("", text):
        if sign in _CLOSERS:
            opened.append(_CLOSERS[sign])
        elif sign in _CLOSERS.values() and (not opened or opened.pop() != sign):
            return ""
    return "".join(reversed(opened))
