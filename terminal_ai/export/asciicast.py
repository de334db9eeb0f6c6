"""Records as one recording in the asciicast v3 format, for asciinema's players.

A header, then one event a line: the seconds since the event before it, a code, data.
Only times that are known are written: an output without timing comes at its command's
end. What was typed is not known key by key, so it is output, after a plain ``$``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from terminal_ai.export.json_form import json_line
from terminal_ai.export.playable import playable
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import sanitize_text, single_line

VERSION = 3
TERMINAL_TYPE = "xterm-256color"
IDLE_LIMIT_SECONDS = 2.0
"""Players show longer pauses as this long; the file holds the real ones."""
SIZE_LIMIT = 65_535
"""Players count columns and rows in sixteen bits."""
TITLE_LIMIT = 200
CUT_LINE_LIMIT_BYTES = 4_096
"""After a gap so much is dropped at most, to begin with a whole line."""

_MICROSECONDS = 1_000_000
_CUT_LINE = re.compile(rb"[^\n]{0,%d}\n" % CUT_LINE_LIMIT_BYTES)
# Colours, margins, character sets and modes that an output may have left behind.
_RESET = "\x1b[!p"


@dataclass(frozen=True, slots=True)
class _Event:
    """What happens ``at`` some seconds since the epoch."""

    at: float
    code: str
    data: str


def asciicast(records: Iterable[CommandRecord], *, remark: str = "") -> str:
    """Return the records as a recording, in the order of their starts.

    ``remark`` becomes a comment after the header.
    """
    chronological = sorted(records, key=lambda record: record.started_at)
    lines = [json_line(_header(chronological))]
    if remark:
        lines.append(f"# {single_line(remark, TITLE_LIMIT)}")
    before = None
    for event in _events(chronological):
        # Whole microseconds, so that rounding never adds up; clocks are set back.
        at = round(event.at * _MICROSECONDS)
        interval = 0 if before is None else max(0, at - before)
        before = at if before is None else before + interval
        lines.append(json_line([interval / _MICROSECONDS, event.code, event.data]))
    return "\n".join(lines) + "\n"


def _header(records: Sequence[CommandRecord]) -> dict[str, object]:
    first = records[0] if records else None
    header: dict[str, object] = {
        "version": VERSION,
        "term": {"cols": 80, "rows": 24, "type": TERMINAL_TYPE},
        "idle_time_limit": IDLE_LIMIT_SECONDS,
    }
    if first is None:
        return header
    columns, rows = _size(first)
    header["term"] = {"cols": columns, "rows": rows, "type": TERMINAL_TYPE}
    header["timestamp"] = max(0, int(first.started_at))
    header["title"] = _title(records)
    if first.shell:
        header["env"] = {"SHELL": sanitize_text(first.shell)}
    return header


def _title(records: Sequence[CommandRecord]) -> str:
    title = single_line(records[0].command_line, TITLE_LIMIT)
    more = len(records) - 1
    if not more:
        return title
    return ngettext(
        "{command} and {count} more", "{command} and {count} more", more
    ).format(command=title, count=more)


def _events(records: Sequence[CommandRecord]) -> Iterator[_Event]:
    size = _size(records[0]) if records else (0, 0)
    before_prompt = ""
    for record in records:
        starts_at, ends_at = record.started_at, _end(record)
        if _size(record) != size:
            size = _size(record)
            yield _Event(starts_at, "r", f"{size[0]}x{size[1]}")
        yield _Event(starts_at, "m", single_line(record.command_line, TITLE_LIMIT))
        yield _Event(starts_at, "o", before_prompt + _typed(record.command_line))
        last = "\n"
        for at, text in _printed(record):
            yield _Event(at, "o", text)
            last = text
        if record.used_alternate_screen:
            said = _("[what it showed on the full screen was not recorded]")
            last = f"{_to_new_line(last)}{_RESET}{said}\r\n"
            yield _Event(ends_at, "o", last)
        before_prompt = _to_new_line(last) + _RESET
    if records and records[-1].exit_code is not None:
        yield _Event(_end(records[-1]), "x", str(records[-1].exit_code))


def _typed(command_line: str) -> str:
    lines = sanitize_text(command_line).split("\n")
    return "".join(
        f"{'>' if number else '$'} {line}\r\n" for number, line in enumerate(lines)
    )


def _printed(record: CommandRecord) -> Iterator[tuple[float, str]]:
    """Yield what was printed, and when, in seconds since the epoch."""
    output = record.output
    if output.is_text:
        if text := sanitize_text(output.text):
            yield _end(record), text.replace("\n", "\r\n") + "\r\n"
        return
    if not output.elided_bytes:
        yield from _played(record, output.head + output.tail, 0)
        return
    last = "\n"
    for at, text in _played(record, output.head, 0):
        yield at, text
        last = text
    cut_line = _CUT_LINE.match(output.tail)
    tail = output.tail[cut_line.end() if cut_line else 0 :]
    dropped = len(output.tail) - len(tail)
    output = replace(output, tail=tail, elided_bytes=output.elided_bytes + dropped)
    before_tail = f"{_to_new_line(last)}{_RESET}{output.gap}\r\n"
    for at, text in _played(record, tail, len(output.head) + output.elided_bytes):
        yield at, before_tail + text
        before_tail = ""
    if before_tail:
        yield _end(record), before_tail


def _played(
    record: CommandRecord, data: bytes, offset_bytes: int
) -> Iterator[tuple[float, str]]:
    """Yield what of a part of the output can be played, step by step."""
    times, pieces = [], []
    start = 0
    end_of_time = (record.duration_seconds, offset_bytes + len(data))
    for seconds, printed_bytes in (*record.output.timeline, end_of_time):
        stop = min(printed_bytes - offset_bytes, len(data))
        if stop > start:
            times.append(min(record.started_at + seconds, _end(record)))
            pieces.append(data[start:stop])
            start = stop
    for at, text in zip(times, playable(pieces), strict=True):
        if text:
            yield at, text


def _to_new_line(text: str) -> str:
    """Return what must follow the text for the cursor to stand on a new line."""
    return "" if text.endswith("\n") else "\r\n"


def _end(record: CommandRecord) -> float:
    return record.started_at + max(0.0, record.duration_seconds)


def _size(record: CommandRecord) -> tuple[int, int]:
    columns, rows = (
        min(max(1, count), SIZE_LIMIT) for count in (record.columns, record.rows)
    )
    return columns, rows
