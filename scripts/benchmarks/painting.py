"""Painting in this process, without a host: a full redraw, and a key to its strip.

The peer of a redraw is the usual way to show a terminal in Textual: one ``Text`` of the
whole screen, put together run by run and rendered anew for each frame.
"""

import asyncio
import os
import shutil
import statistics
import time

from rich.console import Console
from rich.style import Style as RichStyle
from rich.text import Text

from benchmarks.figures import Row, percentile
from benchmarks.payloads import COLUMNS, ROWS, payloads
from terminal_ai.shell.pty import PtyMaster
from terminal_ai.shell.stream import IsOver, PtyStream
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.theme import DARK, palette_of
from terminal_ai.ui.view.strips import StripPainter, rich_style

BASE = RichStyle.parse("#d5dae2 on #15171c")
STRIP_CACHE_ROWS = 2_000
SLICE_SECONDS = 0.004
KEY_DEADLINE_SECONDS = 5.0


def redraw(frames: int) -> list[Row]:
    """Measure a frame in which every row is new, parsing left out."""
    rows = []
    console = Console(width=COLUMNS, height=ROWS, color_system="truecolor", file=None)
    for name in ("htop", "dense"):
        data = payloads(1)[name]
        ours: list[float] = []
        theirs: list[float] = []
        painter = StripPainter(palette_of(DARK), STRIP_CACHE_ROWS)
        terminal = Terminal(COLUMNS, ROWS, parser="fast")
        for number in range(frames):
            # The same frame with another letter: no row is like one painted before.
            terminal.feed(data + b"\x1b[%d;1H%d" % (ROWS, number))
            ours.append(_paint(painter, terminal))
            theirs.append(_paint_text(console, terminal))
        rows.append(
            Row(
                f"redraw {name}, median",
                statistics.median(ours) * 1e3,
                statistics.median(theirs) * 1e3,
                "one Text",
                "ms",
            )
        )
    return rows


def _paint(painter: StripPainter, terminal: Terminal) -> float:
    begun = time.perf_counter()
    for row in map(terminal.line, range(ROWS)):
        painter.paint(row, BASE, COLUMNS)
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


def key_to_strip(presses: int) -> list[Row]:
    """Measure a letter written to a pty until the strip that shows its echo."""
    ours = asyncio.run(_press_keys(presses, paints=True))
    bare = asyncio.run(_press_keys(presses, paints=False))
    name = "key to strip, p95"
    return [Row(name, percentile(ours, 95), percentile(bare, 95), "echo alone", "ms")]


async def _press_keys(presses: int, *, paints: bool) -> list[float]:
    terminal = Terminal(COLUMNS, ROWS, parser="fast")
    painter = StripPainter(palette_of(DARK), STRIP_CACHE_ROWS)
    echoed = asyncio.Event()

    def take(data: bytes, _is_over: IsOver) -> bytes:
        if paints:
            terminal.feed(data)
            painter.paint(terminal.line(terminal.cursor.row), BASE, COLUMNS)
        echoed.set()
        return b""

    milliseconds: list[float] = []
    with PtyMaster.spawn(
        [shutil.which("cat") or "cat"],
        environ={"PATH": os.defpath},
        cwd="/",
        columns=COLUMNS,
        rows=ROWS,
    ) as master:
        stream = PtyStream(
            master,
            chunk_bytes=65_536,
            slice_seconds=SLICE_SECONDS,
            on_data=take,
            on_slice_end=lambda: None,
            on_end=lambda: None,
        )
        stream.start()
        for _ in range(presses):
            echoed.clear()
            begun = time.perf_counter()
            stream.write(b"x")
            await asyncio.wait_for(echoed.wait(), KEY_DEADLINE_SECONDS)
            milliseconds.append((time.perf_counter() - begun) * 1e3)
        stream.stop()
    return milliseconds
