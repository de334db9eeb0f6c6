"""What is asked of the history file, over one connection that only reads."""

import sqlite3
import threading
from collections.abc import Sequence

from terminal_ai.history import rows
from terminal_ai.history.aftermaths import stored_aftermaths
from terminal_ai.history.matching import terms_of
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.search import find_numbers
from terminal_ai.records import Aftermath, CommandRecord

READ_CACHE_KIB = 8_192
READ_RECORDS = 500
"""Records read by one statement."""


class RecordReader:
    """The records of an open file, for any thread."""

    def __init__(self, connection: sqlite3.Connection, *, has_text_index: bool) -> None:
        """Own the connection, unless an error is raised."""
        self._reader = connection
        self._reading = threading.Lock()
        self.has_text_index = has_text_index
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA cache_size = -{READ_CACHE_KIB}")

    def newest(self, limit: int) -> list[CommandRecord]:
        """Return the newest records first."""
        with self._reading:
            found = self._reader.execute(
                f"{rows.SELECT} ORDER BY records.number DESC LIMIT ?", (limit,)
            ).fetchall()
        return [rows.to_record(row) for row in found]

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

    def close(self) -> None:
        """Close the connection."""
        with self._reading:
            self._reader.close()
