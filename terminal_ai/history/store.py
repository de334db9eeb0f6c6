"""Records in one SQLite file: written in batches, searched by substring."""

import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from terminal_ai.history import rows, text_index
from terminal_ai.history.aftermaths import stored_aftermaths
from terminal_ai.history.matching import terms_of
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.retention import Limits, Retention
from terminal_ai.history.schema import migrate, transaction
from terminal_ai.history.search import find_numbers
from terminal_ai.history.stored import StoredRecord
from terminal_ai.records import Aftermath, CommandRecord

BUSY_TIMEOUT_SECONDS = 5.0
"""How long one process waits for another's write."""
OPEN_ATTEMPTS = 10
OPEN_RETRY_SECONDS = 0.05
INDEXED_RECORDS = 20
"""Records indexed by one transaction."""
READ_CACHE_KIB = 8_192
READ_RECORDS = 500
"""Records read by one statement."""
WAL_KEPT_BYTES = 4_194_304
"""What the WAL may keep of the disk when it has been moved into the file."""


class RecordStore:
    """The open file. One thread writes; any thread may read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Open or create; raises sqlite3.Error or NewerSchemaError."""
        self._writer = _connect(path)
        try:
            migrate(self._writer)
            self.has_text_index = text_index.create(self._writer)
            self._reader = _connect(path)
            self._reader.row_factory = sqlite3.Row
            self._reader.execute(f"PRAGMA cache_size = -{READ_CACHE_KIB}")
        except BaseException:
            self._writer.close()
            raise
        self._reading = threading.Lock()
        self._retention = Retention(self._writer, path, limits)

    def write(self, records: Iterable[StoredRecord]) -> list[int]:
        """Store the records in one transaction; known ids are left as they are.

        They are safe then, and found by all but their text: see ``index``. Returns
        their numbers.
        """
        with transaction(self._writer):
            numbers = [self._insert(stored) for stored in records]
        return [number for number in numbers if number is not None]

    def _insert(self, stored: StoredRecord) -> int | None:
        cursor = self._writer.execute(rows.INSERT, rows.values(stored))
        if not cursor.rowcount:
            return None
        number = cursor.lastrowid
        self._writer.execute(
            "INSERT INTO outputs VALUES (?, ?, ?)", (number, stored.head, stored.tail)
        )
        return number

    def index(self, numbers: Sequence[int]) -> None:
        """Make these records searchable by their text."""
        if not self.has_text_index:
            return
        for start in range(0, len(numbers), INDEXED_RECORDS):
            with transaction(self._writer):
                text_index.add(self._writer, numbers[start : start + INDEXED_RECORDS])

    def complete(self) -> bool:
        """Index some records that others left without, newest first; True for more.

        Others are version 1, a SQLite without full text, and the killed.
        """
        if not self.has_text_index:
            return False
        found = self._writer.execute(
            "SELECT number FROM records WHERE NOT is_complete"
            " ORDER BY number DESC LIMIT ?",
            (INDEXED_RECORDS,),
        ).fetchall()
        self.index([number for (number,) in found])
        return len(found) == INDEXED_RECORDS

    def begin_pruning(self) -> None:
        """Look anew what is too old or too much."""
        self._retention.begin()

    def prune(self) -> bool:
        """Delete some of it; True for more."""
        return self._retention.step(has_text_index=self.has_text_index)

    def newest(
        self, limit: int, *, limit_bytes: int | None = None
    ) -> list[CommandRecord]:
        """Return the newest records first, at most so many bytes of output."""
        records = []
        size = 0
        with self._reading:
            for row in self._reader.execute(
                f"{rows.SELECT} ORDER BY records.number DESC LIMIT ?", (limit,)
            ):
                record = rows.to_record(row)
                records.append(record)
                size += len(record.output.head) + len(record.output.tail)
                if limit_bytes is not None and size >= limit_bytes:
                    break
        return records

    def search(
        self, query: HistoryQuery, span: tuple[float, float]
    ) -> list[CommandRecord]:
        """Return the records that answer a query and ended within ``span``."""
        with self._reading:
            numbers = find_numbers(
                self._reader,
                query,
                terms_of(query),
                span,
                has_text_index=self.has_text_index,
            )
            found = self._read(numbers, query.output_limit_bytes)
        return [found[number] for number in numbers if number in found]

    def record(self, record_id: str) -> CommandRecord | None:
        """Return one record."""
        with self._reading:
            row = self._reader.execute(
                f"{rows.SELECT} WHERE id = ?", (record_id,)
            ).fetchone()
        return rows.to_record(row) if row else None

    def session(self, session_id: str) -> list[CommandRecord]:
        """Return a session's records, newest first."""
        with self._reading:
            found = self._reader.execute(
                f"{rows.SELECT} WHERE session_id = ? ORDER BY records.number DESC",
                (session_id,),
            ).fetchall()
        return [rows.to_record(row) for row in found]

    def _read(
        self, numbers: Sequence[int], limit_bytes: int | None
    ) -> dict[int, CommandRecord]:
        found: dict[int, CommandRecord] = {}
        select = rows.SELECT if limit_bytes is None else rows.SELECT_PREVIEW
        for start in range(0, len(numbers), READ_RECORDS):
            # Numbers come from the file itself, as integers.
            part = ", ".join(map(str, numbers[start : start + READ_RECORDS]))
            for row in self._reader.execute(
                f"{select} WHERE records.number IN ({part})", {"limit": limit_bytes}
            ):
                found[row["number"]] = rows.to_record(row, limit_bytes)
        return found

    def commands_that_worked(self, limit: int) -> list[str]:
        """Return command lines with exit code 0 and no secret, newest first."""
        with self._reading:
            found = self._reader.execute(
                "SELECT command_line FROM records WHERE exit_code = 0"
                " AND NOT is_redacted ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [command_line for (command_line,) in found]

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
        # Only a new file takes it: what is deleted can be given back step by step.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _use_wal(connection)
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
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
