"""Patterns of rules: ours are compiled when first searched, users' are stopped in time.

Both have the syntax of ``re``. To compile all of ours would be most of what a single
diagnosis costs, and few of them are about the program that failed.
"""

import re
from functools import cached_property
from typing import Protocol

from terminal_ai.expressions import ExpressionError, compile_expression

SEARCH_SECONDS = 0.05
"""Longest time one pattern of a user may take for one text."""

# What ``re`` takes literally, ``regex`` could take for the errors of a fuzzy match.
_BRACE = re.compile(r"(?s)(\\N\{[^}]*\}|\\.)|(\{\d*,?\d*\})|(\{)")


class Match(Protocol):
    """What a pattern found."""

    def __getitem__(self, group: int, /) -> str:
        """Return the text of a group; 0 is the whole match."""

    def groupdict(self) -> dict[str, str | None]:
        """Return the texts of the named groups."""


class Pattern(Protocol):
    """A compiled pattern, whoever wrote it."""

    text: str

    @property
    def group_names(self) -> frozenset[str]:
        """The names of its groups."""

    def search(self, text: str) -> Match | None:
        """Return the first match; raises TimeoutError if that takes too long."""


class Compiler(Protocol):
    """Makes patterns; raises ValueError for what it cannot understand."""

    def __call__(self, text: str) -> Pattern:
        """Return the pattern."""


class OurPattern:
    """A pattern that ships with the program; tests have vetted it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        try:
            return re.compile(self.text, re.MULTILINE)
        except re.error as error:
            raise ValueError(str(error)) from error

    @property
    def group_names(self) -> frozenset[str]:
        """The names of its groups."""
        return frozenset(self._regex.groupindex)

    def search(self, text: str) -> Match | None:
        """Return the first match."""
        return self._regex.search(text)


class UsersPattern:
    """A pattern nobody has vetted: it is understood as ``re`` does, and bounded."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.group_names = frozenset(re.compile(text, re.MULTILINE).groupindex)
            self._regex = compile_expression(_plain_braces(text), is_multiline=True)
        except (re.error, OverflowError, RecursionError, ExpressionError) as error:
            raise ValueError(str(error)) from error

    def search(self, text: str) -> Match | None:
        """Return the first match; raises TimeoutError."""
        found: Match | None = self._regex.search(
            text, timeout=SEARCH_SECONDS, concurrent=True
        )
        return found


def _plain_braces(text: str) -> str:
    return _BRACE.sub(lambda found: "\\{" if found[3] else found[0], text)
