"""Lines the shell itself could not read."""

import re
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.messages import gettext as _

_QUOTE_ERRORS = re.compile(
    r"unexpected EOF while looking for matching|unmatched [\"'`]|unterminated quoted"
    r"|Unexpected end of string|quotes are not balanced|parse error near",
    re.IGNORECASE,
)


def explain_syntax(failure: Failure) -> Iterable[Finding]:
    """Explain a quote that is opened and never closed."""
    mark = failure.line.open_quote
    if not mark or not _QUOTE_ERRORS.search(failure.output):
        return
    match = _QUOTE_ERRORS.search(failure.output)
    fixes = []
    text = failure.line.text.rstrip()
    if text.endswith(mark) and text.count(mark) == 1:
        fixes.append(Fix(text[:-1].rstrip(), 0.6))
    elif mark != "`":
        fixes.append(Fix(text + mark, 0.7))
    yield Finding(
        "open-quote",
        _("A quote is opened and never closed."),
        _(
            "The shell read to the end of the line looking for the closing {mark}."
        ).format(mark=mark),
        failure.evidence(match[0]) if match else "",
        0.85,
        tuple(fixes),
    )
