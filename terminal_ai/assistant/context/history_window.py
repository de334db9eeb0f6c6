"""Which earlier commands go along with a question."""

from collections.abc import Sequence

from terminal_ai.records import CommandRecord


class HistoryWindow:
    """Chooses records so that the next prompt mostly begins like the last one.

    Dropping the oldest record each time would change the prompt's start with every
    question and make the service read all of it again. So the window grows to its
    limit, and then loses its older half at once.
    """

    def __init__(self, limit_records: int) -> None:
        self._limit = limit_records
        self._first_id: str | None = None

    def choose(self, records: Sequence[CommandRecord]) -> tuple[CommandRecord, ...]:
        """Return at most ``limit_records`` of the newest records, oldest first."""
        if not self._limit:
            return ()
        ordered = sorted(records, key=lambda record: record.started_at)
        ids = [record.id for record in ordered]
        start = ids.index(self._first_id) if self._first_id in ids else 0
        if len(ordered) - start > self._limit:
            is_new = self._first_id not in ids
            kept = self._limit if is_new else self._limit - self._limit // 2
            start = len(ordered) - kept
        self._first_id = ids[start] if ids else None
        return tuple(ordered[start:])
