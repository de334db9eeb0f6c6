"""What the app tells the assistant of the terminal, and when."""

import pytest

from terminal_ai.records import (
    ModelState,
    ModelStatus,
    PrefetchState,
    RunningCommand,
)
from terminal_ai.ui.panels.model_bar import ModelBar
from terminal_ai.ui.view.immediate import RowsUpdate

from .fakes import ADVICE, EPOCH, MODEL, ScriptedAnswerer, make_app, record
from .shown import shown
from .waiting import until

WIDE = (120, 40)
RUNNING = RunningCommand("gti status", "/", EPOCH)


async def test_the_assistant_hears_of_commands_and_failures_in_order() -> None:
    app = make_app()
    failed = record()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.listener.command_started(RUNNING)
        app.fake.fail(failed, ADVICE)
        heard = app.answerer.told
        await until(pilot, lambda: failed in heard and (failed, ADVICE) in heard)
        assert heard.index("started") < heard.index((failed, ADVICE))


async def test_a_failure_without_advice_is_thought_about_too() -> None:
    app = make_app()
    failed = record()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(failed)
        await until(pilot, lambda: (failed, None) in app.answerer.told)


async def test_nobody_thinks_about_a_failure_while_the_next_command_runs() -> None:
    app = make_app()
    failed, last = record(), record(number=2)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.running = RUNNING
        app.fake.fail(failed, ADVICE)
        await until(pilot, lambda: failed in app.answerer.told)
        app.fake.running = None
        app.fake.fail(last, ADVICE)
        await until(pilot, lambda: (last, ADVICE) in app.answerer.told)
        assert (failed, ADVICE) not in app.answerer.told


async def test_the_model_is_loaded_once_it_is_known_to_be_there() -> None:
    missing = ModelStatus(ModelState.MODEL_MISSING, MODEL)
    ready = ModelStatus(ModelState.READY, MODEL)
    answerer = ScriptedAnswerer(states=[missing, ready])
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: answerer.status_calls)
        assert answerer.told == []
        app.query_one(ModelBar).post_message(ModelBar.Changed())
        await until(pilot, lambda: answerer.told == ["warm up"])


async def test_the_bar_says_that_the_model_is_asked_until_it_no_longer_is() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.answerer.status_calls)
        app.answerer.tell_prefetch("r1", PrefetchState.ASKING)
        app.answerer.tell_prefetch("r2", PrefetchState.ASKING)
        # The end of what was given up for it comes later.
        app.answerer.tell_prefetch("r1", PrefetchState.GIVEN_UP)
        await until(pilot, lambda: "● asking the model…" in shown(app))
        app.answerer.tell_prefetch("r2", PrefetchState.GIVEN_UP)
        await until(pilot, lambda: "asking the model…" not in shown(app))


async def test_the_bar_says_at_once_that_a_failure_is_looked_into() -> None:
    app = make_app(answerer=ScriptedAnswerer(thinks_ahead=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: MODEL in shown(app))
        app.fake.listener.command_finished(record(number=2))
        app.fake.last_failure = failed = record()
        app.fake.listener.command_finished(failed)
        await until(pilot, lambda: "● asking the model…" in shown(app))
        app.fake.listener.command_started(RUNNING)
        await until(pilot, lambda: "asking the model…" not in shown(app))


async def test_no_model_is_said_to_be_asked_that_is_not_there() -> None:
    away = ModelStatus(ModelState.UNAVAILABLE, MODEL, "Ollama does not answer.")
    app = make_app(answerer=ScriptedAnswerer(states=[away], thinks_ahead=True))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Ollama does not answer." in shown(app))
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: ADVICE.what in shown(app))
        assert "asking the model" not in shown(app)


async def test_the_bar_is_painted_without_waiting_for_the_next_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(answerer=ScriptedAnswerer(thinks_ahead=True))
    painted: list[str] = []

    def keep(_screen: object, renderable: object) -> None:
        # Textual's frames have updates of other kinds.
        if isinstance(renderable, RowsUpdate):
            painted.append(renderable.render_segments(app.console))

    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: MODEL in shown(app))
        monkeypatch.setattr(app, "_display", keep)
        app.fake.last_failure = failed = record()
        app.fake.listener.command_finished(failed)
        await until(pilot, lambda: failed in app.answerer.told)
        assert any("asking the model…" in text for text in painted)


async def test_the_bar_is_painted_before_the_prompt_that_came_with_the_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(answerer=ScriptedAnswerer(thinks_ahead=True))
    painted: list[str] = []

    def keep(_screen: object, renderable: object) -> None:
        if isinstance(renderable, RowsUpdate):
            painted.append(renderable.render_segments(app.console))

    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: MODEL in shown(app))
        monkeypatch.setattr(app, "_display", keep)
        app.fake.last_failure = failed = record()
        app.fake.listener.command_finished(failed)
        app.fake.output(b"the next prompt")
        await until(pilot, lambda: any("the next prompt" in text for text in painted))
    at_bar = next(n for n, text in enumerate(painted) if "asking the model…" in text)
    at_prompt = next(n for n, text in enumerate(painted) if "the next prompt" in text)
    assert at_bar < at_prompt
