"""The list of models: choosing, loading, and what is said of each."""

import asyncio
import math
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from terminal_ai.errors import ServiceUnavailableError
from terminal_ai.records import (
    ModelInfo,
    ModelRole,
    ModelState,
    ModelStatus,
    ModelUsage,
    PullProgress,
)
from terminal_ai.ui.screens.models import ModelsScreen
from terminal_ai.ui.screens.models import screen as models_screen
from terminal_ai.ui.screens.models.row import ModelFacts, ModelRow, details

from .fakes import MODEL, AppUnderTest, FakeModels, ScriptedAnswerer, make_app
from .shown import shown
from .waiting import until

NARROW, WIDE = (80, 24), (120, 40)

CODER = ModelInfo(
    MODEL,
    digest="ab12",
    size_bytes=1_900_000_000,
    family="qwen2",
    parameters="3.1B",
    quantization="Q4_K_M",
    context_length=32_768,
    capabilities=("completion", "tools"),
)
SMALL = ModelInfo(
    "gemma3:1b",
    size_bytes=815_000_000,
    family="gemma3",
    parameters="999.89M",
    quantization="Q4_K_M",
    is_loaded=True,
    loaded_context_length=4_096,
    context_length=32_768,
    expires_at=math.inf,
    capabilities=("completion", "thinking"),
)
FAR = ModelInfo("gpt-oss:120b-cloud", remote_host="https://ollama.com")


async def open_models(
    pilot: Pilot[None], models: FakeModels, rows: int
) -> ModelsScreen:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    app.answerer.models = models
    await pilot.press("ctrl+backslash", "m")
    await until(pilot, lambda: isinstance(app.screen, ModelsScreen))
    await until(pilot, lambda: models.looks)
    await until(pilot, lambda: len(names(app)) == rows)
    screen = app.screen
    assert isinstance(screen, ModelsScreen)
    return screen


def names(app: AppUnderTest) -> list[str]:
    """Return the names in the list, from top to bottom."""
    listed = []
    for option in app.screen.query_one(OptionList).options:
        prompt = option.prompt
        name = prompt.facts.model.name if isinstance(prompt, ModelRow) else str(prompt)
        listed.append(name)
    return listed


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_every_fact_of_a_model_can_be_read(size: tuple[int, int]) -> None:
    used = {MODEL: ModelUsage(3, 4_321, 210, 12.5)}
    models = FakeModels([SMALL, FAR, CODER], usage=used)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await open_models(pilot, models, 3)
        # What answers stands first.
        assert names(app)[0] == MODEL
        text = shown(app)
        for fact in (
            f"● {MODEL}",
            "fixes and questions, short answers",
            "qwen2 · 3.1B · Q4_K_M · 1.8 GiB",
            "trained for 32,768 tokens",
            "can: completion, tools",
            "3 answers in 12.5 s, 4,321 tokens read, 210 written",
            "cold",
            "loaded",
            "cloud",
            "Enter fixes, questions",
        ):
            assert fact in text, fact
        await pilot.press("down")
        await until(
            pilot, lambda: "4,096 tokens loaded, trained for 32,768" in shown(app)
        )
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ModelsScreen))


async def test_the_time_a_loaded_model_has_left_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models_screen, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(models_screen, "LOOK_SECONDS", 600.0)
    now = time.time()
    clock = SimpleNamespace(time=lambda: now)
    monkeypatch.setattr(models_screen, "time", clock)
    models = FakeModels([replace(SMALL, expires_at=now + 245.0)])
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 1)
        assert "loaded 4:05" in shown(app)
        now += 60.0
        await until(pilot, lambda: "loaded 3:05" in shown(app))
        now += 600.0
        await until(pilot, lambda: "loaded 0 s" in shown(app))


async def test_typing_filters() -> None:
    models = FakeModels([SMALL, FAR, CODER])
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 3)
        await pilot.press(*"thinking")
        await until(pilot, lambda: names(app)[0] == SMALL.name)
        app.screen.query_one(Input).value = "qwen tools"
        await until(pilot, lambda: names(app) == [MODEL])
        app.screen.query_one(Input).value = ""
        await until(pilot, lambda: len(names(app)) == 3)


async def test_a_choice_holds_and_says_how_to_keep_it() -> None:
    models = FakeModels([SMALL, CODER])
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await open_models(pilot, models, 2)
        asked = app.answerer.status_calls
        app.screen.query_one(Input).value = "gemma"
        await until(pilot, lambda: names(app)[0] == SMALL.name)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: models.name(ModelRole.LIGHT) == SMALL.name)
        assert models.name(ModelRole.HEAVY) == MODEL
        await until(pilot, lambda: 'ai.light_model: "gemma3:1b"' in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: models.name(ModelRole.HEAVY) == SMALL.name)
        await until(pilot, lambda: 'ai.model: "gemma3:1b"' in shown(app))
        # The bar shows the new one without waiting for the next look.
        await until(pilot, lambda: app.answerer.status_calls > asked)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: app.clipboard == 'ai.model: "gemma3:1b"')


async def test_a_model_in_the_cloud_is_refused_with_the_reason() -> None:
    models = FakeModels([FAR])
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 1)
        await pilot.press("enter")
        await until(pilot, lambda: "runs in the cloud" in shown(app))
        await pilot.press("ctrl+l")
        assert models.names == {ModelRole.HEAVY: MODEL, ModelRole.LIGHT: ""}


async def test_loading_and_unloading() -> None:
    models = FakeModels([CODER], gate=asyncio.Event())
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 1)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "loading…" in shown(app))
        # Pressed again meanwhile it does nothing.
        await pilot.press("ctrl+o")
        assert models.gate is not None
        models.gate.set()
        await until(pilot, lambda: models.listed[0].is_loaded)
        await until(pilot, lambda: "loading…" not in shown(app))
        assert "cold" not in shown(app)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "cold" in shown(app))


async def test_a_load_that_fails_is_said() -> None:
    models = FakeModels([CODER])
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 1)
        models.error = ServiceUnavailableError("out of memory", hint="a smaller one")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "out of memory" in shown(app))


async def test_an_empty_list_says_what_to_do_and_a_name_downloads() -> None:
    answerer = ScriptedAnswerer(
        states=[ModelStatus(ModelState.MODEL_MISSING, MODEL)],
        steps=[PullProgress("pulling", 256 << 20, 1 << 30), PullProgress("success")],
        holds_at=1,
    )
    app = make_app(answerer=answerer)
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, FakeModels(), 0)
        await until(pilot, lambda: "No model is installed" in shown(app))
        await pilot.press(*"gemma3:270m")
        await until(pilot, lambda: names(app) == ["↓ download gemma3:270m"])
        await pilot.press("enter")
        await until(pilot, lambda: "256 MiB / 1.0 GiB" in shown(app))
        assert answerer.asked == ["gemma3:270m"]
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: answerer.closed == 1)


async def test_a_download_that_fails_is_said_though_the_model_is_ready() -> None:
    answerer = ScriptedAnswerer(error=ServiceUnavailableError("no such model"))
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await open_models(pilot, FakeModels(), 0)
        app.screen.query_one(Input).value = "nope:1b"
        await until(pilot, lambda: names(app) == ["↓ download nope:1b"])
        await pilot.press("enter")
        await until(pilot, lambda: "no such model" in shown(app))


async def test_the_model_bar_leads_to_the_others() -> None:
    missing = ModelStatus(ModelState.MODEL_MISSING, MODEL, "", (SMALL.name,))
    app = make_app(answerer=ScriptedAnswerer(states=[missing]))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: f"{MODEL} is not installed" in shown(app))
        await pilot.click("#model-others")
        await until(pilot, lambda: isinstance(app.screen, ModelsScreen))


async def test_a_service_that_is_away_is_said_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models_screen, "LOOK_SECONDS", 0.02)
    models = FakeModels(
        [CODER], error=ServiceUnavailableError("nobody is there", hint="ollama serve")
    )
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 0)
        await until(pilot, lambda: "nobody is there – ollama serve" in shown(app))
        models.error = None
        await until(pilot, lambda: names(app) == [MODEL])
        assert "nobody is there" not in shown(app)


async def test_names_from_a_service_control_nothing() -> None:
    evil = ModelInfo(
        "a\x1b[31m[b]x[/b]\u202e", family="\x1b]0;t\x07", parameters="9" * 99
    )
    models = FakeModels([evil, evil])
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await open_models(pilot, models, 2)
        text = shown(app)
        assert "[b]x[/b]" in text
        assert not set(text) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("width", range(1, 100, 7))
def test_a_row_is_as_wide_as_its_list(width: int) -> None:
    for model in (CODER, SMALL, FAR, replace(CODER, name="한국어" * 20)):
        row = ModelRow(ModelFacts(model, refusal="no"), now=0.0)
        assert row.content(width).cell_length == width


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert str(details(ModelFacts(ModelInfo("x")))) == "x"
