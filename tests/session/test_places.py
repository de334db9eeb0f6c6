"""Where the commands of real shells stand in the terminal."""

from pathlib import Path

import pytest

from terminal_ai.shell.blocks import Block, BlockState
from tests.session.driver import Driver, driving

pytestmark = pytest.mark.shells

TWO_LINE_PROMPTS = {
    "bash": "PS1='dir\\n> '\n",
    "zsh": "PROMPT=$'dir\\n> '\n",
    "fish": "function fish_prompt; echo dir; echo -n '> '; end\n",
}


def rows(drive: Driver) -> list[tuple[int, str]]:
    terminal = drive.session.terminal
    lines = range(-terminal.scrollback_length, terminal.rows)
    return [(terminal.row_id(at), terminal.line(at).text.rstrip()) for at in lines]


def output_of(drive: Driver, block: Block) -> list[str]:
    end = block.end_row_id or max(row_id for row_id, _ in rows(drive)) + 1
    return [text for row_id, text in rows(drive) if block.output_row_id <= row_id < end]


def prompts(drive: Driver) -> dict[str, str]:
    shown = dict(rows(drive))
    marked = drive.session.blocks.at_prompts(shown.keys())
    return {block.command_line: shown[row_id] for row_id, block in marked.items()}


def check(drive: Driver, outputs: dict[str, list[str]]) -> None:
    """Check the rows of some commands, and that each mark stands at its command."""
    found = {block.command_line: block for block in drive.session.blocks}
    assert {name: output_of(drive, found[name]) for name in outputs} == outputs
    assert all(line.endswith(command) for command, line in prompts(drive).items())


async def test_each_command_has_its_rows(drive: Driver) -> None:
    await drive.run("echo one")
    await drive.run("false")
    await drive.run("seq 50")
    await drive.start("sleep 60")
    numbers = [str(number) for number in range(1, 51)]
    check(drive, {"echo one": ["one"], "false": [], "seq 50": numbers})
    assert [block.state for block in drive.session.blocks] == [
        BlockState.SUCCEEDED,
        BlockState.FAILED,
        BlockState.SUCCEEDED,
        BlockState.RUNNING,
    ]
    assert [*prompts(drive)] == ["echo one", "false", "seq 50", "sleep 60"]


async def test_rows_are_found_again_in_another_size(drive: Driver) -> None:
    await drive.run("echo one")
    await drive.run("seq -s, 90")
    await drive.run("seq 40")
    for size in ((33, 10), (120, 40), (80, 24)):
        drive.session.resize(*size)
        await drive.quiet()
        check(drive, {"echo one": ["one"]})
        assert len(prompts(drive)) == 3
    await drive.run("echo two")
    numbers = [str(number) for number in range(1, 41)]
    check(drive, {"seq 40": numbers, "echo two": ["two"]})


async def test_a_cleared_screen_has_no_marks(drive: Driver) -> None:
    await drive.run("echo one")
    drive.type("\x0c")
    await drive.quiet()
    assert prompts(drive) == {}
    await drive.run("echo two")
    check(drive, {"echo two": ["two"]})
    await drive.run("clear")
    assert prompts(drive) == {}
    await drive.run("echo three")
    check(drive, {"echo three": ["three"]})
    assert [*prompts(drive)] == ["echo three"]


async def test_a_prompt_of_two_lines_begins_at_its_first(
    shell: str, tmp_path: Path
) -> None:
    async with driving(shell, tmp_path, startup=TWO_LINE_PROMPTS[shell]) as drive:
        await drive.at_prompt()
        await drive.run("echo one")
        await drive.run("echo two")
        assert prompts(drive) == {"echo one": "dir", "echo two": "dir"}
        one, two = drive.session.blocks
        assert (output_of(drive, one), output_of(drive, two)) == (["one"], ["two"])


async def test_rows_outlive_a_full_screen_program_and_a_restart(drive: Driver) -> None:
    await drive.run("echo one")
    await drive.run("printf '\\033[?1049h\\033[Hfull\\033[?1049l'")
    await drive.session.restart()
    await drive.at_prompt()
    await drive.run("echo two")
    check(drive, {"echo one": ["one"], "echo two": ["two"]})


async def test_a_shell_read_from_its_screen(tmp_path: Path) -> None:
    async with driving("dash", tmp_path) as drive:
        await drive.at_prompt()
        await drive.run("echo one; seq 30")
        await drive.run("false")
        numbers = [str(number) for number in range(1, 31)]
        check(drive, {"echo one; seq 30": ["one", *numbers]})
        assert [*prompts(drive)] == ["echo one; seq 30", "false"]
