"""What the user wants to know, before anything is composed, redacted or sent."""

import enum
from collections.abc import Sequence
from typing import Final

import msgspec

from terminal_ai.records import Advice, CommandRecord, ModelRole


class InquiryKind(enum.StrEnum):
    """What is asked for."""

    EXPLAIN = "explain"
    """Why a command failed, or what it did, and what helps."""
    ASK = "ask"
    """An open question."""
    COMMAND = "command"
    """One command for a sentence."""


class Wording(enum.StrEnum):
    """How the answer is to be written."""

    NORMAL = "normal"
    SIMPLER = "simpler"
    SHORTER = "shorter"


# Looking a member up in its enumeration costs as much as the rest of an inquiry.
_EXPLAIN: Final = InquiryKind.EXPLAIN
_ASK: Final = InquiryKind.ASK


# Both hold only what was there before them, so that no cycle can come to be.
class Exchange(msgspec.Struct, frozen=True, gc=False):
    """An earlier question of the same thread, and its answer."""

    question: str
    answer: str


class Inquiry(msgspec.Struct, frozen=True, gc=False):
    """One question to a model; ``msgspec.structs.replace`` makes another of it.

    ``record`` is what it is about, ``history`` what is told besides, oldest first;
    both are None or empty where the user wants nothing sent. ``material`` is text from
    outside the terminal, such as stdin. ``is_another`` asks for an answer unlike the
    one the user has read. ``directory`` is where the user is, if that is known.
    """

    kind: InquiryKind
    question: str = ""
    record: CommandRecord | None = None
    advice: Advice | None = None
    history: tuple[CommandRecord, ...] = ()
    thread: tuple[Exchange, ...] = ()
    material: str = ""
    wording: Wording = Wording.NORMAL
    is_another: bool = False
    directory: str = ""

    @property
    def role(self) -> ModelRole:
        """The kind of model that is fit for it."""
        is_short = self.wording is Wording.SHORTER
        return ModelRole.LIGHT if is_short else ModelRole.HEAVY

    @classmethod
    def about(cls, record: CommandRecord, *, advice: Advice | None = None) -> "Inquiry":
        """Ask why a command failed, or what it did."""
        return cls(_EXPLAIN, "", record, advice)

    @classmethod
    def open(
        cls, question: str, *, recent: Sequence[CommandRecord], directory: str = ""
    ) -> "Inquiry":
        """Ask a question of one's own; the order of ``recent`` does not matter.

        A failure just before the question is most likely what it is about. Private
        records are left out.
        """
        told = sorted(
            (record for record in recent if not record.is_private),
            key=lambda record: record.started_at,
        )
        failure = told.pop() if told and told[-1].has_failed else None
        return cls(
            _ASK,
            question,
            record=failure,
            history=tuple(told),
            directory=directory,
        )

    @property
    def records(self) -> tuple[CommandRecord, ...]:
        """Every record it tells of, oldest first."""
        return (*self.history, *((self.record,) if self.record else ()))

    @property
    def place(self) -> str:
        """The directory it is asked in, or the one of the newest record."""
        return self.directory or next(
            (record.cwd for record in reversed(self.records)), ""
        )
