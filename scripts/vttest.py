"""Walk through vttest's menus in the app and in bare tmux; keep what both showed.

``PYTHONPATH=. .venv/bin/python scripts/vttest.py DIRECTORY [MENU…]`` writes two SVGs a
screen, the app's and bare tmux's, and ``report.txt``, which lists for each whether both
show the same cells. tmux is a peer and not a judge: where they differ, look.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from rich.ansi import AnsiDecoder
from rich.console import Console

from tests.e2e.twins import STATUS_ROWS, Twins, differences

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 80, 24
MENUS = (
    "1", "2", "3.8", "3.9", "3.10", "3.11", "6", "8", "11.1", "11.2.2", "11.2.5",
    "11.3.2", "11.3.3", "11.3.6", "11.3.7", "11.3.8", "11.5", "11.6", "11.7",
    "11.8.2", "11.8.7", "11.8.9",
)  # fmt: skip
SKIPPED = re.compile(
    r"(?i)keyboard|printer|soft character|user-defined|macro|font|tektronix|mouse"
    r"|test (vt220|vt320|vt420|vt520) features|disable color|window modify|exit"
)
"""What needs hardware, a person at the keyboard, or is another menu's."""
ITEM = re.compile(r"(?m)^\s*(\d+)[.*] (.+?)\s*$")
MENU = re.compile(r"Menu \d[^\n]*")
CHOICE = "Enter choice number"
STEPS_LIMIT = 60
DIFFERENCES_KEPT = 12
SETTLE_SECONDS = 0.2
SETTLE_LIMIT_SECONDS = 12.0
CHANGE_LIMIT_SECONDS = 3.0


def main() -> None:
    """Write the pictures and the report."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with (target / "report.txt").open("w") as report:
        for menu in sys.argv[2:] or MENUS:
            with opened(menu) as twins:
                for name, title in screens(twins, menu):
                    found = compare(twins)
                    for kind, tmux in (("app", twins.app), ("tmux", twins.bare)):
                        file = target / f"vttest-{name}.{kind}.svg"
                        shown = tmux.colored_screen()
                        file.write_text(picture(shown, f"vttest {name}, {kind}"))
                    verdict = "differs" if found else "same"
                    report.write(f"{name}: {verdict}: {title}\n")
                    kept = found[:DIFFERENCES_KEPT]
                    report.writelines(f"    {line}\n" for line in kept)
                    report.flush()


@contextmanager
def opened(menu: str) -> Iterator[Twins]:
    """Open a vttest of its own in the app and in bare tmux, at a menu or test."""
    with twins_at_home(COLUMNS, ROWS) as twins:
        twins.run(f"clear; vttest {ROWS}x{COLUMNS}.{COLUMNS}")
        twins.wait_for(CHOICE)
        for number in menu.split("."):
            choose(twins, *number, "Enter")
        yield twins


@contextmanager
def twins_at_home(columns: int, rows: int) -> Iterator[Twins]:
    """Open the app and a bare pane, each in an empty home."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        project = Path(directory, "home", "project")
        project.mkdir(parents=True)
        (project.parent / ".bashrc").write_text("PS1='inner$ '\n")
        environ = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(project.parent),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/bash",
            "PYTHONPATH": str(ROOT),
        }
        with Twins(columns, rows, environ, project) as twins:
            yield twins


def screens(
    twins: Twins, path: str, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Stop at each screen of a test, or of all tests in a menu: name and title."""
    shown = twins.app.screen()
    if CHOICE in shown:
        seen |= {menu_of(shown)}
        for number, title in ITEM.findall(shown):
            if not SKIPPED.search(title):
                choose(twins, *number, "Enter")
                # Some items only switch something and stay in their menu.
                if menu_of(twins.app.screen()) not in seen:
                    yield from screens(twins, f"{path}.{number}", seen)
        choose(twins, "0", "Enter")
        return
    for step in range(STEPS_LIMIT):
        yield f"{path}-{step:02}", title_of(twins)
        choose(twins, "Enter")
        if CHOICE in twins.app.screen():
            return


def menu_of(shown: str) -> str:
    """Return a menu's heading; nothing for a test that shows none."""
    found = MENU.search(shown) if CHOICE in shown else None
    return found[0] if found else ""


def choose(twins: Twins, *keys: str) -> None:
    """Press keys, and wait until both screens have changed and then stand still."""
    before = captures(twins)
    twins.key(*keys)
    started = time.monotonic()
    last = before
    while (waited := time.monotonic() - started) < SETTLE_LIMIT_SECONDS:
        time.sleep(SETTLE_SECONDS)
        now = captures(twins)
        has_changed = all(map(str.__ne__, now, before)) or waited > CHANGE_LIMIT_SECONDS
        if has_changed and now == last:
            return
        last = now


def captures(twins: Twins) -> tuple[str, str]:
    """Return what vttest shows in the app and in bare tmux."""
    app = twins.app.colored_screen().split("\n")[:ROWS]
    return "\n".join(app), twins.bare.colored_screen()


def title_of(twins: Twins) -> str:
    """Return the first text on the screen."""
    lines = (line.strip() for line in twins.bare.screen().splitlines())
    return next((line for line in lines if line), "")[:60]


def compare(twins: Twins) -> list[str]:
    """Say where the app differs from bare tmux."""
    return differences(
        twins.view(twins.bare), twins.view(twins.app), looks=True, rows=None, mask=None
    )


def picture(capture: str, title: str, columns: int = COLUMNS, rows: int = ROWS) -> str:
    """Return a captured screen, the app's status row included, as SVG."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(
            record=True, width=columns, file=nowhere, force_terminal=True,
            color_system="truecolor",
        )  # fmt: skip
        # One decoder for all lines: tmux does not repeat the look at each.
        for line in islice(AnsiDecoder().decode(capture), rows + STATUS_ROWS):
            console.print(line, no_wrap=True, overflow="crop")
        return console.export_svg(title=title, font_aspect_ratio=0.61)


if __name__ == "__main__":
    main()
