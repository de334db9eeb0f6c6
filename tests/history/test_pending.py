"""What waits for the disk is bounded, ordered and never lost without need."""

import threading

import pytest

from terminal_ai.history import pending as pending_module
from terminal_ai.history.pending import BATCH_RECORDS, PendingRecords
from tests.history.conftest import make_record


def test_records_are_taken_in_order_and_in_batches() -> None:
    pending = PendingRecords()
    for number in range(BATCH_RECORDS + 3):
        pending.put(make_record(number))

    first = pending.take()
    assert [record.id for record in first] == [f"s-{n}" for n in range(BATCH_RECORDS)]
    assert len(pending.ids()) == BATCH_RECORDS + 3
    pending.done()
    assert len(pending.take()) == 3


def test_what_is_given_back_comes_again_first() -> None:
    pending = PendingRecords()
    pending.put(make_record(1))
    pending.put(make_record(2))
    taken = pending.take()
    pending.put(make_record(3))

    assert pending.give_back(0)

    assert [record.id for record in pending.take()] == ["s-1", "s-2", "s-3"]
    assert len(taken) == 2


def test_too_many_bytes_cost_the_oldest_outputs_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pending_module, "PENDING_LIMIT_BYTES", 1000)
    pending = PendingRecords()
    for number in range(10):
        pending.put(make_record(number, output="x" * 300))

    taken = pending.take()

    assert len(taken) == 10
    assert [len(record.output.head) for record in taken] == [0] * 7 + [300] * 3
    assert taken[0].output.elided_bytes == 300


def test_too_many_records_cost_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_module, "PENDING_LIMIT_RECORDS", 4)
    pending = PendingRecords()
    for number in range(6):
        pending.put(make_record(number))

    assert [record.id for record in pending.take()] == ["s-2", "s-3", "s-4", "s-5"]


def test_closing_ends_the_writer_after_the_last_record() -> None:
    pending = PendingRecords()
    pending.put(make_record(1))
    pending.close()

    assert len(pending.take()) == 1
    pending.done()
    assert pending.take() == ()
    assert not pending.give_back(0)


def test_waiting_ends_when_written_or_stuck() -> None:
    pending = PendingRecords()
    assert pending.wait_until_written(0)
    pending.put(make_record(1))
    assert not pending.wait_until_written(0.001)
    pending.take()
    assert not pending.wait_until_written(0.001)

    stuck = threading.Thread(target=pending.give_back, args=(60,))
    stuck.start()
    assert not pending.wait_until_written(60)
    pending.close()
    stuck.join()
