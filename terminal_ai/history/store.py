"""Records in one SQLite file: written in batches, searched by substring."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from terminal_ai.history.aftermaths import stored_aftermaths
from terminal_ai.history.matching import ended_at, is_wanted, ordered, terms_of
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.schema import create_text_index, migrate, transaction
from terminal_ai.history.stored import StoredRecord
from terminal_ai.records import (
    Aftermath,
    CapturedOutput,
    CommandRecord,
    CommandSource,
    ResourceUsage,
)

BUSY_TIMEOUT_SECONDS = 5.0
"""How long one process waits for another's write."""
OPEN_ATTEMPTS = 10
OPEN_RETRY_SECONDS = 0.05
TRIGRAM = 3
"""The full-text index answers for terms of at least this many characters."""
INDEX_BATCH_RECORDS = 500

_INSERT = (
    "INSERT OR IGNORE INTO records (id, command_line, cwd, exit_code, started_at,"
    " duration_seconds, shell, cpu_seconds, peak_rss_bytes, used_alternate_screen,"
    " source, output_elided_bytes, is_redacted)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SELECT = (
    "SELECT id, records.command_line, cwd, exit_code, started_at, duration_seconds,"
    " shell, cpu_seconds, peak_rss_bytes, used_alternate_screen, source,"
    " output_elided_bytes, outputs.head, outputs.tail"
    " FROM records JOIN outputs ON outputs.number = records.number"
)


class RecordStore:
    """The open file. One thread writes; any thread may read."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises sqlite3.Error or NewerSchemaError."""
        self._writer = _connect(path)
        try:
            migrate(self._writer)
            self.has_text_index = create_text_index(self._writer)
            self._reader = _connect(path)
        except BaseException:
            self._writer.close()
            raise
        self._reading = threading.Lock()

    def write(self, records: Iterable[StoredRecord]) -> None:
        """Store the records in one transaction; known ids are left as they are."""
        with transaction(self._writer):
            for stored in records:
                self._insert(stored)

    def _insert(self, stored: StoredRecord) -> None:
        record = stored.record
        cursor = self._writer.execute(
            _INSERT,
            (
                record.id,
                record.command_line,
                record.cwd,
                record.exit_code,
                record.started_at,
                record.duration_seconds,
                record.shell,
                record.resources.cpu_seconds,
                record.resources.peak_rss_bytes,
                record.used_alternate_screen,
                record.source.value,
                record.output.elided_bytes,
                stored.is_redacted,
            ),
        )
        if not cursor.rowcount:
            return
        number = cursor.lastrowid
        self._writer.execute(
            "INSERT INTO outputs VALUES (?, ?, ?)", (number, stored.head, stored.tail)
        )
        if self.has_text_index:
            self._writer.execute(
                "INSERT INTO text_index(rowid, command_line, head, tail)"
                " VALUES (?, ?, ?, ?)",
                (number, record.command_line, stored.head, stored.tail),
            )

    def index_missing(self) -> bool:
        """Index some records that a SQLite without full text wrote; True for more."""
        if not self.has_text_index:
            return False
        with transaction(self._writer):
            cursor = self._writer.execute(
                "INSERT INTO text_index(rowid, command_line, head, tail)"
                " SELECT number, command_line, head, tail FROM texts WHERE number >"
                " (SELECT coalesce(max(id), 0) FROM text_index_docsize)"
                " ORDER BY number LIMIT ?",
                (INDEX_BATCH_RECORDS,),
            )
        return cursor.rowcount == INDEX_BATCH_RECORDS

    def prune(self, keep: int) -> None:
        """Delete the oldest records beyond ``keep``."""
        with transaction(self._writer):
            row = self._writer.execute(
                "SELECT number FROM records ORDER BY number DESC LIMIT 1 OFFSET ?",
                (keep,),
            ).fetchone()
            if row:
                self._delete_up_to(row[0])

    def _delete_up_to(self, number: int) -> None:
        if self.has_text_index:
            self._writer.execute(
                "INSERT INTO text_index(text_index, rowid, command_line, head, tail)"
                " SELECT 'delete', number, command_line, head, tail FROM texts"
                " WHERE number <= ?"
                " AND number IN (SELECT id FROM text_index_docsize WHERE id <= ?)",
                (number, number),
            )
        self._writer.execute("DELETE FROM outputs WHERE number <= ?", (number,))
        self._writer.execute("DELETE FROM records WHERE number <= ?", (number,))

    def newest(
        self, limit: int, *, limit_bytes: int | None = None
    ) -> list[CommandRecord]:
        """Return the newest records first, at most so many bytes of output."""
        records = []
        size = 0
        with self._reading:
            for row in self._reader.execute(
                f"{_SELECT} ORDER BY records.number DESC LIMIT ?", (limit,)
            ):
                records.append(_to_record(row))
                size += len(row[-2]) + len(row[-1])
                if limit_bytes is not None and size >= limit_bytes:
                    break
        return records

    def search(
        self, query: HistoryQuery, span: tuple[float, float]
    ) -> list[CommandRecord]:
        """Return the records that answer a query and ended within ``span``."""
        found = [
            record
            for record in self._search(terms_of(query), failed=query.failed, limit=-1)
            if span[0] <= ended_at(record) <= span[1]
            and is_wanted(record, replace(query, text=""))
        ]
        return list(ordered(found, query.order)[: query.limit])

    def records(self, ids: Sequence[str]) -> list[CommandRecord]:
        """Return the records with these ids that there are, newest first."""
        marks = ", ".join("?" * len(ids))
        return self._all(f"WHERE id IN ({marks}) ORDER BY records.number DESC", ids)

    def session(self, session_id: str) -> list[CommandRecord]:
        """Return a session's records, newest first."""
        found = self._all("WHERE id LIKE ? ORDER BY 1", (f"{session_id}-%",))
        return [record for record in found if record.session_id == session_id]

    def _all(self, rest: str, values: Sequence[object]) -> list[CommandRecord]:
        with self._reading:
            rows = self._reader.execute(f"{_SELECT} {rest}", values).fetchall()
        return [_to_record(row) for row in rows]

    def _search(
        self, terms: Sequence[str], *, failed: bool | None, limit: int
    ) -> list[CommandRecord]:
        select = _SELECT
        conditions: list[str] = []
        values: list[object] = []
        if self.has_text_index:
            indexed = [term for term in terms if len(term) >= TRIGRAM]
            terms = [term for term in terms if len(term) < TRIGRAM]
            if indexed:
                select += " JOIN text_index ON text_index.rowid = records.number"
                conditions.append("text_index MATCH ?")
                values.append(" AND ".join(_quoted(term) for term in indexed))
        for term in terms:
            pattern = _like(term)
            if self.has_text_index:
                # Too short for the index; reading every output would take seconds.
                conditions.append("records.command_line LIKE ? ESCAPE '\\'")
                values.append(pattern)
            else:
                columns = ("records.command_line", "outputs.head", "outputs.tail")
                likes = (f"{column} LIKE ? ESCAPE '\\'" for column in columns)
                conditions.append(f"({' OR '.join(likes)})")
                values += [pattern] * len(columns)
        if failed is not None:
            conditions.append(
                "coalesce(exit_code, 0) != 0"
                if failed
                else "coalesce(exit_code, 0) = 0"
            )
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = "text_index.rowid" if "text_index.rowid" in select else "records.number"
        statement = f"{select}{where} ORDER BY {order} DESC LIMIT ?"
        with self._reading:
            rows = self._reader.execute(statement, (*values, limit)).fetchall()
        return [_to_record(row) for row in rows]

    def commands_that_worked(self, limit: int) -> list[str]:
        """Return command lines with exit code 0 and no secret, newest first."""
        with self._reading:
            rows = self._reader.execute(
                "SELECT command_line FROM records WHERE exit_code = 0"
                " AND NOT is_redacted ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [command_line for (command_line,) in rows]

    def aftermaths(self, command_line: str) -> list[Aftermath]:
        """Return what was run after earlier failures of a command line."""
        with self._reading:
            return stored_aftermaths(self._reader, command_line)

    def interrupt(self) -> None:
        """Make a statement that runs now end with an error."""
        self._writer.interrupt()

    def close(self) -> None:
        """Close the file; only the last process to do so removes the WAL."""
        with self._reading:
            self._reader.close()
        self._writer.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,  # transactions are begun and ended in plain sight
        check_same_thread=False,
    )
    try:
        _use_wal(connection)
        # A killed process loses nothing; a power cut may lose the last commands.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL, which does not wait for a second process by itself."""
    for attempt in range(OPEN_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == OPEN_ATTEMPTS - 1:
                raise
            time.sleep(OPEN_RETRY_SECONDS)
        else:
            return


def _to_record(row: Sequence[object]) -> CommandRecord:
    (identity, command_line, cwd, exit_code, started_at, duration, shell) = row[:7]
    (cpu_seconds, peak_rss_bytes, alternate, source, elided, head, tail) = row[7:]
    return CommandRecord(
        id=str(identity),
        command_line=str(command_line),
        cwd=str(cwd),
        exit_code=exit_code if isinstance(exit_code, int) else None,
        started_at=_number(started_at),
        duration_seconds=_number(duration),
        output=CapturedOutput(
            head=str(head).encode(),
            tail=str(tail).encode(),
            elided_bytes=int(_number(elided)),
            is_text=True,
        ),
        shell=str(shell),
        resources=ResourceUsage(
            cpu_user_seconds=None if cpu_seconds is None else _number(cpu_seconds),
            cpu_system_seconds=None if cpu_seconds is None else 0.0,
            peak_rss_bytes=None
            if peak_rss_bytes is None
            else int(_number(peak_rss_bytes)),
        ),
        used_alternate_screen=bool(alternate),
        source=CommandSource(str(source)),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _like(term: str) -> str:
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
