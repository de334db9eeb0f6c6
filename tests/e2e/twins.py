"""The same program in the app and in a bare tmux pane, driven by the same keys.

The bare pane is the oracle: it has the size of the app's terminal, and what it shows,
cell by cell, the app must show as well.
"""

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from .cells import Cell, cells, text
from .tmux import POLL_SECONDS, WAIT_SECONDS, Tmux

STATUS_ROWS = 1
DIFFERENCES_SHOWN = 20
_BARE_SHELL = (
    "env -u TMUX -u TMUX_PANE -u TERM_PROGRAM -u TERM_PROGRAM_VERSION"
    " TERM=xterm-256color COLORTERM=truecolor bash"
)

Mask = Callable[[str], str]


class Twins:
    """Two tmux servers: one runs the app, the other only the app's shell."""

    def __init__(
        self, columns: int, rows: int, environ: Mapping[str, str], cwd: Path
    ) -> None:
        app_environ = {
            **environ,
            "COLORTERM": "truecolor",
            # Colours pass through unchanged, so that they can be compared.
            "TERMINAL_AI_INTERFACE_THEME": "ansi",
            # Panels beside the terminal would take columns from it.
            "TERMINAL_AI_INTERFACE_OVERLAY_BELOW_COLUMNS": "1000",
            # So would the gutter, and without one prompts are tinted.
            "TERMINAL_AI_INTERFACE_GUTTER": "off",
        }
        # A home for each: they must not see each other's swap files and histories.
        home = Path(environ["HOME"])
        other = home.with_name(f"{home.name}-bare")
        shutil.copytree(home, other)
        self._columns, self._rows = columns, rows
        self.app = Tmux(columns, rows + STATUS_ROWS, app_environ, cwd)
        bare_environ = {**environ, "HOME": str(other)}
        self.projects = (cwd, other / cwd.relative_to(home))
        self.bare = Tmux(columns, rows, bare_environ, self.projects[1])
        self._both = (self.app, self.bare)

    def __enter__(self) -> Self:
        for tmux in self._both:
            tmux.__enter__()
        self.app.start([sys.executable, "-m", "terminal_ai", "--offline"])
        self.bare.run(f"clear; {_BARE_SHELL}")
        self.wait_for(r"inner\$")
        self.run("clear")
        self.wait_same()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for tmux in self._both:
            tmux.__exit__(kind, error, trace)

    def put(self, name: str, content: str) -> None:
        """Write a file into both project directories."""
        for project in self.projects:
            (project / name).write_text(content)

    def type(self, typed: str) -> None:
        for tmux in self._both:
            tmux.type(typed)

    def key(self, *names: str) -> None:
        for tmux in self._both:
            tmux.key(*names)

    def run(self, command: str) -> None:
        for tmux in self._both:
            tmux.run(command)

    def paste(self, pasted: str) -> None:
        for tmux in self._both:
            tmux.paste(pasted)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminals another size; the app keeps its status row."""
        self._columns, self._rows = columns, rows
        self.app.resize(columns, rows + STATUS_ROWS)
        self.bare.resize(columns, rows)

    def wait_for(self, wanted: str) -> None:
        for tmux in self._both:
            tmux.wait_for(wanted)

    def wait_gone(self, unwanted: str) -> None:
        for tmux in self._both:
            tmux.wait_gone(unwanted)

    def wait_same(
        self,
        wanted: str = "",
        *,
        looks: bool = True,
        rows: Iterable[int] | None = None,
        mask: str = "",
    ) -> str:
        """Wait until both show the same cells and cursor; return the bare screen.

        ``wanted`` must be on it. ``rows`` limits what is compared; what the regular
        expression ``mask`` matches is not.
        """
        pattern, hidden = re.compile(wanted), re.compile(mask) if mask else None
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            bare, app = self.view(self.bare), self.view(self.app)
            screen = "\n".join(text(row).rstrip() for row in bare[1])
            found = differences(bare, app, looks=looks, rows=rows, mask=hidden)
            if not found and pattern.search(screen):
                return screen
            if time.monotonic() > deadline:
                shown = "\n".join(text(row).rstrip() for row in app[1])
                raise AssertionError(
                    f"waited {WAIT_SECONDS} s for {wanted!r}; differences:\n"
                    + "\n".join(found[:DIFFERENCES_SHOWN])
                    + f"\nbare:\n{screen}\napp:\n{shown}"
                )
            time.sleep(POLL_SECONDS)

    def view(self, tmux: Tmux) -> tuple[tuple[int, int], list[list[Cell]]]:
        """Return cursor and cells of the terminal part of a pane."""
        column, row = map(int, tmux.flag("cursor_x} #{cursor_y").split())
        grid = cells(tmux.colored_screen(), self._columns, self._rows)
        return (min(column, self._columns - 1), row), grid


View = tuple[tuple[int, int], list[list[Cell]]]


def differences(
    bare: View,
    app: View,
    *,
    looks: bool,
    rows: Iterable[int] | None,
    mask: re.Pattern[str] | None,
) -> list[str]:
    """Say where two screens differ; the look of the cell under the cursor is free."""
    (cursor, bare_grid), (app_cursor, app_grid) = bare, app
    found = []
    if rows is None and cursor != app_cursor:
        found.append(f"cursor: bare {cursor}, app {app_cursor}")
    wanted_rows = range(len(bare_grid)) if rows is None else rows
    for at in wanted_rows:
        ours, theirs = app_grid[at], bare_grid[at]
        texts = [text(row).rstrip() for row in (theirs, ours)]
        if mask is not None:
            texts = [mask.sub("", each).rstrip() for each in texts]
        if texts[0] != texts[1]:
            found.append(f"row {at}: bare {texts[0]!r}\n{' ' * 8}app  {texts[1]!r}")
        elif looks and mask is None:
            found += [
                f"row {at} column {column}: bare {wanted}, app {shown}"
                for column, (wanted, shown) in enumerate(
                    zip(theirs, ours, strict=False)
                )
                if wanted.look != shown.look
                and None not in (wanted.look, shown.look)
                and (column, at) != cursor
            ]
    return found
