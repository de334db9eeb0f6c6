"""What makes two questions the same."""

import functools
import getpass
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from terminal_ai.assistant.caching.noise import MARK, Slot, SlotKind
from terminal_ai.assistant.caching.normalise import Normaliser, Place
from terminal_ai.assistant.context.parts import ComposedPrompt, PartKind
from terminal_ai.assistant.context.rules import PROMPT_VERSION
from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import redact

TAG_DIGITS = 10
"""Of a tag's digest, in hexadecimal."""

RULES_LIMIT = 4
"""Texts of rules whose words are known: they stand in every prompt."""

_WORD = re.compile(r"[\w.-]+")
PART = re.compile(r"\w+")
_SLOT = re.compile(f"{MARK}[^{MARK}]*{MARK}")
PLACES = frozenset({SlotKind.DIRECTORY, SlotKind.HOME, SlotKind.USER})


@dataclass(frozen=True, slots=True)
class Question:
    """One question as the cache sees it.

    ``key`` is of the question as it is, every letter of it: only its equals may share
    a request. ``signature`` is of the question with slots for what varies from run to
    run: those who share it may share an answer, filled with their own ``slots``.
    ``local`` is the signature together with the place. ``unclear`` numbers the slots
    whose literal the question holds elsewhere too, and ``words`` are those that it
    holds besides its slots and that may be taken for a quotation of one. Answers are
    dropped by ``tags``.
    """

    key: str
    signature: str
    local: str
    slots: tuple[Slot, ...] = ()
    unclear: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    kind: InquiryKind = InquiryKind.EXPLAIN
    failed_command: str = ""
    is_private: bool = False


def question_of(
    inquiry: Inquiry,
    composed: ComposedPrompt,
    *,
    model: str,
    digest: str,
    temperature: float | None = None,
    home: str | None = None,
    user: str | None = None,
) -> Question:
    """Return what tells this question from others.

    All that is sent is in its key, as it is sent: rules, language, system, project
    facts and history among it. It reads the whole prompt: not for the event loop.
    """
    record = inquiry.record
    command = record.command_line if record else ""
    place = Place(
        record.cwd if record else inquiry.directory,
        _home() if home is None else home,
        _user() if user is None else user,
    )
    about = (
        PROMPT_VERSION,
        model,
        digest,
        temperature,
        inquiry.kind,
        inquiry.role,
        inquiry.wording,
        record.exit_code if record else None,
        composed.answer_tokens,
        composed.facts.branch,
        composed.facts.kinds,
        # What is forbidden to others is not to root.
        place.user == "root",
    )
    texts = [(part.kind, part.text) for part in composed.parts]
    names = (command, inquiry.question, *(one.command_line for one in inquiry.history))
    normaliser = Normaliser(place, names="\n".join(names))
    # A text with marks of its own could pass for another one: nothing is masked then.
    is_forged = any(MARK in text for _, text in texts)
    masked = [
        (kind, text if is_forged or kind is PartKind.RULES else normaliser.mask(text))
        for kind, text in texts
    ]
    slots = tuple(normaliser.slots)
    signature = _digest((about, is_forged, masked))
    places = [slot.value for slot in slots if slot.kind in PLACES]
    # What stands in it besides the slots.
    fixed = MARK.join(_SLOT.sub(MARK, text) for _, text in masked)
    return Question(
        key=_digest((about, place.cwd, texts)),
        signature=signature,
        local=_digest((signature, places)),
        slots=slots,
        unclear=frozenset(
            number for number, slot in enumerate(slots) if slot.value in fixed
        ),
        words=_words(masked, places),
        tags=(command_tag(record),) if record else (),
        kind=inquiry.kind,
        failed_command=composed.command_line,
        is_private=any(one.is_private for one in inquiry.records),
    )


def command_tag(record: CommandRecord) -> str:
    """Return the tag of all that is said of one command line in one directory.

    It is short on purpose: the few answers that share it by chance are dropped with
    it, and nobody can find a command line by trying.
    """
    told = (redact(record.command_line.strip()), record.cwd)
    return _digest(told)[:TAG_DIGITS]


def _words(
    masked: Sequence[tuple[PartKind, str]], places: Sequence[str]
) -> frozenset[str]:
    """Return the words with a part that is in the name of a place, too."""
    names = {part for value in places for part in PART.findall(value.casefold())}
    if not names:
        return frozenset()
    words: set[str] = set()
    for kind, text in masked:
        by_part = (_words_of_rules if kind is PartKind.RULES else _words_by_part)(text)
        words.update(*(by_part[name] for name in names & by_part.keys()))
    return frozenset(words)


def _words_by_part(masked: str) -> Mapping[str, set[str]]:
    """Return the words of a masked text besides its slots, by what they are made of."""
    by_part: defaultdict[str, set[str]] = defaultdict(set)
    for word in set(words_of(_SLOT.sub(MARK, masked).casefold())):
        for part in PART.findall(word):
            by_part[part].add(word)
    return by_part


_words_of_rules = functools.lru_cache(RULES_LIMIT)(_words_by_part)


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text; a file's name is one, its path is several."""
    for word in _WORD.findall(text):
        if name := word.strip(".-"):
            yield name


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@functools.cache
def _home() -> str:
    return str(Path.home())


@functools.cache
def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
