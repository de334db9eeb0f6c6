"""What can be done with an answer: another one, other words, the next question."""

import dataclasses

import pytest
from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import Button, Input, Markdown

from terminal_ai.assistant.inquiry import Exchange, Inquiry, InquiryKind, Wording
from terminal_ai.config import InterfaceSettings, Settings
from terminal_ai.errors import ServiceUnavailableError
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerOrigin,
    AnswerPhase,
    AnswerUpdate,
    PrefetchState,
    Risk,
    RunningCommand,
    Suggestion,
)
from terminal_ai.ui.panels.cards import REPLIES_LIMIT, TURNS_LIMIT, Card, FailureCard
from terminal_ai.ui.panels.reply import FoldTitle, Reply
from terminal_ai.ui.panels.suggestion_row import SuggestionRow
from terminal_ai.ui.panels.threads import THREAD_LIMIT, answer_text

from .fakes import (
    ADVICE,
    ANSWER,
    EPOCH,
    AppUnderTest,
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


def last_asked(app: AppUnderTest) -> Inquiry:
    asked = app.answerer.asked[-1]
    assert isinstance(asked, Inquiry)
    return asked


async def answered(pilot: Pilot[None], *, times: int = 1) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    await until(pilot, lambda: app.answerer.closed == times)
    await until(pilot, lambda: app.query_one("AnswerActions").display)


async def fail_and_ask(pilot: Pilot[None]) -> None:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    app.fake.fail(record(), ADVICE)
    await until(pilot, lambda: len(app.query(SuggestionRow)) == 3)
    await pilot.press("f5")
    await answered(pilot)


def scripted(answer: Answer = ANSWER) -> ScriptedAnswerer:
    return ScriptedAnswerer(
        updates=(
            AnswerUpdate(AnswerPhase.CONNECTING),
            AnswerUpdate(AnswerPhase.DONE, answer.explanation, answer.thinking, answer),
        )
    )


@pytest.mark.parametrize(
    ("key", "wording", "is_another"),
    [
        ("n", Wording.NORMAL, True),
        ("j", Wording.SIMPLER, False),
        ("k", Wording.SHORTER, False),
    ],
)
async def test_a_key_asks_again_and_keeps_the_former_answer(
    key: str, wording: Wording, is_another: bool
) -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        first = last_asked(app)
        app.answerer.updates = scripted(
            dataclasses.replace(ANSWER, explanation="Now otherwise.")
        ).updates
        await pilot.press(LEADER, key)
        await answered(pilot, times=2)
        assert last_asked(app) == structs.replace(
            first, wording=wording, is_another=is_another
        )
        text = shown(app)
        assert "Now otherwise." in text
        assert "▸ earlier answer" in text
        assert "check the spelling" not in text
        title = next(title for title in app.query(FoldTitle) if title.display)
        title.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "check the spelling" in shown(app))
        assert "Now otherwise." in shown(app)


async def test_the_former_answer_s_command_makes_room_for_the_new_one() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        other = Suggestion("git diff", Risk.SAFE, "shows changes", 0.5)
        app.answerer.updates = scripted(
            dataclasses.replace(ANSWER, suggestion=other)
        ).updates
        await pilot.press(LEADER, "n")
        await answered(pilot, times=2)
        card = app.query_one(FailureCard)
        assert [row.suggestion.command for row in card.rows][3:] == ["git diff"]
        assert [row.number for row in card.rows] == [1, 2, 3, 4]
        await pilot.press("f6")
        assert app.fake.placed == ["git diff"]


@SIZES
async def test_buttons_are_reached_by_tab_and_by_mouse(size: tuple[int, int]) -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=size) as pilot:
        await fail_and_ask(pilot)
        await pilot.press("tab")
        while not isinstance(app.focused, Button):
            await pilot.press("tab")
        assert str(app.focused.label) == "Another"
        await pilot.press("tab")
        assert str(app.focused.label) == "Simpler"
        await pilot.press("enter")
        await answered(pilot, times=2)
        assert last_asked(app).wording is Wording.SIMPLER
        await until(pilot, lambda: "Shorter" in shown(app))
        await pilot.click("AnswerActions .shorter")
        await answered(pilot, times=3)
        assert last_asked(app).wording is Wording.SHORTER
        assert app.fake.pressed == []


async def test_hidden_titles_are_no_stops() -> None:
    app = make_app(answerer=scripted(dataclasses.replace(ANSWER, thinking="")))
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        names = []
        for _ in range(10):
            await pilot.press("tab")
            names.append(type(app.focused).__name__)
        assert "FoldTitle" not in names
        assert "CollapsibleTitle" not in names
        assert names[:4] == ["SuggestionRow"] * 4


async def test_the_answer_is_copied() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(LEADER, "y")
        assert "There is no answer yet" in shown(app)
        await fail_and_ask(pilot)
        await pilot.press(LEADER, "y")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard == answer_text(ANSWER)
        assert app.clipboard.endswith("\n\ngit status --short")


async def test_simpler_asks_a_failure_that_was_not_asked_about() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        failed = record()
        app.fake.fail(failed, ADVICE)
        await until(pilot, lambda: len(app.query(SuggestionRow)) == 3)
        await pilot.press(LEADER, "j")
        await answered(pilot)
        about = Inquiry.about(failed, advice=ADVICE)
        assert last_asked(app) == structs.replace(about, wording=Wording.SIMPLER)


async def test_answers_of_a_card_are_bounded() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        for times in range(2, REPLIES_LIMIT + 3):
            await pilot.press(LEADER, "n")
            await answered(pilot, times=times)
        assert len(app.query(Reply)) == REPLIES_LIMIT


# -- threads -----------------------------------------------------------------------


async def ask(pilot: Pilot[None], question: str, *, times: int) -> None:
    await pilot.press(LEADER, "a", *question, "enter")
    await answered(pilot, times=times)


@SIZES
async def test_a_question_after_an_answer_goes_on_with_it(
    size: tuple[int, int],
) -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=size) as pilot:
        await fail_and_ask(pilot)
        about = last_asked(app)
        await pilot.press("tab", LEADER, "a")
        await until(pilot, lambda: "following up on gti status" in shown(app))
        await pilot.press("w", "h", "y", "enter")
        await answered(pilot, times=2)
        asked = last_asked(app)
        assert (asked.kind, asked.question) == (InquiryKind.ASK, "why")
        assert (asked.record, asked.advice) == (about.record, about.advice)
        (exchange,) = asked.thread
        assert exchange.answer == answer_text(ANSWER)
        assert len(app.query(Card)) == 1, "it stands in the same card"
        assert "? why" in shown(app)
        assert len(app.query(Markdown)) == 2
        await ask(pilot, "more", times=3)
        assert [turn.question for turn in last_asked(app).thread][1:] == ["why"]


@pytest.mark.parametrize("way", ["backspace", "click"])
async def test_backspace_or_a_click_begins_a_new_question(way: str) -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        await pilot.press(LEADER, "a")
        await until(pilot, lambda: "following up" in shown(app))
        await pilot.press("h", "y")
        await pilot.press("backspace")
        assert "following up" in shown(app), "there was something to delete"
        await pilot.press("home")
        if way == "click":
            await pilot.click("#question-note")
        else:
            await pilot.press("backspace")
        await until(pilot, lambda: "following up" not in shown(app))
        assert isinstance(app.focused, Input)
        assert app.focused.value == "h"
        app.focused.cursor_position = 0
        await pilot.press("w", "end", "y", "enter")
        await answered(pilot, times=2)
        assert last_asked(app) == Inquiry.open("why", recent=[], directory=app.fake.cwd)
        assert len(app.query(Card)) == 2
        await pilot.press(LEADER, "a")
        await until(pilot, lambda: "following up on why" in shown(app))


@SIZES
async def test_one_escape_goes_back_to_the_shell(size: tuple[int, int]) -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=size) as pilot:
        await fail_and_ask(pilot)
        await pilot.press(LEADER, "a")
        await until(pilot, lambda: "following up" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.view)
        await pilot.press(LEADER, "a")
        await until(pilot, lambda: "following up" in shown(app))


async def test_follow_up_goes_on_with_the_card_it_belongs_to() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        app.fake.fail(record("mkae", number=2))
        await pilot.press("f5")
        await answered(pilot, times=2)
        first, second = app.query(Card)
        first.focus()
        await until(pilot, lambda: first.query_one("AnswerActions Button").region)
        first.query_one(".follow_up", Button).press()
        await until(pilot, lambda: "following up on gti status" in shown(app))
        await pilot.press("w", "h", "y", "enter")
        await answered(pilot, times=3)
        assert last_asked(app).record == record()
        assert (len(first.query(Reply)), len(second.query(Reply))) == (2, 1)


async def test_a_thread_is_bounded_in_what_is_sent_and_in_what_is_shown() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        for number in range(TURNS_LIMIT + 2):
            await ask(pilot, f"q{number}", times=number + 1)
        thread = last_asked(app).thread
        assert [turn.question for turn in thread] == [
            f"q{number}"
            for number in range(TURNS_LIMIT + 1 - THREAD_LIMIT, TURNS_LIMIT + 1)
        ]
        assert len(app.query(Reply)) == TURNS_LIMIT


async def test_a_follow_up_without_an_answer_is_given_back_and_asked_again() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        app.answerer.error = ServiceUnavailableError("Ollama does not answer")
        app.answerer.updates = ()
        await pilot.press(LEADER, "a", "w", "h", "y", "enter")
        await until(pilot, lambda: "Ollama does not answer" in shown(app))
        assert app.query_one("#question", Input).value == "why"
        await until(pilot, lambda: "Ask again" in shown(app))
        asked = last_asked(app)
        app.answerer.error, app.answerer.updates = None, scripted().updates
        app.query_one("AnswerActions .again", Button).press()
        await answered(pilot, times=3)
        assert last_asked(app) == asked
        assert "Ollama does not answer" not in shown(app)
        assert len(app.query(Reply)) == 2


def test_what_is_asked_next_knows_what_was_said() -> None:
    from terminal_ai.ui.panels.threads import followed

    about = Inquiry.about(record())
    asked = followed(about, ANSWER, "and then?")
    assert asked.thread == (
        Exchange("Why did this command fail?", answer_text(ANSWER)),
    )


# -- what the screen tells ---------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (AnswerOrigin.MEMORY, "cached 40 s ago, in memory"),
        (AnswerOrigin.DISK, "cached 40 s ago, on disk"),
        (AnswerOrigin.TEAM, "cached 40 s ago, by the team"),
    ],
)
async def test_a_kept_answer_tells_its_age_and_where_it_was(
    origin: AnswerOrigin, told: str
) -> None:
    kept = dataclasses.replace(ANSWER, age_seconds=40.4, origin=origin)
    app = make_app(answerer=scripted(kept))
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        assert told in " ".join(shown(app).replace("▏", " ").replace("▌", " ").split())
        assert "tokens/s" not in shown(app)


@pytest.mark.parametrize(
    ("age_seconds", "told"), [(3.0, "prepared while you read"), (120.0, "cached 2 min")]
)
async def test_an_answer_that_was_prepared_says_so(
    age_seconds: float, told: str
) -> None:
    kept = dataclasses.replace(
        ANSWER,
        age_seconds=age_seconds,
        origin=AnswerOrigin.MEMORY,
        is_prepared=True,
    )
    app = make_app(answerer=scripted(kept))
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        assert told in " ".join(shown(app).replace("▏", " ").replace("▌", " ").split())


async def test_waiting_for_another_request_is_said() -> None:
    answerer = ScriptedAnswerer(
        updates=(AnswerUpdate(AnswerPhase.WAITING),), holds_at=1
    )
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record(), ADVICE)
        await pilot.press("f5")
        await until(pilot, lambda: "waiting for another answer" in shown(app))


async def test_a_prefetch_is_said_quietly_and_ends_with_the_answer() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=WIDE) as pilot:
        failed = record()
        app.fake.fail(failed, ADVICE)
        await until(pilot, lambda: len(app.query(SuggestionRow)) == 3)
        app.answerer.tell_prefetch(failed.id, PrefetchState.ASKING)
        await until(pilot, lambda: "asking the model" in shown(app))
        assert app.focused is app.view
        app.answerer.tell_prefetch(failed.id, PrefetchState.READY)
        await until(pilot, lambda: "F5 answer ready" in shown(app))
        await pilot.press("f5")
        await answered(pilot)
        assert "answer ready" not in shown(app)
        app.answerer.tell_prefetch(failed.id, PrefetchState.READY)
        await pilot.pause()
        assert "answer ready" not in shown(app)


async def test_a_prefetch_without_advice_has_a_card_and_one_given_up_says_nothing() -> (
    None
):
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        failed = record()
        app.fake.fail(failed)
        app.answerer.tell_prefetch(failed.id, PrefetchState.GIVEN_UP)
        await pilot.pause()
        assert not app.query(Card)
        app.answerer.tell_prefetch("another", PrefetchState.ASKING)
        await pilot.pause()
        assert not app.query(Card), "it is not about the newest failure"
        app.answerer.tell_prefetch(failed.id, PrefetchState.ASKING)
        await until(pilot, lambda: "asking the model" in shown(app))
        app.answerer.tell_prefetch(failed.id, PrefetchState.GIVEN_UP)
        await until(pilot, lambda: "asking the model" not in shown(app))


@pytest.mark.parametrize("advice", [None, ADVICE], ids=["silent", "advised"])
async def test_where_no_card_can_be_seen_the_bar_says_that_an_answer_is_ready(
    advice: Advice | None,
) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        failed = record()
        app.fake.fail(failed, advice)
        if advice is not None:
            await until(pilot, lambda: "F6 git status" in shown(app))
        app.answerer.tell_prefetch(failed.id, PrefetchState.READY)
        await until(pilot, lambda: "F5 answer ready" in shown(app))
        assert advice is None or "F6 git status" in shown(app), "the fix stays in sight"
        assert app.focused is app.view
        app.fake.listener.command_started(RunningCommand("ls", "/", EPOCH))
        await until(pilot, lambda: "answer ready" not in shown(app))


async def test_the_bar_no_longer_says_so_once_it_is_read() -> None:
    app = make_app(answerer=scripted())
    async with app.run_test(size=NARROW) as pilot:
        failed = record()
        app.fake.fail(failed, ADVICE)
        app.answerer.tell_prefetch(failed.id, PrefetchState.READY)
        await until(pilot, lambda: "F5 answer ready" in shown(app))
        await pilot.press("f5")
        await answered(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.view)
        assert "answer ready" not in shown(app)


# -- the words that a suggestion changes ----------------------------------------------


def styles_of(app: AppUnderTest, text: str) -> list[tuple[bool, bool, bool]]:
    """Return bold, underline and strike of the painted segments with a text."""
    strips = app.screen._compositor.render_strips()
    return [
        (
            bool(segment.style and segment.style.bold),
            bool(segment.style and segment.style.underline),
            bool(segment.style and segment.style.strike),
        )
        for strip in strips
        for segment in strip
        if segment.text.strip() == text
    ]


def suggesting(command: str) -> ScriptedAnswerer:
    suggestion = Suggestion(command, Risk.SAFE, "", 0.5)
    return scripted(dataclasses.replace(ANSWER, suggestion=suggestion))


@pytest.mark.parametrize("columns", [24, 44])
async def test_added_words_stand_out_without_colour(columns: int) -> None:
    failed = record("git push origin mian --force")
    settings = Settings(interface=InterfaceSettings(panel_columns=columns, color=False))
    app = make_app(
        settings,
        answerer=suggesting("git push origin main"),
        environ={"HOME": "/", "NO_COLOR": "1"},
    )
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(failed)
        await pilot.press("f5")
        await answered(pilot)
        assert (True, True, False) in styles_of(app, "main")
        assert (False, False, True) in styles_of(app, "mian --force")
        assert "−" in shown(app)


async def test_a_short_command_is_not_taken_apart() -> None:
    app = make_app(answerer=suggesting("git status"))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record("gti status"))
        await pilot.press("f5")
        await answered(pilot)
        assert "−" not in shown(app)
        assert (True, True, False) in styles_of(app, "git")


async def test_another_command_altogether_is_not_compared() -> None:
    app = make_app(answerer=suggesting("apt install sl"))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record("gti status"))
        await pilot.press("f5")
        await answered(pilot)
        assert (True, False, False) in styles_of(app, "apt install sl")


# -- secrets ------------------------------------------------------------------------


async def test_a_placed_command_gets_its_secrets_back_and_the_card_does_not() -> None:
    command = "curl -H token:[redacted:token:a1b2c3] x"
    answerer = suggesting(command)
    answerer.secrets[command] = "curl -H token:s3cret x"
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record("curl x"))
        await pilot.press("f5")
        await answered(pilot)
        assert "[redacted:token:a1b2c3]" in shown(app).replace("\n", "")
        await pilot.press("f6")
        assert app.fake.placed == ["curl -H token:s3cret x"]
        assert "s3cret" not in shown(app)


async def test_a_secret_that_cannot_be_put_back_is_said() -> None:
    app = make_app(answerer=suggesting("curl [redacted:token:a1b2c3]"))
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record("curl x"))
        await pilot.press("f5")
        await answered(pilot)
        await pilot.press("f6")
        assert app.fake.placed == ["curl [redacted:token:a1b2c3]"]
        assert "A secret could not be put back" in shown(app)


async def test_thinking_stays_folded_and_hidden_characters_are_shown() -> None:
    hidden = "look\u202e here\x1b[2J"
    answer = dataclasses.replace(ANSWER, explanation=hidden, thinking="long thoughts")
    app = make_app(answerer=ScriptedAnswerer(updates=answer_updates(answer)))
    async with app.run_test(size=WIDE) as pilot:
        await fail_and_ask(pilot)
        assert "look� here␛[2J" in shown(app)
        assert "Thinking" in shown(app)
        assert "long thoughts" not in shown(app)
