"""The file of answers: private, bounded, and lost rather than wrong or in the way."""

import os
import pickle
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.assistant.caching import answer_file
from terminal_ai.assistant.caching.answer_file import (
    ENTRY_COST_BYTES,
    SKEW_SECONDS,
    TOUCH_SECONDS,
    AnswerFile,
    FileLimits,
)
from terminal_ai.errors import ForeignFileError
from tests.assistant.caching.making import Clock

ROOT = Path(__file__).resolve().parents[3]
DAY = 86_400.0
LIMITS = FileLimits(100, 1_000_000, 7 * DAY)
OpenFile = Callable[..., AnswerFile]

CHILD = """
import sys
from pathlib import Path
from terminal_ai.assistant.caching.answer_file import AnswerFile, FileLimits

name, path, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
file = AnswerFile(path, FileLimits(limit, 100_000_000, 86400.0))
number = 0
while True:
    try:
        file.put(f"{name} {number}", f"value of {name} {number} ".encode() * 99, [name])
    except Exception as error:
        print("failed", error, flush=True)
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "answers.sqlite3"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_file(path: Path, clock: Clock) -> Iterator[OpenFile]:
    opened: list[AnswerFile] = []

    def open_one(limits: FileLimits = LIMITS) -> AnswerFile:
        opened.append(AnswerFile(path, limits, clock=clock))
        return opened[-1]

    yield open_one
    for file in opened:
        file.close()


def start_child(name: str, path: Path, limit: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), name, str(path), str(limit)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def kept_keys(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stray = connection.execute(
            "SELECT count(*) FROM tags WHERE key NOT IN (SELECT key FROM entries)"
        ).fetchone()
        assert stray == (0,)
        return {key for (key,) in connection.execute("SELECT key FROM entries")}
    finally:
        connection.close()


def test_another_process_finds_what_this_one_kept(open_file: OpenFile) -> None:
    open_file().put("key", b"value", ["tag"])
    assert open_file().get("key") == b"value"
    assert open_file().get("other") is None


def test_a_new_value_replaces_the_old_one_and_its_tags(open_file: OpenFile) -> None:
    file = open_file()
    file.put("key", b"old", ["old tag"])
    file.put("key", b"new", ["new tag"])
    file.drop(["old tag"])
    assert file.get("key") == b"new"
    file.drop(["other", "new tag"])
    assert file.get("key") is None
    file.put("key", b"again", [])
    file.clear()
    assert file.get("key") is None


def test_files_are_private_whatever_the_umask(open_file: OpenFile, path: Path) -> None:
    before = os.umask(0)
    try:
        open_file().put("key", b"value", [])
        modes = [stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()]
        assert len(modes) == 3
        assert set(modes) == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_symbolic_link_is_refused(
    open_file: OpenFile, path: Path, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    path.parent.mkdir()
    Path(f"{path}{suffix}").symlink_to(target)
    file = open_file()
    with pytest.raises(ForeignFileError):
        file.get("key")
    with pytest.raises(ForeignFileError):
        file.put("key", b"value", [])
    assert target.read_bytes() == b"mine"
    assert path.is_symlink() or not path.exists()


def _pages(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(answer_file.PAGE_BYTES)
        file.write(b"\xa5" * answer_file.PAGE_BYTES * 8)


def _trigger(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TRIGGER planted AFTER INSERT ON tags BEGIN DELETE FROM entries; END"
    )
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all, and long enough" * 99),
        lambda path: path.write_bytes(pickle.dumps(["planted"])),
        lambda path: path.write_bytes(b"!!python/object/apply:os.system ['id']\n" * 9),
        _pages,
        _trigger,
    ],
)
def test_a_damaged_file_is_put_aside_and_told(
    open_file: OpenFile, path: Path, damage: Callable[[Path], object]
) -> None:
    first = open_file()
    for number in range(60):
        first.put(f"key {number}", b"x" * 900, ["tag"])
    first.close()
    damage(path)
    file = open_file()

    def read_all() -> None:
        for number in range(60):
            file.get(f"key {number}")

    with pytest.raises(sqlite3.DatabaseError):
        read_all()
    (notice,) = file.notices
    (aside,) = path.parent.glob("answers.sqlite3.damaged-*[0-9]")
    assert str(aside) in notice
    assert file.get("key 1") is None
    file.put("key 1", b"new", [])
    assert file.get("key 1") == b"new"
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_who_sees_the_damage_later_does_not_put_the_new_file_aside(
    open_file: OpenFile, path: Path
) -> None:
    one, other = open_file(), open_file()
    one.put("key", b"value", [])
    assert other.get("key") == b"value"
    one.close()
    path.rename(path.with_name("aside"))
    open_file().put("key", b"new", [])
    assert other.get("key") == b"new"
    assert not other.notices


def test_a_file_that_was_removed_is_made_again(open_file: OpenFile, path: Path) -> None:
    file = open_file()
    file.put("key", b"value", [])
    for one in path.parent.iterdir():
        one.unlink()
    assert file.get("key") is None
    file.put("key", b"new", [])
    assert file.get("key") == b"new"


def test_a_busy_file_is_left_alone(
    open_file: OpenFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_file, "BUSY_SECONDS", 0.01)
    file = open_file()
    file.put("key", b"value", [])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError):
        file.put("key", b"new", [])
    assert file.get("key") == b"value"
    holder.execute("ROLLBACK")
    holder.close()
    file.put("key", b"new", [])
    assert file.get("key") == b"new"
    assert not file.notices


def test_a_full_file_gives_way_to_what_is_new(
    open_file: OpenFile, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_file, "FILE_LIMIT_FACTOR", 0)
    monkeypatch.setattr(answer_file, "FILE_LIMIT_EXTRA_BYTES", 40 * 4_096)
    file = open_file()
    for number in range(99):
        file.put(f"key {number}", os.urandom(3_000), ["tag"])
    assert file.get("key 98") is not None
    assert len(kept_keys(path)) < 60
    assert path.stat().st_size <= 40 * 4_096


def test_a_full_disk_loses_answers_and_nothing_else(tmp_path: Path) -> None:
    """The kernel refuses to write beyond a size, in a child of its own."""
    code = f"""
import resource, signal, sqlite3
from pathlib import Path
from terminal_ai.assistant.caching.answer_file import AnswerFile, FileLimits
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path({str(tmp_path / "answers.sqlite3")!r})
file = AnswerFile(path, FileLimits(999, 99_000_000, 999.0))
file.put("first", b"value", [])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
failures = 0
for number in range(200):
    try:
        file.put(str(number), bytes(9_000), [])
    except sqlite3.OperationalError:
        failures += 1
assert failures, "it never became full"
assert not file.notices, file.notices
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
file.put("last", b"value", [])
assert file.get("last") == b"value"
file.close()
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "last" in kept_keys(tmp_path / "answers.sqlite3")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_answers_outlive_a_clock_that_jumps(open_file: OpenFile, clock: Clock) -> None:
    file = open_file()
    file.put("now", b"value", [])
    clock.now += 7 * DAY
    assert file.get("now") == b"value"
    clock.now += 1
    assert file.get("now") is None
    clock.now -= 8 * DAY
    assert file.get("now") is None  # from a future that nobody can date
    file.put("before", b"value", [])
    assert file.get("before") == b"value"
    clock.now += DAY - SKEW_SECONDS
    file.put("after", b"value", [])
    assert file.get("before") == file.get("after") == b"value"


def test_the_least_recently_used_goes_first(
    open_file: OpenFile, path: Path, clock: Clock
) -> None:
    file = open_file(FileLimits(3, 1_000_000, 7 * DAY))
    for key in "abc":
        file.put(key, b"value", [])
        clock.now += 1
    clock.now += TOUCH_SECONDS
    assert file.get("a") == b"value"
    file.put("d", b"value", [])
    assert kept_keys(path) == {"a", "c", "d"}


operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcdefgh"), st.integers(0, 2_000)),
        st.tuples(st.just("drop"), st.sampled_from("abcdefgh"), st.just(0)),
        st.tuples(st.just("wait"), st.just(""), st.integers(-200, 200)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(operations)
def test_bounds_hold_after_any_sequence(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, str, int]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "answers.sqlite3"
    clock = Clock()
    limits = FileLimits(4, 3 * ENTRY_COST_BYTES + 2_500, 300.0)
    file = AnswerFile(path, limits, clock=clock)
    latest: dict[str, bytes] = {}
    for operation, key, number in operations:
        if operation == "put":
            file.put(key, key.encode() * number, [f"tag {key}"])
            if number + ENTRY_COST_BYTES <= limits.bytes:
                latest[key] = key.encode() * number
                assert file.get(key) == latest[key]
        elif operation == "drop":
            file.drop([f"tag {key}"])
            latest.pop(key, None)
        else:
            clock.now += number
        for one in "abcdefgh":
            found = file.get(one)
            assert found is None or found == latest.get(one)
        if path.exists():
            connection = sqlite3.connect(path)
            entries, cost = connection.execute(
                "SELECT count(*), coalesce(sum(length(value)), 0) FROM entries"
            ).fetchone()
            connection.close()
            assert entries <= limits.entries
            assert cost + entries * ENTRY_COST_BYTES <= limits.bytes
    file.close()


def test_a_killed_process_leaves_a_sound_file(path: Path) -> None:
    for turn in range(4):
        child = start_child(f"turn {turn}", path, 10_000)
        assert child.stdout is not None
        for _ in range(5 + turn * 3):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        out, _ = child.communicate()
        assert "failed" not in out
        assert kept_keys(path)
    file = AnswerFile(path, LIMITS)
    assert file.get("turn 3 4") == b"value of turn 3 4 " * 99
    assert not file.notices
    file.close()


def test_two_processes_and_many_threads_share_the_file(path: Path) -> None:
    children = [start_child(name, path, 10_000) for name in ("one", "other")]
    file = AnswerFile(path, FileLimits(10_000, 100_000_000, 7 * DAY))

    def read() -> None:
        for _ in range(20):
            for name in ("one", "other"):
                value = file.get(f"{name} 3")
                assert value in (None, f"value of {name} 3 ".encode() * 99)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for child in children:
        assert child.stdout is not None
        while child.stdout.readline().strip() != "30":
            pass
        child.kill()
        child.communicate()
    for thread in threads:
        thread.join()
    assert file.get("one 3") is not None
    assert file.get("other 3") is not None
    file.close()
    assert kept_keys(path) >= {"one 3", "other 3"}


def test_a_closed_file_stays_closed(open_file: OpenFile, path: Path) -> None:
    file = open_file()
    file.put("key", b"value", [])
    file.close()
    with pytest.raises(sqlite3.ProgrammingError):
        file.get("key")
    assert [one.name for one in path.parent.iterdir()] == [path.name]
