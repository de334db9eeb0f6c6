"""A tmux server of our own: the program under test runs in its only pane."""

import os
import re
import shlex
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

POLL_SECONDS = 0.1
WAIT_SECONDS = 45.0
ESCAPE_PAUSE_SECONDS = 0.1


class Tmux:
    """One private tmux server with one window, killed on exit.

    The pane runs a plain shell first, so that what the program leaves behind in the
    terminal can be looked at after it ended.
    """

    def __init__(
        self, columns: int, rows: int, environ: Mapping[str, str], cwd: Path
    ) -> None:
        self._socket = f"terminal-ai-test-{uuid.uuid4().hex[:12]}"
        self._size = (columns, rows)
        self._environ = dict(environ)
        self._cwd = cwd

    def __enter__(self) -> Self:
        columns, rows = self._size
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
            "env", "PS1=host$ ", "bash", "--norc", "--noprofile",
        )  # fmt: skip
        self._tmux("set-option", "-g", "escape-time", "0")
        self._tmux("set-option", "-g", "window-size", "manual")
        # What the program puts on the clipboard is kept in a buffer.
        self._tmux("set-option", "-s", "set-clipboard", "on")
        self.wait_for(r"host\$")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tmux("kill-server", check=False)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *arguments],
            capture_output=True,
            text=True,
            check=check,
            env=self._environ,
            cwd=self._cwd,
            timeout=30,
        )
        return done.stdout

    def type(self, text: str) -> None:
        """Type literal characters."""
        self._tmux("send-keys", "-l", text)

    def key(self, *names: str) -> None:
        """Press keys by tmux's names: Enter, F6, C-c, M-b, Escape …"""
        self._tmux("send-keys", *names)
        if names[-1] == "Escape":
            # What follows an ESC at once makes one key with it.
            time.sleep(ESCAPE_PAUSE_SECONDS)

    def run(self, command: str) -> None:
        """Type a line and press Enter."""
        self.type(command)
        self.key("Enter")

    def paste(self, text: str) -> None:
        """Paste as a terminal does: bracketed, if the program asked for it."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p", "-r")

    def mouse(
        self, button: int, column: int, row: int, *, is_release: bool = False
    ) -> None:
        """Send what a terminal with SGR mouse reports sends; cells count from 0."""
        final = "m" if is_release else "M"
        self.type(f"\x1b[<{button};{column + 1};{row + 1}{final}")

    def start(self, argv: Sequence[str]) -> None:
        """Start a program from the host shell."""
        self.run(f"clear; {shlex.join(argv)}")

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def forget_screen(self) -> None:
        """Blank the pane without a word to the program in it."""
        self._tmux("send-keys", "-R")

    def screen(self) -> str:
        """Return the pane as text."""
        return self._tmux("capture-pane", "-p")

    def buffer(self) -> str:
        """Return what was put on the clipboard last; empty if nothing was."""
        return self._tmux("show-buffer", check=False)

    def colored_screen(self) -> str:
        """Return the pane as text with SGR, trailing blanks kept."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def flag(self, name: str) -> str:
        """Return one of tmux's pane variables, such as ``alternate_on``."""
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def pane_pid(self) -> int:
        """Return the pid of the host shell."""
        return int(self.flag("pane_pid"))

    def wait_for(self, wanted: str, *, timeout: float = WAIT_SECONDS) -> str:
        """Return the screen once the regular expression ``wanted`` is on it."""
        pattern = re.compile(wanted)
        return self.wait_until(
            lambda screen: pattern.search(screen) is not None,
            f"{wanted!r} on the screen",
            timeout=timeout,
        )

    def wait_gone(self, unwanted: str, *, timeout: float = WAIT_SECONDS) -> str:
        """Return the screen once ``unwanted`` is no longer on it."""
        pattern = re.compile(unwanted)
        return self.wait_until(
            lambda screen: pattern.search(screen) is None,
            f"{unwanted!r} gone",
            timeout=timeout,
        )

    def wait_until(
        self, holds: Callable[[str], bool], what: str, *, timeout: float = WAIT_SECONDS
    ) -> str:
        """Poll the screen until ``holds`` accepts it."""
        deadline = time.monotonic() + timeout
        while True:
            screen = self.screen()
            if holds(screen):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout} s for {what}; got:\n{screen}")
            time.sleep(POLL_SECONDS)


def app_process(tmux: Tmux) -> psutil.Process:
    """Return the process of the app that the host shell runs."""
    for child in psutil.Process(tmux.pane_pid()).children():
        if "terminal_ai" in " ".join(child.cmdline()):
            return child
    raise AssertionError("the app is not running")


def is_running(pid: int) -> bool:
    """Tell whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")
