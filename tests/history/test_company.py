"""Several programs use one file at once; a bad disk costs nothing but the disk."""

import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from terminal_ai.history import HistoryQuery, RecordOrder, store, writer
from tests.history.conftest import OpenHistory, make_record, wait_until
from tests.safety.fake_secrets import fake_secrets

ROOT = Path(__file__).resolve().parents[2]

BUSY = """
import sys
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery, RecordOrder
from tests.history.conftest import make_record

name, path = sys.argv[1], Path(sys.argv[2])
settings = HistorySettings(retention_records=60, memory_records=5)
history = History(settings, path, redact=str)
for number in range(150):
    output = f"{name} printed {number} " * 20
    history.add(make_record(number, f"{name} {number}", output=output, session=name))
    if number % 5 == 0:
        history.search(HistoryQuery("printed", order=RecordOrder.CPU))
        history.search(HistoryQuery("e", failed=True))
        history.flush()
history.flush()
newest = history.search(HistoryQuery(session_id=name, limit=1))[0]
print(newest.command_line, history.notice)
history.close()
"""


def _run(name: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", BUSY, name, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_three_programs_write_search_and_prune_at_once(history_path: Path) -> None:
    names = ("one", "two", "three")
    children = [_run(name, history_path) for name in names]

    for name, child in zip(names, children, strict=True):
        out, _ = child.communicate(timeout=100)
        assert out == f"{name} 149 \n"

    connection = sqlite3.connect(history_path)
    (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok"
    (orphans,) = connection.execute(
        "SELECT count(*) FROM outputs WHERE number NOT IN (SELECT number FROM records)"
    ).fetchone()
    assert orphans == 0
    connection.execute(
        "INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)"
    )
    connection.close()


def test_a_file_that_is_busy_at_the_start_is_used_later(
    open_history: OpenHistory, history_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(store, "OPEN_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(store, "OPEN_ATTEMPTS", 1)
    open_history().close()
    other = sqlite3.connect(history_path, isolation_level=None)
    # As a program does that brings the file to a later version.
    other.execute("PRAGMA user_version = 1")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")

    history = open_history()
    history.add(make_record(1, "early"))
    assert "locked" in history.notice
    assert history.records(1)[0].command_line == "early"

    other.execute("PRAGMA user_version = 2")
    other.execute("COMMIT")
    other.close()
    wait_until(lambda: history.notice == "")
    wait_until(lambda: history.search(HistoryQuery("early")))
    history.close()
    assert open_history().records(1)[0].command_line == "early"


def test_a_search_does_not_wait_for_another_programs_write(
    open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1, "there"))
    history.flush()
    other = sqlite3.connect(history_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    found: list[object] = []

    def search() -> None:
        found.extend(history.search(HistoryQuery("there", order=RecordOrder.CPU)))

    searching = threading.Thread(target=search)
    searching.start()
    # It ends although the other's transaction does not.
    searching.join()
    assert len(found) == 1
    other.execute("ROLLBACK")
    other.close()


def test_a_truncated_wal_costs_its_own_records_only(
    open_history: OpenHistory, history_path: Path, tmp_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1, "first"))
    history.close()
    history = open_history()
    for number in range(2, 30):
        history.add(make_record(number, f"later {number}"))
        history.flush()
    # What a crash of the machine leaves: the file, and a part of its WAL.
    copy = tmp_path / "copy" / "history.sqlite3"
    copy.parent.mkdir()
    copy.write_bytes(history_path.read_bytes())
    wal = Path(f"{history_path}-wal").read_bytes()
    assert len(wal) > 50_000
    Path(f"{copy}-wal").write_bytes(wal[: len(wal) // 2 + 13])

    left = open_history(path=copy)

    assert left.notice == ""
    ids = [record.id for record in left.records(99)]
    assert ids[-1] == "s-1"
    assert 1 < len(ids) < 29
    left.add(make_record(100, "new"))
    left.close()
    assert open_history(path=copy).records(1)[0].id == "s-100"


FULL = """
import resource, signal, sys
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from tests.history.conftest import make_record

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
history = History(HistorySettings(), Path(sys.argv[1]), redact=str)
for number in range(60):
    history.add(make_record(number, output=f"{number} words and " * 500))
history.flush()
assert history.notice, "the disk was not full"
print(len(history.records(99)), len(history.search(HistoryQuery("words"))))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
history.close()
"""


def test_a_full_disk_keeps_records_in_memory(
    open_history: OpenHistory, history_path: Path
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", FULL, str(history_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert child.stdout == "60 60\n"
    history = open_history()
    assert history.notice == ""
    ids = {record.id for record in history.records(99)}
    assert ids == {f"s-{number}" for number in range(len(ids))}
    connection = sqlite3.connect(history_path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_no_secret_reaches_the_disk_anywhere(
    open_history: OpenHistory, history_path: Path
) -> None:
    cases = fake_secrets()
    history = open_history()
    for number, case in enumerate(cases):
        wrapped = f"before\r\n\x1b[31m{case.text}\x1b[0m\r\nafter"
        in_line = make_record(2 * number, case.text, output=wrapped)
        in_directory = replace(make_record(2 * number + 1), cwd=case.text)
        for record in (in_line, in_directory):
            history.add(record)
    history.flush()

    files = list(history_path.parent.iterdir())
    assert len(files) == 3
    data = b"".join(file.read_bytes() for file in files)
    history.close()
    data += history_path.read_bytes()
    assert data.count(b"[redacted:") > len(cases)
    for case in cases:
        for line in case.secret.splitlines():
            assert line.encode() not in data, case.kind
