"""Right words in the wrong places: arguments the other way round, a wrong interpreter.

What exists in the directory tells which word is the file.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import exists, is_directory
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.stateful.not_found import interpreters
from terminal_ai.messages import gettext as _

_MODE = re.compile(r"0?[0-7]{3,4}|[ugoa]*[-+=][rwxXst]+(?:,[ugoa]*[-+=][rwxXst]+)*")
_ARCHIVE = re.compile(r"\.(?:tar(?:\.\w+)?|t[gxb]z2?|zip|7z|jar)$")
_CREATES_TAR = re.compile(r"-?[a-zA-Z]*c[a-zA-Z]*f")
_RUNNERS = frozenset(
    ("python", "python3", "node", "ruby", "perl", "php", "bash", "sh", "zsh", "lua")
)
# A wrong interpreter stumbles over the first line it cannot read.
_UNREADABLE = Wording(
    r"SyntaxError|NameError|ReferenceError|[Ss]yntax error|command not found"
    r"|: not found|Unexpected token|ParseError|parse error|not defined"
)


def put_in_order(failure: Failure) -> Iterable[Finding]:
    """Propose the same words in the order, or behind the program, they belong."""
    for command in failure.line.commands:
        check = _CHECKS.get(command.program)
        pair = check(command, failure) if check else None
        if pair:
            yield _swapped(command, failure, *pair)
            return
    yield from _wrong_interpreter(failure)


def _swapped(
    command: SimpleCommand, failure: Failure, first: Word, second: Word
) -> Finding:
    line = failure.line.text
    swapped = (
        line[: first.start]
        + second.text
        + line[first.end : second.start]
        + first.text
        + line[second.end :]
    )
    if command.program in _GREPS and is_directory(first.value, failure.surroundings):
        at = command.words[0].end
        swapped = f"{swapped[:at]} -r{swapped[at:]}"
    return Finding(
        "reversed-arguments",
        _("{first} and {second} stand in each other's place.").format(
            first=first.value, second=second.value
        ),
        _("{program} wants them the other way round.").format(program=command.program),
        failure.evidence(first.value) or failure.evidence(second.value),
        0.94,
        (Fix(swapped, 0.94),),
    )


def _pair(command: SimpleCommand) -> tuple[Word, Word] | None:
    operands = command.operands
    return (operands[0], operands[1]) if len(operands) == 2 else None


def _grep(command: SimpleCommand, failure: Failure) -> tuple[Word, Word] | None:
    """``grep FILE PATTERN``: the second is no file, the first is."""
    pair = _pair(command)
    if not pair or not failure.evidence(f"{pair[1].value}: No such file"):
        return None
    is_reversed = exists(pair[0].value, failure.surroundings) and not exists(
        pair[1].value, failure.surroundings
    )
    return pair if is_reversed else None


def _link(command: SimpleCommand, failure: Failure) -> tuple[Word, Word] | None:
    """``ln -s NEW EXISTING``."""
    pair = _pair(command)
    is_reversed = (
        pair
        and "File exists" in failure.evidence(pair[1].value.rstrip("/"))
        and exists(pair[0].value, failure.surroundings) is False
    )
    return pair if is_reversed else None


def _mode(command: SimpleCommand, failure: Failure) -> tuple[Word, Word] | None:
    """``chmod FILE MODE``; a mode such as -x reads like an option."""
    words = [word for word in command.arguments if not word.value.startswith("--")]
    if len(words) != 2 or "mode" not in failure.output:
        return None
    first, second = words
    is_reversed = _MODE.fullmatch(second.value) and not _MODE.fullmatch(first.value)
    return (first, second) if is_reversed else None


def _owner(command: SimpleCommand, failure: Failure) -> tuple[Word, Word] | None:
    """``chown FILE USER``."""
    pair = _pair(command)
    is_reversed = (
        pair
        and re.search(r"invalid (?:user|group)|illegal (?:user|group)", failure.output)
        and exists(pair[0].value, failure.surroundings)
        and exists(pair[1].value, failure.surroundings) is False
    )
    return pair if is_reversed else None


def _archive(command: SimpleCommand, failure: Failure) -> tuple[Word, Word] | None:
    """``tar cf FILES ARCHIVE`` and ``zip FILES ARCHIVE``."""
    operands = list(command.operands)
    if command.program == "tar":
        letters = next(iter(command.arguments), None)
        if not letters or not _CREATES_TAR.fullmatch(letters.value):
            return None
        operands = [word for word in operands if word is not letters]
    if len(operands) != 2:
        return None
    first, second = operands
    is_reversed = (
        _ARCHIVE.search(second.value)
        and not _ARCHIVE.search(first.value)
        and exists(second.value, failure.surroundings) is not True
    )
    return (first, second) if is_reversed else None


_Check = Callable[[SimpleCommand, Failure], tuple[Word, Word] | None]
_GREPS = frozenset(("grep", "egrep", "fgrep", "rg", "ag", "ack"))
_CHECKS: dict[str, _Check] = {
    **dict.fromkeys(_GREPS, _grep),
    "ln": _link,
    "chmod": _mode,
    "chown": _owner,
    "chgrp": _owner,
    "tar": _archive,
    "zip": _archive,
}


def _wrong_interpreter(failure: Failure) -> Iterator[Finding]:
    """``bash main.py``: the ending of the file's name says who reads it."""
    command = failure.culprit
    if command is None or command.program not in _RUNNERS or not command.operands:
        return
    if not _UNREADABLE.search(failure.output):
        return
    script = command.operands[0]
    for right in interpreters(script.value, failure.surroundings.programs):
        if right.rstrip("3") == command.program.rstrip("3") or right == "bash":
            known = {"bash", "sh", "zsh"}
            if command.program in known or right != "bash":
                return
        program = command.words[0]
        yield Finding(
            "wrong-interpreter",
            _("{path} is not a file for {program}.").format(
                path=script.value, program=command.program
            ),
            _("The ending of its name says that {program} runs it.").format(
                program=right
            ),
            failure.evidence(""),
            0.96,
            (Fix(failure.line.replace(program.start, program.end, right), 0.93),),
        )
