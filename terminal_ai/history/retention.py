"""How long records stay on disk: by age, by number, and by the size of the file.

Everything is done in short steps, so that readers and other writers come in between.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from terminal_ai.config import HistorySettings
from terminal_ai.history import text_index
from terminal_ai.history.schema import transaction

DELETED_RECORDS = 50
"""Records deleted by one transaction."""
VACUUMED_PAGES = 500
"""Pages given back by one transaction."""
SIZE_TARGET = 0.9
"""A file that is too large is brought below its limit by a tenth, not by a record."""
WAL_SHARE = 0.25
"""Of the limit; a WAL that grows beyond it must not cost all records."""
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What may stay; 0 days or 0 bytes is no limit."""

    records: int
    days: int = 0
    size_bytes: int = 0


def limits_of(settings: HistorySettings) -> Limits:
    """Return what the settings allow."""
    return Limits(
        settings.retention_records, settings.retention_days, settings.retention_bytes
    )


def delete_records(
    connection: sqlite3.Connection, numbers: Sequence[int], *, has_text_index: bool
) -> None:
    """Delete records by their numbers, within the caller's transaction."""
    if has_text_index:
        text_index.remove(connection, numbers)
    marks = ", ".join("?" * len(numbers))
    for table in ("outputs", "records"):
        connection.execute(f"DELETE FROM {table} WHERE number IN ({marks})", numbers)


class Retention:
    """Deletes what is too old or too much, the oldest first, step by step."""

    def __init__(self, connection: sqlite3.Connection, path: Path, limits: Limits):
        self._connection = connection
        self._wal = Path(f"{path}-wal")
        self._limits = limits
        self._surplus = 0
        self._must_merge = False
        self._is_merging = False

    def begin(self) -> None:
        """Look at the size of the file anew."""
        if not self._is_merging:
            self._surplus = self._measured_surplus()

    def step(self, *, has_text_index: bool) -> bool:
        """Do some of the work; False when nothing is left to do."""
        with transaction(self._connection):
            if numbers := self._expired():
                delete_records(self._connection, numbers, has_text_index=has_text_index)
                return True
            if self._must_merge and has_text_index:
                # What is deleted leaves the text index when its parts are merged.
                is_first, self._is_merging = not self._is_merging, True
                if text_index.merge(self._connection, is_first=is_first) or is_first:
                    return True
            self._must_merge = self._is_merging = False
        return self._give_back()

    def size_bytes(self) -> int:
        """Return what the records take on disk: pages in use, and the WAL."""
        in_use = self._pragma("page_count") - self._pragma("freelist_count")
        wal = self._wal.stat().st_size if self._wal.exists() else 0
        share = int(self._limits.size_bytes * WAL_SHARE)
        return in_use * self._pragma("page_size") + min(wal, share)

    def _measured_surplus(self) -> int:
        """Return how many records must go, by their mean size."""
        limit = self._limits.size_bytes
        if not limit or (size := self.size_bytes()) <= limit:
            return 0
        self._must_merge = True
        (count,) = self._connection.execute("SELECT count(*) FROM records").fetchone()
        return max(1, int(count * (1 - SIZE_TARGET * limit / size)))

    def _expired(self) -> list[int]:
        for find in (self._too_many, self._too_old, self._too_large):
            if numbers := find():
                return numbers
        return []

    def _too_many(self) -> list[int]:
        return self._numbers(
            "SELECT number FROM records WHERE number <= (SELECT number FROM records"
            " ORDER BY number DESC LIMIT 1 OFFSET ?) ORDER BY number LIMIT ?",
            self._limits.records,
        )

    def _too_old(self) -> list[int]:
        if not self._limits.days:
            return []
        return self._numbers(
            "SELECT number FROM records WHERE ended_at < ? ORDER BY ended_at LIMIT ?",
            time.time() - self._limits.days * DAY_SECONDS,
        )

    def _too_large(self) -> list[int]:
        if self._surplus <= 0:
            return []
        numbers = self._numbers("SELECT number FROM records ORDER BY number LIMIT ?")
        numbers = numbers[: self._surplus]
        # The newest stays, however large it is.
        if self._newest() in numbers:
            self._surplus = 0
            return numbers[:-1]
        self._surplus -= len(numbers)
        return numbers

    def _newest(self) -> int | None:
        (newest,) = self._connection.execute(
            "SELECT max(number) FROM records"
        ).fetchone()
        return newest if isinstance(newest, int) else None

    def _numbers(self, statement: str, *values: object) -> list[int]:
        found = self._connection.execute(statement, (*values, DELETED_RECORDS))
        return [number for (number,) in found]

    def _give_back(self) -> bool:
        """Shrink the file by pages that hold nothing; True for more."""
        free = self._pragma("freelist_count")
        if free < VACUUMED_PAGES or not self._pragma("auto_vacuum"):
            return False
        self._connection.execute(
            f"PRAGMA incremental_vacuum({VACUUMED_PAGES})"
        ).fetchall()
        return self._pragma("freelist_count") < free

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)
