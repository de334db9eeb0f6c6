"""The history file survives kills, company, damage and full disks, in private."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terminal_ai.config import HistorySettings
from terminal_ai.errors import HistoryError
from terminal_ai.history import History, HistoryQuery, files, store, text_index, writer
from terminal_ai.history.retention import Limits
from terminal_ai.history.schema import SCHEMA_VERSION
from terminal_ai.history.store import RecordStore
from terminal_ai.history.stored import without_secrets
from terminal_ai.safety import private_files
from tests.history.conftest import OpenHistory, make_record, wait_until

ALL_TIME = (float("-inf"), float("inf"))
ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from tests.history.conftest import make_record

name, path, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
history = History(HistorySettings(), path, redact=str)
for number in range(count):
    output = "x" * 2000
    history.add(make_record(number, f"{name} {number}", output=output, session=name))
    if number % 10 == 9:
        history.flush()
        print(number, flush=True)
"""


def _start(name: str, path: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), name, str(path), str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _check(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    finally:
        connection.close()
    return str(verdict)


@pytest.mark.usefixtures("umask")
def test_files_are_private_whatever_the_umask(
    open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1))
    history.flush()

    assert _mode(history_path.parent) == 0o700
    names = {file.name for file in history_path.parent.iterdir()}
    assert f"{history_path.name}-wal" in names
    for file in history_path.parent.iterdir():
        assert _mode(file) == 0o600


def test_an_open_file_of_ours_is_closed_to_others(
    open_history: OpenHistory, history_path: Path
) -> None:
    open_history().close()
    history_path.chmod(0o666)
    history_path.parent.chmod(0o777)

    open_history()

    assert _mode(history_path) == 0o600
    assert _mode(history_path.parent) == 0o700


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_symbolic_link_is_refused(
    open_history: OpenHistory, history_path: Path, tmp_path: Path, suffix: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    history_path.parent.mkdir()
    Path(f"{history_path}{suffix}").symlink_to(victim)

    with pytest.raises(HistoryError, match="symbolic link") as raised:
        open_history()

    assert raised.value.hint
    assert victim.read_text() == "precious"


def test_a_linked_directory_is_refused(
    open_history: OpenHistory, history_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    history_path.parent.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HistoryError, match="symbolic link"):
        open_history()


def test_another_users_file_is_refused(
    open_history: OpenHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)

    with pytest.raises(HistoryError, match="another user"):
        open_history()


def test_everything_flushed_survives_a_kill(history_path: Path) -> None:
    child = _start("killed", history_path, 100_000)
    assert child.stdout is not None
    flushed = [int(child.stdout.readline()) for _ in range(5)][-1]
    child.send_signal(signal.SIGKILL)
    flushed = max([flushed, *map(int, child.stdout.read().split())])
    child.wait()
    child.stdout.close()

    history = History(HistorySettings(), history_path, redact=str)
    numbers = {int(r.command_line.split()[1]) for r in history.records(100_000)}
    found = history.search(HistoryQuery(f"killed {flushed}", limit=10))
    history.close()

    assert history.notice == ""
    assert numbers >= set(range(flushed + 1))
    assert any(record.command_line == f"killed {flushed}" for record in found)
    assert _check(history_path) == "ok"


def test_two_processes_write_at_once(history_path: Path) -> None:
    children = [_start(name, history_path, 100) for name in ("one", "two")]
    for child in children:
        _, _ = child.communicate(timeout=60)
        assert child.returncode == 0

    history = History(HistorySettings(), history_path, redact=str)
    records = history.records(1000)
    history.close()

    assert history.notice == ""
    assert len({record.id for record in records}) == 200
    assert _check(history_path) == "ok"


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_put_aside(
    open_history: OpenHistory, history_path: Path, content: bytes
) -> None:
    history_path.parent.mkdir()
    history_path.write_bytes(content)

    history = open_history()
    history.add(make_record(1))
    history.flush()

    (aside,) = history_path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in history.notice
    assert len(open_history().records(9)) == 1


@pytest.mark.parametrize("step", ["write", "index"])
def test_damage_found_while_writing_loses_no_record(
    open_history: OpenHistory,
    history_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    history = open_history()
    original = getattr(RecordStore, step)
    damaged = sqlite3.DatabaseError("database disk image is malformed")
    damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    failures = [damaged]

    def fail_once(self: RecordStore, what: object) -> object:
        if failures:
            raise failures.pop()
        return original(self, what)

    monkeypatch.setattr(RecordStore, step, fail_once)
    history.add(make_record(1))
    history.flush()
    history.flush()
    history.close()

    assert "damaged" in history.notice
    assert list(history_path.parent.glob("*.damaged-*"))
    assert len(open_history().records(9)) == 1


def _delete_all(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


def _restore_backup(path: Path) -> None:
    backup = path.parent.with_name("backup")
    shutil.copy(path, backup)
    _delete_all(path)
    backup.replace(path)


@pytest.mark.parametrize(
    "happens",
    [
        _delete_all,
        Path.unlink,
        lambda path: shutil.rmtree(path.parent),
        _restore_backup,
    ],
    ids=["all deleted", "deleted", "directory deleted", "replaced"],
)
def test_records_go_where_the_file_is_now(
    happens: Callable[[Path], None], open_history: OpenHistory, history_path: Path
) -> None:
    history = open_history()
    history.add(make_record(1))
    history.flush()

    happens(history_path)
    for number in range(2, 4):
        history.add(make_record(number))
        history.flush()
    history.close()

    assert history.notice == ""
    kept = {record.command_line for record in open_history().records(9)}
    assert {make_record(2).command_line, make_record(3).command_line} <= kept
    assert _mode(history_path) == 0o600
    assert _check(history_path) == "ok"


@pytest.mark.parametrize("kind", ["link", "directory"])
def test_what_took_the_place_of_the_file_is_left_alone(
    kind: str,
    open_history: OpenHistory,
    history_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    history = open_history()
    _delete_all(history_path)
    target = tmp_path / "elsewhere"
    if kind == "link":
        history_path.symlink_to(target)
    else:
        history_path.mkdir()

    history.add(make_record(1))
    history.flush()

    assert history.notice
    assert not target.exists()
    assert len(history.records(9)) == 1
    (history_path.unlink if kind == "link" else history_path.rmdir)()
    wait_until(lambda: not history.notice)
    history.flush()
    history.close()
    assert len(open_history().records(9)) == 1


def test_few_damaged_files_are_kept(history_path: Path) -> None:
    history_path.parent.mkdir()
    for _ in range(private_files.QUARANTINE_LIMIT + 3):
        history_path.write_bytes(b"x")
        Path(f"{history_path}-wal").write_bytes(b"y")
        private_files.put_aside(history_path)

    left = [file.name for file in history_path.parent.iterdir()]
    assert len(left) == 2 * private_files.QUARANTINE_LIMIT


def test_nothing_planted_in_the_file_is_executed(
    open_history: OpenHistory, history_path: Path, tmp_path: Path
) -> None:
    import pickle

    class Planted:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "executed",))

    history_path.parent.mkdir()
    history_path.write_bytes(pickle.dumps(Planted()))

    assert open_history().records(9) == ()
    assert not (tmp_path / "executed").exists()


def test_an_impossible_place_leaves_a_history_in_memory(
    open_history: OpenHistory, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")

    history = open_history(path=tmp_path / "file" / "history.sqlite3")
    history.add(make_record(1, "kept"))
    history.flush()

    assert "memory" in history.notice
    assert history.records(9)[0].command_line == "kept"
    assert history.search(HistoryQuery("kept", limit=9))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_readonly_directory_leaves_a_history_in_memory(
    open_history: OpenHistory, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)

    history = open_history(path=locked / "state" / "history.sqlite3")

    assert "memory" in history.notice


def test_a_newer_file_is_left_alone(
    open_history: OpenHistory, history_path: Path
) -> None:
    open_history().close()
    connection = sqlite3.connect(history_path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()

    history = open_history()
    history.add(make_record(1))

    assert "later version" in history.notice
    assert len(history.records(9)) == 1
    assert not list(history_path.parent.glob("*.damaged-*"))


def test_a_full_disk_is_said_and_forgiven(
    open_history: OpenHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    history = open_history()
    assert history._writer is not None
    records = history._writer.store
    assert records is not None
    (pages,) = records._writer.execute("PRAGMA page_count").fetchone()
    records._writer.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(50):
        history.add(make_record(number, output="x y " * 5_000))

    history.flush()
    assert "full" in history.notice
    assert len(history.records(50)) == 50
    assert len(history.search(HistoryQuery("command", limit=99))) == 50

    records._writer.execute("PRAGMA max_page_count = 1000000")
    for _ in range(3000):
        if not history.notice:
            break
        time.sleep(0.01)
    assert history.notice == ""
    history.close()
    assert len(open_history().records(99)) == 50


def test_leaving_does_not_wait_for_a_stuck_disk(
    open_history: OpenHistory, history_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CLOSE_SECONDS", 0.05)
    monkeypatch.setattr(store, "BUSY_TIMEOUT_SECONDS", 0.5)
    history = open_history()
    other = sqlite3.connect(history_path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    history.add(make_record(1))

    history.close()

    assert history._writer is not None
    other.execute("ROLLBACK")
    other.close()
    history._writer._thread.join(30)
    assert not history._writer._thread.is_alive()


def test_a_locked_file_is_tried_again(
    open_history: OpenHistory, history_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(store, "BUSY_TIMEOUT_SECONDS", 0.01)
    history = open_history()
    other = sqlite3.connect(history_path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    history.add(make_record(1))
    history.flush()
    assert "locked" in history.notice

    other.execute("ROLLBACK")
    other.close()
    history.close()

    assert len(open_history().records(9)) == 1


def test_without_full_text_search_plain_search_does_it(
    open_history: OpenHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(text_index, "create", lambda _: False)
        history = open_history()
        history.add(make_record(1, "git push", output="Rejected 100%"))
        history.add(make_record(2, "ls", output="nothing"))
        history.flush()
        for text in ("push", "rejected", "0%", "gi push"):
            found = history.search(HistoryQuery(text, limit=9))
            assert [record.id for record in found] == ["s-1"], text
        history.close()

    # A later start that has it indexes what was written without it.
    again = open_history()
    wait_until(lambda: again.search(HistoryQuery("rejected")))
    (late,) = again.search(HistoryQuery("rejected"))
    assert late.id == "s-1"


def test_the_index_forgets_what_is_deleted(history_path: Path) -> None:
    files.prepare(history_path)
    records = RecordStore(history_path, Limits(records=5))
    numbers = records.write(
        without_secrets(make_record(number, output=f"output{number}"), str)
        for number in range(20)
    )
    records.index(numbers)

    records.begin_pruning()
    while records.prune():
        pass

    for text in ("output3", "t3", "3"):
        assert records.search(HistoryQuery(text), ALL_TIME) == []
    assert len(records.search(HistoryQuery("output"), ALL_TIME)) == 5
    for index in ("text_index", "short_terms"):
        left = records._writer.execute(f"SELECT count(*) FROM {index}_docsize")
        assert left.fetchone() == (5,), index
    rows = records._writer.execute(
        "INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)"
    )
    assert rows.fetchall() == []
    records.close()
    assert _check(history_path) == "ok"
