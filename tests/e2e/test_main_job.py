"""The main job, as a person does it: fail, read, place, press Enter."""

import re
import subprocess
import sys

import pytest

from .conftest import Opener, World
from .tmux import Tmux

pytestmark = [pytest.mark.e2e, pytest.mark.shells, pytest.mark.timeout(300)]

SIZES = ((120, 40), (80, 24))
PROMPT = r"inner[$%>] "


def wait_recorded(
    tmux: Tmux, world: World, wanted: tuple[str, int | None]
) -> list[tuple[str, int | None]]:
    tmux.wait_until(lambda _: wanted in world.recorded(), f"{wanted} on disk")
    return world.recorded()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_typo_is_explained_placed_run_and_recorded(
    world: World, open_app: Opener, shell: str, size: tuple[int, int]
) -> None:
    columns, rows = size
    with open_app("--shell", shell, columns=columns, rows=rows) as tmux:
        tmux.run("gti status")
        tmux.wait_for(r"git status")
        wait_recorded(tmux, world, ("gti status", 127))
        tmux.key("F6")
        tmux.wait_for(PROMPT + r"git status")
        assert ("git status", 0) not in world.recorded(), "placed, not run"
        tmux.key("Enter")
        tmux.wait_for(r"No commits yet")
        wait_recorded(tmux, world, ("git status", 0))


def test_errors_may_go_to_a_file(world: World) -> None:
    with Tmux(120, 40, world.environ, world.project) as tmux:
        program = f"{sys.executable} -m terminal_ai --offline 2>errors"
        tmux.start(["/bin/sh", "-c", program])
        tmux.wait_for(PROMPT)
        tmux.run("echo drawn")
        tmux.wait_for(r"(?m)^\W?drawn")
    assert "\x1b" not in (world.project / "errors").read_text()


def test_vim_opens_edits_and_quits(world: World, open_app: Opener, shell: str) -> None:
    with open_app("--shell", shell) as tmux:
        tmux.run("vim -u NONE -N note.txt")
        tmux.wait_for(r'"note\.txt" \[New\]')
        tmux.key("i")
        tmux.type("first line")
        tmux.key("Enter")
        tmux.type("second line")
        tmux.wait_for("INSERT")
        tmux.key("Escape")
        # What comes at once after it would be a key with Alt.
        tmux.wait_gone("INSERT")
        tmux.type(":wq")
        tmux.key("Enter")
        # fish drops what is typed while it takes the terminal back.
        tmux.wait_for(rf"note\.txt[^\n]*\n\W?{PROMPT}")
        tmux.run("cat note.txt")
        tmux.wait_for(r"(?m)^\W?first line[^\n]*\n\W?second line")
    assert (world.project / "note.txt").read_text() == "first line\nsecond line\n"


def test_less_and_htop_draw_and_give_the_screen_back(
    world: World, open_app: Opener
) -> None:
    lines = "".join(f"row {number}\n" for number in range(500))
    (world.project / "long.txt").write_text(lines)
    with open_app() as tmux:
        tmux.run("echo before; less long.txt")
        tmux.wait_for(r"row 20\b")
        tmux.type("G")
        tmux.wait_for(r"row 499\b")
        tmux.type("q")
        screen = tmux.wait_gone(r"row 499\b")
        assert "before" in screen
        tmux.run("htop")
        tmux.wait_for(r"Load average")
        tmux.type("q")
        tmux.wait_gone(r"Load average")
        tmux.wait_for("before")


def test_a_flood_ends_and_the_app_stays_usable(
    world: World, open_app: Opener, shell: str
) -> None:
    with open_app("--shell", shell, "--optimized") as tmux:
        tmux.run("seq 1 200000")
        # The help opens while the flood is running or just after: both must work.
        tmux.key("F1")
        tmux.wait_for(r"(?i)help|keys")
        tmux.key("Escape")
        tmux.wait_for(r"(?m)^\W?200000[^\n]*\n\W?" + PROMPT)
        wait_recorded(tmux, world, ("seq 1 200000", 0))
        tmux.run("expr 4000 + 242")
        tmux.wait_for(r"(?m)^\W?4242\b")


def wait_size(tmux: Tmux, wanted: str) -> str:
    """Ask the shell for its size until it is ``wanted``: a resize takes a moment."""
    pattern = re.compile(rf"(?m)^\W?{wanted}\b")

    def asks(screen: str) -> bool:
        if pattern.search(screen):
            return True
        tmux.run("clear; stty size")
        return False

    return tmux.wait_until(asks, f"the size {wanted}")


def test_resizing_reaches_the_shell_and_moves_the_panels(open_app: Opener) -> None:
    with open_app(columns=120, rows=40) as tmux:
        wait_size(tmux, "39 75")
        tmux.resize(80, 24)
        wait_size(tmux, "23 80")
        assert "Assistant" not in tmux.screen()
        tmux.resize(140, 45)
        wait_size(tmux, "44 95")
        assert "Assistant" in tmux.screen()


def test_the_profiler_shows_live_figures(open_app: Opener) -> None:
    with open_app() as tmux:
        tmux.wait_for(r"CPU\s+\d+\.\d %")
        tmux.key("F3")
        tmux.wait_gone("CPU")
        tmux.key("F3")
        tmux.wait_for(r"CPU\s+\d+\.\d %")
        tmux.run("seq 1 2000")
        tmux.wait_for(r"terminal\.feed\s+\d+")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_screen_is_calm_at_start(open_app: Opener, size: tuple[int, int]) -> None:
    columns, rows = size
    with open_app(columns=columns, rows=rows) as tmux:
        screen = tmux.screen()
        assert "Traceback" not in screen
        assert "F1" in screen
        assert all(len(line) <= columns for line in screen.splitlines())


def test_no_place_for_the_history_does_not_keep_the_shell_away(
    world: World, open_app: Opener
) -> None:
    state = world.home / ".local" / "state"
    state.mkdir(parents=True)
    (state / "terminal-ai").symlink_to(world.project)
    with open_app() as tmux:
        tmux.run("gti status")
        tmux.wait_for(r"git status")
    assert not list(world.project.glob("*.sqlite3"))


def test_without_a_terminal_it_declines_politely(world: World) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "terminal_ai"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=world.environ,
        cwd=world.project,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert "Traceback" not in done.stderr
