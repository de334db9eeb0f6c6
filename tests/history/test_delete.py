"""Deleting records by hand: gone from memory, from the file and from its bytes."""

import sqlite3
from pathlib import Path

import pytest

from terminal_ai.history.pending import PendingRecords
from terminal_ai.history.query import HistoryQuery
from tests.history.conftest import OpenHistory, make_record

SECRET = "plainsecretword"


def test_a_deleted_record_is_found_nowhere(open_history: OpenHistory) -> None:
    history = open_history()
    for number in range(1, 4):
        history.add(make_record(number, output=f"printed {number}"))
    history.flush()

    assert history.delete(["s-2", "never-1"])

    assert [record.id for record in history.records(10)] == ["s-3", "s-1"]
    assert history.record("s-2") is None
    assert history.search(HistoryQuery("printed 2")) == ()
    assert "command 2" not in history.known_commands(10)
    history.close()
    again = open_history()
    assert [record.id for record in again.records(10)] == ["s-3", "s-1"]
    assert again.search(HistoryQuery("printed 2")) == ()
    assert len(again.search(HistoryQuery("printed"))) == 2


def test_a_record_that_still_waits_for_the_disk_never_gets_there(
    open_history: OpenHistory,
) -> None:
    history = open_history()
    for number in range(300):
        history.add(make_record(number))
    assert history.delete([f"s-{number}" for number in range(300)])
    history.close()
    assert open_history().records(10) == ()


def test_nothing_of_it_stays_in_the_file(
    open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1, f"echo {SECRET}", output=f"{SECRET}\n" * 500))
    history.add(make_record(2))
    history.flush()
    assert SECRET in everything_on_disk(history_path)

    assert history.delete(["s-1"])

    assert SECRET not in everything_on_disk(history_path)


def everything_on_disk(path: Path) -> str:
    files = path.parent.glob(path.name + "*")
    return "".join(file.read_bytes().decode("latin-1") for file in files)


def test_without_a_file_it_is_deleted_in_memory(open_history: OpenHistory) -> None:
    history = open_history(in_memory=True)
    history.add(make_record(1))
    assert history.delete(["s-1"])
    assert history.records(10) == ()


def test_a_disk_that_refuses_is_told(
    open_history: OpenHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = open_history()
    history.add(make_record(1))
    history.flush()

    def refuse(*_arguments: object, **_named: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("terminal_ai.history.store.delete_records", refuse)
    assert not history.delete(["s-1"])


def test_what_waits_is_forgotten_and_its_size_with_it() -> None:
    pending = PendingRecords()
    for number in range(3):
        pending.put(make_record(number, output="x" * 100))
    pending.forget({"s-0", "s-2"})
    assert [record.id for record in pending.take()] == ["s-1"]
    pending.done()
    assert pending.wait_until_written(0)
