"""What a search and a link's true address look like."""

from collections.abc import Callable
from typing import Literal

import pytest
from textual.pilot import Pilot

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

Compare = Callable[..., bool]
OUTPUT = (
    "\x1b[32mok\x1b[0m build finished\r\n"
    "\x1b[31mError\x1b[0m: 오류가 났습니다 error 42\r\n"
    "no errors here\r\n$ "
).encode()


def app_of(theme: Literal["dark", "light", "ansi"]) -> AppUnderTest:
    settings = Settings(
        interface=InterfaceSettings(theme=theme),
        profiler=ProfilerSettings(interval_seconds=60),
    )
    return make_app(settings, greeting=OUTPUT)


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
def test_a_search(
    snap_compare: Compare, theme: Literal["dark", "light", "ansi"]
) -> None:
    async def find(pilot: Pilot[None]) -> None:
        app = pilot.app
        await until(pilot, lambda: "error 42" in shown(app))
        await pilot.press("ctrl+backslash", "slash", *"error")
        await until(pilot, lambda: "1/3" in shown(app))
        await pilot.press("enter", "n")
        await until(pilot, lambda: "2/3" in shown(app))
        app.query_one("#find-input").can_focus = False
        app.screen.set_focus(None)
        await pilot.pause()

    assert snap_compare(app_of(theme), terminal_size=(80, 24), run_before=find)


def test_a_link_that_pretends(snap_compare: Compare) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AppUnderTest)
        link = (
            b"\x1b]8;;https://xn--80ak6aa92e.com/login\x07https://bank.com\x1b]8;;\x07"
        )
        app.fake.output(link)
        await pilot.press("ctrl+backslash", "l")
        await until(pilot, lambda: "bank.com" in shown(app))
        await pilot.pause()

    assert snap_compare(app_of("dark"), terminal_size=(80, 24), run_before=ask)
