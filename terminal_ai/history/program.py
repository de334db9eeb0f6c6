"""Which program a command line starts."""

from terminal_ai.safety.command_line import ASSIGNMENT, Word, parse_command_line
from terminal_ai.safety.risk_tables import (
    TEXT_OPTIONS,
    WRAPPER_OPERANDS,
    WRAPPERS,
    names,
)

READ_LIMIT_CHARACTERS = 2_000
"""The program stands at the beginning; a pasted script need not be read whole."""
PROGRAM_LIMIT_CHARACTERS = 200
# Those that are the point of the command, not something before it.
_PROGRAMS_THEMSELVES = names("watch xargs parallel entr strace ltrace flock chroot")
_KEYWORDS = names("! { if while until time begin and or not then do else")


def first_program(command_line: str) -> str:
    """Return the first program's name without its path, "" where there is none.

    Assignments, ``sudo``, ``env`` and their like are skipped, unless nothing follows.
    """
    parsed = parse_command_line(command_line[:READ_LIMIT_CHARACTERS])
    for command in parsed.commands:
        words = command.words
        while words and (words[0].text in _KEYWORDS or _assigns(words[0])):
            words = words[1:]
        if words and not words[0].text.startswith("#"):
            return _unwrapped(words)[:PROGRAM_LIMIT_CHARACTERS]
    return ""


def _unwrapped(words: list[Word]) -> str:
    name = _name(words[0])
    while name in WRAPPERS and name not in _PROGRAMS_THEMSELVES:
        words = _behind_wrapper(name, words[1:])
        if not words:
            break
        name = _name(words[0])
    return name


def _behind_wrapper(wrapper: str, words: list[Word]) -> list[Word]:
    operands = WRAPPER_OPERANDS.get(wrapper, 0)
    while words:
        text = words[0].text
        if text in TEXT_OPTIONS.get(wrapper, ()) and len(words) > 1:
            inner = parse_command_line(words[1].text).commands
            return inner[0].words if inner else []
        if text.startswith("-"):
            words = words[2 if text in WRAPPERS[wrapper] else 1 :]
        elif _assigns(words[0]):
            words = words[1:]
        elif operands:
            operands -= 1
            words = words[1:]
        else:
            break
    return words


def _assigns(word: Word) -> bool:
    return ASSIGNMENT.match(word.text) is not None


def _name(word: Word) -> str:
    return word.text.rpartition("/")[2]
