"""How often the screen is laid out, and that once is enough."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual._compositor import Compositor
from textual.containers import Vertical
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from terminal_ai.config import ProfilerSettings, Settings
from terminal_ai.records import Advice, PrefetchState
from terminal_ai.ui.panels.answer_section import AnswerSection
from terminal_ai.ui.panels.cards import FailureCard
from terminal_ai.ui.view.frames import FRAME_SECONDS
from terminal_ai.ui.view.layout_once import changing, show_text

from .fakes import ADVICE, MODEL, AppUnderTest, ScriptedAnswerer, make_app, record
from .shown import shown
from .waiting import until

WIDE, LOW = (120, 40), (110, 14)


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    """Return a list that grows with each call of a method of the compositor."""
    calls: list[object] = []
    method: Callable[..., object] = getattr(Compositor, name)

    def call(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        return method(*arguments, **options)

    monkeypatch.setattr(Compositor, name, call)
    return calls


NO_CLOCK = Settings(profiler=ProfilerSettings(enabled=False))
"""The profiler is drawn once a second, whatever else happens."""


async def settled(app: AppUnderTest, pilot: Pilot[None]) -> None:
    """Wait until nothing has been laid out for some frames."""
    before = -1
    while before != app._main.layouts:
        before = app._main.layouts
        await pilot.pause(6 * FRAME_SECONDS)


async def fail(
    app: AppUnderTest, pilot: Pilot[None], number: int, advice: Advice = ADVICE
) -> None:
    app.fake.fail(record(f"failure{number}", number=number), advice)
    cards = app._main.assistant._cards
    await until(
        pilot,
        lambda: any(
            card.record.id == f"r{number}" and card.size
            for card in cards.query(FailureCard)
        ),
    )
    await settled(app, pilot)


async def test_a_failure_costs_one_layout_and_one_arrangement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(NO_CLOCK, answerer=ScriptedAnswerer(thinks_ahead=True))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: MODEL in shown(app))
        for number in range(3):  # until there is a scroll bar
            await fail(app, pilot, number)
        assert app._main.assistant._scroll.show_vertical_scrollbar
        arrangements = counted(monkeypatch, "_arrange_root")
        layouts = app._main.layouts
        app._tell_prefetch("r3", PrefetchState.ASKING)
        await fail(app, pilot, 3)
        assert shown(app).count("asking the model…") == 2  # in the bar and in the card
        assert app._main.layouts - layouts == 1
        assert len(arrangements) == 1
        app._tell_prefetch("r3", PrefetchState.READY)
        await until(pilot, lambda: "answer ready" in shown(app))
        await settled(app, pilot)
        assert app._main.layouts - layouts == 1


async def test_a_layout_after_scrolling_arranges_once_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(NO_CLOCK)
    async with app.run_test(size=WIDE) as pilot:
        for number in range(3):
            await fail(app, pilot, number)
        app._main.assistant.action_scroll_cards(-1)
        await settled(app, pilot)
        compositor = app._main._compositor
        compositor.reflow_visible(app._main, app.size)
        arrangements = counted(monkeypatch, "_arrange_root")
        compositor.reflow(app._main, app.size)
        assert compositor.full_map
        assert len(arrangements) == 1


async def test_a_layout_right_after_another_would_change_nothing() -> None:
    app = make_app(NO_CLOCK)
    async with app.run_test(size=LOW) as pilot:
        # The cards come to need a scroll bar, and lose their room for it.
        for number in range(1, 6):
            suggestion = replace(ADVICE.suggestions[0], command="git status " * number)
            advice = replace(
                ADVICE,
                why="word " * 12 * number,
                suggestions=(suggestion,) * (number % 3),
            )
            await fail(app, pilot, number, advice)
            before, picture = places(app), shown(app)
            app._main.refresh(layout=True)
            await settled(app, pilot)
            assert places(app) == before
            assert shown(app) == picture
        assert app._main.assistant._scroll.show_vertical_scrollbar


def places(app: AppUnderTest) -> dict[Widget, object]:
    compositor = app.screen._compositor
    return {widget: place.region for widget, place in compositor.full_map.items()}


async def test_while_a_change_is_not_complete_the_terminal_is_painted_on() -> None:
    app = make_app(NO_CLOCK, greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await settled(app, pilot)
        layouts = app._main.layouts
        with changing(app._main.assistant):
            app._main.assistant._welcome.update("1\n2\n3\n4\n5\nsix")
            app.fake.output(b"echo")
            app._main.tell("told in the bar")
            await settled(app, pilot)
            assert "$ echo" in shown(app)
            assert "told in the bar" in shown(app)
            assert app._main.layouts == layouts
        await until(pilot, lambda: "six" in shown(app))
        assert app._main.layouts == layouts + 1


async def test_a_text_of_the_same_height_is_shown_without_a_layout() -> None:
    app = make_app(NO_CLOCK)
    async with app.run_test(size=WIDE) as pilot:
        await settled(app, pilot)
        welcome = app._main.assistant.query_one("#welcome", Static)
        show_text(welcome, Content("one\ntwo"))
        await until(pilot, lambda: "two" in shown(app))
        await settled(app, pilot)
        layouts = app._main.layouts
        show_text(welcome, Content("three\nfour"))
        await until(pilot, lambda: "four" in shown(app))
        assert app._main.layouts == layouts
        show_text(welcome, Content("five\nsix\nseven"))
        await until(pilot, lambda: "seven" in shown(app))
        assert app._main.layouts == layouts + 1


async def test_the_seconds_of_a_wait_cost_a_layout_only_with_another_digit() -> None:
    app = make_app(NO_CLOCK)
    async with app.run_test(size=WIDE) as pilot:
        await settled(app, pilot)
        section = AnswerSection()
        await app._main.assistant._cards.mount(Vertical(section, classes="card"))
        assert section._clock is not None
        section._clock.stop()
        for seconds, is_laid_out in ((3, True), (4, False), (9, False), (12, True)):
            await settled(app, pilot)
            layouts = app._main.layouts
            section._started_at = time.monotonic() - seconds - 0.5
            section._show_phase()
            assert f"… {seconds} s" in str(section._state.content)
            await settled(app, pilot)
            assert (app._main.layouts > layouts) == is_laid_out, seconds
