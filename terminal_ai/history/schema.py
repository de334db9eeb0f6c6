"""The tables of the history file, and how an older file becomes a present one.

A later version is one more tuple of statements at the end of ``_MIGRATIONS``. All that
are missing run in one transaction, so they must be quick: what takes long is left to
``RecordStore.complete``, which works in small steps beside everything else.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST = (
    """CREATE TABLE migrations (
        version INTEGER PRIMARY KEY,
        applied_at REAL NOT NULL
    )""",
    """CREATE TABLE records (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        command_line TEXT NOT NULL,
        cwd TEXT NOT NULL,
        exit_code INTEGER,
        started_at REAL NOT NULL,
        duration_seconds REAL NOT NULL,
        shell TEXT NOT NULL,
        cpu_seconds REAL,
        peak_rss_bytes INTEGER,
        used_alternate_screen INTEGER NOT NULL,
        source TEXT NOT NULL,
        is_redacted INTEGER NOT NULL,
        output_elided_bytes INTEGER NOT NULL
    )""",
    # Apart from the records, so that looking through these stays cheap.
    """CREATE TABLE outputs (
        number INTEGER PRIMARY KEY REFERENCES records(number) ON DELETE CASCADE,
        head TEXT NOT NULL,
        tail TEXT NOT NULL
    )""",
    """CREATE VIEW texts AS
        SELECT number, command_line, head, tail
        FROM records JOIN outputs USING (number)""",
)

# Columns an older program does not fill may be NULL: it goes on writing beside us.
_RESOURCES_AND_FILTERS = (
    "ALTER TABLE records ADD COLUMN cpu_user_seconds REAL",
    "ALTER TABLE records ADD COLUMN cpu_system_seconds REAL",
    "ALTER TABLE records ADD COLUMN read_bytes INTEGER",
    "ALTER TABLE records ADD COLUMN written_bytes INTEGER",
    "ALTER TABLE records ADD COLUMN columns INTEGER NOT NULL DEFAULT 80",
    "ALTER TABLE records ADD COLUMN rows INTEGER NOT NULL DEFAULT 24",
    "ALTER TABLE records ADD COLUMN program TEXT",
    # True once the program is known and the texts are in both text indexes.
    "ALTER TABLE records ADD COLUMN is_complete INTEGER NOT NULL DEFAULT 0",
    # An id is the session's id, a hyphen and a number.
    """ALTER TABLE records ADD COLUMN session_id TEXT GENERATED ALWAYS AS
        (substr(id, 1, length(rtrim(id, '0123456789')) - 1)) VIRTUAL""",
    """ALTER TABLE records ADD COLUMN ended_at REAL GENERATED ALWAYS AS
        (started_at + duration_seconds) VIRTUAL""",
    "CREATE INDEX records_incomplete ON records(number) WHERE NOT is_complete",
    "CREATE INDEX records_failed ON records(number) WHERE exit_code != 0",
    "CREATE INDEX records_failed_lines ON records(command_line) WHERE exit_code != 0",
    "CREATE INDEX records_by_cwd ON records(cwd)",
    "CREATE INDEX records_by_shell ON records(shell)",
    "CREATE INDEX records_by_program ON records(program)",
    "CREATE INDEX records_by_session ON records(session_id)",
    "CREATE INDEX records_by_end ON records(ended_at)",
    "CREATE INDEX records_by_duration ON records(duration_seconds)",
    "CREATE INDEX records_by_cpu ON records(cpu_seconds)",
    "CREATE INDEX records_by_memory ON records(peak_rss_bytes)",
    "CREATE INDEX records_by_read ON records(read_bytes)",
    "CREATE INDEX records_by_written ON records(written_bytes)",
)

_MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _RESOURCES_AND_FILTERS)
SCHEMA_VERSION = len(_MIGRATIONS)


class NewerSchemaError(Exception):
    """The file was written by a later version of this program."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to ``SCHEMA_VERSION``; safe beside another process doing so."""
    if _version(connection) == SCHEMA_VERSION:
        return
    with transaction(connection):
        _apply_missing(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Change the file as a whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has already rolled it back.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _apply_missing(connection: sqlite3.Connection) -> None:
    # Asked again, now that nobody else can be migrating.
    version = _version(connection)
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(version)
    for number, statements in enumerate(_MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO migrations VALUES (?, ?)", (number, time.time())
        )
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
