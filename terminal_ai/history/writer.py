"""The thread that carries records to the disk, whatever the disk does."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from terminal_ai.history.files import prepare, put_aside
from terminal_ai.history.pending import PendingRecords
from terminal_ai.history.schema import NewerSchemaError
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord

PRUNE_INTERVAL_RECORDS = 100
"""Records written between two looks at the retention."""
RETRY_SECONDS = 5.0
"""After a failed write: a full disk or a busy file may recover."""
CLOSE_SECONDS = 1.5
"""Leaving waits this long for the disk, no longer."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class RecordWriter:
    """Owns the store and the one thread that changes it.

    ``notice`` is one line for the user while records cannot be kept, or when a damaged
    file was put aside.
    """

    def __init__(
        self, path: Path, *, redact: Callable[[str], str], retention_records: int
    ) -> None:
        """Open the file; raises HistoryError where it must not be used.

        ``store`` is None where it cannot be used.
        """
        self.notice = ""
        self._is_failing = False
        self.pending = PendingRecords()
        self._path = path
        self._redact = redact
        self._retention_records = retention_records
        self._until_prune = 0
        self.store = self._open()
        self._is_usable = self.store is not None
        self._thread = threading.Thread(
            target=self._run, name="history-writer", daemon=True
        )

    def start(self) -> None:
        """Begin to write."""
        if self._is_usable:
            self._thread.start()

    def put(self, record: CommandRecord) -> None:
        """Have a record written soon."""
        if self._is_usable:
            self.pending.put(record)

    def close(self) -> None:
        """Write what is left, for a bounded time, and close the file. Idempotent."""
        self.pending.close()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive() and (store := self.store):
            store.interrupt()

    def _run(self) -> None:
        self._index_missing()
        while batch := self.pending.take():
            if self._write(batch):
                self.pending.done()
            elif not self.pending.give_back(RETRY_SECONDS):
                break
        if store := self.store:
            self.store = None
            store.close()

    def _write(self, batch: tuple[CommandRecord, ...]) -> bool:
        stored = [without_secrets(record, self._redact) for record in batch]
        if not self._attempt(lambda store: store.write(stored)):
            return False
        self._until_prune -= len(batch)
        if self._until_prune <= 0:
            self._until_prune = PRUNE_INTERVAL_RECORDS
            self._attempt(lambda store: store.prune(self._retention_records))
        return True

    def _index_missing(self) -> None:
        has_more = True

        def index(store: RecordStore) -> None:
            nonlocal has_more
            has_more = store.index_missing()

        while has_more and self._attempt(index):
            pass

    def _attempt(self, change: Callable[[RecordStore], None]) -> bool:
        """Change the store; on failure say why, and replace a damaged file."""
        try:
            if self.store is None:
                self.store = RecordStore(self._path)
            change(self.store)
        except (sqlite3.Error, NewerSchemaError, OSError) as error:
            if _is_damage(error):
                self._replace_damaged()
            else:
                self._fail(error)
            return False
        if self._is_failing:
            self._is_failing = False
            self.notice = ""
        return True

    def _open(self) -> RecordStore | None:
        try:
            prepare(self._path)
            try:
                return RecordStore(self._path)
            except sqlite3.Error as error:
                if not _is_damage(error):
                    raise
                return self._put_aside_and_create()
        except (sqlite3.Error, NewerSchemaError, OSError) as error:
            self._fail(error)
            return None

    def _replace_damaged(self) -> None:
        damaged, self.store = self.store, None
        if damaged:
            damaged.close()
        try:
            self.store = self._put_aside_and_create()
        except (sqlite3.Error, NewerSchemaError, OSError) as error:
            self._fail(error)

    def _put_aside_and_create(self) -> RecordStore:
        aside = put_aside(self._path)
        prepare(self._path)
        store = RecordStore(self._path)
        self.notice = _("The history file was damaged and is kept as {name}.").format(
            name=aside.name
        )
        return store

    def _fail(self, error: Exception) -> None:
        self._is_failing = True
        self.notice = _not_kept(error)


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in _DAMAGE


def _not_kept(error: Exception) -> str:
    """Say in one line why records stay in memory."""
    if isinstance(error, NewerSchemaError):
        reason = _("the file was written by a later version")
    elif isinstance(error, OSError):
        reason = error.strerror or str(error)
    else:
        reason = str(error)
    return _("The history is kept in memory only: {reason}.").format(reason=reason)
