"""A history file as the app leaves it, where the command line looks for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from terminal_ai import cli
from terminal_ai.config import HistorySettings, state_path
from terminal_ai.history import History
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import redact
from tests.export.making import make_record

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is kept in the test's own directory, and times are UTC's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def path() -> Path:
    return state_path() / "history.sqlite3"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process: exit code, stdout, stderr."""

    def run_one(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(list(arguments))
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    return run_one


def opened(path: Path) -> History:
    """Open the history as the app does."""
    return History(HistorySettings(retention_days=0), path, redact=redact)


def keep(path: Path, *records: CommandRecord) -> None:
    """Write the records and close the file, as an app that was left."""
    history = opened(path)
    for record in records:
        history.add(record)
    history.flush()
    history.close()


@pytest.fixture
def kept(path: Path) -> list[CommandRecord]:
    """Three commands of one session and one of a later one, oldest first."""
    records = [
        make_record(
            1,
            "make all",
            b"\x1b[32mbuilt\x1b[0m\r\n",
            started_at=1_699_999_900.0,
            duration_seconds=75.0,
        ),
        make_record(2, "gti status", b"gti: command not found\r\n", exit_code=127),
        make_record(3, "git status", b"clean\r\n", exit_code=None),
        CommandRecord("0ther-1", "ls 한글", "/srv", 0, 1_700_000_100.0, 0.002),
    ]
    keep(path, *records)
    return records
