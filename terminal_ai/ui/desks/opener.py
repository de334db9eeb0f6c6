"""Opens an address in the user's browser, without the terminal and within a time."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread

OPEN_SECONDS = 5.0
"""An opener that still runs then has become the browser: it is left alone."""

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
_LINUX_OPENERS = ("wslview", "xdg-open", "gio")


def opener(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> tuple[str, ...]:
    """Return the platform's command that opens an address; empty if there is none.

    Without a display the Linux openers would start a browser in this terminal.
    """
    if platform == "darwin":
        path = which("/usr/bin/open") or which("open")
        return (path,) if path else ()
    if not any(environ.get(name) for name in _DISPLAYS):
        return ()
    for name in _LINUX_OPENERS:
        if (path := which(name)) is not None:
            return (path, "open") if name == "gio" else (path,)
    return ()


def open_address(command: tuple[str, ...], url: str) -> bool:
    """Run the opener; False if it failed. Blocks for at most ``OPEN_SECONDS``."""
    try:
        process = subprocess.Popen(
            [*command, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path("/"),
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(OPEN_SECONDS) == 0
    except subprocess.TimeoutExpired:
        # Whenever it ends, it must not stay a zombie.
        Thread(target=process.wait, name="reap opener", daemon=True).start()
        return True
