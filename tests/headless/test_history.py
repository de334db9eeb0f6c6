"""``terminal-ai history``: what it lists, and how it stays out of the app's way."""

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.config import state_path
from terminal_ai.headless.listing import as_array, as_lines, as_table
from terminal_ai.headless.table import cells
from terminal_ai.history.query import RecordOrder
from terminal_ai.records import CommandRecord
from tests.export.making import make_record, records
from tests.export.test_json import KEYS
from tests.headless.conftest import Run, keep, opened


def commands(out: str) -> list[str]:
    return [str(each["command_line"]) for each in json.loads(out)]


def test_the_newest_come_first_as_one_array(
    run: Run, kept: list[CommandRecord]
) -> None:
    code, out, err = run("history", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [each["command_line"] for each in found] == [
        "ls 한글", "git status", "gti status", "make all",
    ]  # fmt: skip
    assert list(found[0])[: len(KEYS)] == KEYS
    assert found[2]["exit_code"] == 127
    assert found[2]["output"] == "gti: command not found"
    assert found[1]["exit_code"] is None
    assert len(out.splitlines()) == 6
    _, lines, _ = run("history", "--jsonl")
    assert [json.loads(line) for line in lines.splitlines()] == found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--limit", "2"], ["ls 한글", "git status"]),
        (["--limit", "0"], []),
        (["--failed"], ["gti status"]),
        (["--search", "STATUS g"], ["git status", "gti status"]),
        (["--search", "built"], ["make all"]),
        (["--search", "status", "--failed", "--limit", "1"], ["gti status"]),
        (["--cwd", "/home"], ["git status", "gti status", "make all"]),
        (["--cwd", "/srv"], ["ls 한글"]),
        (["--shell", "bash", "--program", "git"], ["git status"]),
        (["--longer-than", "60"], ["make all"]),
        (["--session", "0ther"], ["ls 한글"]),
        (["--sort", "slowest", "--limit", "1"], ["make all"]),
        (["--search", "nothing like it"], []),
    ],
)
def test_filters(
    run: Run, kept: list[CommandRecord], options: list[str], expected: list[str]
) -> None:
    code, out, _ = run("history", "--json", *options)
    assert code == 0
    assert commands(out) == expected


def test_a_relative_directory_is_meant_from_here(
    run: Run, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    here = CommandRecord("a-1", "here", str(tmp_path / "sub"), 0, 1.0, 1.0)
    keep(path, here, make_record(2))
    _, out, _ = run("history", "--json", "--cwd", "sub")
    assert commands(out) == ["here"]


def test_the_table_is_aligned(run: Run, kept: list[CommandRecord]) -> None:
    _, out, _ = run("history")
    assert out == (
        "2023-11-14 22:15  ✓          2 ms  ls 한글\n"
        "2023-11-14 22:13  ?         1.0 s  git status\n"
        "2023-11-14 22:13  ✗ 127     1.0 s  gti status\n"
        "2023-11-14 22:11  ✓          1:15  make all\n"
    )
    _, out, _ = run("history", "--ids", "--sort", "memory", "--limit", "1")
    assert out == "5e55-3  2023-11-14 22:13  ?     1.0 s   4.0 KiB  git status\n"


@given(
    kept=st.lists(records, max_size=5),
    order=st.sampled_from(RecordOrder),
    width=st.integers(80, 200),
)
def test_any_table_fits_and_holds_no_control(
    kept: list[CommandRecord], order: RecordOrder, width: int
) -> None:
    text = as_table(kept, order, width_cells=width, has_colors=False, with_ids=True)
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == max(1, len(kept))
    assert all(cells(line) <= width for line in lines)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)


@given(kept=st.lists(records, max_size=4))
def test_any_records_are_one_array_and_as_many_lines(
    kept: list[CommandRecord],
) -> None:
    found = json.loads(as_array(kept))
    assert [each["id"] for each in found] == [record.id for record in kept]
    assert [json.loads(line) for line in as_lines(kept).splitlines()] == found


def test_an_empty_history_says_so_and_nothing_is_created(
    run: Run, tmp_path: Path
) -> None:
    code, out, err = run("history")
    assert (code, out) == (0, "No commands.\n")
    assert "there is no history" in err
    code, out, _ = run("history", "--json")
    assert (code, json.loads(out)) == (0, [])
    assert not state_path().exists()


def test_it_works_beside_a_running_instance(run: Run, path: Path) -> None:
    history = opened(path)
    try:
        history.add(make_record(1, "first"))
        history.flush()
        assert commands(run("history", "--json")[1]) == ["first"]
        history.add(make_record(2, "second"))
        history.flush()
        assert commands(run("history", "--json")[1]) == ["second", "first"]
    finally:
        history.close()


def test_reading_changes_nothing(run: Run, path: Path, kept: list[object]) -> None:
    before = path.read_bytes()
    run("history", "--search", "status")
    assert path.read_bytes() == before


def test_what_a_killed_app_left_is_read_as_it_lies(
    run: Run, path: Path, tmp_path: Path
) -> None:
    history = opened(tmp_path / "other" / path.name)
    history.add(make_record(1, "kept"))
    history.flush()
    path.parent.mkdir(parents=True)
    for suffix in ("", "-wal"):
        left = Path(f"{path}{suffix}")
        left.write_bytes((tmp_path / "other" / left.name).read_bytes())
    history.close()
    before = path.read_bytes()
    assert commands(run("history", "--json")[1]) == ["kept"]
    assert path.read_bytes() == before


def test_a_damaged_file_is_one_line_with_a_hint(run: Run, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database at all" * 500)
    code, out, err = run("history", "--json")
    assert (code, out) == (2, "")
    assert err.startswith(f"terminal-ai: {path} cannot be read: ")
    assert "it is damaged" in err
    assert path.read_bytes().startswith(b"no database")


@pytest.mark.parametrize(
    ("version", "said"), [(99, "later version"), (0, "earlier version")]
)
def test_a_file_of_another_version_is_left_alone(
    run: Run, path: Path, kept: list[object], version: int, said: str
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    code, out, err = run("history")
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 2


def test_contradictions_are_refused(run: Run) -> None:
    code, _, err = run("history", "--json", "--jsonl")
    assert code == 2
    assert "not both" in err
    assert run("history", "--limit", "-1")[0] == 2
    code, _, error = run("history", "--limit", str(10**20))
    assert code == 2
    assert "unexpected" not in error
    assert run("history", "--sort", "colour")[0] == 2


def test_a_reader_that_leaves_early_sees_no_traceback(path: Path) -> None:
    keep(path, *(make_record(n, "x" * 4000, b"y" * 90_000) for n in range(20)))
    process = subprocess.Popen(
        [sys.executable, "-m", "terminal_ai", "history", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.read(1) == b"["
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert error == b""


@pytest.mark.parametrize("no_color", [False, True])
def test_a_terminal_gets_colours_and_lines_that_fit(
    kept: list[CommandRecord], path: Path, no_color: bool
) -> None:
    keep(path, make_record(9, "echo " + "가" * 100))
    environ = {**os.environ, "COLUMNS": "60", "TERM": "xterm-256color"}
    if no_color:
        environ["NO_COLOR"] = "1"
    master, slave = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "terminal_ai", "history"],
        stdout=slave,
        env=environ,
        check=True,
    )
    os.close(slave)
    shown = os.read(master, 65_536).decode()
    os.close(master)
    assert ("\x1b[32m✓" in shown) != no_color
    plain = re.sub(r"\x1b\[\d*m", "", shown)
    assert max(map(cells, plain.split("\r\n"))) in (59, 60)
    assert "가…" in plain
