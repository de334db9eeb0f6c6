"""A prompt after a program that died and left its modes on, in real shells."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from terminal_ai.terminal.input.keys import encode_key
from terminal_ai.terminal.modes import MouseTracking
from tests.session.driver import Driver

pytestmark = pytest.mark.shells

MODES = "\x1b[?1003;1004;1006h\x1b[>1u\x1b[>4;2m\x1b[?25l\x1b[?2026h"
FULL_SCREEN = "\x1b[?1049h\x1b[2;5r\x1b[3;3Hfull"
ENDS = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "failed": "sys.exit(3)",
    "done": "",
}


def program(home: Path, end: str, written: str = MODES) -> str:
    """Write a program that ends like this, and return its command line."""
    file = home / "program.py"
    file.write_text(
        f"import os, signal, sys\nprint({written!r}, end='', flush=True)\n{ENDS[end]}\n"
    )
    return f"{sys.executable} program.py"


@pytest.mark.parametrize("end", ["killed", "failed"])
async def test_a_dead_program_leaves_nothing_on(drive: Driver, end: str) -> None:
    before = drive.session.terminal.modes
    await drive.run(program(drive.home, end))
    await drive.quiet()
    modes = drive.session.terminal.modes
    # Line editors switch these on a moment after the prompt's mark.
    theirs = {
        name: getattr(before, name)
        for name in ("application_cursor", "application_keypad", "bracketed_paste")
    }
    assert replace(modes, **theirs) == before
    assert encode_key("f1", None, modes) == b"\x1bOP"
    assert (await drive.run("echo typed")).output.text == "typed"


async def test_a_killed_program_s_screen_is_left(drive: Driver) -> None:
    await drive.run("echo before")
    killed = await drive.run(program(drive.home, "killed", MODES + FULL_SCREEN))
    assert killed.exit_code == 137
    assert killed.used_alternate_screen
    assert not drive.session.terminal.is_alternate
    assert drive.session.is_at_prompt, "text can be placed there"
    await drive.run("echo after")
    shown = drive.session.terminal.text().splitlines()
    assert shown.index("before") < shown.index("after")
    prompt = {"bash": "$ echo after", "zsh": "% echo after"}.get(drive.shell, "")
    assert any(line.startswith(prompt) for line in shown), "the prompt is drawn there"
    assert "full" not in drive.session.terminal.text()


async def test_what_was_asked_for_by_hand_stays(drive: Driver) -> None:
    await drive.run(program(drive.home, "done"))
    modes = drive.session.terminal.modes
    assert modes.mouse_tracking is MouseTracking.MOTION
    await drive.run("false")
    assert drive.session.terminal.modes.mouse_tracking is MouseTracking.MOTION
    seen = len(drive.told.records)
    drive.type("printf '\\033[?1049h'\r")
    await drive.until(lambda: len(drive.told.records) > seen)
    assert drive.session.terminal.is_alternate
