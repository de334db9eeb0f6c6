"""The tables of the history file, and how an older file becomes a present one."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

SCHEMA_VERSION = 1

_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
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
    ),
)

_CREATE_INDEX = """CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(
    command_line, head, tail,
    content='texts', content_rowid='number', tokenize='trigram'
)"""


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


def create_text_index(connection: sqlite3.Connection) -> bool:
    """Make sure of the full-text index; False where this SQLite cannot have one."""
    try:
        connection.execute(_CREATE_INDEX)
        connection.execute("SELECT rowid FROM text_index LIMIT 0").fetchall()
    except sqlite3.OperationalError as error:
        # No FTS5 module, or one without the trigram tokenizer.
        if "no such" in str(error):
            return False
        raise
    return True


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
