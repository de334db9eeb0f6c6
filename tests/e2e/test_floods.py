"""Under a flood of output the app stays a terminal, and its record stays exact."""

import contextlib
import sqlite3

import pytest

from .conftest import Opener, World
from .tmux import Tmux

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LINE = "row {:07} " + "abcdefghijklmnopqrstuvwxyz " * 3 + "end\n"
LINES = 216_000
KEPT_BYTES = 65_536 + 196_608
PROMPT = r"inner[$%>]"


def recorded_output(world: World, command: str) -> tuple[str, int, str] | None:
    """Head, elided bytes and tail of a command's output on disk, once it is there."""
    for path in world.home.rglob("history*.sqlite3"):
        uri = f"file:{path}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            row: tuple[str, int, str] | None = database.execute(
                "select head, output_elided_bytes, tail"
                " from records join outputs using (number) where command_line = ?",
                (command,),
            ).fetchone()
            return row
    return None


def wait_recorded(tmux: Tmux, world: World, command: str, exit_code: int) -> None:
    tmux.wait_until(
        lambda _: (command, exit_code) in world.recorded(), f"{command!r} on disk"
    )


def numbers(text: str) -> list[int]:
    lines = text.replace("\r", "").splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("row ")]


@pytest.mark.parametrize("preset", ["--optimized", "--no-optimized"])
def test_a_large_file_is_shown_to_its_end_and_every_byte_is_accounted_for(
    world: World, open_app: Opener, preset: str
) -> None:
    content = "".join(LINE.format(number) for number in range(LINES))
    assert len(content) > 20_000_000
    (world.project / "large.txt").write_text(content)
    with open_app(preset, columns=98, rows=30) as tmux:
        tmux.run("clear; cat large.txt")
        last = LINES - 1
        screen = tmux.wait_for(rf"(?m)^row {last:07} [^\n]*\n{PROMPT}")
        # No row of the last screenful is missing, doubled or cut.
        shown = numbers(screen)
        assert shown == list(range(LINES - len(shown), LINES))
        assert len(shown) >= 10
        wait_recorded(tmux, world, "clear; cat large.txt", 0)
        output = recorded_output(world, "clear; cat large.txt")
        assert output is not None
        head, elided, tail = output
        # The line discipline makes two bytes of each line's end; clear adds its own.
        printed = len(content) + LINES + len("\x1b[H\x1b[2J\x1b[3J")
        assert elided == printed - KEPT_BYTES
        assert numbers(head)[:2] == [0, 1]
        assert numbers(tail)[-2:] == [last - 1, last]
        tmux.run("expr 4000 + 242")
        tmux.wait_for(r"(?m)^4242\b")


@pytest.mark.parametrize("preset", ["--optimized", "--no-optimized"])
def test_an_endless_program_is_interrupted(
    world: World, open_app: Opener, preset: str
) -> None:
    with open_app(preset, columns=98, rows=30) as tmux:
        tmux.run("yes to all of it")
        tmux.wait_for(r"(?s)(to all of it\s+){20}")
        # Long enough to print far more than a record keeps.
        tmux.wait_for(r"yes to all of it 1 s")
        tmux.key("C-c")
        tmux.wait_for(rf"\^C[^\n]*\n{PROMPT}")
        wait_recorded(tmux, world, "yes to all of it", 130)
        output = recorded_output(world, "yes to all of it")
        assert output is not None
        assert output[1] > 0
        assert set(output[0].replace("\r", "").splitlines()[:100]) == {"to all of it"}
        tmux.run("clear; expr 4000 + 242")
        tmux.wait_for(rf"\A4242\b[^\n]*\n{PROMPT}")


def test_a_flood_of_every_byte_leaves_a_usable_terminal(
    world: World, open_app: Opener
) -> None:
    noise = bytes(number * 31 % 256 for number in range(300_000))
    (world.project / "noise.bin").write_bytes(noise)
    with open_app(columns=98, rows=30) as tmux:
        tmux.run("cat noise.bin; printf '\\033c'; echo all was shown")
        tmux.wait_for("(?m)^all was shown")
        tmux.run("clear; expr 4000 + 242")
        tmux.wait_for(rf"\A4242\b[^\n]*\n{PROMPT}")
