"""Records and histories for tests."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from terminal_ai.config import HistorySettings
from terminal_ai.history import History
from terminal_ai.records import CapturedOutput, CommandRecord, ResourceUsage
from terminal_ai.safety.redact import redact

STARTED_AT = 4_000_000_000.0
"""No record of a test is ever old enough to be deleted."""


def make_record(
    number: int = 1,
    command_line: str | None = None,
    *,
    output: str | CapturedOutput = "",
    exit_code: int | None = 0,
    is_private: bool = False,
    session: str = "s",
) -> CommandRecord:
    """Return a record; a higher number is a later one."""
    return CommandRecord(
        id=f"{session}-{number}",
        command_line=f"command {number}" if command_line is None else command_line,
        cwd="/home/bob",
        exit_code=exit_code,
        started_at=STARTED_AT + number,
        duration_seconds=0.25,
        output=CapturedOutput(output.encode("utf-8", "surrogateescape"))
        if isinstance(output, str)
        else output,
        shell="bash",
        is_private=is_private,
        resources=ResourceUsage(0.125, 0.0, 4096),
    )


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for what the writer does in its own time; a test's time limit ends it."""
    while not is_true():
        time.sleep(0.005)


class OpenHistory(Protocol):
    """Opens the history of a test; everything is closed at its end."""

    def __call__(
        self,
        settings: HistorySettings | None = None,
        *,
        path: Path | None = None,
        in_memory: bool = False,
    ) -> History:
        """Return an open history."""


@pytest.fixture
def history_path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.sqlite3"


@pytest.fixture
def open_history(history_path: Path) -> Iterator[OpenHistory]:
    opened: list[History] = []

    def open_one(
        settings: HistorySettings | None = None,
        *,
        path: Path | None = None,
        in_memory: bool = False,
    ) -> History:
        place = None if in_memory else (path or history_path)
        history = History(settings or HistorySettings(), place, redact=redact)
        opened.append(history)
        return history

    yield open_one
    for history in opened:
        history.close()
