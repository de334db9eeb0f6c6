"""However it ends, the host terminal is as it was and no process is left."""

import os
import signal
import sys
from collections.abc import Callable

import psutil
import pytest

from .conftest import Opener, World
from .tmux import Tmux, app_process, is_running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MODES = (
    "alternate_on",
    "mouse_any_flag",
    "mouse_button_flag",
    "mouse_sgr_flag",
    "keypad_flag",
    "keypad_cursor_flag",
)


def line_settings(tmux: Tmux) -> str:
    """The modes of the line discipline, as ``stty -a`` lists them last."""
    tmux.run("clear; stty -a; echo 'that was ''all'")
    listed = tmux.wait_for("(?s)isig.*that was all")
    return listed.partition("isig")[2].partition("that was all")[0]


def leave_by_quitting(tmux: Tmux, app: psutil.Process) -> None:
    del app
    tmux.key("C-\\")
    tmux.type("q")


def leave_by_exit(tmux: Tmux, app: psutil.Process) -> None:
    del app
    tmux.run("exit")


def leave_by_signal(number: signal.Signals) -> Callable[[Tmux, psutil.Process], None]:
    def leave(tmux: Tmux, app: psutil.Process) -> None:
        del tmux
        app.send_signal(number)

    return leave


WAYS = {
    "quit": leave_by_quitting,
    "exit": leave_by_exit,
    "SIGTERM": leave_by_signal(signal.SIGTERM),
    "SIGHUP": leave_by_signal(signal.SIGHUP),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_host_terminal_is_restored_and_children_are_reaped(
    world: World, open_app: Opener, way: str
) -> None:
    with Tmux(120, 40, world.environ, world.project) as untouched:
        before = line_settings(untouched)
        modes = {name: untouched.flag(name) for name in MODES}
        cursor = untouched.flag("cursor_flag")
    with open_app() as tmux:
        app = app_process(tmux)
        children = [child.pid for child in app.children(recursive=True)]
        assert children, "the shell runs"
        WAYS[way](tmux, app)
        tmux.wait_until(lambda _: not is_running(app.pid), "the app gone")
        tmux.wait_for(r"host\$")
        tmux.wait_until(
            lambda _: not any(is_running(pid) for pid in children), "no orphan"
        )
        assert {name: tmux.flag(name) for name in MODES} == modes
        assert tmux.flag("cursor_flag") == cursor
        assert line_settings(tmux) == before
        assert "Traceback" not in tmux.screen()


def test_quitting_ends_a_foreground_child_that_holds_the_pty(open_app: Opener) -> None:
    with open_app() as tmux:
        app = app_process(tmux)
        tmux.run("trap '' HUP; python3 -c 'import signal, time;"
                 "signal.signal(signal.SIGHUP, signal.SIG_IGN); print(\"held\");"
                 "time.sleep(600)'")  # fmt: skip
        tmux.wait_for(r"(?m)^\W?held")
        children = [child.pid for child in app.children(recursive=True)]
        app.send_signal(signal.SIGTERM)
        tmux.wait_until(lambda _: not is_running(app.pid), "the app gone")
        tmux.wait_until(
            lambda _: not any(is_running(pid) for pid in children), "no orphan"
        )


def test_an_exception_restores_the_terminal(world: World) -> None:
    program = (
        "from terminal_ai.ui import app\n"
        "def broken(*_: object, **__: object) -> None: raise RuntimeError('broken')\n"
        "app.TerminalApp.on_mount = broken\n"
        "from terminal_ai.cli import main\n"
        "main(['--offline'])\n"
    )
    with Tmux(120, 40, world.environ, world.project) as tmux:
        modes = {name: tmux.flag(name) for name in MODES}
        tmux.start([sys.executable, "-c", program])
        tmux.wait_for(r"(?s)RuntimeError: broken.*host\$")
        tmux.run("echo back $((1+1))")
        tmux.wait_for("back 2")
        assert {name: tmux.flag(name) for name in MODES} == modes


def test_suspending_and_continuing_restores_and_repaints(open_app: Opener) -> None:
    with open_app() as tmux:
        app = app_process(tmux)
        app.send_signal(signal.SIGTSTP)
        tmux.wait_for(r"Stopped")
        assert tmux.flag("alternate_on") == "0"
        tmux.run("fg")
        tmux.wait_for(r"inner\$")
        assert tmux.flag("alternate_on") == "1"


def test_after_a_kill_reset_is_enough(open_app: Opener) -> None:
    with open_app() as tmux:
        app = app_process(tmux)
        os.kill(app.pid, signal.SIGKILL)
        tmux.wait_for("Killed")
        tmux.run("reset")
        tmux.run("echo back $((1+1))")
        tmux.wait_for("back 2")
        assert tmux.flag("mouse_any_flag") == "0"
