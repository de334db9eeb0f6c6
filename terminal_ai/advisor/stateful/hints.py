"""The tool's own advice: "did you mean", lists of what is possible, "run … instead".

What a program prints is not trusted: a name must be a plain word, a command must be
plain words without any shell meaning, and both pass the same admission as every fix.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from terminal_ai.advisor.command_line import SimpleCommand, quote
from terminal_ai.advisor.failure import Failure
from terminal_ai.advisor.finding import Finding, Fix
from terminal_ai.advisor.knowledge import Knowledge
from terminal_ai.advisor.similar import Match, closest
from terminal_ai.advisor.template import plain_words
from terminal_ai.messages import gettext as _

NAMES_LIMIT = 400
NAME_LENGTH_LIMIT = 80
LIST_LINES_LIMIT = 120

_MEANT = re.compile(
    r"did you (?:mean|want|intend)|(?:perhaps|maybe|probably) (?:you )?(?:meant|want)"
    r"|do you mean|you meant|most similar|similar \w+(?: \w+)?(?: is| are| exists)?:?"
    r"|could be:|candidates are|similarly named|with a similar name|instead of '"
    r"|closest match|nearest match|possibilities:",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(
    r"choose from|(?:valid|available|possible|known|supported|allowed) (?:\w+ ){0,2}(?:are|is)?:"
    r"|(?:valid|available|possible|known|supported) \w+(?: \w+)? are:?|must be one of"
    r"|expected one of|one of:|possible values|phases are:?|are available",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"\b(?:run|use|try|execute|type|with|using|invoke|do|by running|perhaps)"
    r"(?: the command)?:? +(?P<quote>['\"])(?P<command>[^'\"\n]+)(?P=quote)"
    r"|\b(?:run|use|try|execute|type)(?: the command)?: +(?P<bare>[a-z][\w./-]* [^\n]+)$",
    re.IGNORECASE,
)
_COMMAND_BELOW = re.compile(
    r"\b(?:run|use|try|execute|type|do|with|all files|be deleted|following)\b[^\n]*:?$"
    r"|\bto [^\n]+:$",
    re.IGNORECASE,
)
_REPAIR = re.compile(
    r"\b(?:to (?:resolve|fix|solve|correct|repair)|must (?:first )?run|first run|before|you need to"
    r"|please run|needs? to be run|pending)",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(
    r"\bnotice\b|new(?:er)? version|to update\b|to upgrade\b|changelog|documentation"
    r"|for more information about this error|warn deprecated|\bfund",
    re.IGNORECASE,
)
_HELP = re.compile(r"(?:^|\s)(?:--help|-h|-help|help|man)(?:\s|$)|\bexplain\b")
_QUOTED = re.compile(r"'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"")
_BARE_NAME = re.compile(r"[\w@:./+-]*\w[\w@:./+-]*|-{1,2}[\w-]+")
_BULLET = re.compile(r"^[\s*•▸>-]*(?=[\w-])")
_FILLER = frozenset(["one", "of", "or", "and", "the", "a", "an", "is", "are", "this", "these", "to", "you", "mean", "any"])


@dataclass(frozen=True, slots=True)
class _Hint:
    """The names a tool proposes, in its order, and the line it says so in."""

    names: tuple[str, ...]
    line: int
    is_list: bool


def follow_hint(failure: Failure, knowledge: Knowledge) -> Iterable[Finding]:
    """Turn what the tool itself proposes into commands."""
    command = failure.culprit
    if command is None or not command.words:
        return
    lines = failure.output.split("\n")
    for hint in _hints(lines):
        fixes = tuple(_replacements(hint, lines, command, failure))
        if fixes:
            yield Finding(
                "tool-hint",
                _("{program} does not know that word.").format(program=command.program),
                _("It proposes names that it does know."),
                lines[hint.line].strip(),
                0.72,
                fixes,
            )
            break
    commands = tuple(_commands(lines, command, failure))
    if commands:
        first, fix = commands[0]
        yield Finding(
            "tool-command",
            _("{program} failed and says what to run.").format(program=command.program),
            _("This comes from the program's own message."),
            lines[first].strip(),
            0.6,
            tuple(kept for _line, kept in commands),
        )


def _hints(lines: list[str]) -> Iterator[_Hint]:
    for pattern, is_list in ((_MEANT, False), (_POSSIBLE, True)):
        for number, line in enumerate(lines):
            if match := pattern.search(line):
                names = tuple(_names_after(lines, number, match.end(), is_list))
                if names:
                    yield _Hint(names, number, is_list)


def _names_after(
    lines: list[str], number: int, column: int, is_list: bool
) -> Iterator[str]:
    """Yield names from the rest of the line, or else from the list below it."""
    tail = lines[number][column:]
    names = [a or b for a, b in _QUOTED.findall(tail)]
    if not names:
        tail = re.split(r"\?(?:\s|$)|\.\s", tail.lstrip(" :"))[0]
        names = [
            name.rstrip(".:?")
            for name in _BARE_NAME.findall(tail)
            if name.lower() not in _FILLER
        ]
        if tail.strip() and not is_list and len(names) > 12:
            names = []
    if (
        not names
        or (lines[number].rstrip().endswith((":", "?"))
        and not _QUOTED.search(tail))
    ):
        below = list(_names_below(lines, number + 1))
        names = below or names
    yield from dict.fromkeys(name for name in names[:NAMES_LIMIT] if name.isprintable())


def _names_below(lines: list[str], start: int) -> Iterator[str]:
    blanks = 0
    for line in lines[start : start + LIST_LINES_LIMIT]:
        if not line.strip():
            blanks += 1
            if blanks > 1:
                return
            continue
        entry = _BULLET.sub("", line).strip()
        if quoted := _QUOTED.match(entry):
            yield quoted[1] or quoted[2]
        elif "|" in entry or "," in entry:
            yield from re.findall(r"[\w@:./+-]+", entry)
        elif name := _BARE_NAME.match(entry):
            yield name[0].rstrip(":,")


def _replacements(
    hint: _Hint, lines: list[str], command: SimpleCommand, failure: Failure
) -> Iterator[Fix]:
    names = [
        name
        for name in hint.names
        if len(name) <= NAME_LENGTH_LIMIT and plain_words(name)
    ]
    span = _wrong_span(hint, lines, command, names)
    if span is None:
        return
    start, end = span
    wrong = failure.line.text[start:end]
    floor = 0.5 if hint.is_list else 0.05
    ranked: Iterable[Match] = closest(wrong.strip("'\""), names, cutoff=floor)
    for position, match in enumerate(ranked):
        text = plain_words(match.name)
        if text is None:
            continue
        if " " in text and not text.startswith(command.words[0].value + " "):
            text = quote(match.name)
        elif " " in text and start != command.words[0].start:
            text = text.partition(" ")[2]
        confidence = match.score if hint.is_list else max(match.score, 0.85)
        yield Fix(failure.line.replace(start, end, text), confidence - 0.03 * position)


def _wrong_span(
    hint: _Hint, lines: list[str], command: SimpleCommand, names: list[str]
) -> tuple[int, int] | None:
    """Return where in the line the word stands that the tool did not know."""
    above = lines[max(0, hint.line - 30) : hint.line + 1]
    for line in reversed(above):
        for quoted in _QUOTED.finditer(line):
            text = quoted[1] or quoted[2]
            if text not in names and (span := _find(text, command)):
                return span
    for line in reversed(above):
        for word in command.arguments:
            if word.value in names or not word.value:
                continue
            if re.search(rf"(?<![\w-]){re.escape(word.value)}(?![\w-])", line):
                return word.start, word.end
    return _closest_span(command, names)


def _find(text: str, command: SimpleCommand) -> tuple[int, int] | None:
    """Return the span of ``text`` in the command: a word, part of one, or several."""
    for word in command.words:
        if text in (word.value, word.text):
            return word.start, word.end
    bare = text.lstrip("-")
    for word in command.arguments:
        head = word.value.partition("=")[0].partition(":")[0]
        if text == head or (bare and head.lstrip("-") == bare):
            return word.start, word.start + len(head)
    if " " in text and text in command.text:
        start = command.words[0].start + command.text.index(text)
        return start, start + len(text)
    return None


def _closest_span(command: SimpleCommand, names: list[str]) -> tuple[int, int] | None:
    best: tuple[float, int, int] | None = None
    for word in command.arguments:
        head = word.value.partition("=")[0].partition(":")[0]
        if head in names:
            continue
        near = closest(head, names, limit=1, cutoff=0.6)
        if near and (best is None or near[0].score > best[0]):
            best = near[0].score, word.start, word.start + len(head)
    return best[1:] if best else None


def _commands(
    lines: list[str], command: SimpleCommand, failure: Failure
) -> Iterator[tuple[int, Fix]]:
    seen: set[str] = set()
    for number, text in _printed_commands(lines):
        if text in seen:
            continue
        seen.add(text)
        context = " ".join(lines[max(0, number - 2) : number + 1])
        if _ADVERTISEMENT.search(context):
            continue
        fix = _as_fix(text, context, command, failure)
        if fix:
            yield number, fix


def _printed_commands(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines):
        for match in _COMMAND.finditer(line):
            yield number, (match["command"] or match["bare"]).strip().rstrip(".")
        if not line.startswith((" ", "\t")) and _COMMAND_BELOW.search(line.rstrip()):
            below = lines[number + 1 : number + 3]
            for offset, candidate in enumerate(below, 1):
                if candidate.startswith(("  ", "\t")):
                    yield number + offset, candidate.strip().removeprefix("$ ")
                    break


def _as_fix(
    text: str, context: str, command: SimpleCommand, failure: Failure
) -> Fix | None:
    plain = plain_words(text)
    if plain is None or (" " not in plain and not _REPAIR.search(context)):
        return None
    program = plain.split()[0]
    same = program in (command.program, command.words[0].value)
    if _HELP.search(plain):
        return Fix(plain, 0.45) if same and plain != command.text else None
    if same:
        end = command.words[-1].end
        line = failure.line.replace(command.words[0].start, end, plain)
        return Fix(line, 0.75)
    known = failure.surroundings.programs
    if _REPAIR.search(context) and (program in known or "/" in program or not known):
        return Fix(f"{plain} && {failure.line.text.strip()}", 0.75)
    if _REPAIR.search(context) and context.rstrip().endswith(text):
        return Fix(f"{plain} && {failure.line.text.strip()}", 0.6)
    return None
