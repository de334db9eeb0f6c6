"""A prompt as rows: one for each part, and one for each record that may go along."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from terminal_ai.assistant.context.parts import ContextPart, PartKind
from terminal_ai.records import CommandRecord

_BEFORE_RECORDS = (PartKind.RULES, PartKind.FACTS)


@dataclass(frozen=True, slots=True)
class ContextRow:
    """One part of a prompt; or a record that is not in it, whose part is None.

    ``is_ticked`` tells whether its record may go along; None where nobody can choose.
    """

    kind: PartKind
    title: str
    part: ContextPart | None
    record: CommandRecord | None = None
    is_ticked: bool | None = None

    @property
    def name(self) -> str:
        """What stays the same when the prompt is written anew."""
        return f"{self.kind} {self.record.id}" if self.record else self.kind.value

    @property
    def tokens(self) -> int:
        """What it takes of the window."""
        return self.part.tokens if self.part is not None and self.part.text else 0

    @property
    def was_cut(self) -> bool:
        """True if not all of it is sent, though it may go along."""
        if self.part is None:
            return bool(self.is_ticked)
        return self.part.was_cut


def context_rows(
    parts: Sequence[ContextPart],
    offered: Sequence[CommandRecord],
    about: CommandRecord | None,
    is_ticked: Callable[[CommandRecord], bool],
) -> tuple[ContextRow, ...]:
    """Return every part that is sent, and every record that could be.

    ``offered`` are the records that may go along, oldest first, ``about`` is the one
    that the question is about.
    """
    known = {record.id: record for record in offered}
    told = {part.record_id: part for part in parts if part.kind is PartKind.HISTORY}
    before = [part for part in parts if part.kind in _BEFORE_RECORDS]
    after = [
        part for part in parts if part.kind not in (*_BEFORE_RECORDS, PartKind.HISTORY)
    ]

    def rows() -> Iterator[ContextRow]:
        for part in before:
            yield _row(part)
        for record_id, part in told.items():
            if record_id not in known:
                yield _row(part)
        for record in offered:
            yield ContextRow(
                PartKind.HISTORY,
                record.command_line,
                told.get(record.id),
                record,
                is_ticked(record),
            )
        if about is not None and all(
            part.kind is not PartKind.COMMAND for part in after
        ):
            yield _about(about, None, is_ticked)
        for part in after:
            if part.kind is PartKind.COMMAND and about is not None:
                yield _about(about, part, is_ticked)
            else:
                yield _row(part)

    return tuple(rows())


def sent_rows(parts: Sequence[ContextPart]) -> tuple[ContextRow, ...]:
    """Return the parts of a prompt that has been sent, in its order."""
    return tuple(_row(part) for part in parts)


def _about(
    record: CommandRecord,
    part: ContextPart | None,
    is_ticked: Callable[[CommandRecord], bool],
) -> ContextRow:
    return ContextRow(
        PartKind.COMMAND, record.command_line, part, record, is_ticked(record)
    )


def _row(part: ContextPart) -> ContextRow:
    lines = part.text.splitlines()
    # The tag around it says no more than the kind does.
    is_tagged = len(lines) > 1 and lines[0] == f"<{part.kind}>"
    return ContextRow(part.kind, lines[is_tagged] if lines else "", part)
