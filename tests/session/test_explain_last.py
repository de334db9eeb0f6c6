"""``explain-last`` in real shells: the last command is explained, never run again."""

import sys
from pathlib import Path

import pytest

from terminal_ai.headless.explaining import function_for
from tests.session.driver import driving

pytestmark = pytest.mark.shells
ROOT = Path(__file__).resolve().parents[2]


async def test_the_last_command_is_explained_and_not_run_again(
    shell: str, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    ours = programs / "terminal-ai"
    ours.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m terminal_ai "$@"\n'
    )
    counts = programs / "mkdri-counted"
    counts.write_text('#!/bin/sh\necho run >> "$HOME/runs"\nexit 3\n')
    for program in (ours, counts):
        program.chmod(0o755)
    startup = f"export PATH={programs}:$PATH\n{function_for(shell)}"
    async with driving(shell, tmp_path, startup=startup) as drive:
        await drive.run("mkdri-counted 'a  b' \"$HOME\"")
        record = await drive.run("explain-last --json")
        assert '"rule": "exit-code"' in record.output.text
        assert "exit code 3" in record.output.text
        assert (tmp_path / "runs").read_text() == "run\n"
        await drive.run("gti status 'a  b'")
        record = await drive.run("explain-last")
        assert "1. git status 'a  b'" in record.output.text
        assert "Pipe in" not in record.output.text
