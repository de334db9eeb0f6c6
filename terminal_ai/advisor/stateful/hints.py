"""The tool's own "did you mean" and its lists of what is possible.

What a program prints is not trusted: a name must be plain words without any shell
meaning, and every fix passes the same admission.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word, quote
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.advisor.rulebook.template import plain_words
from terminal_ai.messages import gettext as _

HINTS_LIMIT = 6
NAMES_LIMIT = 400
NAME_LENGTH_LIMIT = 80
LIST_LINES_LIMIT = 120
SENTENCE_NAMES_LIMIT = 12
LINES_ABOVE_LIMIT = 30
# Names the tool singled out need not be near; of a list of everything, only near ones.
LIST_CUTOFF = 0.6
MEANT_CUTOFF = 0.05
MEANT_CONFIDENCE = 0.85

_MEANT = Wording(
    r"did you (?:mean|want|intend)|(?:perhaps|maybe|probably) (?:you )?(?:meant|want)"
    r"|do you mean|you meant|most similar(?:(?: \w+){1,2}? (?:is|are|exists)\b:?)?"
    r"|similar \w+(?: \w+)?(?: is| are| exists)?:?"
    r"|could be:|candidates are|similarly named|with a similar name|is ambiguous:"
    r"|closest match|nearest match|possibilities:",
    re.IGNORECASE,
)
_POSSIBLE = Wording(
    r"choose from|one of:|(?:must be|is not|isn't|not) one of|expected one of"
    r"|are available|possible (?:values|options|solutions)|tip: some similar"
    r"|(?:valid|available|possible|known|supported|allowed)(?: \w+){0,3}:|phases are"
    r"|(?:valid|available|possible|known|supported)(?: \w+){1,2} are",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?<!\w)'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"")
_NAME = re.compile(r"-{0,2}[\w@][\w@:./+-]*")
_BULLET = re.compile(r"^[^\w@-]*(?:[-*•] )?")
_SENTENCE_END = re.compile(r"\?(?:\s|$)|\.(?:\s|$)")
_PHRASE = re.compile(r"[a-z][\w:-]*(?: [a-z][\w:-]*){1,2}")
_COMMENT = re.compile(r"\s+#.*|\s{2,}.*")
_FILLER_WORDS = "one of or and the a an is are this these to you mean any"
_FILLER = frozenset(_FILLER_WORDS.split())
# They run other programs, whose lists are not about the words these were given.
_RUNNER_NAMES = "npm npx yarn pnpm bun make ninja just docker sudo gulp grunt"
_RUNNERS = frozenset(_RUNNER_NAMES.split())
_OWN_WORDS = re.compile(r"mean|similar", re.IGNORECASE)
# A diagnosis of a source file names words of that file, not of the command line.
_OF_A_SOURCE = re.compile(
    r"^(?:[\w./+-]+\.\w+:\d+:|\s*(?:-->|File \"|\||\d+ \|))|Error: name "
)
_SOURCE_LINES_ABOVE = 4
_SPEAKER = re.compile(r"^([a-z][\w.+-]*): ")
# Where a word of several parts may be wrong in its last one: "//app:mian", "pkgs#x".
_PARTS = re.compile(r".*[:/#@=]")
WORD_CUTOFF = 0.5
ORDER_WEIGHT = 0.3
INSIDE_MINIMUM = 3


@dataclass(frozen=True, slots=True)
class _Hint:
    """Names a tool proposes, in its order, and the line and column it does so at."""

    names: tuple[str, ...]
    line: int
    column: int
    is_list: bool


def follow_hint(failure: Failure) -> Iterable[Finding]:
    """Put what the tool proposes in the place of the word it did not know."""
    command = failure.culprit
    if command is None or not command.words:
        return
    lines = failure.output.split("\n")
    for hint in itertools.islice(_hints(lines, command, failure), HINTS_LIMIT):
        if not _speaks_of(command, hint, lines, failure):
            continue
        fixes = tuple(_replacements(hint, lines, command, failure))
        if fixes:
            yield Finding(
                "tool-hint",
                _("{program} does not know that word.").format(program=command.program),
                _("{program} proposes names that it does know.").format(
                    program=command.program
                ),
                lines[hint.line].strip(),
                0.72,
                fixes,
            )
            return


def _speaks_of(
    command: SimpleCommand, hint: _Hint, lines: list[str], failure: Failure
) -> bool:
    """Return False where the hint is another program's, or about other words."""
    line = lines[hint.line]
    if bare_program(command.program) in _RUNNERS and (
        hint.is_list or not _OWN_WORDS.search(line)
    ):
        return False
    known = failure.knowledge.familiar
    above = lines[max(0, hint.line - LINES_ABOVE_LIMIT) : hint.line + 1]
    speakers = {match[1] for text in above if (match := _SPEAKER.match(text))}
    typed = {word.value.rsplit("/", 1)[-1] for word in failure.line.words}
    same = {failure.knowledge.lookup("same_commands", name) for name in speakers}
    is_strange = command.program in known and not (speakers | same) & typed
    return not (is_strange and speakers & known.keys())


def _hints(
    lines: list[str], command: SimpleCommand, failure: Failure
) -> Iterator[_Hint]:
    typed = {word.value for word in command.arguments}
    program = command.words[0].value
    for pattern, is_list in ((_MEANT, False), (_POSSIBLE, True)):
        if not pattern.may_match(failure.output):
            continue
        for number, line in enumerate(lines):
            match = pattern.search(line)
            if not match:
                continue
            found = _names_after(lines, number, match.end(), program, is_list=is_list)
            names = dict.fromkeys(
                name
                for name in found
                if name not in typed
                and len(name) <= NAME_LENGTH_LIMIT
                and plain_words(name)
            )
            if names:
                kept = tuple(names)[:NAMES_LIMIT]
                yield _Hint(kept, number, match.start(), is_list)


def _names_after(
    lines: list[str], number: int, column: int, program: str, *, is_list: bool
) -> Iterator[str]:
    """Yield names from the rest of the line, then from the list below it."""
    line = lines[number].rstrip()
    tail = line[column:].lstrip("?")
    if quoted := [a or b for a, b in _QUOTED.findall(tail)]:
        yield from (name.removeprefix(f"{program} ") for name in quoted)
    else:
        sentence = _SENTENCE_END.split(tail.lstrip(" :"))[0]
        names = [name.rstrip(".:?") for name in _NAME.findall(sentence)]
        phrase = sentence.strip()
        if _PHRASE.fullmatch(phrase) and not _FILLER.intersection(phrase.split()):
            yield phrase.removeprefix(f"{program} ")
        names = [name for name in names if name.lower() not in _FILLER]
        is_announced = tail.lstrip().startswith((":", "(")) or line[column - 1] == ":"
        if is_announced or (not is_list and len(names) <= SENTENCE_NAMES_LIMIT):
            yield from names
    if (
        line.endswith((":", "?"))
        or not tail.strip(" :?.")
        or tail.endswith(("is", "are"))
    ):
        yield from _names_below(lines, number + 1, program)


def _names_below(lines: list[str], start: int, program: str) -> Iterator[str]:
    """Yield the names of a list; it ends where its indentation does."""
    blank_lines = 0
    is_indented: bool | None = None
    for line in lines[start : start + LIST_LINES_LIMIT]:
        entry = _BULLET.sub("", line).strip()
        if not entry:
            blank_lines += not line.strip()
            if blank_lines > 1:
                return
            continue
        starts_inside = line != line.lstrip() or line[0] in "*-•"
        if is_indented is None:
            is_indented = starts_inside
        elif is_indented and not starts_inside:
            return
        yield from _names_of_entry(entry, program, is_indented=is_indented)


def _names_of_entry(entry: str, program: str, *, is_indented: bool) -> Iterator[str]:
    if entry.startswith(f"{program} "):
        yield _COMMENT.sub("", entry).removeprefix(f"{program} ")
    elif quoted := _QUOTED.match(entry):
        yield quoted[1] or quoted[2]
    elif "|" in entry or "," in entry or not is_indented:
        yield from _NAME.findall(entry)
    elif name := _NAME.match(entry):
        # "rebase recover remove" is a row, "deploy   Ship it to the host" is not.
        words = entry.split()
        is_row = len(words) > 2 and "  " not in entry and entry.islower()
        is_row = is_row and all(map(_NAME.fullmatch, words)) and ":" not in name[0]
        yield from (words if is_row else [name[0].rstrip(":,")])


def _replacements(
    hint: _Hint, lines: list[str], command: SimpleCommand, failure: Failure
) -> Iterator[Fix]:
    span = _wrong_span(hint, lines, command, failure)
    if span is None:
        return
    start, end = span
    text = failure.line.text
    wrong = text[start:end].strip("'\"")
    if wrong in failure.knowledge.subcommands(bare_program(command.program)):
        # A right word cannot be replaced by a near one: something else is missing.
        return
    lead = text[command.words[0].end : start].strip()
    names = {
        name.removeprefix(f"{lead} ") if lead else name: name for name in hint.names
    }
    part = _PARTS.match(wrong)
    # Only the last part is meant where the names have no such parts.
    if part and not any(_PARTS.match(name) for name in names):
        start += part.end()
        wrong = wrong[part.end() :]
    cutoff = LIST_CUTOFF if hint.is_list else MEANT_CUTOFF
    order = {
        name: ORDER_WEIGHT * (1 - at / len(names)) for at, name in enumerate(names)
    }
    # A list from A to Z tells nothing by its order.
    is_ranked = not hint.is_list and list(names) != sorted(names)
    near = closest(wrong, names, cutoff=cutoff, familiarity=order if is_ranked else {})
    for position, match in enumerate(near):
        name = plain_words(match.name)
        # An option in the place of a name does something else entirely.
        if name is None or (name.startswith("-") and text[start] != "-"):
            continue
        if " " in name and not lead and wrong not in command.text.split():
            name = quote(match.name)
        confidence = match.score if hint.is_list else max(match.score, MEANT_CONFIDENCE)
        stop = _end_of_phrase(name, start, end, command)
        yield Fix(failure.line.replace(start, stop, name), confidence - 0.03 * position)


def _end_of_phrase(name: str, start: int, end: int, command: SimpleCommand) -> int:
    """Return where the words end that a name of several words stands for."""
    around = next((w for w in command.words if w.start <= start < w.end), None)
    if around and end < around.end and " " in name:
        # ``set A B`` is the whole of ``set A=B``, not its head alone.
        rest = command.line[end : around.end].lstrip("=:")
        if rest == name.rpartition(" ")[2]:
            return around.end
    following = [word for word in command.words if word.start > start]
    for part, word in zip(name.split()[1:], following, strict=False):
        if not closest(word.value, (part, part + " "), limit=1, cutoff=WORD_CUTOFF):
            break
        end = word.end
    return end


def _wrong_span(
    hint: _Hint, lines: list[str], command: SimpleCommand, failure: Failure
) -> tuple[int, int] | None:
    """Return where in the line the word stands that the tool did not know."""
    above = lines[max(0, hint.line - LINES_ABOVE_LIMIT) : hint.line + 1]
    for line in reversed(above):
        texts = [first or second for first, second in _QUOTED.findall(line)]
        spans = [
            span
            for text in texts
            if text not in hint.names and (span := _find(text, command))
        ]
        if spans:
            return max(spans, key=lambda span: _closeness(command.line, span, hint))
    around = lines[max(0, hint.line - _SOURCE_LINES_ABOVE) : hint.line + 1]
    if any(map(_OF_A_SOURCE.search, around)):
        return None
    above[-1] = above[-1][: hint.column]
    for line in reversed(above):
        for word in command.arguments:
            head = _head(word)
            if head and head not in hint.names and _stands_in(head, line):
                return word.start, word.start + len(head)
    return None if hint.is_list else _nearest_span(command, hint, failure)


def _closeness(line: str, span: tuple[int, int], hint: _Hint) -> float:
    near = closest(line[slice(*span)].strip("'\""), hint.names, limit=1, cutoff=0.01)
    return near[0].score if near else 0.0


def _find(text: str, command: SimpleCommand) -> tuple[int, int] | None:
    """Return the span of ``text``: a word, the head of one, or several words."""
    program = command.words[0].value
    text = text.removeprefix(f"{program} ")
    for word in command.arguments:
        if text in (word.value, word.text):
            return word.start, word.end
    bare = text.lstrip("-")
    for word in command.arguments:
        head = _head(word)
        if bare and head.lstrip("-") == bare:
            return word.start, word.start + len(head)
    if " " in text and text in command.text:
        start = command.words[0].start + command.text.index(text)
        return start, start + len(text)
    return _find_inside(text, command)


def _find_inside(text: str, command: SimpleCommand) -> tuple[int, int] | None:
    """Return the span of a name that stands once inside a longer argument."""
    if len(text) < INSIDE_MINIMUM:
        return None
    name = re.compile(rf"(?<![\w.-]){re.escape(text)}(?![\w.-])")
    arguments = command.line[command.words[0].end : command.words[-1].end]
    found = [match.span() for match in name.finditer(arguments)]
    if len(found) != 1:
        return None
    start, end = found[0]
    return command.words[0].end + start, command.words[0].end + end


def _head(word: Word) -> str:
    """Return a word without what is attached to it by = or a colon."""
    if word.text != word.value:
        return ""
    return word.value.partition("=")[0].partition(":")[0]


def _stands_in(text: str, line: str) -> bool:
    return text in line and bool(
        re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", line)
    )


def _nearest_span(
    command: SimpleCommand, hint: _Hint, failure: Failure
) -> tuple[int, int] | None:
    best: tuple[float, int, int] | None = None
    for word in command.arguments:
        head = _head(word)
        near = closest(head, hint.names, limit=1, cutoff=LIST_CUTOFF)
        if near and (best is None or near[0].score > best[0]):
            best = near[0].score, word.start, word.start + len(head)
    if best:
        return best[1:]
    known = failure.knowledge.subcommands(bare_program(command.program))
    if command.operands and set(hint.names) & set(known):
        # The names are those of subcommands, and so is the word they stand for.
        first = command.operands[0]
        return first.start, first.end
    if len(command.arguments) == 1:
        only = command.arguments[0]
        return only.start, only.end
    return None
