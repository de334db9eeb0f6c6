"""What the user looks for in the terminal: literal text, or a regular expression."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from terminal_ai.expressions import ExpressionError, compile_expression
from terminal_ai.messages import gettext as _

QUERY_LIMIT_CHARACTERS = 256
LINE_SECONDS = 0.2
"""Longest time a regular expression may take for one line."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)

Found = tuple[int, int]
"""Where a match begins and ends in its text."""


class QueryError(Exception):
    """The query cannot be searched for; its text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Query:
    """The text typed, and how it is meant. Without capitals, case does not matter."""

    text: str
    is_regex: bool = False

    @property
    def ignores_case(self) -> bool:
        """True when no letter is a capital; those behind a backslash do not count."""
        text = _ESCAPED.sub("", self.text) if self.is_regex else self.text
        return text == text.lower()

    def compiled(self) -> "Pattern":
        """Return what finds it; raise QueryError if it cannot be understood."""
        if not self.is_regex:
            flags = re.IGNORECASE if self.ignores_case else re.NOFLAG
            return LiteralPattern(re.compile(re.escape(self.text), flags))
        return RegexPattern(self.text, ignores_case=self.ignores_case)


class Pattern(Protocol):
    """Finds a query in one line of text."""

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the first matches that are not empty."""


class LiteralPattern:
    """Finds literal text."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the first matches."""
        found = (match.span() for match in self._pattern.finditer(text))
        return list(islice(found, limit))


class RegexPattern:
    """Finds a regular expression, and gives up on one that takes too long."""

    def __init__(self, text: str, *, ignores_case: bool) -> None:
        try:
            self._pattern = compile_expression(text, ignores_case=ignores_case)
        except ExpressionError as error:
            raise QueryError(str(error)) from error

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the first matches; raise QueryError after ``LINE_SECONDS``."""
        try:
            return list(islice(self._spans(text), limit))
        except (TimeoutError, MemoryError) as error:
            raise QueryError(_("this expression takes too long")) from error

    def _spans(self, text: str) -> Iterator[Found]:
        deadline = time.monotonic() + LINE_SECONDS
        found = self._pattern.finditer(text, timeout=LINE_SECONDS, concurrent=True)
        for match in found:
            begin, end = match.span()
            if begin != end:
                yield begin, end
            if time.monotonic() > deadline:
                raise TimeoutError
