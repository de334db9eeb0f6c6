"""What programs say is shown as theirs, rarely enough, and marks nothing up."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets._toast import Toast

from terminal_ai.config import Settings, TerminalSettings
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Bell,
    ClipboardWritten,
    Event,
    Notification,
)
from terminal_ai.ui.event_gate import NOTICE_BURST, EventGate, RateLimit

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

MARKUP = "[@click=app.quit]x[/oops] [bold"
SIZE = (120, 40)


def app_with(bell: Literal["visual", "host", "off"] = "visual") -> AppUnderTest:
    return make_app(Settings(terminal=TerminalSettings(bell=bell)))


def send(app: AppUnderTest, *sent: Event) -> None:
    for event in sent:
        app.fake.listener.terminal_event(event)


@given(
    st.integers(1, 5),
    st.floats(0.1, 10),
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_a_rate_is_never_above_its_limit(
    burst: int, interval: float, waits: list[float]
) -> None:
    limit = RateLimit(burst, interval)
    now, admitted = 0.0, list[float]()
    for wait in waits:
        now += wait
        if limit.admits(now):
            admitted.append(now)
    assert admitted[0] == waits[0]
    for first, start in enumerate(admitted):
        for count, end in enumerate(admitted[first:], start=1):
            assert count <= burst + (end - start) / interval + 1e-6


def test_a_flood_is_held_back_and_other_events_are_not() -> None:
    gate = EventGate(clock=lambda: 5.0)
    notices = [gate.admits(Notification("t", "b")) for _ in range(100)]
    assert sum(notices) == NOTICE_BURST
    assert [gate.admits(Bell()) for _ in range(3)] == [True, False, False]
    assert all(gate.admits(AlternateScreenChanged(True)) for _ in range(100))


async def test_a_notice_is_the_programs_own_and_literal() -> None:
    app = app_with()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        send(app, Notification("Build " + MARKUP, "done \x1b[31m\x9b" + MARKUP))
        await until(pilot, lambda: "done" in shown(app))
        text = shown(app)
        assert "(from the program)" in text
        assert "[@click=app.quit]x[/oops]" in text
        assert not {"\x1b", "\x9b"} & set(text)
        assert app.is_running


async def test_many_notices_do_not_cover_the_screen() -> None:
    app = app_with()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        send(app, *(Notification("", f"notice {number}") for number in range(50)))
        await until(pilot, lambda: "notice 0" in shown(app))
        assert len(app.query(Toast)) <= NOTICE_BURST


@pytest.mark.parametrize("bell", ["visual", "host", "off"])
async def test_the_bell_is_seen_heard_or_neither(
    monkeypatch: pytest.MonkeyPatch, bell: Literal["visual", "host", "off"]
) -> None:
    rings: list[int] = []
    app = app_with(bell)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        monkeypatch.setattr(app, "bell", lambda: rings.append(1))
        send(app, *[Bell()] * 20)
        await pilot.pause()
        assert ("♪ bell" in shown(app)) == (bell == "visual")
        assert len(rings) == (bell == "host")
        app._main.status._end_bell()
        await until(pilot, lambda: "♪ bell" not in shown(app))


async def test_a_copy_by_the_program_is_made_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[str] = []
    app = app_with()
    monkeypatch.setattr(app._program_notices, "_copy", copied.append)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        send(app, ClipboardWritten("c", "text " + MARKUP), ClipboardWritten("c", ""))
        await until(pilot, lambda: "put text on the clipboard" in shown(app))
        assert copied == ["text " + MARKUP]
