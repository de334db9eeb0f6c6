"""Regular expressions of users: understood like Python's own, and stopped in time.

``re`` cannot be interrupted, so that one bad expression would hang the program. The
``regex`` package can; it takes 20 ms to load, which most runs never need.
"""

import re
import warnings
from typing import TYPE_CHECKING

from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    import regex

REPEATS_LIMIT = 10_000
"""Counts like ``{1000}`` multiplied: compiling writes nested ones out in full."""

_COUNTS = re.compile(r"\{(\d*),?(\d*)\}")


class ExpressionError(Exception):
    """The expression cannot be understood; its text is one line for the user."""


def compile_expression(
    text: str, *, ignores_case: bool = False, is_multiline: bool = False
) -> "regex.Pattern[str]":
    """Compile it; searching takes ``timeout`` and ``concurrent``."""
    import regex

    _check_repeats(text)
    flags = (regex.IGNORECASE if ignores_case else 0) | (
        regex.MULTILINE if is_multiline else 0
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return regex.compile(text, flags, cache_pattern=False)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        reason = getattr(error, "msg", "") or str(error)
        raise ExpressionError(reason) from error


def _check_repeats(text: str) -> None:
    product = 1
    for counts in _COUNTS.findall(text):
        product *= max(1, *(min(int(count[:9] or 0), 10**9) for count in counts))
    if product > REPEATS_LIMIT:
        raise ExpressionError(_("it repeats too often"))
