"""On every way out the run's figures are kept, and told where there is a screen."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from terminal_ai.reports import RUNNING

from .conftest import Opener, World
from .test_leaving import WAYS, leave_by_signal
from .tmux import Tmux, app_process, is_running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SHORT = r"(?s)terminal-ai: \d+ s, \d+ commands?.*CPU.*more: terminal-ai stats.*host\$"


def reports(world: World) -> list[dict[str, object]]:
    found = sorted(world.home.rglob("reports/*.json"))
    return [json.loads(path.read_text()) for path in found]


def endings(world: World) -> list[object]:
    return [report["ending"] for report in reports(world)]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_out_tells_the_run(world: World, open_app: Opener, way: str) -> None:
    with open_app() as tmux:
        app = app_process(tmux)
        # What exits after a failure stays, to say so.
        tmux.run("false")
        tmux.run("true")
        tmux.wait_for(r"(?s)inner\$ true.*inner\$")
        WAYS[way](tmux, app)
        tmux.wait_for(SHORT)
        # On the user's own screen, and not lost with ours.
        assert tmux.flag("alternate_on") == "0"
    assert endings(world) == [way if way.startswith("SIG") else "quit"]
    (report,) = reports(world)
    assert report["commands_failed"] == 1


def test_an_exception_tells_the_run_as_well(world: World) -> None:
    program = (
        "from terminal_ai.ui import app\n"
        "def broken(*_: object, **__: object) -> None: raise RuntimeError('broken')\n"
        "app.TerminalApp.on_mount = broken\n"
        "from terminal_ai.cli import main\n"
        "main(['--offline'])\n"
    )
    with Tmux(120, 40, world.environ, world.project) as tmux:
        tmux.start([sys.executable, "-c", program])
        tmux.wait_for(r"(?s)terminal-ai: .*more: .*RuntimeError: broken.*host\$")
    assert endings(world) == ["exception"]


def test_an_end_by_force_tells_the_run_as_well(world: World) -> None:
    program = (
        "import asyncio, time\n"
        "from terminal_ai.bootstrap import host_terminal\n"
        "host_terminal.EndingSignals.__init__.__kwdefaults__['grace_seconds'] = 0.2\n"
        "from terminal_ai.ui import app\n"
        "app.TerminalApp.exit = lambda *_a, **_k: time.sleep(600)\n"
        "from terminal_ai.cli import main\n"
        "main(['--offline'])\n"
    )
    with Tmux(120, 40, world.environ, world.project) as tmux:
        tmux.start([sys.executable, "-c", program])
        tmux.wait_for(r"inner\$")
        app = app_process(tmux)
        app.send_signal(signal.SIGTERM)
        tmux.wait_for(SHORT)
        tmux.wait_until(lambda _: not is_running(app.pid), "the app gone")
    assert endings(world) == ["SIGTERM"]


def test_without_a_terminal_only_the_file_is_written(
    world: World, open_app: Opener
) -> None:
    with open_app() as tmux:
        app = app_process(tmux)
        tmux._tmux("kill-server")
        app.wait(60)
    assert endings(world) == ["SIGHUP"]


@pytest.mark.parametrize("how", ["off", "full"])
def test_the_setting_decides_what_is_printed(world: World, how: str) -> None:
    environ = {**world.environ, "TERMINAL_AI_PROFILER_EXIT_REPORT": how}
    with Tmux(120, 60, environ, world.project) as tmux:
        tmux.start([sys.executable, "-m", "terminal_ai", "--offline"])
        tmux.wait_for(r"inner\$")
        tmux.run("exit")
        tmux.wait_for(r"host\$")
        tmux.wait_until(lambda _: endings(world) == ["quit"], "the report")
        screen = tmux.screen()
        assert ("function" in screen) == (how == "full")
        assert "more:" not in screen


def test_the_running_app_is_told_in_its_own_shell(
    world: World, open_app: Opener
) -> None:
    environ = {
        "TERMINAL_AI_TELEMETRY_MAINTENANCE_SECONDS": "1",
        "TERMINAL_AI_PROFILER_SAMPLING_EVERY_SECONDS": "1",
        "TERMINAL_AI_PROFILER_SAMPLING_SECONDS": "1",
    }
    world.environ.update(environ)
    with open_app() as tmux:
        tmux.wait_until(lambda _: endings(world) == [RUNNING], "a report")
        (path,) = world.home.rglob("reports/*.json")
        first = path.stat().st_mtime_ns
        tmux.wait_until(lambda _: path.stat().st_mtime_ns > first, "another")
        tmux.wait_until(lambda _: bool(reports(world)[0]["hot_lines"]), "a profile")
        tmux.run(f"{sys.executable} -m terminal_ai stats --top 0")
        tmux.wait_for(r"runs for \d+ s")
        pid = app_process(tmux).pid
        assert f"process {pid}" in tmux.screen()
        os.kill(pid, signal.SIGKILL)
        tmux.wait_for("Killed")
        tmux.run(f"{sys.executable} -m terminal_ai stats --all")
        tmux.wait_for("killed")


def test_reports_hold_nothing_of_the_user(world: World, open_app: Opener) -> None:
    secret = "hunter2hunter2"
    with open_app() as tmux:
        tmux.run(f"./{secret} --token={secret}")
        tmux.wait_for(r"(?s)No such file.*inner\$")
        leave_by_signal(signal.SIGTERM)(tmux, app_process(tmux))
        tmux.wait_for(SHORT)
    (path,) = world.home.rglob("reports/*.json")
    text = path.read_text()
    assert secret not in text
    assert str(Path.home()) not in text
    assert str(world.home) not in text
