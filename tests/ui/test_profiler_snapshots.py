"""What the profiler looks like: the panel over the terminal, and a profile."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
from textual.pilot import Pilot

from terminal_ai.config.settings import InterfaceSettings, ProfilerSettings, Settings
from terminal_ai.telemetry.alerts import Alert, Signal
from terminal_ai.ui.screens.profile import ProfileScreen
from utils.profiler import FunctionTiming

from .fakes import AppUnderTest, make_app
from .shown import shown
from .test_profile_screen import TAKEN
from .test_profiler_panel import BUSY
from .waiting import until

Compare = Callable[..., bool]
ThemeName = Literal["dark", "light", "ansi"]
NARROW = (80, 24)
TIMINGS = tuple(
    FunctionTiming(name, 7, 0.7, 0.1, 0.1, 0.2, 0.3, 1.4, slow_calls=slow)
    for name, slow in (("block.ui.paint", 0), ("session.read", 2), ("key.echo", 0))
)
ALERT = Alert(Signal.SLOW_OPERATION, "key.echo", 1.0, 1.4, 1_700_000_000.0)


def app_of(theme: ThemeName) -> AppUnderTest:
    settings = Settings(
        interface=InterfaceSettings(theme=theme),
        profiler=ProfilerSettings(interval_seconds=60),
    )
    return make_app(settings)


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
def test_the_panel_over_the_terminal(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, theme: ThemeName
) -> None:
    app = app_of(theme)
    vitals = replace(BUSY, timings=TIMINGS, alerts=(ALERT,))
    monkeypatch.setattr(app.vitals, "read", lambda: vitals)

    async def show(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "qwen2.5-coder" in shown(app))
        await pilot.press("f3")
        await until(pilot, lambda: "session.read" in shown(app))
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=show)


def test_a_profile(snap_compare: Compare) -> None:
    app = app_of("dark")

    async def show(pilot: Pilot[None]) -> None:
        app.push_screen(ProfileScreen(TAKEN))
        await until(pilot, lambda: "▏paint" in shown(app))
        await pilot.press("down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=show)
