import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from .tmux import Tmux
from .twins import Twins

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True)
class World:
    """A home of its own for one run of the program."""

    home: Path
    environ: dict[str, str]

    @property
    def project(self) -> Path:
        return self.home / "project"

    def recorded(self) -> list[tuple[str, int | None]]:
        """Command lines and exit codes on disk, oldest first."""
        paths = list(self.home.rglob("history*.sqlite3"))
        if not paths:
            return []
        uri = f"file:{paths[0]}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            return list(
                database.execute(
                    "select command_line, exit_code from records order by started_at"
                )
            )


@pytest.fixture
def world(tmp_path: Path) -> World:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    home = tmp_path / "home"
    project = home / "project"
    project.mkdir(parents=True)
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "SHELL": "/bin/bash",
        "PYTHONPATH": str(ROOT),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    (home / ".zshrc").write_text("PS1='inner%% '\n")
    (home / ".bashrc").write_text("PS1='inner$ '\n")
    fish = home / ".config" / "fish"
    fish.mkdir(parents=True)
    (fish / "config.fish").write_text(
        "function fish_prompt; echo -n 'inner> '; end\nset -g fish_greeting\n"
    )
    subprocess.run(["git", "init", "-q", str(project)], check=True, env=environ)
    return World(home, environ)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


Opener = Callable[..., AbstractContextManager[Tmux]]


@pytest.fixture
def open_app(world: World) -> Opener:
    """Open the program in tmux and wait for the first prompt of the inner shell."""

    @contextlib.contextmanager
    def opener(
        *arguments: str, columns: int = 120, rows: int = 40, offline: bool = True
    ) -> Iterator[Tmux]:
        with Tmux(columns, rows, world.environ, world.project) as tmux:
            flags = ["--offline"] if offline else []
            tmux.start([sys.executable, "-m", "terminal_ai", *flags, *arguments])
            tmux.wait_for(r"inner[$%>]")
            yield tmux

    return opener


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test whose programs are missing; a machine of ours must have them all."""
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(
        bool(missing) and "CI" not in os.environ,
        reason=f"not installed: {', '.join(missing)}",
    )


TwinsOpener = Callable[..., AbstractContextManager[Twins]]


@pytest.fixture
def open_twins(world: World) -> TwinsOpener:
    """Open the app and, beside it, a bare pane of the same content size."""

    def opener(columns: int = 80, rows: int = 23) -> Twins:
        return Twins(columns, rows, world.environ, world.project)

    return opener
