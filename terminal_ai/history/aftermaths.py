"""What was run after earlier failures of a command: the raw memory of fixes."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from terminal_ai.records import Aftermath, Attempt, CommandRecord

FAILURES_LIMIT = 20
"""Earlier failures that are looked at, the newest first."""
ATTEMPTS_LIMIT = 8
"""Commands after a failure that may have to do with it."""
SCANNED_RECORDS = 32
"""Records read after a failure: other sessions write between ours."""
WINDOW_SECONDS = 900.0
"""After this long people are doing something else."""


def stored_aftermaths(
    connection: sqlite3.Connection, command_line: str
) -> list[Aftermath]:
    """Read them from the disk; lines that held a secret are left out."""
    failures = connection.execute(
        "SELECT number, id, cwd, started_at + duration_seconds FROM records"
        " WHERE command_line = ? AND exit_code != 0 ORDER BY number DESC LIMIT ?",
        (command_line, FAILURES_LIMIT),
    ).fetchall()
    return [
        Aftermath(cwd, tuple(_stored_attempts(connection, number, identity, ended_at)))
        for number, identity, cwd, ended_at in failures
    ]


def _stored_attempts(
    connection: sqlite3.Connection, number: int, failure_id: str, ended_at: float
) -> Iterator[Attempt]:
    session = failure_id.rpartition("-")[0]
    rows = connection.execute(
        "SELECT id, command_line, exit_code, used_alternate_screen, is_redacted"
        " FROM (SELECT * FROM records WHERE number > ? ORDER BY number LIMIT ?)"
        " WHERE started_at <= ? ORDER BY number",
        (number, SCANNED_RECORDS, ended_at + WINDOW_SECONDS),
    ).fetchall()
    ours = [row for row in rows if row[0].rpartition("-")[0] == session]
    for _, command_line, exit_code, alternate, is_redacted in ours[:ATTEMPTS_LIMIT]:
        if not is_redacted:
            yield Attempt(command_line, exit_code == 0, bool(alternate))


def remembered_aftermaths(
    records: Sequence[CommandRecord], command_line: str, redact: Callable[[str], str]
) -> list[Aftermath]:
    """Find them among records, given oldest first.

    Private ones and those with a secret are left out.
    """
    found: list[Aftermath] = []
    for at in range(len(records) - 1, -1, -1):
        failure = records[at]
        if failure.command_line == command_line and failure.has_failed:
            found.append(_aftermath(failure, records[at + 1 :], redact))
            if len(found) == FAILURES_LIMIT:
                break
    return found


def _aftermath(
    failure: CommandRecord,
    later: Sequence[CommandRecord],
    redact: Callable[[str], str],
) -> Aftermath:
    limit = failure.started_at + failure.duration_seconds + WINDOW_SECONDS
    ours = [
        record
        for record in later[:SCANNED_RECORDS]
        if record.session_id == failure.session_id and record.started_at <= limit
    ]
    return Aftermath(
        failure.cwd,
        tuple(
            Attempt(
                record.command_line, record.exit_code == 0, record.used_alternate_screen
            )
            for record in ours[:ATTEMPTS_LIMIT]
            if not record.is_private
            and redact(record.command_line) == record.command_line
        ),
    )
