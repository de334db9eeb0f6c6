"""The values of ``--optimized`` that the terminal has, each with all but it."""

import asyncio
import contextlib
import functools
import statistics
import time
from collections.abc import Iterator

from textual import events

from benchmarks.figures import Better, Row, compared, paired
from benchmarks.flood import SLOW_SHARE, megabytes_a_second, settle, write_log
from benchmarks.hosts import OURS, Bench, Hosted
from benchmarks.payloads import payloads
from benchmarks.running import Extent
from benchmarks.visible import opened_app
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config import AiSettings
from terminal_ai.config.settings import presets
from terminal_ai.safety.redact import redact
from terminal_ai.ui.theme import DARK, palette_of
from terminal_ai.ui.view.strips import StripPainter
from terminal_ai.ui.view.terminal_view import TerminalView

PAGES = 4
BATCHES = 3
"""A round: with and without differ little, and many short samples tell."""
FRAME_SECONDS = 0.03
"""A page is given the time to be painted before the next one is asked for."""
PROMPT_SECONDS = 30.0
LISTING_BYTES = 120_000
SOURCE_ROWS = 1_500
SOURCE_WORDS = ("def", "take", "(self,", "name:", "str", ")", "->", "Row:", "[")


def parser(bench: Bench, extent: Extent) -> list[Row]:
    """Show a log and an editor's screens through each of the two parsers."""
    key = "terminal.parser"
    log, screens = bench.home / "log", bench.home / "screens"
    write_log(log, extent.megabytes * 1_000_000 // SLOW_SHARE)
    screens.write_bytes(payloads(extent.payload // SLOW_SHARE)["vim"])
    with _both(bench, key) as (ours, base):
        return [
            _row(
                key,
                f"cat of {what}",
                paired(
                    functools.partial(megabytes_a_second, ours, path),
                    functools.partial(megabytes_a_second, base, path),
                    extent.rounds,
                ),
                "MB/s",
                "higher",
            )
            for what, path in (("a log", log), ("an editor's screens", screens))
        ]


def read_chunk(bench: Bench, extent: Extent) -> list[Row]:
    """Let a flood through, read and parsed in large pieces and in small ones."""
    key = "performance.read_chunk_bytes"
    log = bench.home / "log"
    write_log(log, extent.megabytes * 1_000_000)

    def flood(hosted: Hosted) -> float:
        return log.stat().st_size / 1e6 / megabytes_a_second(hosted, log)

    with _both(bench, key) as (ours, base):
        seconds = paired(
            functools.partial(flood, ours),
            functools.partial(flood, base),
            extent.rounds,
        )
    return [_row(key, f"{extent.megabytes} MB of log", seconds, "s")]


def strip_cache(_bench: Bench, extent: Extent) -> list[Row]:
    """Page back and forth over rows that have been painted before, in one app.

    All that a frame costs is measured, in processor time; only the painter changes
    from one batch of pages to the next.
    """
    key = "performance.strip_cache_rows"
    contents = {"a listing": payloads(LISTING_BYTES)["ls"], "source": _source()}
    return [
        _row(
            key,
            f"a frame that scrolls {name}",
            asyncio.run(_frames(data, BATCHES * extent.rounds)),
            "ms",
        )
        for name, data in contents.items()
    ]


async def _frames(data: bytes, rounds: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of processor time a frame, with kept rows and without."""
    milliseconds: tuple[list[float], list[float]] = ([], [])
    palette = palette_of(DARK)
    rows = presets()["optimized"]["performance.strip_cache_rows"]
    assert isinstance(rows, int)
    painters = (StripPainter(palette, rows), StripPainter(palette, 0))
    ai = AiSettings(enabled=False)
    assistant = Assistant(ai, provider=OllamaProvider(ai), redact=redact, language="en")
    async with opened_app(assistant) as (app, session, ears):
        await asyncio.wait_for(ears.prompt.wait(), PROMPT_SECONDS)
        session.terminal.feed(data)
        view = app.screen.query_one(TerminalView)
        for painter in painters:
            view._painter = painter
            await _page(view)
        for number in range(rounds):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                view._painter = painters[side]
                begun = time.thread_time()
                await _page(view)
                spent = (time.thread_time() - begun) * 1e3
                milliseconds[side].append(spent / (2 * PAGES))
    await assistant.close()
    return milliseconds


async def _page(view: TerminalView) -> None:
    """Go some pages up, and down again."""
    for key in ("shift+pageup", "shift+pagedown"):
        for _ in range(PAGES):
            view.post_message(events.Key(key, None))
            await asyncio.sleep(FRAME_SECONDS)


def _source() -> bytes:
    """Return this file's kind of text as highlighters print it: a colour a word."""
    lines = []
    for number in range(SOURCE_ROWS):
        words = SOURCE_WORDS[number % 7 :] + SOURCE_WORDS[: number % 7]
        colored = (
            f"\x1b[38;5;{31 + (number + at) % 200}m{word}"
            for at, word in enumerate(words)
        )
        lines.append(f"\x1b[2m{number:5d}\x1b[0m {' '.join(colored)}\x1b[0m\r\n")
    return "".join(lines).encode()


def _row(
    key: str,
    name: str,
    samples: tuple[list[float], list[float]],
    unit: str,
    better: Better = "lower",
) -> Row:
    base = str(presets()["base"][key]).lower()
    return compared(
        f"{key}: {name}", *samples, base, unit, better, of=statistics.median
    )


@contextlib.contextmanager
def _both(bench: Bench, key: str) -> Iterator[tuple[Hosted, Hosted]]:
    with bench.run(OURS) as ours, bench.run(OURS, without=key) as base:
        for hosted in (ours, base):
            settle(hosted)
        yield ours, base
