"""A whole command that the tool prints: "run … instead", "to fix this, use …".

The command must be plain words of a program that is known here or that failed; it is
admitted or refused like any other suggestion.
"""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.reading.command_line import SimpleCommand
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.template import plain_words
from terminal_ai.messages import gettext as _

CONTEXT_LINES = 2

_QUOTED = re.compile(
    r"\b(?:run|use|try|execute|type|with|using|invoke|do|by running|perhaps)"
    r"(?: the command)?:? +(?P<quote>['\"])(?P<command>[^'\"\n]+)(?P=quote)",
    re.IGNORECASE,
)
_BARE = Wording(
    r"\b(?:run|use|try|execute|type)(?: the command)?: +"
    r"(?P<command>[a-z][\w./-]* [^\n]+)$",
    re.IGNORECASE,
)
_ANNOUNCING = re.compile(
    r"\b(?:run|use|try|execute|type|do|with|following)\b[^\n]*:?$|\bto [^\n]+:$",
    re.IGNORECASE,
)
_REPAIRING = Wording(
    r"\bto (?:resolve|fix|solve|correct|repair)|must (?:first )?run|first run|before"
    r"|you need to|please run|needs? to be run|pending|help: run",
    re.IGNORECASE,
)
_ADVERTISING = Wording(
    r"\bnotice\b|new(?:er)? version|to update\b|to upgrade\b|changelog|documentation"
    r"|more information about|list of (?:available|all)|deprecat"
    r"|\bfund\b|for details|for usage",
    re.IGNORECASE,
)
_HELP = re.compile(r"(?:^|\s)(?:--help|-h|help|man)(?:\s|$)")


def follow_printed_command(failure: Failure) -> Iterable[Finding]:
    """Propose the commands that the tool's own message tells to run."""
    command = failure.culprit
    if command is None or not command.words:
        return
    lines = failure.output.split("\n")
    found: dict[str, tuple[int, Fix]] = {}
    for number, text in _printed(lines, failure.output):
        context = " ".join(lines[max(0, number - CONTEXT_LINES) : number + 1])
        fix = None
        if text not in found and not _ADVERTISING.search(context):
            fix = _as_fix(text, context, command, failure)
        if fix:
            found[text] = number, fix
    if found:
        first = next(iter(found.values()))[0]
        yield Finding(
            "tool-command",
            _("{program} failed and says what to run.").format(program=command.program),
            _("This comes from the program's own message."),
            lines[first].strip(),
            0.6,
            tuple(fix for _number, fix in found.values()),
        )


def _printed(lines: list[str], output: str) -> Iterator[tuple[int, str]]:
    may_be_bare = _BARE.may_match(output)
    for number, line in enumerate(lines):
        inline = list(_QUOTED.finditer(line)) if "'" in line or '"' in line else []
        if may_be_bare and (bare := _BARE.search(line)):
            inline.append(bare)
        for match in inline:
            # "(use "git add" to track)" names a command, it does not print one.
            if not line[: match.start()].endswith("("):
                yield number, match["command"].strip().rstrip(".")
        for offset, below in enumerate(lines[number + 1 : number + 3], 1):
            if below.startswith(("  ", "\t")):
                if not line.startswith((" ", "\t")) and _ANNOUNCING.search(line):
                    yield number + offset, below.strip().removeprefix("$ ")
                break


def _as_fix(
    text: str, context: str, command: SimpleCommand, failure: Failure
) -> Fix | None:
    plain = plain_words(text)
    if plain is None or _HELP.search(plain):
        return None
    program, *arguments = plain.split()
    if program == "sudo" and arguments[:1] == [command.program]:
        return None  # whether root is wanted is for the rules about rights to say
    if program in (command.program, command.words[0].value):
        if not arguments:
            return None
        span = command.words[0].start, command.words[-1].end
        return Fix(failure.line.replace(*span, plain), 0.75)
    if not arguments or not _REPAIRING.search(context):
        return None
    known = failure.surroundings.programs
    is_known = not known or program in known or "/" in program
    confidence = 0.75 if is_known else 0.62
    return Fix(f"{plain} && {failure.line.text.strip()}", confidence)
