"""The file stays within an age, a number and a size, in small steps."""

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from terminal_ai.config import HistorySettings
from terminal_ai.history import HistoryQuery, files, retention
from terminal_ai.history.retention import DELETED_RECORDS, Limits
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.records import CommandRecord
from tests.history.conftest import OpenHistory, make_record, wait_until

ALL_TIME = (float("-inf"), float("inf"))
MIB = 1024 * 1024


def _filled(path: Path, limits: Limits, records: list[CommandRecord]) -> RecordStore:
    files.prepare(path)
    store = RecordStore(path, limits)
    store.index(store.write(without_secrets(record, str) for record in records))
    return store


def _prune(store: RecordStore) -> int:
    """Do all there is to do; return in how many steps."""
    store.begin_pruning()
    steps = 1
    while store.prune():
        steps += 1
    return steps


def _ids(store: RecordStore) -> list[str]:
    return [record.id for record in store.newest(10_000)]


def _noise(number: int, size: int) -> CommandRecord:
    letters = random.Random(number).choices("abcdefghijklmnop \n", k=size)
    return make_record(number, output="".join(letters))


def test_old_records_go(history_path: Path) -> None:
    now = time.time()
    records = [
        replace(make_record(number), started_at=now - 86_400.0 * (100 - number))
        for number in range(100)
    ]
    store = _filled(history_path, Limits(1_000, days=30), records)

    _prune(store)

    # One ended within a quarter of a second of the limit: it may be on either side.
    assert len(_ids(store)) in (29, 30)
    assert _ids(store)[0] == "s-99"
    store.close()


def test_no_limit_is_a_limit_of_zero(history_path: Path) -> None:
    records = [replace(make_record(number), started_at=1.0) for number in range(9)]
    store = _filled(history_path, Limits(1_000), records)

    assert _prune(store) == 1
    assert len(_ids(store)) == 9
    store.close()


def test_many_records_go_in_small_steps(history_path: Path) -> None:
    records = [make_record(number) for number in range(400)]
    store = _filled(history_path, Limits(7), records)

    assert _prune(store) >= 393 // DELETED_RECORDS
    assert _ids(store) == [f"s-{number}" for number in range(399, 392, -1)]
    store.close()


def test_a_file_that_is_too_large_shrinks(history_path: Path) -> None:
    records = [_noise(number, 4_000) for number in range(300)]
    limits = Limits(1_000, size_bytes=4 * MIB)
    store = _filled(history_path, limits, records)
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = history_path.stat().st_size
    assert before > 5 * MIB

    _prune(store)
    _prune(store)

    left = _ids(store)
    assert 30 < len(left) < 300
    assert left == [f"s-{number}" for number in range(299, 299 - len(left), -1)]
    assert store._retention.size_bytes() <= 4 * MIB
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert history_path.stat().st_size <= 4 * MIB + retention.VACUUMED_PAGES * 4096
    store.search(HistoryQuery("abc"), ALL_TIME)
    store._writer.execute(
        "INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)"
    )
    store.close()


def test_the_newest_record_stays_however_large(history_path: Path) -> None:
    records = [_noise(number, 50_000) for number in range(3)]
    store = _filled(history_path, Limits(1_000, size_bytes=4_096), records)

    for _ in range(5):
        _prune(store)

    assert _ids(store) == ["s-2"]
    store.close()


@pytest.mark.parametrize("has_text_index", [True, False])
def test_the_app_keeps_the_limits_while_it_runs(
    open_history: OpenHistory,
    monkeypatch: pytest.MonkeyPatch,
    has_text_index: bool,
) -> None:
    if not has_text_index:
        monkeypatch.setattr("terminal_ai.history.text_index.create", lambda _: False)
    history = open_history(HistorySettings(retention_records=20, memory_records=1))
    for number in range(130):
        history.add(make_record(number))
        if number % 50 == 0:
            history.flush()
    history.flush()

    wait_until(lambda: len(history.records(1_000)) <= 50)
    assert history.records(1)[0].id == "s-129"
    assert history.notice == ""
