"""A file of version 1 becomes a present one: whole, at once, whoever is killed."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from terminal_ai.history import HistoryQuery, RecordOrder, schema
from terminal_ai.history.schema import SCHEMA_VERSION
from tests.history.conftest import STARTED_AT, OpenHistory, wait_until

ROOT = Path(__file__).resolve().parents[2]

# As version 1 wrote it, word for word.
VERSION_1 = """
    CREATE TABLE migrations (
        version INTEGER PRIMARY KEY,
        applied_at REAL NOT NULL
    );
    CREATE TABLE records (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        command_line TEXT NOT NULL,
        cwd TEXT NOT NULL,
        exit_code INTEGER,
        started_at REAL NOT NULL,
        duration_seconds REAL NOT NULL,
        shell TEXT NOT NULL,
        cpu_seconds REAL,
        peak_rss_bytes INTEGER,
        used_alternate_screen INTEGER NOT NULL,
        source TEXT NOT NULL,
        is_redacted INTEGER NOT NULL,
        output_elided_bytes INTEGER NOT NULL
    );
    CREATE TABLE outputs (
        number INTEGER PRIMARY KEY REFERENCES records(number) ON DELETE CASCADE,
        head TEXT NOT NULL,
        tail TEXT NOT NULL
    );
    CREATE VIEW texts AS
        SELECT number, command_line, head, tail
        FROM records JOIN outputs USING (number);
    CREATE VIRTUAL TABLE IF NOT EXISTS text_index USING fts5(
        command_line, head, tail,
        content='texts', content_rowid='number', tokenize='trigram'
    );
    INSERT INTO migrations VALUES (1, 1760000000.0);
    PRAGMA user_version = 1;
"""
INSERT_1 = (
    "INSERT OR IGNORE INTO records (id, command_line, cwd, exit_code, started_at,"
    " duration_seconds, shell, cpu_seconds, peak_rss_bytes, used_alternate_screen,"
    " source, output_elided_bytes, is_redacted)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
OPEN = """
import sys
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History

history = History(HistorySettings(), Path(sys.argv[1]), redact=str)
print(len(history.records(1000)), history.notice)
history.close()
"""
OPEN_AND_HANG = """
import sys, time
from terminal_ai.history import schema

STOP_AT = int(sys.argv[2])

class Hanging(tuple):
    def __iter__(self):
        for count, statement in enumerate(tuple(self[:])):
            if count == STOP_AT:
                print("half-way", flush=True)
                time.sleep(600)
            yield statement

schema._MIGRATIONS = (
    *schema._MIGRATIONS[:1], Hanging(schema._MIGRATIONS[1]), *schema._MIGRATIONS[2:]
)
"""


def write_1(connection: sqlite3.Connection, number: int, command_line: str) -> None:
    """Write a record the way version 1 does."""
    used = (None, None) if number % 2 else (0.5, 4096)
    fact = (f"a-b-{number}", command_line, "/home/bob", number % 3, STARTED_AT + number)
    rest = (0.25, "bash", *used, 0, "shell", 0, 0)
    cursor = connection.execute(INSERT_1, (*fact, *rest))
    texts = (cursor.lastrowid, f"printed 오류 {number}", "")
    connection.execute("INSERT INTO outputs VALUES (?, ?, ?)", texts)
    connection.execute(
        "INSERT INTO text_index(rowid, command_line, head, tail) VALUES (?, ?, ?, ?)",
        (texts[0], command_line, *texts[1:]),
    )


@pytest.fixture
def old_file(history_path: Path) -> Path:
    history_path.parent.mkdir(mode=0o700)
    connection = sqlite3.connect(history_path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(VERSION_1)
    connection.execute("BEGIN")
    for number in range(250):
        write_1(connection, number, f"sudo git push {number}")
    connection.execute("COMMIT")
    connection.close()
    return history_path


def _facts(path: Path) -> tuple[str, int, int]:
    connection = sqlite3.connect(path)
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (count,) = connection.execute("SELECT count(*) FROM records").fetchone()
        connection.execute(
            "INSERT INTO text_index(text_index, rank) VALUES ('integrity-check', 1)"
        )
    finally:
        connection.close()
    return str(verdict), int(version), int(count)


def test_every_record_of_version_1_is_kept_and_found(
    open_history: OpenHistory, old_file: Path
) -> None:
    history = open_history()

    assert history.notice == ""
    assert len(history.records(1000)) == 250
    record = history.record("a-b-2")
    assert record is not None
    assert record.resources.cpu_seconds == 0.5
    assert record.resources.read_bytes is None
    assert (record.columns, record.rows, record.session_id) == (80, 24, "a-b")
    assert len(history.session("a-b")) == 250
    assert len(history.search(HistoryQuery("printed", failed=True))) > 100
    sorted_ = history.search(HistoryQuery("push", order=RecordOrder.CPU, limit=1))
    assert sorted_[0].id == "a-b-248"
    # Programs and short words are looked up in the old records one by one.
    wait_until(
        lambda: len(history.search(HistoryQuery(program="git", limit=999))) > 249
    )
    assert len(history.search(HistoryQuery("오류", limit=999))) == 250
    history.close()
    assert _facts(old_file) == ("ok", SCHEMA_VERSION, 250)


def test_an_old_program_may_go_on_writing_beside_a_new_one(
    open_history: OpenHistory, old_file: Path
) -> None:
    old = sqlite3.connect(old_file, isolation_level=None)
    open_history().close()

    write_1(old, 999, "make late")
    old.close()

    history = open_history()
    assert history.records(1)[0].command_line == "make late"
    wait_until(lambda: history.search(HistoryQuery(program="make")))


@pytest.mark.parametrize("statements", [0, 1, 7, len(schema._MIGRATIONS[1]) - 1])
def test_a_killed_migration_leaves_the_old_file(
    open_history: OpenHistory, old_file: Path, statements: int
) -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(OPEN_AND_HANG + OPEN),
            str(old_file),
            str(statements),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half-way\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()

    assert _facts(old_file) == ("ok", 1, 250)
    history = open_history()
    assert len(history.records(1000)) == 250
    history.close()
    assert _facts(old_file) == ("ok", SCHEMA_VERSION, 250)


def test_two_programs_may_migrate_at_once(old_file: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(old_file)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [child.communicate(timeout=60)[0].strip() for child in children]

    assert answers == ["250"] * 3
    assert _facts(old_file) == ("ok", SCHEMA_VERSION, 250)
