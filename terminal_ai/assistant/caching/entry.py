"""An answer as the tiers keep it: JSON of one known form, compressed when large.

What comes back from a disk or a network is a stranger's: it is bounded before it is
unpacked, checked field by field, sanitised, and its command is judged anew.
"""

import functools
import zlib
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from terminal_ai.assistant.caching import template
from terminal_ai.assistant.caching.question import Question
from terminal_ai.assistant.caching.template import Template
from terminal_ai.assistant.replies.commands import WHY_LIMIT_CHARACTERS, check_command
from terminal_ai.assistant.replies.reply import Reply
from terminal_ai.records import Answer, AnswerOrigin, Risk, Suggestion
from terminal_ai.safety.sanitize import sanitize_text, single_line

COMPRESSED_FROM_BYTES = 1_024
"""A shorter entry would hardly shrink."""
ENTRY_LIMIT_BYTES = 262_144
"""An entry once it is unpacked."""
COMPRESSION_LEVEL = 1
CHECKED_LIMIT = 256
"""Commands whose risk is remembered: it costs more than all the rest of a hit."""
MODEL_LIMIT_CHARACTERS = 200
PIECES_LIMIT = 4_096
SLOTS_LIMIT = 100_000

_COMPRESSED = b"z"
_Number = Annotated[int, Meta(ge=0, lt=SLOTS_LIMIT)]
_Pieces = Annotated[tuple[str | _Number, ...], Meta(max_length=PIECES_LIMIT)]


class _Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Version 1 of an entry.

    ``texts`` are the explanation, the thinking, the notice, and why the command helps,
    which is empty where that is the beginning of the explanation.
    """

    version: Literal[1] = 1
    stored_at: float
    model: str
    texts: tuple[_Pieces, _Pieces, _Pieces, _Pieces]
    command: _Pieces | None
    risk: Risk
    confidence: Annotated[float, Meta(ge=0, le=1)]
    pins: dict[_Number, str]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Stored)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was kept, and when, in seconds since the epoch."""

    answer: Answer
    stored_at: float


@dataclass(frozen=True, slots=True)
class Encoded:
    """An entry's bytes; ``is_pinned`` if it is bound to some of its literals."""

    data: bytes
    is_pinned: bool


def encode(question: Question, answer: Answer, *, stored_at: float) -> Encoded | None:
    """Return the entry, or None where the answer can only be told once."""
    suggestion = answer.suggestion
    # Where it only begins the explanation it would end in half a literal.
    why = suggestion.why if suggestion else ""
    if why == _beginning(answer.explanation):
        why = ""
    made = template.make(
        question,
        (answer.explanation, answer.thinking, answer.notice, why),
        suggestion.command if suggestion else None,
    )
    if made is None:
        return None
    if suggestion is not None:
        _checked(suggestion.command, suggestion.risk, question.failed_command)
    explanation, thinking, notice, why_pieces = made.texts
    stored = _Stored(
        stored_at=stored_at,
        model=answer.model,
        texts=(explanation, thinking, notice, why_pieces),
        command=made.command,
        risk=suggestion.risk if suggestion else Risk.SAFE,
        confidence=suggestion.confidence if suggestion else 0.0,
        pins=made.pins,
    )
    data = _encoder.encode(stored)
    if len(data) > ENTRY_LIMIT_BYTES:
        return None
    if len(data) >= COMPRESSED_FROM_BYTES:
        data = _COMPRESSED + zlib.compress(data, COMPRESSION_LEVEL)
    return Encoded(data, is_pinned=bool(made.pins))


def decode(
    data: bytes,
    question: Question,
    *,
    origin: AnswerOrigin = AnswerOrigin.MODEL,
    now: float | None = None,
) -> Kept | None:
    """Return the answer for this question, or None for whatever is not one.

    ``origin`` and its age at ``now`` are told with it.
    """
    stored = _unpacked(data)
    if stored is None:
        return None
    filled = template.fill(
        Template(stored.texts, stored.command, stored.pins), question
    )
    if filled is None:
        return None
    (explanation, thinking, notice, why), command = filled
    explanation = sanitize_text(explanation)
    suggestion = None
    if command is not None:
        checked = _checked(command, stored.risk, question.failed_command)
        if checked is None:
            return None
        suggestion = Suggestion(
            checked.command,
            checked.risk,
            _beginning(why or explanation),
            stored.confidence,
        )
    answer = Answer(
        explanation,
        suggestion,
        single_line(stored.model, MODEL_LIMIT_CHARACTERS),
        thinking=sanitize_text(thinking),
        age_seconds=None if now is None else max(now - stored.stored_at, 0.0),
        notice=sanitize_text(notice),
        origin=origin,
    )
    return Kept(answer, stored.stored_at)


def _beginning(text: str) -> str:
    return single_line(" ".join(text.split()), WHY_LIMIT_CHARACTERS)


@functools.lru_cache(CHECKED_LIMIT)
def _checked(command: str, risk: Risk, failed_command: str) -> Suggestion | None:
    """Judge a command as if the model had just said it."""
    reply = Reply("", command, risk, is_valid=True)
    return check_command(reply, failed_command=failed_command).suggestion


def _unpacked(data: bytes) -> _Stored | None:
    try:
        if data[:1] == _COMPRESSED:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(data[1:], ENTRY_LIMIT_BYTES)
            if not unpacker.eof:
                return None
        elif len(data) > ENTRY_LIMIT_BYTES:
            return None
        return _decoder.decode(data)
    except (zlib.error, msgspec.DecodeError, UnicodeError, RecursionError):
        return None
