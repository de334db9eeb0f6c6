"""Records as rows of the history file, and back."""

import sqlite3

from terminal_ai.history.program import first_program
from terminal_ai.history.stored import StoredRecord
from terminal_ai.records import (
    CapturedOutput,
    CommandRecord,
    CommandSource,
    ResourceUsage,
)

INSERT = (
    "INSERT OR IGNORE INTO records (id, command_line, cwd, exit_code, started_at,"
    " duration_seconds, shell, cpu_seconds, cpu_user_seconds, cpu_system_seconds,"
    " peak_rss_bytes, read_bytes, written_bytes, columns, rows,"
    " used_alternate_screen, source, output_elided_bytes, is_redacted, program)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT = (
    "SELECT records.*, outputs.head AS head, outputs.tail AS tail, 0 AS unread_bytes"
    " FROM records JOIN outputs ON outputs.number = records.number"
)
SELECT_PREVIEW = (
    "SELECT records.*, substr(outputs.head, 1, :limit) AS head, '' AS tail,"
    " length(CAST(outputs.head AS BLOB)) + length(CAST(outputs.tail AS BLOB))"
    " - length(CAST(substr(outputs.head, 1, :limit) AS BLOB)) AS unread_bytes"
    " FROM records JOIN outputs ON outputs.number = records.number"
)
"""Takes the number of characters that may be needed; the rest is unread."""


def values(stored: StoredRecord) -> tuple[object, ...]:
    """Return what ``INSERT`` takes."""
    record, used = stored.record, stored.record.resources
    return (
        record.id,
        record.command_line,
        record.cwd,
        record.exit_code,
        record.started_at,
        record.duration_seconds,
        record.shell,
        used.cpu_seconds,
        used.cpu_user_seconds,
        used.cpu_system_seconds,
        used.peak_rss_bytes,
        used.read_bytes,
        used.written_bytes,
        record.columns,
        record.rows,
        record.used_alternate_screen,
        record.source.value,
        record.output.elided_bytes,
        stored.is_redacted,
        first_program(record.command_line),
    )


def to_record(row: sqlite3.Row, limit_bytes: int | None = None) -> CommandRecord:
    """Return the record of a row, its output's head cut if a limit is given."""
    exit_code = row["exit_code"]
    whole = str(row["head"]).encode()
    head = whole[:limit_bytes].decode("utf-8", "ignore").encode()
    unread = row["unread_bytes"] + len(whole) - len(head)
    return CommandRecord(
        id=str(row["id"]),
        command_line=str(row["command_line"]),
        cwd=str(row["cwd"]),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        started_at=_number(row["started_at"]) or 0.0,
        duration_seconds=_number(row["duration_seconds"]) or 0.0,
        output=CapturedOutput(
            head=head,
            tail=str(row["tail"]).encode(),
            elided_bytes=(_count(row["output_elided_bytes"]) or 0) + unread,
            is_text=True,
        ),
        shell=str(row["shell"]),
        resources=_resources(row),
        used_alternate_screen=bool(row["used_alternate_screen"]),
        source=CommandSource(str(row["source"])),
        columns=_count(row["columns"]) or 0,
        rows=_count(row["rows"]) or 0,
    )


def _resources(row: sqlite3.Row) -> ResourceUsage:
    user = _number(row["cpu_user_seconds"])
    system = _number(row["cpu_system_seconds"])
    if user is None and (whole := _number(row["cpu_seconds"])) is not None:
        # Version 1 did not tell them apart.
        user, system = whole, 0.0
    return ResourceUsage(
        cpu_user_seconds=user,
        cpu_system_seconds=system,
        peak_rss_bytes=_count(row["peak_rss_bytes"]),
        read_bytes=_count(row["read_bytes"]),
        written_bytes=_count(row["written_bytes"]),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
