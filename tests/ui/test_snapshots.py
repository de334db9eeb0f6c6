"""What the screen looks like: six pictures at a fixed size, theme and content.

Accept a wanted change with ``pytest tests/ui/test_snapshots.py --snapshot-update``.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Markdown

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings
from terminal_ai.records import ResourceUsage
from terminal_ai.ui.panels import answer_section
from terminal_ai.ui.panels.suggestion_row import SuggestionRow

from .fakes import (
    ADVICE,
    AppUnderTest,
    ScriptedAnswerer,
    answer_updates,
    make_app,
    record,
)
from .shown import shown
from .waiting import until

Compare = Callable[..., bool]
ThemeName = Literal["dark", "light", "ansi"]

WIDE, NARROW = (120, 40), (80, 24)
PROMPT = b"\x1b[1;32mada@host\x1b[0m:\x1b[1;34m~/project\x1b[0m$ "
FAILED = PROMPT + b"gti status\r\nbash: gti: command not found\r\n" + PROMPT
KEPT = [
    record("gti status", 127, "bash: gti: command not found\n", 4),
    replace(
        record("make test", 2, "3 passed, 1 failed\n", 3),
        resources=ResourceUsage(1.25, 0.5, 45 << 20, 3 << 20, 300 << 10),
    ),
    record("git push", 0, "Everything up-to-date\n", 2),
    record("ls", 0, "README.md\n", 1),
]


def app_of(
    theme: ThemeName = "dark", answerer: ScriptedAnswerer | None = None
) -> AppUnderTest:
    settings = Settings(
        interface=InterfaceSettings(theme=theme),
        profiler=ProfilerSettings(interval_seconds=60),
    )
    return make_app(settings, answerer=answerer, greeting=FAILED, kept=KEPT)


async def fail(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    await until(pilot, lambda: "qwen2.5-coder" in shown(app))
    app.fake.fail(record(), ADVICE)
    await until(pilot, lambda: len(app.query(SuggestionRow)) == 3)
    await pilot.pause()


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
def test_a_failure_in_each_theme(snap_compare: Compare, theme: ThemeName) -> None:
    assert snap_compare(app_of(theme), terminal_size=WIDE, run_before=fail)


def test_the_start(snap_compare: Compare) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "qwen2.5-coder" in shown(pilot.app))

    assert snap_compare(app_of(), terminal_size=WIDE, run_before=wait)


def test_an_answer_that_streams(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerer = ScriptedAnswerer(updates=answer_updates(), holds_at=8)
    monkeypatch.setattr(answer_section, "CLOCK_SECONDS", 1e9)

    async def ask(pilot: Pilot[None]) -> None:
        app = pilot.app
        await fail(pilot)
        await pilot.press("f5")
        await until(pilot, lambda: "program is" in app.query_one(Markdown).source)
        await until(pilot, lambda: "writing" in shown(app))
        await pilot.pause()

    assert snap_compare(app_of(answerer=answerer), terminal_size=WIDE, run_before=ask)


def test_a_narrow_screen_with_the_assistant_over_it(snap_compare: Compare) -> None:
    async def show(pilot: Pilot[None]) -> None:
        await fail(pilot)
        await pilot.press("f2", "tab")
        await pilot.pause()

    assert snap_compare(app_of(), terminal_size=NARROW, run_before=show)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_utc")
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("theme", ["dark", "ansi"])
def test_the_history(
    snap_compare: Compare, theme: ThemeName, size: tuple[int, int]
) -> None:
    async def show(pilot: Pilot[None]) -> None:
        await pilot.press("f4")
        await until(pilot, lambda: "make test" in shown(pilot.app))
        await pilot.press("ctrl+t", *"test")
        await until(pilot, lambda: "1 command" in shown(pilot.app))
        await until(pilot, lambda: "1 failed" in shown(pilot.app))
        pilot.app.screen.query_one(Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(app_of(theme), terminal_size=size, run_before=show)


@pytest.mark.usefixtures("in_utc")
def test_what_is_exported(snap_compare: Compare) -> None:
    async def show(pilot: Pilot[None]) -> None:
        await pilot.press("f4")
        await until(pilot, lambda: "make test" in shown(pilot.app))
        await pilot.press("tab", "x")
        await until(pilot, lambda: "asciicast" in shown(pilot.app))
        pilot.app.screen_stack[-2].query_one(Input).cursor_blink = False
        await pilot.pause()

    assert snap_compare(app_of(), terminal_size=NARROW, run_before=show)


def test_the_help(snap_compare: Compare) -> None:
    async def show(pilot: Pilot[None]) -> None:
        await pilot.press("f1")
        await until(pilot, lambda: "Ask the model about" in shown(pilot.app))
        pilot.app.screen.query_one("Input").blur()
        await pilot.pause()

    assert snap_compare(app_of(), terminal_size=NARROW, run_before=show)
