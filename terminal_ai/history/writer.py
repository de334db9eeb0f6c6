"""The thread that carries records to the disk, whatever the disk does."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from terminal_ai.errors import HistoryError
from terminal_ai.history.files import prepare
from terminal_ai.history.pending import PendingRecords
from terminal_ai.history.retention import Limits
from terminal_ai.history.schema import NewerSchemaError
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.safety.private_files import put_aside
from terminal_ai.telemetry.names import HISTORY_WRITE
from terminal_ai.telemetry.spans import SpanStatus, Tracer

PRUNE_INTERVAL_RECORDS = 100
PRUNE_INTERVAL_BYTES = 4_194_304
"""Records, or bytes of output, written between two looks at the retention."""
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
        self,
        path: Path,
        *,
        redact: Callable[[str], str],
        limits: Limits,
        tracer: Tracer | None = None,
    ) -> None:
        """Open the file; raises HistoryError where it must not be used.

        ``store`` is None where it cannot be used, or not yet.
        """
        self.notice = ""
        self._is_failing = False
        self.pending = PendingRecords()
        self._path = path
        self._redact = redact
        self._limits = limits
        self._tracer = tracer or Tracer(is_enabled=False)
        self._unpruned_records = 0
        self._unpruned_bytes = 0
        self._is_usable = True
        self.store = self._open()
        self._has_incomplete = False
        self._has_surplus = False
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
        self._has_incomplete = True
        self._begin_pruning()
        while batch := self._next():
            if self._write_traced(batch):
                self.pending.done()
            elif not self.pending.give_back(RETRY_SECONDS):
                break
        if store := self.store:
            self.store = None
            store.close()

    def _next(self) -> tuple[CommandRecord, ...]:
        """Return the next records to write; until there are any, tidy up."""
        while self.pending.is_idle and (self._has_incomplete or self._has_surplus):
            if self._has_incomplete:
                self._has_incomplete = self._ask(lambda store: store.complete())
            else:
                self._has_surplus = self._ask(lambda store: store.prune())
        return self.pending.take()

    def _write_traced(self, batch: tuple[CommandRecord, ...]) -> bool:
        span = self._tracer.start(HISTORY_WRITE, {"records": len(batch)})
        is_written = self._write(batch)
        self._tracer.end(span, SpanStatus.OK if is_written else SpanStatus.ERROR)
        return is_written

    def _write(self, batch: tuple[CommandRecord, ...]) -> bool:
        stored = [without_secrets(record, self._redact) for record in batch]
        numbers: list[int] = []
        # First they are made safe, then found: an index takes longer than a record.
        if not self._attempt(lambda store: numbers.extend(store.write(stored))):
            return False
        written = self.store
        if not self._attempt(lambda store: store.index(numbers)):
            self._has_incomplete = True
            if self.store is not written:
                # They lie in the file that was put aside.
                return False
        self._unpruned_records += len(batch)
        self._unpruned_bytes += sum(len(each.head) + len(each.tail) for each in stored)
        if (
            self._unpruned_records >= PRUNE_INTERVAL_RECORDS
            or self._unpruned_bytes >= PRUNE_INTERVAL_BYTES
        ):
            self._begin_pruning()
        return True

    def _begin_pruning(self) -> None:
        self._unpruned_records = self._unpruned_bytes = 0
        self._has_surplus = self._attempt(lambda store: store.begin_pruning())

    def _ask(self, question: Callable[[RecordStore], bool]) -> bool:
        """Return an answer of the store, False where it cannot give one."""
        answers: list[bool] = []
        return (
            self._attempt(lambda store: answers.append(question(store))) and answers[0]
        )

    def _attempt(self, change: Callable[[RecordStore], None]) -> bool:
        """Change the store; on failure say why, and replace a damaged file."""
        try:
            if self.store is not None and self.store.has_moved:
                # Deleted or replaced: what is written there is lost with it.
                moved, self.store = self.store, None
                moved.close()
            if self.store is None:
                prepare(self._path)
                self.store = RecordStore(self._path, self._limits)
            change(self.store)
        except (sqlite3.Error, NewerSchemaError, HistoryError, OSError) as error:
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
                return RecordStore(self._path, self._limits)
            except sqlite3.Error as error:
                if not _is_damage(error):
                    raise
                return self._put_aside_and_create()
        except (sqlite3.Error, NewerSchemaError, OSError) as error:
            self._fail(error)
            # Who is busy now, with a migration say, will be done; others stay as is.
            self._is_usable = _primary_code(error) == sqlite3.SQLITE_BUSY
            return None

    def _replace_damaged(self) -> None:
        damaged, self.store = self.store, None
        if damaged:
            damaged.close()
        try:
            self.store = self._put_aside_and_create()
        except (sqlite3.Error, NewerSchemaError, HistoryError, OSError) as error:
            self._fail(error)

    def _put_aside_and_create(self) -> RecordStore:
        aside = put_aside(self._path)
        prepare(self._path)
        store = RecordStore(self._path, self._limits)
        self.notice = _("The history file was damaged and is kept as {name}.").format(
            name=aside.name
        )
        return store

    def _fail(self, error: Exception) -> None:
        self._is_failing = True
        self.notice = _not_kept(error)


def _is_damage(error: Exception) -> bool:
    return _primary_code(error) in _DAMAGE


def _primary_code(error: Exception) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _not_kept(error: Exception) -> str:
    """Say in one line why records stay in memory."""
    if isinstance(error, NewerSchemaError):
        reason = _("the file was written by a later version")
    elif isinstance(error, HistoryError):
        reason = error.message
    elif isinstance(error, OSError):
        reason = error.strerror or str(error)
    else:
        reason = str(error)
    return _("The history is kept in memory only: {reason}.").format(reason=reason)
