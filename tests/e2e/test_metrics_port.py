"""The app serves its figures beside its work, and works where it cannot serve them."""

import socket
import sys
import urllib.error
import urllib.request

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from .conftest import Opener, World
from .tmux import Tmux, app_process, is_running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scraped(port: int) -> dict[str, float]:
    """Return the samples of one scrape; none where nobody answers."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/metrics", timeout=20
        ) as answer:
            text = answer.read().decode()
    except (urllib.error.URLError, OSError):
        return {}
    return {
        f"{sample.name} {','.join(sample.labels.values())}".strip(): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def listening(pid: int) -> set[tuple[str, int]]:
    connections = psutil.Process(pid).net_connections("inet")
    return {
        (each.laddr.ip, each.laddr.port)
        for each in connections
        if each.status == psutil.CONN_LISTEN
    }


def test_a_scrape_follows_what_happens_in_the_shell(open_app: Opener) -> None:
    port = free_port()
    with open_app("--metrics-port", str(port)) as tmux:
        tmux.wait_until(lambda _: bool(scraped(port)), "an answer")
        before = scraped(port)
        tmux.run("false")
        tmux.wait_until(
            lambda _: scraped(port)["terminal_ai_commands_total failed"] == 1,
            "the command counted",
        )
        after = scraped(port)
        assert after["terminal_ai_frames_total"] > before["terminal_ai_frames_total"]
        assert after["terminal_ai_process_resident_memory_bytes"] > 1e7
        assert after["terminal_ai_event_loop_late_seconds_count"] > 0
        app = app_process(tmux)
        assert listening(app.pid) == {("127.0.0.1", port)}
        tmux.run("exit 0")
        tmux.wait_until(lambda _: not is_running(app.pid), "the app gone")
        assert scraped(port) == {}


def test_without_the_option_nothing_listens(open_app: Opener) -> None:
    with open_app() as tmux:
        assert listening(app_process(tmux).pid) == set()


def test_a_port_that_is_taken_is_told_and_the_app_goes_on(open_app: Opener) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with open_app("--metrics-port", str(port)) as tmux:
            tmux.wait_for(rf"(?s)cannot serve metrics on\s+port\s+{port}")
            tmux.run("echo still $((1+1))")
            tmux.wait_for("still 2")


def test_a_missing_package_is_told_and_the_app_goes_on(world: World) -> None:
    program = (
        "import sys\n"
        "sys.modules['prometheus_client'] = None\n"
        "from terminal_ai.cli import main\n"
        f"main(['--offline', '--metrics-port', '{free_port()}'])\n"
    )
    with Tmux(120, 40, world.environ, world.project) as tmux:
        tmux.start([sys.executable, "-c", program])
        tmux.wait_for(r"(?s)prometheus-client.*pip install.*terminal-ai\[metrics\]")
        tmux.run("echo still $((1+1))")
        tmux.wait_for("still 2")
