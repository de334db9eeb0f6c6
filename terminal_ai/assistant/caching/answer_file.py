"""The answers on disk: one SQLite file that may be lost, but never misleads."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from terminal_ai.messages import gettext as _
from terminal_ai.safety import private_files

FILE_NAME = "answers.sqlite3"
"""In the state directory."""
BUSY_SECONDS = 0.2
"""How long one process waits for another's write before it does without."""
ENTRY_COST_BYTES = 512
"""What the keys, tags and indexes of one entry take besides its value."""
PAGE_BYTES = 4_096
FILE_LIMIT_FACTOR = 2
"""Of the bytes of all entries: SQLite itself stops there."""
FILE_LIMIT_EXTRA_BYTES = 1_048_576
WAL_KEPT_BYTES = 1_048_576
TOUCH_SECONDS = 3_600.0
"""An entry is noted as used no more often, so that reading seldom writes."""
SKEW_SECONDS = 120.0
"""An entry from further in the future was written under another clock."""

_SCHEMA = (
    "CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB NOT NULL,"
    " cost INTEGER NOT NULL, stored_at REAL NOT NULL, used_at REAL NOT NULL)",
    "CREATE TABLE tags (tag TEXT NOT NULL, key TEXT NOT NULL,"
    " PRIMARY KEY (tag, key)) WITHOUT ROWID",
    "CREATE INDEX entries_by_use ON entries (used_at, cost)",
    "CREATE INDEX tags_by_key ON tags (key)",
)
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class _NotOursError(Exception):
    """The file is a sound database, but of something else."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much is kept: entries, their bytes, and seconds since they were stored."""

    entries: int
    bytes: int
    seconds: float


class AnswerFile:
    """Opens the file when it is first needed. Any thread may call it, one at a time.

    Every method may raise ``sqlite3.Error``, ``OSError`` or ``ForeignFileError``; a
    damaged file is put aside first, and the next call begins a new one.
    """

    def __init__(
        self, path: Path, limits: FileLimits, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._is_closed = False
        self.notices: list[str] = []
        """What the user should hear of; whoever tells it takes it out."""

    def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is too old."""
        with self._opened() as connection:
            found = connection.execute(
                "SELECT value, stored_at, used_at FROM entries WHERE key = ?", (key,)
            ).fetchone()
            if found is None:
                return None
            value, stored_at, used_at = found
            now = self._clock()
            if not self._oldest(now) <= stored_at <= now + SKEW_SECONDS:
                return None
            if abs(now - used_at) > TOUCH_SECONDS:
                connection.execute(
                    "UPDATE entries SET used_at = ? WHERE key = ?", (now, key)
                )
            return value if isinstance(value, bytes) else None

    def put(self, key: str, value: bytes, tags: Sequence[str]) -> None:
        """Keep a value, and forget what is too old, then the least recently used."""
        cost = len(value) + ENTRY_COST_BYTES
        if self._limits.entries == 0 or cost > self._limits.bytes:
            return
        with self._opened() as connection:
            try:
                self._insert(connection, key, value, cost, tags)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                    raise
                # Fuller than the sum of its entries, or the disk is: give way.
                self._forget_half(connection)
                self._insert(connection, key, value, cost, tags)

    def drop(self, tags: Sequence[str]) -> None:
        """Forget every value that has one of these tags."""
        with self._opened() as connection:
            marks = ", ".join("?" * len(tags))
            found = connection.execute(
                f"SELECT DISTINCT key FROM tags WHERE tag IN ({marks})",  # noqa: S608 - question marks
                tuple(tags),
            ).fetchall()
            if found:
                with _transaction(connection):
                    _delete(connection, [key for (key,) in found])

    def clear(self) -> None:
        """Forget everything."""
        with self._opened() as connection, _transaction(connection):
            connection.execute("DELETE FROM entries")
            connection.execute("DELETE FROM tags")

    def close(self) -> None:
        """Close for good; a call that comes later raises."""
        with self._lock:
            self._is_closed = True
            self._disconnect()

    def _oldest(self, now: float) -> float:
        return now - self._limits.seconds

    def _insert(
        self,
        connection: sqlite3.Connection,
        key: str,
        value: bytes,
        cost: int,
        tags: Sequence[str],
    ) -> None:
        now = self._clock()
        with _transaction(connection):
            _delete(connection, [key])
            connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
                (key, value, cost, now, now),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO tags VALUES (?, ?)", [(tag, key) for tag in tags]
            )
            self._prune(connection, now)

    def _prune(self, connection: sqlite3.Connection, now: float) -> None:
        outdated = connection.execute(
            "SELECT key FROM entries WHERE stored_at NOT BETWEEN ? AND ?",
            (self._oldest(now), now + SKEW_SECONDS),
        ).fetchall()
        _delete(connection, [key for (key,) in outdated])
        entries, cost = connection.execute(
            "SELECT count(*), coalesce(sum(cost), 0) FROM entries"
        ).fetchone()
        doomed: list[str] = []
        # What was used under a clock that ran ahead is not the newest.
        by_use = connection.execute(
            "SELECT key, cost FROM entries ORDER BY min(used_at, ?), rowid", (now,)
        )
        while entries > self._limits.entries or cost > self._limits.bytes:
            key, freed = by_use.fetchone()
            doomed.append(key)
            entries, cost = entries - 1, cost - freed
        by_use.close()
        _delete(connection, doomed)

    def _forget_half(self, connection: sqlite3.Connection) -> None:
        with _transaction(connection):
            found = connection.execute(
                "SELECT key FROM entries ORDER BY used_at LIMIT"
                " (SELECT count(*) / 2 + 1 FROM entries)"
            ).fetchall()
            _delete(connection, [key for (key,) in found])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connect()
            except _NotOursError as error:
                self._quarantine()
                raise sqlite3.DatabaseError(str(error)) from error
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                    self._quarantine()
                raise

    def _connect(self) -> sqlite3.Connection:
        if self._is_closed:
            raise sqlite3.ProgrammingError("the file is closed")
        identity = private_files.identity(self._path)
        if self._connection is not None and identity == self._identity:
            return self._connection
        # Another process has put it aside, or the user has removed it.
        self._disconnect()
        private_files.prepare(self._path)
        self._identity = private_files.identity(self._path)
        self._connection = _connected(self._path, self._limits.bytes)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _quarantine(self) -> None:
        identity = self._identity
        self._disconnect()
        if private_files.identity(self._path) != identity:
            return  # another process was faster
        aside = private_files.put_aside(self._path)
        self.notices.append(
            _("The kept answers were damaged; the file is now {path}.").format(
                path=aside
            )
        )


def _connected(path: Path, limit_bytes: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,  # transactions are begun and ended in plain sight
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
        # A power cut may lose the last answers, no more.
        connection.execute("PRAGMA synchronous = NORMAL")
        most = limit_bytes * FILE_LIMIT_FACTOR + FILE_LIMIT_EXTRA_BYTES
        connection.execute(f"PRAGMA max_page_count = {most // PAGE_BYTES}").fetchone()
        _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection) -> None:
    """Create the tables, and refuse a file with any others, or with triggers."""
    if not _schema(connection):
        with _transaction(connection):
            # Another process may have done it meanwhile.
            if not _schema(connection):
                for statement in _SCHEMA:
                    connection.execute(statement)
    if _schema(connection) != set(_SCHEMA):
        raise _NotOursError("the file holds something else")


def _schema(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex%'"
    ).fetchall()
    return {str(sql) for (sql,) in found}


def _delete(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    rows = [(key,) for key in keys]
    connection.executemany("DELETE FROM entries WHERE key = ?", rows)
    connection.executemany("DELETE FROM tags WHERE key = ?", rows)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
