"""An answer without the literals of the question it answered, and back."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from terminal_ai.assistant.caching.noise import Slot, SlotKind
from terminal_ai.assistant.caching.question import PART, PLACES, Question, words_of

Pieces = tuple[str | int, ...]
"""A text: literal parts, and the numbers of slots between them."""

PLAIN_LENGTH = 4
"""Shorter literals are found in texts that do not quote them."""
PART_LENGTH = 3
"""Shorter parts of a literal are in most texts."""
PIN_DIGITS = 16
_PLACEHOLDER = re.compile(r"\[redacted:[^\[\]\n]*\]?")
_PAIR = re.compile(r"(?=(?<!\d)(\d+[:.,_/-]\d+)(?!\d))")
_NUMBER = re.compile(r"\d+")
# Ports and years: a text may name them without quoting anything.
_TELLING_NUMBERS = re.compile(
    r"\d{1,3}|\d*0{2,}|19\d\d|20\d\d|80[0-9][0-9]|[1-9]443|3306|5432|6379|9090|27017|31337"
)
_HARMLESS = re.compile(r"[\w./@:+,%=][\w./@:+,%=-]*", re.ASCII)
"""No shell reads this as anything but itself."""
# Directories that say nothing of whose they are.
_ROOTS = frozenset(
    "home users tmp var private folders mnt srv opt data work workspace".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Template:
    """The texts of an answer with the numbers of slots for what they quote.

    ``pins`` are digests of the literals that could not be replaced one-to-one: only a
    question with the same ones may have the answer.
    """

    texts: tuple[Pieces, ...]
    command: Pieces | None
    pins: dict[int, str]


def make(
    question: Question, texts: Sequence[str], command: str | None
) -> Template | None:
    """Return the template, or None where the answer can only be told once."""
    cutter = _Cutter(question)
    cut = tuple(cutter.cut(text) for text in texts)
    cut_command = None if command is None else cutter.cut(command)
    whole = (*cut, *(() if cut_command is None else (cut_command,)))
    rest = [piece for pieces in whole for piece in pieces if isinstance(piece, str)]
    if any(_PLACEHOLDER.search(text) for text in rest):
        # A secret that the question does not hold: nobody could tell which.
        return None
    pinned = set(_pinned(question, rest))
    pinned |= {
        number
        for number in _numbers(cut_command or ())
        if not _is_harmless(question.slots[number])
    }
    pins = {number: _pin(question, number) for number in sorted(pinned)}
    return Template(cut, cut_command, pins)


def fill(
    template: Template, question: Question
) -> tuple[tuple[str, ...], str | None] | None:
    """Return the texts and the command for a question, or None if they do not fit."""
    slots = question.slots
    for number, pin in template.pins.items():
        if not 0 <= number < len(slots) or _pin(question, number) != pin:
            return None
    values: dict[str | int, str] = {
        number: slot.value for number, slot in enumerate(slots)
    }
    try:
        texts = tuple([_filled(pieces, values) for pieces in template.texts])
        if template.command is None:
            return texts, None
        command = _filled(template.command, values)
    except KeyError:
        return None
    for number in _numbers(template.command):
        if number not in template.pins and not _is_harmless(slots[number]):
            return None
    return texts, command


class _Cutter:
    """Cuts texts where they quote a slot's literal."""

    def __init__(self, question: Question) -> None:
        self._numbers = {
            slot.value: number
            for number, slot in enumerate(question.slots)
            if number not in question.unclear and _is_plain(slot)
        }
        # The longest first: a directory's name begins with its parent's.
        literals = sorted(self._numbers, key=len, reverse=True)
        self._pattern = (
            re.compile("|".join(map(_whole, literals))) if literals else None
        )

    def cut(self, text: str) -> Pieces:
        if self._pattern is None:
            return (text,)
        pieces: list[str | int] = []
        end = 0
        for match in self._pattern.finditer(text):
            pieces += (text[end : match.start()], self._numbers[match[0]])
            end = match.end()
        return (*pieces, text[end:])


def _whole(literal: str) -> str:
    """Return a pattern for the literal where it is no part of a longer word."""
    before = r"(?<![A-Za-z0-9])" if literal[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if literal[-1].isalnum() else ""
    return f"{before}{re.escape(literal)}{after}"


def _pinned(question: Question, rest: Sequence[str]) -> Iterator[int]:
    """Yield the slots that are still quoted, whole or in part."""
    whole = "\n".join(rest).casefold()
    parts = {*PART.findall(whole), *_PAIR.findall(whole)}
    words = set(words_of(whole))
    # Words of the question's own are no quotations of what is around them in a path.
    own = words - question.words
    names = own | {part for word in own for part in PART.findall(word)}
    for number, slot in enumerate(question.slots):
        value = slot.value.casefold()
        if slot.kind in PLACES:
            last = value.rpartition("/")[2]
            is_quoted = last in words or not names.isdisjoint(_names(value))
        else:
            is_quoted = not parts.isdisjoint(_fragments(slot))
        is_short = len(value) < PLAIN_LENGTH
        if is_quoted or (value in parts if is_short else value in whole):
            yield number


def _names(value: str) -> Iterator[str]:
    """Yield the names in a path, and the words in those."""
    for name in filter(None, value.split("/")):
        if name not in _ROOTS:
            yield name
            yield from (part for part in PART.findall(name) if len(part) >= PART_LENGTH)


def _fragments(slot: Slot) -> Iterator[str]:
    """Yield the parts of a literal that a text may quote by themselves."""
    value = slot.value.casefold()
    if slot.kind is SlotKind.SECRET:
        yield value.rstrip("]").rpartition(":")[2]
        return
    yield from _PAIR.findall(value)
    yield from (part for part in PART.findall(value) if len(part) >= PART_LENGTH)


def _numbers(pieces: Pieces) -> list[int]:
    return [piece for piece in pieces if isinstance(piece, int)]


def _is_plain(slot: Slot) -> bool:
    """Tell whether a text that holds the literal can only mean the slot."""
    if len(slot.value) < PLAIN_LENGTH:
        return False
    is_number = _NUMBER.fullmatch(slot.value) is not None
    return not (is_number and _TELLING_NUMBERS.fullmatch(slot.value))


def _is_harmless(slot: Slot) -> bool:
    if slot.kind is SlotKind.SECRET:
        return True
    return _HARMLESS.fullmatch(slot.value) is not None


def _pin(question: Question, number: int) -> str:
    text = f"{question.signature}\0{number}\0{question.slots[number].value}"
    return hashlib.sha256(text.encode()).hexdigest()[:PIN_DIGITS]


def _filled(pieces: Pieces, values: Mapping[str | int, str]) -> str:
    return "".join(
        [piece if isinstance(piece, str) else values[piece] for piece in pieces]
    )
