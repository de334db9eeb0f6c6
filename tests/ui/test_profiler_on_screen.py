"""The panel on the screen: live while it is seen, sorted by keys and mouse."""

import re
from dataclasses import replace

import pytest

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.config.settings import ProfilerSettings, Settings
from terminal_ai.records import AnswerFigures, ModelUsage
from terminal_ai.safety.redact import redact
from terminal_ai.telemetry.alerts import Signal
from terminal_ai.ui.panels.pipeline_block import pipeline_lines
from terminal_ai.ui.panels.profiler_panel import ProfilerPanel, VitalsView
from tests.assistant.making import collect, make_record, make_settings
from tests.ollama_server import Behaviour, OllamaServer
from utils.profiler import FunctionTiming

from .fakes import MODEL, AppUnderTest, ScriptedAnswerer, make_app
from .shown import shown
from .test_profiler_panel import BUSY, QUIET
from .waiting import until

SOON = Settings(profiler=ProfilerSettings(interval_seconds=0.1))
CHEAP = FunctionTiming("cheap", 900, 0.1, 0, 0, 0, 0, 0.2)
DEAR = FunctionTiming("block.dear", 1, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0)
SIZE = (120, 40)
WIDE_COLUMNS = 120


class Timed:
    """Functions with the figures that a test gives them."""

    def timings(self) -> tuple[FunctionTiming, ...]:
        return CHEAP, DEAR


def app_with_functions(size: Settings = SOON) -> AppUnderTest:
    app = make_app(size)
    app.vitals._timings = Timed()
    return app


def first_function(app: AppUnderTest) -> str:
    rows = shown(app).splitlines()
    at = next(number for number, row in enumerate(rows) if "function" in row)
    return "dear" if "dear" in rows[at + 1] else "cheap"


async def test_figures_are_live_and_cost_nothing_while_hidden() -> None:
    app = make_app(SOON)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "CPU" in shown(app) and "2.5 %" in shown(app))
        assert "5.0 MiB" in shown(app)
        await until(pilot, lambda: app.sampler.samples > 2)
        await pilot.press("f3")
        await until(pilot, lambda: "2.5 %" not in shown(app))
        seen = app.sampler.samples
        await pilot.pause(0.3)
        assert app.sampler.samples == seen
        await pilot.press("f3")
        await until(pilot, lambda: app.sampler.samples > seen + 1)


async def test_it_looks_as_often_as_the_settings_say() -> None:
    app = make_app(Settings(profiler=ProfilerSettings(interval_seconds=60.0)))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "CPU" in shown(app))
        timer = app.screen.query_one(ProfilerPanel)._timer
        assert timer is not None
        assert timer._interval == 60.0


async def test_the_assistants_figures_are_live() -> None:
    answerer = ScriptedAnswerer()
    app = make_app(SOON, answerer=answerer)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "threads" in shown(app))
        assert "cache " not in shown(app)
        answerer.cache_figures = BUSY.tiers
        answerer.figures = BUSY.queue
        answerer.prefetches = BUSY.prefetches
        answerer.models.usage[MODEL] = BUSY.usage
        await until(pilot, lambda: "memory 3/5 · disk 1/2" in shown(app))
        assert "3 asked · 2 used · 1 wasted" in shown(app)
        assert "loaded" in shown(app)
        assert "model 97 % 1.4s · app 3 % 42ms" in shown(app)
        answerer.models.usage[MODEL] = ModelUsage(
            newest=AnswerFigures(model_seconds=1.0, wall_seconds=2.0)
        )
        await until(pilot, lambda: "model 50 % 1.0s · app 50 % 1.0s" in shown(app))


async def test_a_click_at_a_head_sorts_and_takes_no_key() -> None:
    app = app_with_functions()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "total▼" in shown(app))
        assert first_function(app) == "dear"
        x, y = _place_of(app, "calls")
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: "calls▼" in shown(app))
        assert first_function(app) == "cheap"
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: "calls▲" in shown(app))
        assert first_function(app) == "dear"
        assert app.focused is app.view
        await pilot.press("left", "enter", "x")
        assert app.fake.sent == b"\x1b[D\rx"


async def test_the_leader_lets_the_keys_sort_until_they_are_given_back() -> None:
    app = app_with_functions()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "total▼" in shown(app))
        await pilot.press("f3", "ctrl+backslash", "o")
        await until(pilot, lambda: "Enter turns" in shown(app))
        await pilot.press("left")
        await until(pilot, lambda: "calls▼" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "calls▲" in shown(app))
        assert app.fake.sent == b""
        await pilot.press("escape")
        await until(pilot, lambda: "Enter turns" not in shown(app))
        await pilot.press("left")
        assert app.fake.sent == b"\x1b[D"


async def test_a_letter_is_the_shells_even_there() -> None:
    app = app_with_functions()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+backslash", "o", "l", "s")
        assert app.fake.sent == b"ls"
        assert app.focused is app.view


async def test_an_alert_stands_on_top_while_it_lasts() -> None:
    app = make_app(SOON)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "threads" in shown(app))
        alerts = app.telemetry.alerts
        now = [0.0]
        alerts._clock = lambda: now[0]
        for now[0] in (0.0, 60.0):
            alerts.check({(Signal.LOOP_LAG, ""): 0.5})
        await until(pilot, lambda: "▲ The app reacts" in shown(app))
        for now[0] in (100.0, 160.0):
            alerts.check({(Signal.LOOP_LAG, ""): 0.0})
        await until(pilot, lambda: "▲ The app reacts" not in shown(app))


async def test_what_has_not_changed_is_not_painted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = app_with_functions(Settings(profiler=ProfilerSettings(interval_seconds=60)))
    async with app.run_test(size=SIZE) as pilot:
        view = app.query_one(VitalsView)
        await until(pilot, lambda: "total▼" in shown(app))
        regions: list[object] = []
        monkeypatch.setattr(
            view, "refresh", lambda *each, **_rest: regions.extend(each or ["all"])
        )
        app.query_one(ProfilerPanel).show_sample()
        # The four sparklines have one bar more, and all else is as it was.
        assert len(regions) == 4


async def test_the_head_stays_in_sight_while_the_rows_are_read() -> None:
    app = make_app(SOON)
    many = tuple(replace(CHEAP, name=f"f{number}") for number in range(60))

    class Many:
        def timings(self) -> tuple[FunctionTiming, ...]:
            return many

    app.vitals._timings = Many()
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: "threads" in shown(app))
        view = app.query_one(VitalsView)
        view.scroll_end(animate=False)
        await until(pilot, lambda: "f44 " in shown(app))
        top = view.region.y
        assert "total▼" in shown(app).splitlines()[top]


def _place_of(app: AppUnderTest, text: str) -> tuple[int, int]:
    for y, row in enumerate(shown(app).splitlines()):
        if text in row and "total" in row:
            return row.index(text), y
    raise AssertionError(f"{text} is not shown")


async def test_a_servers_known_delays_are_shown() -> None:
    """The stub tells its delays as Ollama tells its durations."""
    delays = Behaviour(load_seconds=0.4, first_token_seconds=0.2, token_seconds=0.001)
    with OllamaServer(behaviour=delays) as server:
        # Not kept, a model is loaded by the request itself: the server tells how long.
        settings = make_settings(server.url, keep_alive="0")
        assistant = Assistant(
            settings, provider=OllamaProvider(settings), redact=redact, language="en"
        )
        await collect(assistant.answer(Inquiry.about(make_record())))
        await assistant.close()
    usage = assistant.models.usage["tiny"]
    lines = pipeline_lines(replace(QUIET, usage=usage), WIDE_COLUMNS)
    told = " ".join(" ".join(line.plain for line in lines).split())
    assert _milliseconds(told, r"load (\S+)") == pytest.approx(400, rel=0.05)
    assert _milliseconds(told, r"tokens (\S+) ·") == pytest.approx(200, rel=0.05)
    assert f"prompt {usage.newest.prompt_tokens} tokens" in told
    worked = usage.newest.model_seconds
    assert worked is not None
    assert _milliseconds(told, r"model \d+ % (\S+)") == pytest.approx(
        worked * 1e3, rel=0.05
    )


def _milliseconds(told: str, pattern: str) -> float:
    found = re.search(pattern, told)
    assert found is not None
    value, unit = found[1].rstrip("mµs"), found[1].lstrip("0123456789.")
    return float(value) * {"µs": 1e-3, "ms": 1.0, "s": 1e3}[unit]
