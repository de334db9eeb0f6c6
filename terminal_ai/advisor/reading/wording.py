"""How messages of one kind are worded: a pattern that is searched only where it pays.

Outputs are long and most kinds of message are not in them. Texts that no match can do
without are looked for first, and a pattern is compiled when it is first needed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from weakref import WeakSet

from terminal_ai.advisor.reading.anchor import Required, required_texts

# Up to here, searching is as fast as looking for texts.
SHORT_LENGTH = 40


_every: "WeakSet[Wording]" = WeakSet()
Replacement = str | Callable[[re.Match[str]], str]


class Wording:
    """A pattern for outputs; as ``re.compile``, with less work where it is not."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags
        _every.add(self)

    @cached_property
    def required(self) -> Required:
        """What every match holds."""
        ignores_case = bool(self.flags & re.IGNORECASE)
        return required_texts(self.pattern, ignores_case=ignores_case)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self.flags)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match."""
        if len(text) > SHORT_LENGTH and not self.may_match(text):
            return None
        return self._regex.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yield every match."""
        if self.may_match(text):
            yield from self._regex.finditer(text)

    def sub(self, replacement: Replacement, text: str) -> str:
        """Return ``text`` with every match replaced."""
        if self.may_match(text):
            return self._regex.sub(replacement, text)
        return text

    def may_match(self, text: str) -> bool:
        """Return False if no match can be in ``text``."""
        return self.required.may_match(text)

    def lines(self, text: str, lines: Iterable[str]) -> Iterator[str]:
        """Yield those of the lines of ``text`` that it stands in."""
        if self.may_match(text):
            yield from filter(self.search, lines)


def compile_every_wording() -> Iterator[None]:
    """Compile what is worded so far, one at a time, not when each is first searched."""
    for wording in tuple(_every):
        _ = wording.required, wording._regex
        yield
