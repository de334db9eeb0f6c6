"""The history file for one who only reads it, beside whoever writes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from terminal_ai.errors import HistoryError
from terminal_ai.history import text_index
from terminal_ai.history.matching import ended_at
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.reader import RecordReader
from terminal_ai.history.schema import SCHEMA_VERSION
from terminal_ai.history.store import BUSY_TIMEOUT_SECONDS
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord


class ReadOnlyHistory:
    """An open history file; nothing is created, migrated or changed."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises HistoryError where there is none that can be read."""
        self._path = path
        if not path.exists():
            raise HistoryError(
                _("there is no history at {path}").format(path=path),
                hint=_("commands that you run in terminal-ai are kept there"),
            )
        with self._explained():
            self._reader = _open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._reader.close()

    def search(self, query: HistoryQuery) -> tuple[CommandRecord, ...]:
        """Return the records that answer a query, in its order.

        Raises HistoryError, also for an end of a stretch that is not there.
        """
        span = (
            ended_at(self.record(query.first_id)) if query.first_id else float("-inf"),
            ended_at(self.record(query.last_id)) if query.last_id else float("inf"),
        )
        with self._explained():
            return tuple(self._reader.search(query, span)) if query.limit > 0 else ()

    def record(self, record_id: str) -> CommandRecord:
        """Return one record; raises HistoryError if there is none with this id."""
        with self._explained():
            found = self._reader.record(record_id)
        if found is None:
            raise HistoryError(
                _("there is no command {id}").format(id=record_id),
                hint=_("`terminal-ai history --ids` shows the ids"),
            )
        return found

    def session(self, session_id: str) -> tuple[CommandRecord, ...]:
        """Return a session's records, oldest first; raises HistoryError for none."""
        with self._explained():
            found = self._reader.session(session_id)
        if not found:
            raise HistoryError(
                _("there is no session {id}").format(id=session_id),
                hint=_("`terminal-ai history --ids` shows the ids"),
            )
        return tuple(sorted(found, key=lambda record: record.started_at))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise HistoryError(
                _("{path} cannot be read: {reason}").format(
                    path=self._path, reason=error
                ),
                hint=_hint(error),
            ) from error


def _open(path: Path) -> RecordReader:
    connection = _connect(path)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        _check_version(path, int(version))
        return RecordReader(connection, has_text_index=text_index.is_there(connection))
    except BaseException:
        connection.close()
        raise


def _connect(path: Path) -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}?mode=ro"
    connection = _connect_to(place)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        # Nobody can write beside a file whose directory is read-only, not even the
        # index of the WAL that any reader needs.
        if Path(f"{path}-wal").exists():
            raise
        connection = _connect_to(f"{place}&immutable=1")
    return connection


def _connect_to(place: str) -> sqlite3.Connection:
    return sqlite3.connect(
        place,
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _check_version(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise HistoryError(
            _("{path} was written by a later version of terminal-ai").format(path=path),
            hint=_("update this one"),
        )
    if version < SCHEMA_VERSION:
        raise HistoryError(
            _("{path} was written by an earlier version of terminal-ai").format(
                path=path
            ),
            hint=_("start terminal-ai once: it brings the file up to date"),
        )


def _hint(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _("it is damaged; the next start of terminal-ai puts it aside")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _("another process is changing it; try again")
    return _("check who owns it")
