"""Records as they may leave the program in a file: without secrets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from terminal_ai.plaintext import plain_text
from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.safety.redact import without_printed

Redact = Callable[[str], str]

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x18\x1a\x9c]*"
    r"(?:\x07|\x1b\\|[\x18\x1a\x9c]|(?=\x1b)|$)"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
# How line editors go to the next row without ending the line.
_WRAPPED = re.compile(r" \r(?!\n)")


def without_secrets(record: CommandRecord, redact: Redact) -> CommandRecord:
    """Return the record with every secret that ``redact`` knows taken out.

    An output keeps its bytes, and with them colours and timing, only if no reading
    of them holds a secret; otherwise its redacted text takes their place.
    """
    return replace(
        record,
        command_line=redact(record.command_line),
        cwd=redact(record.cwd),
        output=_redacted(
            record.output,
            lambda text: redact(without_printed(text, record.command_line)),
        ),
    )


def _redacted(output: CapturedOutput, redact: Redact) -> CapturedOutput:
    pieces = (output.head + output.tail, b"")
    if output.elided_bytes:
        pieces = (output.head, output.tail)
    shown = [plain_text(piece) for piece in pieces]
    head, tail = redacted = [redact(text) for text in shown]
    is_clean = redacted == shown and all(
        redact(reading) == reading for piece in pieces for reading in _readings(piece)
    )
    if is_clean:
        return output
    return CapturedOutput(
        head.encode("utf-8", "replace"),
        tail.encode("utf-8", "replace"),
        output.elided_bytes,
        is_text=True,
    )


def _readings(data: bytes) -> Iterator[str]:
    """Yield the bytes as a program or a search of the file would read them.

    What was overwritten or sent in a control sequence is on no screen at the end, but
    it is in the bytes; what colours cut in pieces is whole to the eye.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    if not _CONTROL.search(text):
        return
    yield text
    text = _SEQUENCE.sub("", text)
    yield _CONTROL.sub("", _WRAPPED.sub("", text))
    # What a carriage return overwrites stood on a line of its own before.
    yield _CONTROL.sub("", text.replace("\r", "\n"))
