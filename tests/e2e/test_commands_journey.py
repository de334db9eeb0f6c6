"""Working with captured commands, as a person does: fix, fold, find, crash, nest."""

import json
import os
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from .conftest import Opener, World
from .tmux import Tmux, app_process

pytestmark = [pytest.mark.e2e, pytest.mark.shells, pytest.mark.timeout(300)]

SIZES = ((120, 40), (80, 24))
at_each_size = pytest.mark.parametrize(
    "size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}"
)
PROMPT = r"inner[$%>] "
LONG_LINES = 200


def history(world: World, *arguments: str) -> list[dict[str, Any]]:
    """Return what ``terminal-ai history --json`` lists, newest first."""
    done = subprocess.run(
        [sys.executable, "-m", "terminal_ai", "history", "--json", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=world.environ,
        cwd=world.project,
        timeout=60,
    )
    records: list[dict[str, Any]] = json.loads(done.stdout)
    return records


def wait_listed(tmux: Tmux, world: World, wanted: list[tuple[str, int]]) -> None:
    """Wait until the newest records on disk are these, oldest first."""
    tmux.wait_until(
        lambda _: world.recorded()[-len(wanted) :] == wanted, f"{wanted} on disk"
    )


def leader(tmux: Tmux, *keys: str) -> None:
    tmux.key("C-\\")
    tmux.key(*keys)


@at_each_size
def test_a_repair_that_worked_is_offered_first_placed_and_recorded(
    world: World, open_app: Opener, shell: str, size: tuple[int, int]
) -> None:
    columns, rows = size
    (world.project / "deploy").write_text(
        "#!/bin/sh\n[ -f ready ] && rm ready && echo deployed && exit\n"
        "echo 'not prepared' >&2; exit 3\n"
    )
    (world.project / "prepare").write_text("#!/bin/sh\ntouch ready\n")
    for name in ("deploy", "prepare"):
        (world.project / name).chmod(0o755)
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        tmux.run("./deploy")
        wait_listed(tmux, world, [("./deploy", 3)])
        tmux.run("./prepare")
        wait_listed(tmux, world, [("./deploy", 3), ("./prepare", 0)])
        tmux.run("./deploy")
        tmux.wait_for(r"(?m)^\W?deployed")
        tmux.run("clear")
        tmux.run("./deploy")
        if columns < 100:
            tmux.wait_for(r"F6 \./prepare")
            tmux.key("F2")
        tmux.wait_for(r"1 \./prepare[^\n]*\n[^\n]*worked 1 of 1 time")
        count = len(world.recorded())
        tmux.key("F6")
        if columns < 100:
            tmux.wait_gone("Assistant")
        tmux.wait_for(PROMPT + r"\./prepare")
        assert len(world.recorded()) == count, "placed, not run"
        tmux.key("Enter")
        wait_listed(tmux, world, [("./deploy", 3), ("./prepare", 0)])
        tmux.run("./deploy")
        wait_listed(tmux, world, [("./prepare", 0), ("./deploy", 0)])


@at_each_size
def test_a_long_output_is_folded_unfolded_and_copied(
    world: World, open_app: Opener, shell: str, size: tuple[int, int]
) -> None:
    columns, rows = size
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        tmux.run("echo before")
        tmux.wait_for(r"(?m)^\W?before")
        tmux.run(f"seq 1 {LONG_LINES}")
        tmux.wait_for(rf"(?m)^ ?{LONG_LINES}\b[^\n]*\n ?inner")
        leader(tmux, "Up")
        tmux.wait_for("q leave")
        # The chosen prompt is the first row in view.
        tmux.wait_until(
            lambda screen: f"seq 1 {LONG_LINES}" in screen.splitlines()[0],
            "the command on the first row",
        )
        tmux.type("z")
        folded = tmux.wait_for(rf"{LONG_LINES - 5} lines folded")
        shown = [line[: columns // 2].strip("▏ ") for line in folded.splitlines()]
        at = next(i for i, text in enumerate(shown) if "folded" in text)
        assert shown[at - 3 : at] == ["1", "2", "3"]
        assert shown[at + 1 : at + 3] == [str(LONG_LINES - 1), str(LONG_LINES)]
        tmux.type("z")
        screen = tmux.wait_gone("lines folded")
        assert re.search(r"(?m)^\W?\s*10\b", screen)
        tmux.type("o")
        tmux.wait_for(f"Copied {LONG_LINES} lines")
        tmux.wait_until(
            lambda _: tmux.buffer().split() == [str(n + 1) for n in range(LONG_LINES)],
            "the output on the clipboard",
        )
        tmux.type("q")
        tmux.wait_gone("q leave")
        tmux.run("expr 4000 + 242")
        tmux.wait_for(r"(?m)^\W?4242\b")


@at_each_size
def test_the_history_is_searched_filtered_and_placed_from(
    world: World, open_app: Opener, shell: str, size: tuple[int, int]
) -> None:
    columns, rows = size
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        for command in ("echo apples", "cat apples.txt", "cat pears.txt", "echo pears"):
            exit_code = int(command.startswith("cat"))
            tmux.run(command)
            wait_listed(tmux, world, [(command, exit_code)])
        tmux.run("clear")
        tmux.key("F4")
        tmux.wait_for("echo pears")
        tmux.type("apples")
        tmux.wait_gone("cat pears.txt")
        tmux.wait_for(r"echo apples")
        tmux.key("C-t")
        tmux.wait_gone("echo apples")
        tmux.wait_for(r"✗ +1 [^\n]*cat apples\.txt")
        count = len(world.recorded())
        tmux.key("Enter")
        tmux.wait_for(rf"(?m)^\W?{PROMPT}cat apples\.txt")
        assert len(world.recorded()) == count, "placed, not run"
        tmux.key("Enter")
        tmux.wait_until(
            lambda _: (
                dict(world.recorded())["cat apples.txt"] == 1
                and len(world.recorded()) > count
            ),
            "the command run again",
        )


@at_each_size
def test_a_killed_app_has_lost_no_finished_command(
    world: World, open_app: Opener, shell: str, size: tuple[int, int]
) -> None:
    columns, rows = size
    lines = [f"echo number {number}" for number in range(8)]
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        for number, command in enumerate(lines):
            tmux.run(command)
            tmux.wait_for(rf"(?m)^\W?number {number}\b")
        # The status of what comes next is shown once the record before it was kept.
        tmux.run("cat nothing")
        tmux.wait_for(r"✗ 1\b|F6 ")
        wait_listed(tmux, world, [("cat nothing", 1)])
        os.kill(app_process(tmux).pid, signal.SIGKILL)
        tmux.wait_for(r"(?s)host\$.*\Z")
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        listed = history(world, "--limit", "50")
        assert [record["command_line"] for record in reversed(listed)] == [
            *lines,
            "cat nothing",
        ]
        assert [record["exit_code"] for record in listed] == [1, *[0] * len(lines)]
        assert listed[1]["output"].strip() == "number 7"
        failed = history(world, "--failed")
        assert [record["command_line"] for record in failed] == ["cat nothing"]
        tmux.key("F4")
        tmux.wait_for("echo number 7")
        tmux.wait_for("cat nothing")


@at_each_size
def test_what_takes_the_commands_and_a_lost_shell_are_told(
    world: World, open_app: Opener, size: tuple[int, int]
) -> None:
    columns, rows = size
    with open_app("--shell", "bash", columns=columns, rows=rows) as tmux:
        tmux.run("bash --norc")
        tmux.wait_for("inside bash: commands are not separated")
        tmux.run("exit")
        tmux.wait_gone("inside bash")
        tmux.run("exec bash --norc")
        tmux.wait_for("degraded capture")
        assert "r restarts" in tmux.screen()
        tmux.run("echo still 'he''re'")
        tmux.wait_for(r"(?m)^\W?still here")
        tmux.run("clear")
        tmux.wait_gone("still here")
        leader(tmux, "r")
        tmux.wait_gone("degraded capture")
        # The new shell's prompt stands below the one that was left.
        tmux.wait_for(r"(?s)inner\$.*inner\$")
        tmux.run("echo captured; false")
        tmux.wait_until(
            lambda _: ("echo captured; false", 1) in world.recorded(),
            "captured again",
        )
