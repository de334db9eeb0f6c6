"""Killed at any moment, a program leaves every finished command and a sound file."""

import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from terminal_ai.config import HistorySettings
from terminal_ai.history import History, HistoryQuery
from terminal_ai.history.retention import Limits
from terminal_ai.history.store import RecordStore
from tests.history.conftest import make_record, wait_until

ROOT = Path(__file__).resolve().parents[2]
KILLS = 8
PAUSE_SECONDS = 0.5
"""From the end of a command to the kill: hundreds of times what a write takes."""

WRITER = """
import sys
from pathlib import Path
from terminal_ai.config import HistorySettings
from terminal_ai.history import History
from tests.history.conftest import make_record

name, path, must_flush = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "flush"
settings = HistorySettings(retention_records=100_000)
history = History(settings, path, redact=str)
number = 0
for line in sys.stdin:
    for _ in range(int(line)):
        output = f"output {number} " * (1 + number % 7 * 400)
        record = make_record(number, f"{name} {number}", output=output, session=name)
        history.add(record)
        number += 1
        if must_flush:
            history.flush()
            print(number, flush=True)
    print(number, flush=True)
"""


def _start(name: str, path: Path, mode: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(path), mode],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _tell(child: "subprocess.Popen[str]", line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line)
    child.stdin.flush()


def _kill(child: "subprocess.Popen[str]") -> int:
    """Kill it and return the last number it told."""
    child.send_signal(signal.SIGKILL)
    out, _ = child.communicate()
    return max([0, *map(int, out.split())])


def _check(path: Path) -> None:
    store = RecordStore(path, Limits(100_000))
    (verdict,) = store._writer.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok"
    # A kill between a record and its index entry leaves work, no damage.
    while store.complete():
        pass
    for index in ("text_index", "short_terms"):
        store._writer.execute(
            f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)"
        )
    store.close()


def _kept(path: Path, name: str) -> set[int]:
    history = History(HistorySettings(), path, redact=str)
    assert history.notice == ""
    found = history.session(name)
    history.close()
    assert [r.id for r in found] == [f"{name}-{n}" for n in range(len(found))]
    for number, record in enumerate(found):
        expected = f"output {number} " * (1 + number % 7 * 400)
        assert record.output.text == expected.rstrip()
    return {int(record.id.rpartition("-")[2]) for record in found}


def test_what_was_flushed_survives_kills_at_random_moments(history_path: Path) -> None:
    moments = random.Random(20)
    for run in range(KILLS):
        child = _start(f"run{run}", history_path, "flush")
        _tell(child, "100000\n")
        assert child.stdout is not None
        first = int(child.stdout.readline())
        select.select([], [], [], moments.uniform(0.0, 0.15))
        told = max(first, _kill(child))

        _check(history_path)
        assert _kept(history_path, f"run{run}") >= set(range(told))


def test_every_command_is_there_once_the_prompt_is_back(history_path: Path) -> None:
    moments = random.Random(21)
    for run in range(KILLS // 3):
        child = _start(f"run{run}", history_path, "leave")
        count = moments.randint(1, 5)
        _tell(child, f"{count}\n")
        assert child.stdout is not None
        assert int(child.stdout.readline()) == count
        # What a person, or a test, needs at least to see the prompt and to act.
        time.sleep(PAUSE_SECONDS)
        _kill(child)

        assert _kept(history_path, f"run{run}") == set(range(count))
        _check(history_path)


def test_what_was_safe_but_not_yet_indexed_is_found_after_the_next_start(
    history_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(RecordStore, "index", lambda *_: None)
        history = History(HistorySettings(), history_path, redact=str)
        history.add(make_record(1, "ls", output="needle"))
        history.close()

    history = History(HistorySettings(), history_path, redact=str)
    wait_until(lambda: history.search(HistoryQuery("needle")))
    assert history.search(HistoryQuery("needle"))[0].id == "s-1"
    history.close()
    _check(history_path)
