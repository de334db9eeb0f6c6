"""A mistyped option: the tool's own usage text, or the options it is known to take."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.messages import gettext as _

OPTION_CUTOFF = 0.72
# Of the options that this very command takes, one need not be that near.
KNOWN_CUTOFF = 0.62
# "-vocdec" is one option, "-rf" are two.
SINGLE_DASH_MINIMUM = 4

_KIND = r"(?:option|argument|flag|switch|parameter|predicate|keyword)s?"
_UNKNOWN = tuple(
    Wording(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:invalid|illegal|unknown|unrecogni[sz]ed|undefined|unexpected|bad|no such"
        r"|unsupported|ambiguous|not a valid)"
        rf"(?: \w+){{0,2}}?(?: command[- ]line)? (?:long )?{_KIND}"
        r"(?: provided| name)?:?(?: --)? ?['\"]?(?P<option>-{0,2}\w[\w-]*)",
        rf"\b{_KIND}:? ['\"]?(?P<option>--?\w[\w-]*)['\"]?:? (?:is|does|was|not)"
        r"[^\n]{0,20}(?:unknown|exist|recogni|understood|defined|support|allowed|found)",
        rf"(?P<option>--?\w[\w-]*)['\"]?: (?:unknown|invalid|unrecogni[sz]ed) {_KIND}",
        r"\bor bad number of args for: '(?P<option>--?\w[\w-]*)'",
        r"provided but not defined: (?P<option>--?\w[\w-]*)",
        r"found argument ['\"](?P<option>--?\w[\w-]*)",
    )
)
_PRINTED = re.compile(r"(?<![\w-])--(?:\[no-\])?(?P<name>[a-z][\w-]+)")
_PRINTED_SINGLE = re.compile(r"(?<![\w-])-(?P<name>[a-z][\w-]{3,})")


def correct_option(failure: Failure) -> Iterable[Finding]:
    """Replace an unknown option by the nearest that exists."""
    command = failure.culprit
    if command is None or not command.words:
        return
    for match in _complaints(failure.output):
        word = _typed(match["option"], command)
        if word is None:
            continue
        head = word.value.partition("=")[0]
        fixes = tuple(
            Fix(
                failure.line.replace(word.start, word.start + len(head), near.name),
                near.score,
            )
            for near in _nearest(head, command, failure)
        )
        if fixes:
            yield Finding(
                "mistyped-option",
                _("{program} has no option {option}.").format(
                    program=command.program, option=head
                ),
                _("The name looks mistyped."),
                failure.evidence(match[0]),
                0.74,
                fixes,
            )
            return


def _complaints(output: str) -> Iterator[re.Match[str]]:
    for pattern in _UNKNOWN:
        if match := pattern.search(output):
            yield match


def _typed(option: str, command: SimpleCommand) -> Word | None:
    """Return the option that was typed; programs name it with and without dashes."""
    bare = option.lstrip("-")
    for word in command.arguments:
        head = word.value.partition("=")[0]
        is_long = head.startswith("--") or len(head) > SINGLE_DASH_MINIMUM
        if (
            word.is_option
            and is_long
            and head.lstrip("-") == bare
            and word.text.startswith(head)
        ):
            return word
    return None


def _nearest(wrong: str, command: SimpleCommand, failure: Failure) -> tuple[Match, ...]:
    """Return the nearest of the options there are, else of those everybody knows."""
    is_long = wrong.startswith("--")
    dashes = "--" if is_long else "-"
    printed = (_PRINTED if is_long else _PRINTED_SINGLE).findall(failure.output)
    there = dict.fromkeys(
        (*(f"{dashes}{name}" for name in printed), *_taken(command, failure))
    )
    there.pop(wrong, None)
    names = [name for name in there if name.startswith("--") == is_long]
    near = closest(wrong, names, limit=2, cutoff=KNOWN_CUTOFF)
    if near or not is_long:
        return near
    common = failure.knowledge.vocabularies.get("long-options", ())
    names = [f"--{name}" for name in common]
    return closest(wrong, names, limit=2, cutoff=OPTION_CUTOFF)


def _taken(command: SimpleCommand, failure: Failure) -> Iterator[str]:
    """Yield the options of the subcommand, then of the program."""
    program = bare_program(command.program)
    words = [word.value for word in command.operands[:2]]
    for depth in range(len(words), -1, -1):
        yield from failure.knowledge.options_of(program, *words[:depth])
