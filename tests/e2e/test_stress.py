"""The stress test accounts for every record, and fails when one is not as it was."""

import contextlib
import importlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psutil import Process

from terminal_ai.config import HistorySettings
from terminal_ai.history import History
from terminal_ai.records import CapturedOutput, CommandRecord

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
COMMANDS = 20
needs_bash = pytest.mark.skipif(
    shutil.which("bash") is None, reason="bash is not installed"
)

# Loses a record, tells one twice, and gives one the wrong status.
FAULTY = """
import dataclasses, sys
sys.path.insert(0, sys.argv.pop(1))
import stress_test

class Faulty:
    def __init__(self, listener):
        self.listener = listener
    def __getattr__(self, name):
        return getattr(self.listener, name)
    def command_finished(self, record):
        if record.command_line.endswith(" c3"):
            return
        if record.command_line.endswith(" c5"):
            self.listener.command_finished(record)
        if record.command_line.endswith(" c4"):
            record = dataclasses.replace(record, exit_code=99)
        self.listener.command_finished(record)

def faulty(settings, *, listener, **others):
    return stress_test.Session(settings, listener=Faulty(listener), **others)

sys.exit(stress_test.main(sys.argv[1:], session_type=faulty))
"""


def run(
    *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        # Nothing is needed but the interpreter: no path of ours, no terminal.
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        cwd=cwd,
        check=False,
        timeout=110,
    )


def run_stress(
    *arguments: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return run(SCRIPTS / "stress_test.py", *arguments, cwd=cwd)


@pytest.mark.e2e
@pytest.mark.shells
@needs_bash
def test_no_record_is_lost_or_wrong_under_either_preset(tmp_path: Path) -> None:
    done = run_stress(
        *("--commands", str(COMMANDS), "--shells", "3", "--flood", "0.3", "--json"),
        *("--patience", "20", "--deadline", "45"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    outcomes = json.loads(done.stdout)
    assert [each["preset"] for each in outcomes] == ["base", "optimized"]
    for each in outcomes:
        assert (each["commands"], each["lost"], each["wrong"]) == (COMMANDS, 0, 0)
        assert each["errors_expected"] == each["errors_captured"] == COMMANDS // 5
        assert (each["doubled"], each["unadvised"], each["unanswered"]) == (0, 0, 0)
        assert 0 < each["p50_ms"] <= each["p95_ms"] <= each["p99_ms"]
        assert each["breaker_opened"]
        assert each["breaker_closed"]
        assert each["answered"] > 1
        assert each["refused"] > 1
        assert each["flood_bytes"] > 290_000
        assert each["resizes"] > 0
        assert each["keys"] > 0
        assert min(each["rss_start_bytes"], each["rss_end_bytes"]) > 1_000_000
        assert {"duration_seconds", "loop_lag_p99_ms"} <= each.keys()
        assert each["slope_bytes_per_command"] is None
    # A question is asked twice: only one of the presets keeps answers.
    base, optimized = outcomes
    assert base["cache_hits"] == 0 < optimized["cache_hits"]


@pytest.mark.e2e
@pytest.mark.shells
@needs_bash
def test_what_a_session_loses_doubles_or_changes_fails_the_run() -> None:
    done = run(
        *("-c", FAULTY, SCRIPTS, "--preset", "optimized", "--json"),
        *("--commands", str(COMMANDS), "--shells", "4", "--flood", "0.1"),
        *("--patience", "6", "--deadline", "20"),
    )
    assert done.returncode == 1, done.stderr
    (outcome,) = json.loads(done.stdout)
    assert outcome["lost"] >= 1
    assert outcome["doubled"] >= 1
    assert outcome["wrong"] >= 1
    told = "\n".join(outcome["troubles"])
    assert "c3'" in told
    assert "c5" in told
    assert "exit code is 99, not" in told


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--commands", "0"), "1 to 10000"),
        (("--commands", "10001"), "1 to 10000"),
        (("--shells", "0"), "1 to 100"),
        (("--shell", "csh"), "bash, zsh, fish"),
        (("--flood", "nan"), "megabytes"),
        (("--deadline", "0"), "above 0"),
        (("--patience", "-1"), "above 0"),
        (("--preset", "fast"), "optimized"),
    ],
)
def test_arguments_without_sense_are_refused(
    arguments: tuple[str, ...], hint: str
) -> None:
    done = run_stress(*arguments)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


# -- the accounts themselves ------------------------------------------------------

Tamper = Callable[[list[CommandRecord]], list[CommandRecord]]
HOME = "/home/me"
KEPT = 12


@pytest.fixture(scope="module")
def accounting() -> Any:
    sys.path.insert(0, str(SCRIPTS))
    try:
        yield importlib.import_module("stress.accounting")
    finally:
        sys.path.remove(str(SCRIPTS))


def records_of(accounting: Any) -> list[CommandRecord]:
    found = []
    for number in range(KEPT):
        command = accounting.command_of(number)
        printed = command.output.replace("\n", "\r\n").encode()
        record = CommandRecord(
            id=f"s-{number + 1}",
            command_line=command.line,
            cwd=HOME,
            exit_code=command.exit_code,
            started_at=number,
            duration_seconds=0.01,
            output=CapturedOutput(printed),
        )
        found.append(record)
    return found


def ledger_after(accounting: Any, records: list[CommandRecord]) -> Any:
    ledger = accounting.Ledger(KEPT)
    for number in range(KEPT):
        ledger.expect(0, accounting.command_of(number), HOME)
    for record in records:
        ledger.take(0, record)
    return ledger


def troubles(ledger: Any) -> int:
    return int(ledger.lost.count + ledger.wrong.count + ledger.doubled.count)


def lose(at: int) -> Tamper:
    return lambda records: records[:at] + records[at + 1 :]


def double(at: int) -> Tamper:
    return lambda records: [*records[: at + 1], *records[at:]]


def swap(at: int) -> Tamper:
    def swapped(records: list[CommandRecord]) -> list[CommandRecord]:
        other = (at + 1) % KEPT
        records[at], records[other] = records[other], records[at]
        return records

    return swapped


def change(at: int, **fields: object) -> Tamper:
    def changed(records: list[CommandRecord]) -> list[CommandRecord]:
        records[at] = replace(records[at], **fields)  # type: ignore[arg-type]
        return records

    return changed


places = st.integers(0, KEPT - 1)
tampers = st.one_of(
    st.builds(lose, places),
    st.builds(double, places),
    st.builds(swap, places),
    st.builds(change, places, exit_code=st.sampled_from((None, 77))),
    st.builds(change, places, cwd=st.just("/elsewhere")),
    st.builds(change, places, output=st.just(CapturedOutput(b"else"))),
    st.builds(change, places, command_line=st.just("true")),
)


@given(tamper=tampers)
def test_whatever_is_done_to_a_record_is_noticed(
    accounting: Any, tamper: Tamper
) -> None:
    ledger = ledger_after(accounting, tamper(records_of(accounting)))
    ledger.close()
    assert troubles(ledger)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records WHERE id = 's-4'",
        "UPDATE records SET exit_code = 9 WHERE id = 's-4'",
        "UPDATE records SET cwd = '/' WHERE id = 's-4'",
        "UPDATE outputs SET head = 'else' WHERE number = 4",
        "UPDATE records SET command_line = 'ls -la c3' WHERE id = 's-4'",
        "UPDATE records SET command_line = 'true' WHERE id = 's-4'",
        "UPDATE records SET id = 's-99' WHERE id = 's-4'",
        "",
    ],
)
def test_the_history_file_is_compared_too(
    accounting: Any, tmp_path: Path, statement: str
) -> None:
    records = records_of(accounting)
    path = tmp_path / "history.sqlite3"
    history = History(HistorySettings(), path, redact=str)
    for record in records:
        history.add(record)
    history.close()
    ledger = ledger_after(accounting, records)
    ledger.close()
    assert not troubles(ledger)
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    ledger.check_stored(path, {"s": HOME})
    assert bool(troubles(ledger)) is bool(statement)


@contextlib.contextmanager
def at_work(told: Path, scratch: Path) -> Iterator[tuple[Process, list[Process]]]:
    """Start it in a group of its own; yield it and all below once shells are at work.

    In the end everything below must be gone.
    """
    scratch.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with (
        told.open("wb") as stream,
        psutil.Popen(
            [sys.executable, SCRIPTS / "stress_test.py", "--commands", "5000"],
            stdout=stream,
            stderr=stream,
            env={**kept, "TMPDIR": str(scratch)},
            start_new_session=True,
        ) as process,
    ):
        below: list[Process] = []

        def is_at_work() -> bool:
            below[:] = process.children(recursive=True)
            return sum(runs(each, "bash") for each in below) > 5

        try:
            wait_until(is_at_work, "shells at work")
            yield process, below
            wait_until(lambda: not any(map(is_at_large, below)), "all of them gone")
        finally:
            for left in filter(is_at_large, (process, *below)):
                left.kill()


@pytest.mark.e2e
@pytest.mark.shells
@needs_bash
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_finds_nothing_left(
    tmp_path: Path, number: signal.Signals
) -> None:
    told, scratch = tmp_path / "told", tmp_path / "scratch"
    with at_work(told, scratch) as (process, _below):
        # As a terminal does it: ^C reaches every process of the group.
        os.killpg(process.pid, number)
        assert process.wait(60) == 130, told.read_text()
    assert not list(scratch.iterdir())
    assert "Traceback" not in told.read_text()


@pytest.mark.e2e
@pytest.mark.shells
@needs_bash
@pytest.mark.parametrize("is_outer", [True, False])
def test_who_kills_it_leaves_no_process(tmp_path: Path, *, is_outer: bool) -> None:
    told, scratch = tmp_path / "told", tmp_path / "scratch"
    with at_work(told, scratch) as (process, below):
        assert any(runs(each, "model_server.py") for each in below)
        # Of the two presets one runs, in a process of its own.
        (preset,) = process.children()
        (process if is_outer else preset).kill()
        if not is_outer:
            # The other preset is not of interest.
            wait_until(lambda: not is_at_large(preset), "the preset's run gone")
            process.terminate()
        process.wait(60)
    if is_outer:
        assert not list(scratch.iterdir())


def is_model_server(process: Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("model_server.py" in word for word in process.cmdline())
    return False


def runs(process: Process, program: str) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return any(Path(word).name == program for word in process.cmdline())
    return False


def is_at_large(process: Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
