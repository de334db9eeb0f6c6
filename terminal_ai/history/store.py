"""Records in one SQLite file: written in batches, searched by substring."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from terminal_ai.history import rows, text_index
from terminal_ai.history.reader import RecordReader
from terminal_ai.history.retention import Limits, Retention, delete_records
from terminal_ai.history.schema import migrate, transaction
from terminal_ai.history.stored import StoredRecord
from terminal_ai.safety.private_files import identity

BUSY_TIMEOUT_SECONDS = 5.0
"""How long one process waits for another's write."""
OPEN_TIMEOUT_SECONDS = 0.2
"""The same while the file is opened: the app is waiting to start."""
OPEN_ATTEMPTS = 10
OPEN_RETRY_SECONDS = 0.05
INDEXED_RECORDS = 20
"""Records indexed by one transaction."""
WAL_KEPT_BYTES = 4_194_304
"""What the WAL may keep of the disk when it has been moved into the file."""


class RecordStore(RecordReader):
    """The open file. One thread writes; any thread may read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Open or create; raises sqlite3.Error or NewerSchemaError."""
        self._path = path
        self._writer = _connect(path)
        try:
            self._identity = identity(path)
            migrate(self._writer)
            has_text_index = text_index.create(self._writer)
            super().__init__(_connect(path), has_text_index=has_text_index)
            timeout = int(BUSY_TIMEOUT_SECONDS * 1000)
            self._writer.execute(f"PRAGMA busy_timeout = {timeout}")
        except BaseException:
            self._writer.close()
            raise
        self._retention = Retention(self._writer, path, limits)

    @property
    def has_moved(self) -> bool:
        """True if its path names another file by now, or none."""
        return identity(self._path) != self._identity

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

    def delete(self, ids: Sequence[str]) -> None:
        """Delete these records; what they said is overwritten, not only let go.

        Any thread may call it: it has a connection of its own.
        """
        connection = _connect(self._path)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            with transaction(connection):
                marks = ", ".join("?" * len(ids))
                found = connection.execute(
                    f"SELECT number FROM records WHERE id IN ({marks})", ids
                ).fetchall()
                delete_records(
                    connection,
                    [number for (number,) in found],
                    has_text_index=self.has_text_index,
                )
            # The WAL still has the pages as they were. Where a reader is in the way,
            # a later checkpoint replaces them.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()

    def interrupt(self) -> None:
        """Make a statement that runs now end with an error."""
        self._writer.interrupt()

    def close(self) -> None:
        """Close the file; only the last process to do so removes the WAL."""
        super().close()
        self._writer.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=OPEN_TIMEOUT_SECONDS,
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
