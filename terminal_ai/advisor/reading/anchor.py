"""The texts a pattern cannot match without: a cheap test before a dear one."""

import re
from dataclasses import dataclass, field
from functools import cached_property

ANCHOR_MINIMUM = 3
TEXTS_LIMIT = 40
"""To look for more texts than these is as dear as to search."""
# In less text, to look for a text is as fast as to look for a word.
WORDS_LENGTH_MINIMUM = 1_000

_FLAGS = re.compile(r"\(\?(?P<flags>[aimsux]+)\)")
# Groups that hold what a match holds; others look around, or refer to others.
_HOLDING = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_OPTIONAL = "?*{"
# How many digits follow where a character is written by its number.
_DIGITS = {"x": 2, "u": 4, "U": 8}
_WORD = re.compile(r"\w+")
_WHOLE_WORD = re.compile(r"(?<=\W)\w+(?=\W)")
# What a search without regard to case takes for an "i", and casefold() does not.
_DOTS = str.maketrans({"ı": "i", "İ": "i"})

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Required:
    """Texts of which every match holds at least one; no texts if nothing is known."""

    texts: Texts = ()
    is_folded: bool = False
    """The texts are folded, and are to be looked for in what is folded too."""

    def may_match(self, text: str) -> bool:
        """Return False if no match can be in ``text``."""
        if not self.texts:
            return True
        looked_at = folded(text) if self.is_folded else text
        if isinstance(text, Output) and len(text) > WORDS_LENGTH_MINIMUM:
            words = text.words
            return any(
                (not word or word in words) and one in looked_at
                for one, word in zip(self.texts, self._words, strict=True)
            )
        return any(one in looked_at for one in self.texts)

    @cached_property
    def _words(self) -> Texts:
        """Of each text a whole word of it: that is found at once, or the text is not.

        Words at its ends may go on in what is searched.
        """
        return tuple(
            max(_WHOLE_WORD.findall(fold(text)), key=len, default="")
            for text in self.texts
        )


class Output(str):
    """A text that many patterns are searched in; it is folded only once."""

    _folded: str | None = None
    _words: frozenset[str] | None = None

    @property
    def folded(self) -> str:
        """The text without regard to case."""
        if self._folded is None:
            self._folded = fold(self)
        return self._folded

    @property
    def words(self) -> frozenset[str]:
        """Its words, folded."""
        if self._words is None:
            self._words = frozenset(_WORD.findall(self.folded))
        return self._words


def folded(text: str) -> str:
    """Return ``text`` without regard to case."""
    return text.folded if isinstance(text, Output) else fold(text)


def fold(text: str) -> str:
    """Return ``text`` so that what differs in case only is equal."""
    return (text if text.isascii() else text.translate(_DOTS)).casefold()


def required_texts(pattern: str, *, ignores_case: bool = False) -> Required:
    """Return what every match of ``pattern`` holds.

    Classes and what may be left out are passed over. Too little is safe, too much
    would lose matches.
    """
    start = 0
    if flags := _FLAGS.match(pattern):
        if "x" in flags["flags"]:
            return Required()
        ignores_case = ignores_case or "i" in flags["flags"]
        start = flags.end()
    texts, _ = _alternatives(pattern, start)
    if ignores_case:
        texts = tuple(dict.fromkeys(map(fold, texts)))
    return Required(texts, ignores_case and bool(texts))


@dataclass(slots=True)
class _Branch:
    """One alternative while it is read: its best texts, and those that go on."""

    best: Texts = ()
    run: str = ""

    def add(self, literal: str) -> None:
        self.run += literal
        self.offer((self.run,))

    def offer(self, texts: Texts) -> None:
        """Keep these if they say more: longer ones, or as long and fewer."""
        if texts and _worth(texts) > _worth(self.best):
            self.best = texts


@dataclass(slots=True)
class _Found:
    branches: list[Texts] = field(default_factory=list)

    def texts(self) -> Texts:
        """Return one text of each branch; nothing if a branch requires nothing."""
        if not all(self.branches):
            return ()
        found = tuple(dict.fromkeys(text for one in self.branches for text in one))
        return found if len(found) <= TEXTS_LIMIT else ()


def _worth(texts: Texts) -> tuple[int, int]:
    shortest = min(map(len, texts), default=0)
    return (shortest, -len(texts)) if shortest >= ANCHOR_MINIMUM else (0, 0)


def _alternatives(pattern: str, position: int) -> tuple[Texts, int]:
    """Read up to the bracket that closes, or to the end; return where that is."""
    found = _Found()
    branch = _Branch()
    while position < len(pattern) and pattern[position] != ")":
        character = pattern[position]
        if character == "|":
            found.branches.append(branch.best)
            branch = _Branch()
            position += 1
            continue
        literal, texts, end = _element(pattern, position)
        quantifier = pattern[end : end + 1]
        is_optional = bool(quantifier) and quantifier in _OPTIONAL
        if literal and not is_optional:
            branch.add(literal)
        elif not is_optional:
            branch.offer(texts)
        if not literal or is_optional or quantifier == "+":
            branch.run = ""
        position = _after_quantifier(pattern, end)
    found.branches.append(branch.best)
    return found.texts(), position


def _element(pattern: str, position: int) -> tuple[str, Texts, int]:
    """Return a literal, or the texts of a group, and where it ends."""
    character = pattern[position]
    if character == "\\":
        escaped = pattern[position + 1 : position + 2]
        end = position + 2 + _DIGITS.get(escaped, 0)
        return "" if escaped.isalnum() else escaped, (), end
    if character == "[":
        return "", (), _after_class(pattern, position)
    if character == "(":
        holding = _HOLDING.match(pattern, position)
        inner = holding.end() if holding else position + 1
        texts, end = _alternatives(pattern, inner)
        return "", texts if holding else (), end + 1
    if character in ".^$":
        return "", (), position + 1
    return character, (), position + 1


def _after_quantifier(pattern: str, position: int) -> int:
    if pattern[position : position + 1] == "{":
        position = pattern.find("}", position) + 1 or len(pattern)
    elif pattern[position : position + 1] in ("?", "*", "+"):
        position += 1
    return position + (pattern[position : position + 1] in ("?", "+"))


def _after_class(pattern: str, start: int) -> int:
    # A bracket that stands first in a class belongs to it.
    position = start + 1 + (pattern[start + 1 : start + 2] == "^")
    position += pattern[position : position + 1] == "]"
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return position + 1
