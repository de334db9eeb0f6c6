"""Make docs/screenshots of captured commands: marks, folds, command mode, history.

Run it where tmux, bash and git are installed:
``PYTHONPATH=. .venv/bin/python scripts/tour.py``.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vttest import STATUS_ROWS, picture

from tests.e2e.tmux import Tmux

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
WIDE, NARROW = (120, 40), (80, 24)
SETTLE_SECONDS = 1.0
PROMPT = "\\W $ "
COMMANDS = (
    ("ls", "Makefile"),
    ("./check", "240 checks"),
    ("git comit -m 'first steps'", "most similar"),
)
CHECK = "#!/bin/sh\nseq -f 'check %03g ok' 1 239\necho '240 checks, 1 failed'\nexit 1\n"


def main() -> None:
    """Walk through the app once at each size, and draw what is seen on the way."""
    for size in (WIDE, NARROW):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            environ, project = furnish(Path(directory, "home"))
            with Tmux(*size, environ, project) as tmux:
                tmux.start([sys.executable, "-m", "terminal_ai", "--offline"])
                tmux.wait_for(r"project \$")
                tour(tmux, size)


def furnish(home: Path) -> tuple[dict[str, str], Path]:
    """Make a home with a small project; return the environment and the project."""
    project = home / "project"
    (project / "src").mkdir(parents=True)
    for name in ("README.md", "main.py", "Makefile"):
        (project / name).touch()
    (project / "check").write_text(CHECK)
    (project / "check").chmod(0o755)
    (home / ".bashrc").write_text(f"PS1='{PROMPT}'\n")
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "SHELL": "/bin/bash",
        "PYTHONPATH": str(ROOT),
    }
    return environ, project


def tour(tmux: Tmux, size: tuple[int, int]) -> None:
    """Fail, scroll, fold, choose and search; a picture of each."""
    for command, printed in COMMANDS:
        tmux.run(command)
        tmux.wait_for(rf"(?s){printed}.*project \$")
    draw(tmux, "failed-command", size)
    tmux.key("S-PPage")
    tmux.wait_for("rows below")
    draw(tmux, "sticky-header", size)
    tmux.key("C-\\")
    tmux.key("Up")
    tmux.wait_for("q leave")
    tmux.type("z")
    tmux.wait_for("lines folded")
    draw(tmux, "command-mode", size)
    tmux.key("Escape")
    tmux.key("F4")
    tmux.wait_for("History · 3 commands")
    tmux.type("check ")
    tmux.key("C-t")
    tmux.wait_for("240 checks|check 001")
    draw(tmux, "history", size)


def draw(tmux: Tmux, name: str, size: tuple[int, int]) -> None:
    """Write a picture of what the app shows once it is at rest."""
    time.sleep(SETTLE_SECONDS)
    columns, rows = size
    title = f"{name}-{columns}x{rows}"
    drawn = picture(tmux.colored_screen(), title, columns, rows - STATUS_ROWS)
    (TARGET / f"{title}.svg").write_text(drawn)


if __name__ == "__main__":
    main()
