"""A sentence at an empty prompt becomes a command: placed, never run."""

import dataclasses
from typing import Literal

import pytest
from msgspec import structs
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from terminal_ai.assistant.inquiry import Inquiry, InquiryKind
from terminal_ai.config import AiSettings, InterfaceSettings, KeymapSettings, Settings
from terminal_ai.errors import ConfigError, ServiceUnavailableError
from terminal_ai.records import Answer, ModelState, ModelStatus, Risk, Suggestion
from terminal_ai.ui.keymap import Keymap

from .fakes import (
    MODEL,
    AppUnderTest,
    FakeSession,
    ScriptedAnswerer,
    answer_updates,
    make_app,
    record,
)
from .shown import shown
from .waiting import until

WIDE, NARROW = (120, 40), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
LEADER = "ctrl+backslash"
LARGEST = Suggestion("du -a . | sort -n", Risk.SAFE, "lists sizes", 0.5)


def answering(
    suggestion: Suggestion | None = LARGEST, holds_at: int | None = None
) -> ScriptedAnswerer:
    answer = Answer("This lists what is large.", suggestion, MODEL)
    return ScriptedAnswerer(updates=answer_updates(answer), holds_at=holds_at)


async def begin(pilot: Pilot[None], sentence: str = "big files") -> None:
    app = pilot.app
    await pilot.press("question_mark")
    await until(pilot, lambda: "sentence to command" in shown(app))
    await pilot.press(*(("space" if sign == " " else sign) for sign in sentence))


def line(app: AppUnderTest) -> Input:
    return app.query_one("#question", Input)


@SIZES
async def test_a_sentence_becomes_a_placed_command(size: tuple[int, int]) -> None:
    kept = [record("make", 2, number=2), record("ls", 0, number=1)]
    app = make_app(answerer=answering(), kept=kept)
    async with app.run_test(size=size) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.placed)
        assert app.fake.placed == ["du -a . | sort -n"]
        assert app.fake.pressed == [], "neither the key nor an Enter reached the shell"
        (asked,) = app.answerer.asked
        assert asked == structs.replace(
            Inquiry.open("big files", recent=kept, directory=app.fake.cwd),
            kind=InquiryKind.COMMAND,
        )
        assert app.focused is app.view
        assert "safe · lists sizes" in shown(app), "its risk is said beside it"


async def test_the_reason_in_the_status_bar_has_no_signs_of_markdown() -> None:
    why = "lists what **changed** with `du`"
    suggestion = dataclasses.replace(LARGEST, why=why)
    app = make_app(answerer=answering(suggestion))
    async with app.run_test(size=NARROW) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.placed)
        assert "safe · lists what changed with du" in shown(app)


async def test_the_card_keeps_sentence_command_risk_and_reason() -> None:
    app = make_app(answerer=answering())
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.placed)
        for part in ("→ big files", "This lists", "du -a . | sort -n", "safe"):
            assert part in shown(app)


@pytest.mark.parametrize("name", ["typed", "busy"])
async def test_nothing_is_placed_once_the_prompt_is_in_use(
    name: Literal["typed", "busy"],
) -> None:
    app = make_app(answerer=answering(holds_at=5))
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "writing" in shown(app))
        if name == "typed":
            await pilot.press("x")
        else:
            app.fake.is_at_prompt = False
        app.answerer.gate.set()
        await until(pilot, lambda: "F6 places it" in shown(app))
        assert app.fake.placed == []
        app.fake.is_at_prompt = True
        await pilot.press("f6")
        assert app.fake.placed == ["du -a . | sort -n"]


async def test_who_types_a_question_meanwhile_is_not_disturbed() -> None:
    app = make_app(answerer=answering(holds_at=5))
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "writing" in shown(app))
        await pilot.press(LEADER, "a", "h", "m")
        app.answerer.gate.set()
        await until(pilot, lambda: "F6 places it" in shown(app))
        assert app.fake.placed == []
        assert (app.focused, line(app).value) == (line(app), "hm")


async def test_danger_is_shown_and_not_placed_by_itself() -> None:
    danger = Suggestion("rm -rf .", Risk.DANGER, "deletes everything", 0.5)
    app = make_app(answerer=answering(danger))
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Dangerous, so it is not placed" in shown(app))
        assert app.fake.placed == []
        assert "danger · deletes everything" in shown(app)
        await pilot.press("f6")
        assert app.fake.placed == ["rm -rf ."]


async def test_a_sentence_without_a_command_says_so() -> None:
    app = make_app(answerer=answering(None))
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "no single command" in shown(app))
        assert app.fake.placed == []


# -- the key is the shell's ------------------------------------------------------------


async def test_the_key_again_is_typed_and_backspace_and_escape_go_back() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for way in ("backspace", "escape"):
            await begin(pilot, "")
            await pilot.press(way)
            await until(pilot, lambda: app.focused is app.view)
            assert app.fake.pressed == []
        await begin(pilot, "")
        await pilot.press("question_mark")
        await until(pilot, lambda: app.focused is app.view)
        assert app.fake.pressed == [b"?"]
        await pilot.press("question_mark")
        assert app.fake.sent == b"??", "now something stands at the prompt"


async def test_the_key_is_a_letter_of_a_sentence_and_of_a_question() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot, "why")
        await pilot.press("question_mark")
        assert line(app).value == "why?"
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        assert line(app).value == ""
        assert app.focused is line(app), "only an empty line is left by it"
        await pilot.press("backspace")
        await until(pilot, lambda: app.focused is app.view)
        await pilot.press(LEADER, "a", "question_mark")
        assert line(app).value == "?"


@pytest.mark.parametrize("key", ["x", "up", "ctrl+u", "ctrl+r", "escape", "space"])
async def test_after_any_key_it_is_the_shell_s(key: str) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(key, "question_mark")
        await until(pilot, lambda: app.fake.sent.endswith(b"?"))
        assert app.focused is app.view


async def test_keys_that_are_still_on_their_way_count() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for sign in "ls ?":
            app.post_message(events.Key(sign, sign))
        await until(pilot, lambda: app.fake.sent == b"ls ?")


async def test_keys_right_after_it_belong_to_the_sentence() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for sign in "?list":
            app.post_message(events.Key(sign, sign))
        await until(pilot, lambda: line(app).value == "list")
        assert app.fake.pressed == []


def _full_screen(session: FakeSession) -> None:
    session.terminal.feed(b"\x1b[?1049h")


@pytest.mark.parametrize("why", ["full screen", "off", "offline", "another"])
async def test_elsewhere_it_is_the_shell_s(why: str) -> None:
    keys = {"off": "", "another": "#"}
    settings = Settings(
        interface=InterfaceSettings(sentence_key=keys.get(why, "?")),
        ai=AiSettings(enabled=why != "offline"),
    )
    prepare = _full_screen if why == "full screen" else None
    app = make_app(settings, prepare=prepare)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: app.fake.pressed == [b"?"])
        assert app.focused is app.view


async def test_in_copy_mode_it_is_no_sentence() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(LEADER, "v", "question_mark")
        await pilot.pause()
        assert app.focused is app.view


@pytest.mark.parametrize("key", ["??", "a", "1", " ", "\t"])
def test_only_a_sign_may_begin_a_sentence(key: str) -> None:
    with pytest.raises(ConfigError, match="sentence_key"):
        Keymap.from_settings(KeymapSettings(), sentence_key=key)


# -- no text is lost --------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (ModelState.UNAVAILABLE, "no model here"),
        (ModelState.MODEL_MISSING, "is not installed"),
    ],
)
async def test_without_a_model_it_says_so_and_keeps_the_sentence(
    state: ModelState, told: str
) -> None:
    answerer = answering()
    answerer.states = [ModelStatus(state, MODEL, "no model here")]
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: answerer.status_calls)
        await pilot.press("question_mark", "h", "i")
        await until(pilot, lambda: shown(app).count(told) == 2)
        await pilot.press("enter")
        await pilot.pause()
        assert (line(app).value, app.answerer.asked) == ("hi", [])


async def test_a_failing_service_gives_the_sentence_back() -> None:
    app = make_app(answerer=ScriptedAnswerer(error=ServiceUnavailableError("away")))
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "away" in shown(app))
        await pilot.press("escape")
        await begin(pilot, "")
        assert line(app).value == "big files"
        await pilot.press("x")
        assert line(app).value == "x", "a new sentence takes its place"


async def test_a_sentence_and_a_question_do_not_overwrite_each_other() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(LEADER, "a", "w", "h", "y", "escape")
        await begin(pilot, "big")
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.view)
        await pilot.press(LEADER, "a")
        assert line(app).value == "why"
        await pilot.press(LEADER, "question_mark")
        assert line(app).value == "big"


async def test_the_palette_opens_it_with_something_at_the_prompt() -> None:
    app = make_app(answerer=answering())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("x", "f1", *"sentence", "enter")
        await until(pilot, lambda: "sentence to command" in shown(app))
        await pilot.press("h", "i", "enter")
        await until(pilot, lambda: "F6 places it" in shown(app))
        assert app.fake.placed == []
