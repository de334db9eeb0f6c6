"""Walk through vttest's menus in the app and in bare tmux; keep what both showed.

``.venv/bin/python scripts/vttest.py DIRECTORY [MENU…]`` writes two SVGs a
screen, the app's and bare tmux's, and ``report.txt``, which lists for each whether both
show the same cells. tmux is a peer and not a judge: where they differ, look.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.e2e.twins import Twins, differences

COLUMNS, ROWS = 80, 24
MENUS = {
    "1": "cursor movements",
    "2": "screen features",
    "3": "character sets",
    "6": "terminal reports",
    "8": "VT102 editing",
    "11.4": "ISO 6429 cursor movement",
    "11.5": "ISO 6429 colours",
    "11.1": "VT220",
}
STEPS_LIMIT = 80
SETTLE_SECONDS = 0.25
SETTLE_LIMIT_SECONDS = 12.0
GOES_ON = ("Push <RETURN>", "push <RETURN>", "Press any key", "RETURN")


def main() -> None:
    """Write the pictures and the report."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:] or list(MENUS)
    with (target / "report.txt").open("w") as report:
        for menu in wanted:
            for step, (twins, title) in enumerate(walk(menu)):
                name = f"vttest-{menu}-{step:02}"
                found = compare(twins)
                (target / f"{name}.svg").write_text(
                    picture(twins.app.colored_screen(), f"vttest {menu}: {title}")
                )
                (target / f"{name}.bare.svg").write_text(
                    picture(twins.bare.colored_screen(), f"bare {menu}: {title}")
                )
                report.write(f"{name}: {'same' if not found else 'differs'}\n")
                report.writelines(f"    {line}\n" for line in found[:12])
                report.flush()


def walk(menu: str) -> Iterator[tuple[Twins, str]]:
    """Yield the terminals at each screen of a menu, in a vttest of its own."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory, "home")
        project = home / "project"
        project.mkdir(parents=True)
        (home / ".bashrc").write_text("PS1='inner$ '\n")
        environ = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/bash",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }
        with Twins(COLUMNS, ROWS, environ, project) as twins:
            twins.run(f"clear; vttest {ROWS}x{COLUMNS}.{COLUMNS}")
            settle(twins)
            for number in menu.split("."):
                twins.run(number)
                settle(twins)
            for _ in range(STEPS_LIMIT):
                yield twins, title_of(twins)
                if "Enter choice number" in twins.app.screen():
                    return
                twins.key("Enter")
                settle(twins)


def settle(twins: Twins) -> None:
    """Wait until neither screen changes any more."""
    deadline = time.monotonic() + SETTLE_LIMIT_SECONDS
    before: tuple[str, ...] = ()
    while time.monotonic() < deadline:
        time.sleep(SETTLE_SECONDS)
        now = tuple(tmux.colored_screen() for tmux in (twins.app, twins.bare))
        if now == before:
            return
        before = now


def title_of(twins: Twins) -> str:
    """Return the first text on the screen."""
    lines = (line.strip() for line in twins.bare.screen().splitlines())
    return next((line for line in lines if line), "")[:60]


def compare(twins: Twins) -> list[str]:
    """Say where the app differs from bare tmux."""
    return differences(
        twins.view(twins.bare), twins.view(twins.app), looks=True, rows=None, mask=None
    )


def picture(capture: str, title: str) -> str:
    """Return a captured screen as SVG."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(
            record=True, width=COLUMNS, file=nowhere, force_terminal=True,
            color_system="truecolor",
        )  # fmt: skip
        for line in capture.split("\n")[: ROWS + 1]:
            console.print(Text.from_ansi(line), no_wrap=True, overflow="crop")
        return console.export_svg(title=title, font_aspect_ratio=0.61)


if __name__ == "__main__":
    main()
