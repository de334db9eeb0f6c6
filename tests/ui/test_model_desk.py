"""How often the service is asked how it is."""

import asyncio
import time

import pytest
from textual import events

from terminal_ai.records import ModelState, ModelStatus
from terminal_ai.ui.desks.model_desk import (
    WATCH_LIMIT_SECONDS,
    WATCH_SECONDS,
    ModelDesk,
)
from terminal_ai.ui.texts import model_label

from .fakes import MODEL, ScriptedAnswerer, make_app
from .shown import shown
from .waiting import until

READY = ModelStatus(ModelState.READY, MODEL, is_loaded=True)
COLD = ModelStatus(ModelState.READY, MODEL)
AWAY = ModelStatus(ModelState.UNAVAILABLE, MODEL, "Nobody answers.")
OFF = ModelStatus(ModelState.DISABLED, MODEL)
LONG = WATCH_LIMIT_SECONDS
RETRY = 7.0


async def pauses(*states: ModelStatus) -> list[float]:
    """Return the seconds between the looks at these states, until it is off."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    app = make_app(answerer=ScriptedAnswerer(states=[*states, OFF]))
    async with app.run_test():
        app.answerer.status_calls = 0
        desk = ModelDesk(
            app, app._main, app.answerer, app.vitals, retry_seconds=RETRY, sleep=sleep
        )
        await desk.watch()
    return slept[:-1]


async def test_a_service_that_says_the_same_is_asked_less_and_less() -> None:
    slept = await pauses(READY, READY, READY, READY, READY)
    assert slept == [WATCH_SECONDS, 10.0, LONG, LONG, LONG]


async def test_a_change_is_followed_closely() -> None:
    slept = await pauses(READY, READY, READY, COLD, COLD)
    assert slept == [WATCH_SECONDS, 10.0, LONG, WATCH_SECONDS, 10.0]


async def test_a_service_that_is_away_is_looked_for_as_the_setting_says() -> None:
    assert await pauses(AWAY, AWAY, READY, AWAY) == [RETRY, RETRY, WATCH_SECONDS, RETRY]


async def test_what_is_off_is_left_alone() -> None:
    assert await pauses() == []


async def test_a_service_that_dies_while_nothing_is_asked_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("terminal_ai.ui.desks.model_desk.WATCH_SECONDS", 0.01)
    answerer = ScriptedAnswerer(states=[READY, READY, AWAY])
    app = make_app(answerer=answerer)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Nobody answers." in shown(app))


async def test_nobody_is_asked_while_the_window_is_not_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("terminal_ai.ui.desks.model_desk.WATCH_SECONDS", 0.01)
    app = make_app(answerer=ScriptedAnswerer(states=[READY]))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.answerer.status_calls > 2)
        app.post_message(events.AppBlur())
        await until(pilot, lambda: not app.app_focus)
        asked = app.answerer.status_calls
        await asyncio.sleep(0.1)
        assert app.answerer.status_calls <= asked + 1
        asked = app.answerer.status_calls
        app.post_message(events.AppFocus())
        await until(pilot, lambda: app.answerer.status_calls > asked)


@pytest.mark.parametrize(
    ("status", "label"),
    [
        (COLD, f"{MODEL} · cold"),
        (READY, MODEL),
        (ModelStatus(ModelState.READY, MODEL, is_loaded=True, expires_at=1e12), None),
    ],
)
def test_the_bar_tells_whether_the_model_is_loaded(
    status: ModelStatus, label: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e12 - 241.0)
    assert model_label(status) == (label or f"{MODEL} · 5m")
