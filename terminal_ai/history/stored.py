"""A record as it may lie on disk: its output as text, and no secret in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from terminal_ai.plaintext import plain_text
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import without_printed


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record without secrets, and the text of its output's head and tail."""

    record: CommandRecord
    head: str
    tail: str
    is_redacted: bool


def without_secrets(
    record: CommandRecord, redact: Callable[[str], str]
) -> StoredRecord:
    """Return what of a record may be written to disk.

    ``is_redacted`` says that the command line is no longer the one that ran.
    """
    output = record.output
    if output.elided_bytes:
        head, tail = plain_text(output.head), plain_text(output.tail)
    else:
        head, tail = plain_text(output.head + output.tail), ""
    command_line = redact(record.command_line)
    return StoredRecord(
        record=replace(
            record,
            command_line=storable(command_line),
            cwd=storable(redact(record.cwd)),
        ),
        head=redact(without_printed(head, record.command_line)),
        tail=redact(without_printed(tail, record.command_line)),
        is_redacted=command_line != record.command_line,
    )


def storable(text: str) -> str:
    """Return the text without what SQLite cannot hold: NUL and lone surrogates."""
    return text.replace("\0", "\u2400").encode("utf-8", "replace").decode()


def holds(record: CommandRecord, terms: Sequence[str]) -> bool:
    """True if every term is in the command line or in the output, in any case.

    The output's bytes are searched as they came: rendering them all costs seconds.
    """
    command_line = record.command_line.casefold()
    missing = [term for term in terms if term.casefold() not in command_line]
    if not missing:
        return True
    output = (record.output.head + record.output.tail).lower()
    return all(term.lower().encode("utf-8", "replace") in output for term in missing)
