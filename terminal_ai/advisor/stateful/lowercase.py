"""Names that have to be in small letters: of images, of things in a cluster."""

import re
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

_LOWERCASE = Wording(
    r"^[^\n]*(?:must be lower ?case|a lowercase RFC|must consist of lower ?case"
    r"|should be lower ?case|no longer contain capital letters)[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)


def lower_names(failure: Failure) -> Iterable[Finding]:
    """Write the names that the message is about in small letters."""
    match = _LOWERCASE.search(failure.output)
    command = failure.culprit
    if match is None or command is None:
        return
    text = failure.line.text
    found = False
    for word in reversed(command.arguments):
        name = word.text.partition(":")[0].rsplit("/", 1)[-1]
        if word.is_option or name == name.lower() or name not in failure.output:
            continue
        text = text[: word.start] + word.text.lower() + text[word.end :]
        found = True
    if found:
        yield Finding(
            "lowercase-name",
            _("The name has to be in small letters."),
            _("{program} allows no capitals there.").format(program=command.program),
            match[0],
            0.97,
            (Fix(text, 0.96),),
        )
