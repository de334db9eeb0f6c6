import dataclasses

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Collapsible, Input, Markdown, ProgressBar

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.config import AiSettings, Settings
from terminal_ai.errors import ModelMissingError, ServiceUnavailableError
from terminal_ai.records import (
    AnswerPhase,
    AnswerUpdate,
    ModelState,
    ModelStatus,
    PullProgress,
    Risk,
    Suggestion,
)
from terminal_ai.ui.panels.assistant_panel import CARDS_LIMIT, AssistantPanel
from terminal_ai.ui.panels.cards import FailureCard
from terminal_ai.ui.panels.model_bar import ModelBar
from terminal_ai.ui.panels.suggestion_row import SuggestionRow

from .fakes import (
    ADVICE,
    ANSWER,
    MODEL,
    AppUnderTest,
    ScriptedAnswerer,
    answer_updates,
    make_app,
    record,
)
from .shown import shown
from .waiting import until

WIDE = (120, 40)


def rows(app: AppUnderTest) -> list[SuggestionRow]:
    return list(app.query(SuggestionRow))


async def test_a_failure_becomes_a_card_with_words_for_its_risks() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: len(rows(app)) == 3)
        await until(pilot, lambda: ADVICE.what in shown(app))
        text = shown(app)
        for part in (
            "gti status", "exit 127", "gti was not found", "No program of this name",
            "▏ bash: gti: command not found", "git status", "safe", "caution", "danger",
        ):  # fmt: skip
            assert part in text
        assert app.focused is app.view, "a card does not take the keyboard"


async def test_code_in_a_card_is_shown_without_the_signs_of_markdown() -> None:
    app = make_app()
    fix = Suggestion("npm run build", Risk.SAFE, "the **only** one `npm run` has", 0.9)
    advice = dataclasses.replace(
        ADVICE, what="`build` is missing.", why="See `npm run`.", suggestions=(fix,)
    )
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), advice)
        await until(pilot, lambda: len(rows(app)) == 1)
        await until(pilot, lambda: "build is missing." in shown(app))
        for part in ("See npm run.", "the only one npm run has"):
            assert part in shown(app)


async def test_a_card_names_where_to_read_on() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        see = ("man git-push", "go\n-h")
        app.fake.fail(record(), dataclasses.replace(ADVICE, see=see))
        await until(pilot, lambda: "Read on:" in shown(app))
        assert "Read on: man git-push · go⏎-h" in shown(app)


async def test_the_place_key_places_the_best_suggestion_without_enter() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f6")
        assert "no suggestion" in shown(app)
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: len(rows(app)) == 3)
        await pilot.press("f6")
        assert app.fake.placed == ["git status"]
        assert app.fake.pressed == []


async def test_a_number_after_the_leader_places_that_suggestion() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(
            record(), dataclasses.replace(ADVICE, suggestions=ADVICE.suggestions[:2])
        )
        await until(pilot, lambda: len(rows(app)) == 2)
        await pilot.press("ctrl+backslash", "2", "ctrl+backslash", "3")
        assert app.fake.placed == ["sudo apt install gti"]


async def test_tab_goes_through_the_suggestions_and_enter_places() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: len(rows(app)) == 3)
        await pilot.press("f2", "tab", "tab")
        assert [row.is_target for row in rows(app)] == [False, True, False]
        await pilot.press("down")
        assert [row.is_target for row in rows(app)] == [False, False, True]
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.placed == ["rm -rf ~/gti"])
        assert app.focused is app.view


async def test_placing_that_is_refused_says_why() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: len(rows(app)) == 3)
        app.fake.is_at_prompt = False
        await pilot.press("f6")
        assert "the shell is not at its prompt – wait for it" in shown(app)


async def test_asking_streams_an_answer_into_the_card() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates(), holds_at=5)
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        failed = record()
        app.fake.fail(failed, ADVICE)
        await until(pilot, lambda: len(rows(app)) == 3)
        await pilot.press("f5")
        await until(pilot, lambda: "You type" in app.query_one(Markdown).source)
        assert "writing" in shown(app)
        assert app.query_one(Collapsible).collapsed
        answerer.gate.set()
        await until(pilot, lambda: len(rows(app)) == 4)
        assert app.query_one(Markdown).source == ANSWER.explanation
        assert answerer.asked == [Inquiry.about(failed, advice=ADVICE)]
        await until(pilot, lambda: answerer.closed == 1)
        assert "1.2 s" in shown(app)
        await pilot.press("f6")
        assert app.fake.placed == ["git status --short"]


@pytest.mark.parametrize("phase", [phase for phase in AnswerPhase if phase != "done"])
async def test_every_phase_has_its_words(phase: AnswerPhase) -> None:
    answerer = ScriptedAnswerer(updates=(AnswerUpdate(phase),), holds_at=1)
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: f"● {phase.value}" in shown(app))


async def test_an_answer_says_what_the_model_was_not_shown() -> None:
    answer = dataclasses.replace(ANSWER, notice="The output was shortened.")
    app = make_app(answerer=ScriptedAnswerer(updates=answer_updates(answer)))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: "The output was shortened." in shown(app))
        assert MODEL in shown(app)


async def test_escape_stops_the_generation_and_then_leaves() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates(), holds_at=5)
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await pilot.press("f5")
        await until(pilot, lambda: "You type" in app.query_one(Markdown).source)
        assert answerer.closed == 0
        await pilot.press("escape")
        await until(pilot, lambda: answerer.closed == 1)
        await until(pilot, lambda: "stopped" in shown(app))
        assert app.focused is not app.view
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.view)
        assert app.fake.pressed == [], "no ESC reached the shell"


async def test_a_new_question_stops_the_old_answer() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates(), holds_at=4)
    app = make_app(answerer=answerer, kept=[record(number=3), record(number=2)])
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: "reading" in shown(app) or "thinking" in shown(app))
        await pilot.press("ctrl+backslash", "a")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("w", "h", "y", "enter")
        await until(pilot, lambda: answerer.closed == 1)
        assert answerer.asked[1] == Inquiry.open(
            "why",
            recent=(record(number=3), record(number=2)),
            directory="/home/ada/project",
        )
        assert app.fake.pressed == []


async def test_a_failing_service_says_so_in_the_card() -> None:
    error = ServiceUnavailableError("Ollama does not answer", hint="start it")
    app = make_app(answerer=ScriptedAnswerer(error=error))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: "Ollama does not answer" in shown(app))
        assert "start it" in shown(app)


async def test_a_question_without_an_answer_can_be_asked_again() -> None:
    error = ServiceUnavailableError("Ollama does not answer")
    app = make_app(answerer=ScriptedAnswerer(error=error))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", "w", "h", "y", "enter")
        await until(pilot, lambda: "Ollama does not answer" in shown(app))
        assert app.query_one("#question", Input).value == "why"


async def test_what_is_typed_meanwhile_outlives_a_failing_answer() -> None:
    answerer = ScriptedAnswerer(
        updates=(AnswerUpdate(AnswerPhase.READING),),
        error=ServiceUnavailableError("Ollama does not answer"),
        holds_at=0,
    )
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", "w", "h", "y", "enter", "n", "o")
        answerer.gate.set()
        await until(pilot, lambda: "Ollama does not answer" in shown(app))
        assert app.query_one("#question", Input).value == "no"


async def test_escape_is_promised_only_where_it_stops_the_answer() -> None:
    answerer = ScriptedAnswerer(updates=answer_updates(), holds_at=5)
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await pilot.press("f5")
        await until(pilot, lambda: "writing" in shown(app))
        assert "Esc stops" in shown(app)
        await pilot.press("x")
        await until(pilot, lambda: "Esc stops" not in shown(app))
        assert "writing" in shown(app)
        assert app.fake.sent == b"x"


async def test_a_long_answer_is_read_by_pages_from_the_question() -> None:
    text = "\n\n".join(f"paragraph {number}" for number in range(40))
    answer = dataclasses.replace(ANSWER, explanation=text, suggestion=None)
    app = make_app(answerer=ScriptedAnswerer(updates=answer_updates(answer)))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", "w", "h", "y", "enter")
        await until(pilot, lambda: "1.2 s" in shown(app))
        assert "paragraph 0" not in shown(app)
        assert isinstance(app.focused, Input)
        await pilot.press(*["pageup"] * 8)
        await until(pilot, lambda: "paragraph 0" in shown(app))
        await pilot.press(*["pagedown"] * 8)
        await until(pilot, lambda: "paragraph 39" in shown(app))


@pytest.mark.parametrize("why", [ANSWER.explanation, ANSWER.explanation[:20] + "…"])
async def test_a_reason_that_stands_above_is_not_repeated(why: str) -> None:
    reason = " ".join(why.split())
    suggestion = Suggestion("git log", Risk.SAFE, reason, 0.5)
    answer = dataclasses.replace(ANSWER, suggestion=suggestion)
    app = make_app(answerer=ScriptedAnswerer(updates=answer_updates(answer)))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: len(rows(app)) == 1)
        assert rows(app)[0].suggestion == dataclasses.replace(suggestion, why="")


async def test_without_a_failure_there_is_nothing_to_ask() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f5")
        assert "No command has failed yet" in shown(app)
        assert app.answerer.asked == []


async def test_the_cards_are_bounded_and_unique() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        panel = app.query_one(AssistantPanel)
        for number in range(CARDS_LIMIT + 3):
            await panel.add_failure(record(number=number), ADVICE)
        await panel.add_failure(record(number=CARDS_LIMIT), ADVICE)
        await pilot.pause()
        cards = list(app.query(FailureCard))
        assert len(cards) == CARDS_LIMIT
        assert cards[-1].record.id == f"r{CARDS_LIMIT + 2}"
        assert sum(row.is_target for row in rows(app)) == 1


async def test_the_model_is_looked_for_after_the_first_prompt_until_it_is_there() -> (
    None
):
    states = [
        ModelStatus(ModelState.UNAVAILABLE, MODEL),
        ModelStatus(ModelState.UNAVAILABLE, MODEL),
        ModelStatus(ModelState.READY, MODEL),
    ]
    answerer = ScriptedAnswerer(states=states)
    app = make_app(Settings(ai=AiSettings(retry_interval_seconds=1)), answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Ollama is not running" in shown(app))
        await until(pilot, lambda: answerer.status_calls == 3)
        await until(pilot, lambda: "Ollama is not running" not in shown(app))
        app.fake.listener.prompt_ready("/")
        await pilot.pause()
        assert answerer.status_calls == 3


async def test_why_the_model_cannot_be_used_is_said() -> None:
    refused = ModelStatus(ModelState.UNAVAILABLE, MODEL, "it runs in the cloud")
    app = make_app(answerer=ScriptedAnswerer(states=[refused]))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "it runs in the cloud" in shown(app))
        assert "not running" not in shown(app)


async def test_a_state_known_before_the_first_layout_is_shown() -> None:
    bar = ModelBar(ScriptedAnswerer(), pull_key="", id="model-bar")
    bar.show(ModelStatus(ModelState.MODEL_MISSING, MODEL))

    class OnlyTheBar(App[None]):
        def compose(self) -> ComposeResult:
            yield bar

    app = OnlyTheBar()
    async with app.run_test():
        assert f"{MODEL} is not installed" in shown(app)


async def test_a_missing_model_is_offered_pulled_and_cancelled() -> None:
    answerer = ScriptedAnswerer(
        states=[ModelStatus(ModelState.MODEL_MISSING, MODEL)],
        steps=[
            PullProgress("pulling manifest"),
            PullProgress("pulling", 256 << 20, 1 << 30),
            PullProgress("success"),
        ],
        holds_at=2,
    )
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: f"{MODEL} is not installed" in shown(app))
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: "256 MiB / 1.0 GiB" in shown(app))
        assert app.query_one(ProgressBar).percentage == 0.25
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: answerer.closed == 1)
        await until(pilot, lambda: f"{MODEL} is not installed" in shown(app))
        answerer.gate.set()
        answerer.states = [ModelStatus(ModelState.READY, MODEL)]
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: answerer.closed == 2)
        await until(pilot, lambda: not app.query_one("#model-bar").display)


async def test_a_pull_that_fails_is_reported() -> None:
    answerer = ScriptedAnswerer(
        states=[ModelStatus(ModelState.MODEL_MISSING, MODEL)],
        error=ModelMissingError("no such model"),
    )
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "is not installed" in shown(app))
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: "no such model" in shown(app))


async def test_an_unforeseen_error_is_logged_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app(answerer=ScriptedAnswerer(error=RuntimeError("broken")))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: "failed unexpectedly" in shown(app))
        assert "RuntimeError: broken" in caplog.text
        assert app.is_running
