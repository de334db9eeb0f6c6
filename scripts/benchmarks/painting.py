"""Painting in this process, without a host: a full redraw, and a key to its strip.

The peer of a redraw is the usual way to show a terminal in Textual: one ``Text`` of the
whole screen, put together run by run and rendered anew for each frame.
"""

import asyncio
import os
import shutil
import time

from rich.console import Console
from rich.style import Style as RichStyle
from rich.text import Text

from benchmarks.figures import Row, at_percent, compared
from benchmarks.hosts import Bench
from benchmarks.payloads import COLUMNS, ROWS, payloads
from benchmarks.running import Extent
from terminal_ai.shell.pty import PtyMaster
from terminal_ai.shell.stream import IsOver, PtyStream
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.theme import DARK, palette_of
from terminal_ai.ui.view.strips import paint_row, rich_style

BASE = RichStyle.parse("#d5dae2 on #15171c")
SLICE_SECONDS = 0.004
KEY_DEADLINE_SECONDS = 5.0


def redraw(_bench: Bench, extent: Extent) -> list[Row]:
    """Measure a frame in which every row is new, parsing left out."""
    rows = []
    console = Console(width=COLUMNS, height=ROWS, color_system="truecolor", file=None)
    for name in ("htop", "dense"):
        data = payloads(1)[name]
        ours: list[float] = []
        theirs: list[float] = []
        terminal = Terminal(COLUMNS, ROWS, parser="fast")
        for number in range(extent.frames):
            # The same frame with another letter: no row is like one painted before.
            terminal.feed(data + b"\x1b[%d;1H%d" % (ROWS, number))
            ours.append(_paint(terminal) * 1e3)
            theirs.append(_paint_text(console, terminal) * 1e3)
        rows.append(compared(f"redraw {name}, median", ours, theirs, "one Text", "ms"))
    return rows


def _paint(terminal: Terminal) -> float:
    begun, palette = time.perf_counter(), palette_of(DARK)
    for row in map(terminal.line, range(ROWS)):
        paint_row(row, palette, BASE, COLUMNS)
    return time.perf_counter() - begun


def _paint_text(console: Console, terminal: Terminal) -> float:
    begun = time.perf_counter()
    palette, text = palette_of(DARK), Text()
    for row in map(terminal.line, range(ROWS)):
        for piece, style in row.runs:
            text.append(piece, rich_style(style, BASE, palette))
        text.append("\n")
    console.render_lines(text)
    return time.perf_counter() - begun


def key_to_strip(_bench: Bench, extent: Extent) -> list[Row]:
    """Measure a letter written to a pty until the strip that shows its echo."""
    ours, bare = asyncio.run(_press_both(extent.presses))
    return [
        compared(
            f"key to strip, p{percent}",
            ours,
            bare,
            "echo alone",
            "ms",
            of=at_percent(percent),
        )
        for percent in (50, 95)
    ]


async def _press_both(presses: int) -> tuple[list[float], list[float]]:
    """Press each key in a pty whose echo is painted, and in one where it is not."""
    milliseconds: dict[bool, list[float]] = {True: [], False: []}
    async with _Echo(paints=True) as painting, _Echo(paints=False) as bare:
        for _ in range(presses):
            for echo in (painting, bare):
                milliseconds[echo.paints].append(await echo.press())
    return milliseconds[True], milliseconds[False]


class _Echo:
    """``cat`` in a pty, and the strip of what comes back."""

    def __init__(self, *, paints: bool) -> None:
        self.paints = paints
        self._terminal = Terminal(COLUMNS, ROWS, parser="fast")
        self._palette = palette_of(DARK)
        self._echoed = asyncio.Event()
        self._master = PtyMaster.spawn(
            [shutil.which("cat") or "cat"],
            environ={"PATH": os.defpath},
            cwd="/",
            columns=COLUMNS,
            rows=ROWS,
        )
        self._stream = PtyStream(
            self._master,
            chunk_bytes=65_536,
            slice_seconds=SLICE_SECONDS,
            on_data=self._take,
            on_slice_end=lambda: None,
            on_end=lambda: None,
        )

    async def __aenter__(self) -> "_Echo":
        self._master.__enter__()
        self._stream.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stream.stop()
        self._master.__exit__(*error)  # type: ignore[arg-type]

    async def press(self) -> float:
        """Type a letter and return the milliseconds until its echo."""
        self._echoed.clear()
        begun = time.perf_counter()
        self._stream.write(b"x")
        await asyncio.wait_for(self._echoed.wait(), KEY_DEADLINE_SECONDS)
        return (time.perf_counter() - begun) * 1e3

    def _take(self, data: bytes, _is_over: IsOver) -> bytes:
        if self.paints:
            self._terminal.feed(data)
            row = self._terminal.line(self._terminal.cursor.row)
            paint_row(row, self._palette, BASE, COLUMNS)
        self._echoed.set()
        return b""
