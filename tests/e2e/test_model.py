"""With the project's own Ollama server: ask, watch, cancel, recover."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .conftest import ROOT, Opener

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

MODEL = "qwen2.5-coder:3b"


@contextlib.contextmanager
def ollama(*arguments: str) -> Iterator[str]:
    """Run the test server as its own process and yield its URL."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.ollama_server", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout is not None:
            server.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_f5_streams_an_answer(open_app: Opener) -> None:
    with (
        ollama("--port", "0", "--model", MODEL) as url,
        open_app("--host", url, "--model", MODEL, offline=False) as tmux,
    ):
        tmux.run("gti status")
        tmux.wait_for("git status")
        tmux.key("F5")
        tmux.wait_for(r"which files have")


def test_escape_stops_the_generation(open_app: Opener) -> None:
    with (
        ollama("--port", "0", "--model", MODEL, "--first-token-delay", "60") as url,
        open_app("--host", url, "--model", MODEL, offline=False) as tmux,
    ):
        tmux.run("gti status")
        tmux.wait_for("git status")
        tmux.key("F5")
        tmux.wait_for(r"(?i)reading|loading")
        tmux.key("C-\\")
        tmux.type("a")
        tmux.key("Escape")
        tmux.wait_for(r"(?i)stopped|cancel")


def test_the_service_is_found_when_it_appears(open_app: Opener) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with open_app("--host", url, "--model", MODEL, offline=False) as tmux:
        tmux.wait_for(r"(?i)ollama.{0,30}(not|unavailable|off)|no model")
        tmux.run("gti status")
        tmux.wait_for("git status")
        with ollama("--port", str(port), "--model", MODEL):
            tmux.wait_for(MODEL)
            tmux.key("F5")
            tmux.wait_for(r"which files have")
