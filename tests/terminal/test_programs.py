"""Full-screen programs draw on the alternate screen and give the primary one back."""

import os
import shutil
from pathlib import Path

import pytest

from terminal_ai.terminal.terminal import Terminal
from tests.terminal.recorder import COLUMNS, ROWS, load, record

SHELL_LINES = ["$ ls", "file", "$ run", ""]


def terminal_at_a_prompt() -> Terminal:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed("\r\n".join(SHELL_LINES).encode())
    return terminal


def shown(terminal: Terminal) -> list[str]:
    return terminal.text().split("\n")


def check_restored(terminal: Terminal) -> None:
    assert not terminal.is_alternate
    assert shown(terminal)[:4] == SHELL_LINES
    assert not any(shown(terminal)[4:])
    assert (terminal.cursor.row, terminal.cursor.column) == (3, 0)
    assert terminal.cursor.is_visible
    assert terminal.scrollback_length == 0
    assert not terminal.modes.application_cursor
    assert not terminal.modes.application_keypad
    assert not terminal.modes.bracketed_paste


def test_vim_draws_edits_and_leaves() -> None:
    terminal = terminal_at_a_prompt()
    start, bottom, insert, number, leave = load("vim")
    terminal.feed(start)
    assert terminal.is_alternate
    assert shown(terminal)[:23] == [f"line {number}" for number in range(1, 24)]
    assert shown(terminal)[23] == '"numbers.txt" 200L, 1692B'
    terminal.feed(bottom)
    assert shown(terminal)[22] == "line 200"
    terminal.feed(insert)
    assert shown(terminal)[21:23] == ["line 199", "added 世界"]
    terminal.feed(number)
    assert shown(terminal)[0] == "178 line 178"
    terminal.feed(leave)
    check_restored(terminal)


def test_less_pages_searches_and_leaves() -> None:
    terminal = terminal_at_a_prompt()
    start, page, search, leave = load("less")
    terminal.feed(start)
    assert terminal.is_alternate
    assert terminal.modes.application_cursor
    assert shown(terminal)[:23] == [f"line {number}" for number in range(1, 24)]
    terminal.feed(page)
    assert shown(terminal)[:23] == [f"line {number}" for number in range(24, 47)]
    terminal.feed(search)
    assert shown(terminal)[0] == "line 99"
    assert any(style.reverse for _, style in terminal.line(0).runs)
    terminal.feed(leave)
    check_restored(terminal)


@pytest.mark.skipif(not shutil.which("htop"), reason="htop is not installed")
def test_htop_draws_and_leaves(tmp_path: Path) -> None:
    terminal = terminal_at_a_prompt()
    command = ["htop", "--pid", str(os.getpid())]
    start, leave = record(command, [b"q"], tmp_path)
    terminal.feed(start)
    assert terminal.is_alternate
    assert not terminal.cursor.is_visible
    assert shown(terminal)[ROWS - 1].startswith("F1Help")
    header = next(row for row in range(ROWS) if "PID" in terminal.line(row).text)
    assert any(style.background is not None for _, style in terminal.line(header).runs)
    terminal.feed(leave)
    check_restored(terminal)
