"""An answer as the tiers keep it: JSON of one known form, compressed when large.

What comes back from a disk or a network is a stranger's: it is bounded before it is
unpacked, checked field by field, sanitised, and its command is judged anew.
"""

import zlib
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from terminal_ai.assistant.caching import template
from terminal_ai.assistant.caching.question import Question
from terminal_ai.assistant.caching.template import Template
from terminal_ai.assistant.replies.commands import WHY_LIMIT_CHARACTERS, check_command
from terminal_ai.assistant.replies.reply import Reply
from terminal_ai.records import Answer, AnswerFigures, Risk, Suggestion
from terminal_ai.safety.sanitize import sanitize_text, single_line

COMPRESSED_FROM_BYTES = 1_024
"""A shorter entry would hardly shrink."""
ENTRY_LIMIT_BYTES = 262_144
"""An entry once it is unpacked."""
COMPRESSION_LEVEL = 1
MODEL_LIMIT_CHARACTERS = 200
PIECES_LIMIT = 4_096
SLOTS_LIMIT = 100_000

_COMPRESSED = b"z"
_Number = Annotated[int, Meta(ge=0, lt=SLOTS_LIMIT)]
_Pieces = Annotated[tuple[str | _Number, ...], Meta(max_length=PIECES_LIMIT)]


class _Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Version 1 of an entry; ``texts`` are explanation, thinking, notice and why."""

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
    why = suggestion.why if suggestion else ""
    made = template.make(
        question,
        (answer.explanation, answer.thinking, answer.notice, why),
        suggestion.command if suggestion else None,
    )
    if made is None:
        return None
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


def decode(data: bytes, question: Question) -> Kept | None:
    """Return the answer for this question, or None for whatever is not one."""
    stored = _unpacked(data)
    if stored is None:
        return None
    filled = template.fill(
        Template(stored.texts, stored.command, stored.pins), question
    )
    if filled is None:
        return None
    (explanation, thinking, notice, why), command = filled
    answer = Answer(
        explanation=sanitize_text(explanation),
        suggestion=None,
        model=single_line(stored.model, MODEL_LIMIT_CHARACTERS),
        thinking=sanitize_text(thinking),
        figures=AnswerFigures(),
        notice=sanitize_text(notice),
    )
    if command is not None:
        reply = Reply(answer.explanation, command, stored.risk, is_valid=True)
        checked = check_command(reply, failed_command=question.failed_command)
        if checked.suggestion is None:
            return None
        suggestion = Suggestion(
            checked.suggestion.command,
            checked.suggestion.risk,
            single_line(why, WHY_LIMIT_CHARACTERS),
            stored.confidence,
        )
        answer = replace(answer, suggestion=suggestion)
    return Kept(answer, stored.stored_at)


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
