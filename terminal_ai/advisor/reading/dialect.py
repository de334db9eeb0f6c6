"""Localised messages back to English, so that rules read one language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from terminal_ai.advisor.reading.catalogues import (
    DIRECTORIES,
    Table,
    installed_table,
    languages,
    shipped_tables,
)
from terminal_ai.advisor.reading.quotation import plain_quotes

__all__ = ["Dialect", "languages", "load_dialect"]

TELL_LENGTH_MINIMUM = 4
# A message with a hole is only looked for where so much of it stands around the hole.
ANCHOR_LENGTH_MINIMUM = 2

_HOLES = re.compile(
    r"%(?:(?P<position>\d)\$)?[-+ #0]*[\d.*]*(?:ll|[lhzj])?(?P<kind>[sdciu])"
    r"|(?P<percent>%%)"
)
_BETWEEN = re.compile(r"%(?:\d\$)?[-+ #0]*[\d.*]*(?:ll|[lhzj])?[sdciu%]")
_TWICE = re.compile(r"%(?:\d\$)?l?s(?=%(?:\d\$)?[lc]?[sc])")
_WORD = re.compile(r"[^\W\d_]+")
_FILLED_BY_CHARACTER = r"(\S)"
_FILLED_BY_WORDS = r"('[^'\n]*'|\"[^\"\n]*\"|[^:\n'\"][^:\n]*?)"
# Scripts that are written without spaces, or hardly share a word with another.
_SCRIPTS = MappingProxyType(
    {
        "ja": re.compile("[\u3040-\u30ff\u4e00-\u9fff]"),
        "ko": re.compile("[\uac00-\ud7a3]"),
        "zh": re.compile("[\u4e00-\u9fff]"),
        "ru": re.compile("[\u0400-\u04ff]"),
        "uk": re.compile("[\u0400-\u04ff]"),
        # A catalogue of this machine, whatever language it is in.
        "": re.compile("[\u0370-\uffff]"),
    }
)


@dataclass(frozen=True, slots=True)
class _Message:
    """One localised message: ``anchor`` is its longest part without a hole."""

    local: str
    english: str
    anchor: str

    def translate(self, text: str) -> str:
        if self.anchor not in text:
            return text
        if self.anchor == self.local:
            return text.replace(self.local, self.english)
        pattern, order = _compile(self.local)

        def in_english(match: re.Match[str]) -> str:
            values = dict(zip(order, match.groups(), strict=True))
            return _fill(self.english, values)

        return pattern.sub(in_english, text)


@dataclass(frozen=True)
class _Language:
    """One table; ``tells`` are words by which it is seen that a text speaks it."""

    table: Table
    tells: frozenset[str]
    script: re.Pattern[str] | None

    @cached_property
    def messages(self) -> tuple[_Message, ...]:
        """Return its messages, longer first: one may contain another."""
        found = [
            message
            for english, local in self.table
            for message in _messages(english, local)
        ]
        return tuple(sorted(found, key=lambda message: -len(message.local)))

    def is_spoken(self, text: str, words: frozenset[str]) -> bool:
        if self.script and not text.isascii() and self.script.search(text):
            return True
        return not self.tells.isdisjoint(words)


@dataclass(frozen=True)
class Dialect:
    """Every language that outputs may be written in."""

    languages: tuple[_Language, ...] = ()

    def to_english(self, text: str) -> str:
        """Return ``text`` with every known localised message put back to English."""
        words = frozenset(_WORD.findall(text.lower())) if self.languages else None
        for language in self.languages:
            if words and language.is_spoken(text, words):
                for message in language.messages:
                    text = message.translate(text)
        return text


def load_dialect(
    codes: Iterable[str], directories: Iterable[str] = DIRECTORIES
) -> Dialect:
    """Put the catalogues for ``codes`` before the tables that ship with us."""
    tables = [("", installed_table(codes, directories)), *shipped_tables().items()]
    return Dialect(tuple(_language(code, table) for code, table in tables if table))


def _language(code: str, table: Table) -> _Language:
    script = _SCRIPTS.get(code.partition("_")[0] if code else "")
    tells = _words(local for _, local in table) - _words(text for text, _ in table)
    return _Language(table, tells, script)


def _words(texts: Iterable[str]) -> frozenset[str]:
    found = _WORD.findall(" ".join(texts).lower())
    return frozenset(word for word in found if len(word) >= TELL_LENGTH_MINIMUM)


def _messages(english: str, local: str) -> Iterable[_Message]:
    english = _TWICE.sub("", plain_quotes(english))
    local = _TWICE.sub("", plain_quotes(local))
    forms = [local]
    if "%" not in local:
        # zsh writes the messages of the C library with a small letter.
        forms.append(local[:1].lower() + local[1:])
    for form in dict.fromkeys(forms):
        pieces = [piece.strip(" ':\"") for piece in re.split(_BETWEEN, form)]
        anchor = form if "%" not in form else max(pieces, key=len)
        if len(anchor) >= ANCHOR_LENGTH_MINIMUM:
            yield _Message(form, english, anchor)


@cache
def _compile(local: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """Return the pattern for a message with holes, and which hole is which."""
    pieces: list[str] = []
    order: list[int] = []
    at = 0
    for hole in _HOLES.finditer(local):
        pieces.append(re.escape(local[at : hole.start()]))
        at = hole.end()
        if hole["percent"]:
            pieces.append("%")
            continue
        is_character = hole["kind"] == "c"
        pieces.append(_FILLED_BY_CHARACTER if is_character else _FILLED_BY_WORDS)
        order.append(int(hole["position"] or len(order) + 1))
    pieces.append(re.escape(local[at:]))
    starts_open = local.startswith("%")
    ends_open = local.endswith(("s", "c", "d")) and local[-2:-1] in "%$l"
    head = r"(?:^|(?<=: )|(?<=\s))" if starts_open else ""
    tail = r"(?=: |$)" if ends_open else ""
    return re.compile(head + "".join(pieces) + tail, re.MULTILINE), tuple(order)


def _fill(english: str, values: Mapping[int, str]) -> str:
    pieces: list[str] = []
    at = count = 0
    for hole in _HOLES.finditer(english):
        pieces.append(english[at : hole.start()])
        at = hole.end()
        if hole["percent"]:
            pieces.append("%")
            continue
        count += 1
        pieces.append(values.get(int(hole["position"] or count), ""))
    pieces.append(english[at:])
    return "".join(pieces)
