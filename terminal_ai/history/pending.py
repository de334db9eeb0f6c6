"""Records on their way to the disk: a bounded list between the app and the writer."""

import threading
from collections import deque
from collections.abc import Collection
from dataclasses import replace

from terminal_ai.records import CapturedOutput, CommandRecord

PENDING_LIMIT_BYTES = 67_108_864
"""Beyond this the oldest waiting records lose their output, never themselves."""
PENDING_LIMIT_RECORDS = 10_000
"""Beyond this, which takes hours of a disk that does not answer, the oldest go."""
BATCH_RECORDS = 100


class PendingRecords:
    """Filled by any thread without waiting, emptied by one writer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[CommandRecord] = deque()
        self._taken: tuple[CommandRecord, ...] = ()
        self._size_bytes = 0
        self._is_closed = False
        self._is_stuck = False

    def put(self, record: CommandRecord) -> None:
        """Add a record; a full list makes room by its oldest outputs."""
        with self._changed:
            self._waiting.append(record)
            self._size_bytes += _output_bytes(record)
            if len(self._waiting) > PENDING_LIMIT_RECORDS:
                self._size_bytes -= _output_bytes(self._waiting.popleft())
            if self._size_bytes > PENDING_LIMIT_BYTES:
                self._drop_oldest_outputs()
            self._changed.notify_all()

    def take(self) -> tuple[CommandRecord, ...]:
        """Wait for records and return some; none once closed and empty.

        They stay known to ``ids`` until ``done`` or ``give_back``.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            count = min(len(self._waiting), BATCH_RECORDS)
            self._taken = tuple(self._waiting.popleft() for _ in range(count))
            self._size_bytes -= sum(map(_output_bytes, self._taken))
            return self._taken

    @property
    def is_idle(self) -> bool:
        """True while nothing waits and nobody wants to end."""
        with self._changed:
            return not (self._waiting or self._is_closed)

    def done(self) -> None:
        """Forget what was taken: it is on disk."""
        with self._changed:
            self._taken = ()
            self._is_stuck = False
            self._changed.notify_all()

    def give_back(self, retry_seconds: float) -> bool:
        """Put back what was taken and wait a while; False once closed."""
        with self._changed:
            self._waiting.extendleft(reversed(self._taken))
            self._size_bytes += sum(map(_output_bytes, self._taken))
            self._taken = ()
            self._is_stuck = True
            self._changed.notify_all()
            if self._is_closed:
                return False
            self._changed.wait_for(lambda: self._is_closed, retry_seconds)
            return True

    def ids(self) -> frozenset[str]:
        """Return the ids of all records that are not on disk yet."""
        with self._changed:
            return frozenset(
                record.id for part in (self._waiting, self._taken) for record in part
            )

    def forget(self, ids: Collection[str]) -> None:
        """Drop what waits under these ids; what is taken is the writer's."""
        with self._changed:
            kept = [record for record in self._waiting if record.id not in ids]
            self._waiting = deque(kept)
            self._size_bytes = sum(map(_output_bytes, kept))
            self._changed.notify_all()

    def wait_until_written(self, timeout_seconds: float) -> bool:
        """Wait until nothing is left to write, or writing got stuck."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_stuck or not (self._waiting or self._taken),
                timeout_seconds,
            )
            return not (self._waiting or self._taken)

    def close(self) -> None:
        """Let the writer end when it has written what is here."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _drop_oldest_outputs(self) -> None:
        for index, record in enumerate(self._waiting):
            if self._size_bytes <= PENDING_LIMIT_BYTES:
                return
            size = _output_bytes(record)
            if size:
                elided = CapturedOutput(elided_bytes=record.output.elided_bytes + size)
                self._waiting[index] = replace(record, output=elided)
                self._size_bytes -= size


def _output_bytes(record: CommandRecord) -> int:
    return len(record.output.head) + len(record.output.tail)
