"""Finished commands: the newest in memory, all of them on disk, behind a writer thread.

Nothing here makes the event loop wait for the disk: ``add``, and ``records`` and
``record`` within what is in memory, never touch it. ``known_commands``, ``search``,
``session``, ``flush`` and what goes beyond memory do; call them from a thread. Nothing
of earlier sessions is read before somebody asks, so that starting costs the same
however long the history is.
"""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from terminal_ai.config import HistorySettings
from terminal_ai.history.aftermaths import remembered_aftermaths
from terminal_ai.history.matching import ended_at, is_wanted, ordered
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.retention import limits_of
from terminal_ai.history.store import RecordStore
from terminal_ai.history.writer import RecordWriter
from terminal_ai.records import Aftermath, CommandRecord
from terminal_ai.telemetry.spans import Tracer

KNOWN_COMMANDS_LIMIT = 2_000
"""Command lines that worked, remembered for the advisor."""
FLUSH_SECONDS = 10.0
RECORD_OVERHEAD_BYTES = 1_024
"""What a record costs in memory besides its texts and its timeline."""
TIMELINE_STEP_BYTES = 128

Found = TypeVar("Found")

_logger = logging.getLogger(__name__)


class History:
    """The finished commands of this and of earlier sessions."""

    def __init__(
        self,
        settings: HistorySettings,
        path: Path | None,
        *,
        redact: Callable[[str], str],
        tracer: Tracer | None = None,
    ) -> None:
        """Open or create the file; ``path`` None keeps records in memory only.

        Raises HistoryError if the path is a symbolic link or another user's. Any other
        trouble leaves a working history in memory, and a ``notice``.
        """
        self._settings = settings
        self._redact = redact
        self._lock = threading.Lock()
        self._records: deque[CommandRecord] = deque()
        self._size_bytes = 0
        # Insertion order is age: the newest command line is last.
        self._known: dict[str, None] = {}
        self._has_read_known = path is None
        self._writer: RecordWriter | None = None
        if path:
            self._writer = RecordWriter(
                path, redact=redact, limits=limits_of(settings), tracer=tracer
            )
            self._writer.start()

    @property
    def notice(self) -> str:
        """One line for the user about records that are not kept, or nothing."""
        return self._writer.notice if self._writer else ""

    def add(self, record: CommandRecord) -> None:
        """Remember a finished command; what is private never leaves memory."""
        is_known = record.exit_code == 0 and not record.is_private
        # A command with a secret must not come back as a suggestion.
        is_known = is_known and self._redact(record.command_line) == record.command_line
        with self._lock:
            self._remember(record)
            if is_known:
                self._learn(record.command_line)
        if self._writer and not record.is_private:
            self._writer.put(record)

    def records(self, limit: int) -> tuple[CommandRecord, ...]:
        """Return the newest records first, without duplicates."""
        if limit <= 0:
            return ()
        with self._lock:
            remembered = list(self._records)
        if len(remembered) >= limit:
            return tuple(reversed(remembered[-limit:]))
        stored = self._read(lambda store: store.newest(limit))
        return _merged(remembered, stored)[:limit]

    def search(self, query: HistoryQuery) -> tuple[CommandRecord, ...]:
        """Return the records that answer a query, in its order, each once."""
        span = self._span(query)
        if query.limit <= 0 or span is None:
            return ()
        # What is on disk is found there; only the rest is looked through here. The
        # disk is asked last: what it gets meanwhile is found twice, never missed.
        found = [
            record
            for record in self._only_in_memory()
            if span[0] <= ended_at(record) <= span[1] and is_wanted(record, query)
        ]
        stored = self._read(lambda store: store.search(query, span))
        unique = {record.id: record for record in (*stored, *found)}
        return tuple(ordered(unique.values(), query.order)[: query.limit])

    def record(self, record_id: str) -> CommandRecord | None:
        """Return one record, whole: as it was from memory, else as it is on disk.

        The disk is asked only for what is not in memory.
        """
        if (record := self.remembered(record_id)) is not None:
            return record
        stored = self._read(lambda store: [store.record(record_id)])
        return stored[0] if stored else None

    def remembered(self, record_id: str) -> CommandRecord | None:
        """Return one record if it is in memory; never touches the disk."""
        with self._lock:
            for record in reversed(self._records):
                if record.id == record_id:
                    return record
        return None

    def session(self, session_id: str) -> tuple[CommandRecord, ...]:
        """Return all records of one session, oldest first."""
        stored = self._read(lambda store: store.session(session_id))
        with self._lock:
            remembered = [
                record for record in self._records if record.session_id == session_id
            ]
        return _merged(remembered, stored)[::-1]

    def aftermaths(self, command_line: str) -> tuple[Aftermath, ...]:
        """Return what was run after earlier failures of a command line, newest first.

        A line in which a secret was found has none: it is on disk with the secret
        blotted out, and must not come back as a suggestion.
        """
        if self._writer and self._writer.store:
            return tuple(self._read(lambda store: store.aftermaths(command_line)))
        if self._redact(command_line) != command_line:
            return ()
        with self._lock:
            remembered = list(self._records)
        return tuple(remembered_aftermaths(remembered, command_line, self._redact))

    def delete(self, ids: Collection[str]) -> bool:
        """Delete records here and on disk, for good; False where the disk refused.

        It waits for the disk: call it from a thread.
        """
        with self._lock:
            gone = [record for record in self._records if record.id in ids]
            for record in gone:
                self._records.remove(record)
                self._size_bytes -= _size(record)
                self._known.pop(record.command_line, None)
        if self._writer is None or (store := self._writer.store) is None:
            return True
        self._writer.pending.forget(ids)
        # What the writer has in its hands gets to the disk before it is deleted there.
        self.flush()
        try:
            store.delete(list(ids))
        except sqlite3.Error as error:
            _logger.warning("records cannot be deleted: %s", error)
            return False
        return not self._writer.pending.ids() & set(ids)

    def known_commands(self, limit: int) -> tuple[str, ...]:
        """Return command lines that ended with 0, newest first, each once.

        The first call reads those of earlier sessions.
        """
        self._read_known()
        with self._lock:
            newest = list(self._known)[-limit:] if limit > 0 else []
        return tuple(reversed(newest))

    def flush(self) -> None:
        """Wait until everything added is on disk, for a bounded time."""
        if self._writer:
            self._writer.pending.wait_until_written(FLUSH_SECONDS)

    def close(self) -> None:
        """Write what is left, for a bounded time, and close the file. Idempotent."""
        if self._writer:
            self._writer.close()

    def _remember(self, record: CommandRecord) -> None:
        self._records.append(record)
        self._size_bytes += _size(record)
        while len(self._records) > 1 and (
            len(self._records) > self._settings.memory_records
            or self._size_bytes > self._settings.memory_limit_bytes
        ):
            self._size_bytes -= _size(self._records.popleft())

    def _learn(self, command_line: str) -> None:
        self._known.pop(command_line, None)
        self._known[command_line] = None
        if len(self._known) > KNOWN_COMMANDS_LIMIT:
            del self._known[next(iter(self._known))]

    def _read_known(self) -> None:
        with self._lock:
            has_read, self._has_read_known = self._has_read_known, True
        if has_read:
            return
        earlier = self._read(
            lambda store: store.commands_that_worked(KNOWN_COMMANDS_LIMIT)
        )
        with self._lock:
            newer, self._known = self._known, {}
            for command_line in (*reversed(earlier), *newer):
                self._learn(command_line)

    def _only_in_memory(self) -> list[CommandRecord]:
        """Return the records in memory that the disk does not have yet, or ever."""
        writer = self._writer
        with self._lock:
            remembered = list(self._records)
        if writer is None or writer.store is None:
            return remembered
        pending = writer.pending.ids()
        return [
            record for record in remembered if record.is_private or record.id in pending
        ]

    def _span(self, query: HistoryQuery) -> tuple[float, float] | None:
        """Return the time between a query's ends; None if one of them is unknown."""
        times = [float("-inf"), float("inf")]
        for index, record_id in enumerate((query.first_id, query.last_id)):
            if record_id:
                record = self.record(record_id)
                if record is None:
                    return None
                times[index] = ended_at(record)
        return times[0], times[1]

    def _read(self, read: Callable[[RecordStore], list[Found]]) -> list[Found]:
        """Ask the disk; nothing where it cannot answer (the writer tells the user)."""
        if self._writer is None or (store := self._writer.store) is None:
            return []
        try:
            return read(store)
        except sqlite3.Error as error:
            _logger.warning("the history file cannot be read: %s", error)
            return []


def _size(record: CommandRecord) -> int:
    output = record.output
    texts = len(record.command_line) + len(record.cwd)
    timeline = TIMELINE_STEP_BYTES * len(output.timeline)
    overhead = RECORD_OVERHEAD_BYTES + timeline
    return len(output.head) + len(output.tail) + 4 * texts + overhead


def _merged(
    remembered: Sequence[CommandRecord], stored: Iterable[CommandRecord]
) -> tuple[CommandRecord, ...]:
    """Join oldest-first and newest-first records into newest-first ones, each once."""
    by_id = {record.id: record for record in reversed(remembered)}
    for record in stored:
        by_id.setdefault(record.id, record)
    newest_first = sorted(
        by_id.values(),
        key=ended_at,
        reverse=True,
    )
    return tuple(newest_first)
