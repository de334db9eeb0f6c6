"""A mistyped long option: the tool's own usage text, or options everybody knows."""

import re
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.advisor.rulebook.matching import replace_word
from terminal_ai.messages import gettext as _

OPTION_CUTOFF = 0.72

_UNKNOWN = re.compile(
    r"(?:invalid|illegal|unknown|unrecogni[sz]ed|unexpected|bad|no such)"
    r"(?: command[- ]line)? (?:option|argument|flag|switch)s?:?(?: --)? ['\"]?"
    r"(?P<option>-{0,2}\w[\w-]*)",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"(?<![\w-])--(?:\[no-\])?(?P<name>[a-z][\w-]+)")


def correct_option(failure: Failure) -> Iterable[Finding]:
    """Replace an unknown long option by the nearest that exists."""
    match = _UNKNOWN.search(failure.output)
    command = failure.culprit
    if not match or command is None or not command.words:
        return
    wrong = "--" + match["option"].lstrip("-")
    if not any(word.value.partition("=")[0] == wrong for word in command.arguments):
        return
    printed = {f"--{name}" for name in _PRINTED.findall(failure.output)} - {wrong}
    common = failure.knowledge.vocabularies.get("long-options", ())
    names = dict.fromkeys((*sorted(printed), *(f"--{name}" for name in common)))
    familiarity = dict.fromkeys(printed, 1.0)
    fixes = []
    for near in closest(
        wrong, names, limit=2, cutoff=OPTION_CUTOFF, familiarity=familiarity
    ):
        line = replace_word(command, failure, wrong, near.name)
        if line:
            fixes.append(Fix(line, near.score))
    if fixes:
        yield Finding(
            "mistyped-option",
            _("{program} has no option {option}.").format(
                program=command.program, option=wrong
            ),
            _("The name looks mistyped."),
            failure.evidence(match[0]),
            0.74,
            tuple(fixes),
        )
