"""Foreign text is shown as it is: it controls nothing and marks nothing up."""

import dataclasses
import io
import re
import time

import pytest
from textual import events
from textual.widgets import Input

from terminal_ai.errors import ServiceUnavailableError
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerPhase,
    AnswerUpdate,
    CommandSource,
    ModelState,
    ModelStatus,
    PullProgress,
    Risk,
    RunningCommand,
    Suggestion,
)
from terminal_ai.ui.panels.suggestion_row import SuggestionRow

from .fakes import AppUnderTest, ScriptedAnswerer, make_app, record
from .shown import shown
from .waiting import until

MARKUP = "[@click=app.quit]x[/oops] [bold"
CONTROLS = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x07\r\x00"
HOSTILE = MARKUP + CONTROLS
RAW_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
WIDE = (140, 44)


def painted_controls(app: AppUnderTest) -> list[str]:
    """Control characters inside the segments that the host would be sent."""
    strips = app.screen._compositor.render_strips()
    return RAW_CONTROL.findall("".join(strip.text for strip in strips))


def assert_literal(app: AppUnderTest) -> None:
    assert painted_controls(app) == []
    assert app.is_running
    assert app._exception is None


ADVICE = Advice(
    what="what " + HOSTILE,
    why="why " + HOSTILE,
    evidence="evidence " + HOSTILE,
    suggestions=(Suggestion("place " + HOSTILE, Risk.SAFE, "because " + HOSTILE, 1.0),),
)


async def test_a_card_shows_hostile_text_literally() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record("run " + HOSTILE), ADVICE)
        await until(pilot, lambda: list(app.query(SuggestionRow)))
        await until(pilot, lambda: "place [@click=app.quit]x[/oops]" in shown(app))
        for part in ("run", "what", "why", "evidence", "place"):
            assert f"{part} [@click=app" in shown(app)
        assert "because" in shown(app)
        assert_literal(app)


@pytest.mark.parametrize("size", [WIDE, (80, 24)], ids=["wide", "narrow"])
async def test_the_status_bar_shows_hostile_text_literally(
    size: tuple[int, int],
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        app.fake.shell_name = "[b]sh" + CONTROLS
        app.fake.listener.prompt_ready(CONTROLS + "/[/dir]")
        app.fake.listener.command_started(
            RunningCommand("[/x]" + CONTROLS, "/", time.time())
        )
        await until(pilot, lambda: "[/dir]" in shown(app))
        await until(pilot, lambda: "▶ [/x]" in shown(app))
        assert_literal(app)
        app.fake.fail(record(HOSTILE), ADVICE)
        await pilot.pause()
        await pilot.pause()
        assert_literal(app)


@pytest.mark.parametrize("phase", [AnswerPhase.WRITING, AnswerPhase.DONE])
async def test_a_model_s_answer_is_shown_literally(phase: AnswerPhase) -> None:
    text = f"start {MARKUP}\n\n```sh\n{HOSTILE}\n```\n\n[link](javascript:x) end"
    answer = Answer(
        explanation=text + CONTROLS,
        suggestion=Suggestion("git " + HOSTILE, Risk.SAFE, HOSTILE, 1.0),
        model="model" + HOSTILE,
        thinking="thinking " + HOSTILE,
    )
    is_done = phase is AnswerPhase.DONE
    update = AnswerUpdate(
        phase, answer.explanation, answer.thinking, answer if is_done else None
    )
    app = make_app(answerer=ScriptedAnswerer(updates=[update], holds_at=1))
    # High enough for the whole answer: it is scrolled to its end.
    async with app.run_test(size=(WIDE[0], 70)) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(
            pilot, lambda: "start [@click=app.quit]x[/oops] [bold" in shown(app)
        )
        await until(pilot, lambda: "link" in shown(app))
        assert "end" in shown(app)
        assert_literal(app)


async def test_errors_and_model_states_are_shown_literally() -> None:
    error = ServiceUnavailableError("error " + HOSTILE, hint="hint " + HOSTILE)
    missing = ModelStatus(ModelState.MODEL_MISSING, "m " + HOSTILE, HOSTILE)
    steps = [PullProgress("step " + HOSTILE)]
    answerer = ScriptedAnswerer(error=error, states=[missing], steps=steps, holds_at=1)
    app = make_app(answerer=answerer)
    async with app.run_test(size=WIDE) as pilot:
        app.fake.fail(record())
        await pilot.press("f5")
        await until(pilot, lambda: "error [@click=app.quit]" in shown(app))
        assert "hint [@click=app.quit]" in shown(app)
        await until(pilot, lambda: "m [@click=app.quit]" in shown(app))
        assert_literal(app)
        await pilot.press("ctrl+backslash", "d")
        await until(pilot, lambda: "error [@click" in shown(app))
        assert_literal(app)


@pytest.mark.parametrize("size", [WIDE, (80, 24)], ids=["wide", "narrow"])
async def test_the_history_shows_hostile_text_literally(size: tuple[int, int]) -> None:
    kept = dataclasses.replace(
        record("old " + HOSTILE, 1, "output " + HOSTILE),
        id="session " + HOSTILE + "-1",
        cwd="/[/d]" + CONTROLS,
        shell="shell " + HOSTILE,
        source=CommandSource.SCREEN,
        is_private=True,
        used_alternate_screen=True,
    )
    app = make_app(kept=[kept])
    app.records.notice = "notice " + HOSTILE
    async with app.run_test(size=size) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "old [@click=app.quit]x[/oops]" in shown(app))
        await until(pilot, lambda: "notice [@click" in shown(app))
        await until(pilot, lambda: "shell [@click" in shown(app))
        assert_literal(app)
        await pilot.press("tab", "G")
        await until(pilot, lambda: "output [@click" in shown(app))
        assert_literal(app)


async def test_the_history_s_filters_show_hostile_text_literally() -> None:
    app = make_app(kept=[record()])
    line = (
        f'cwd:"/{HOSTILE}" program:"p {HOSTILE}" shell:"{HOSTILE}" session:"{HOSTILE}"'
    )
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "gti" in shown(app))
        app.screen.query_one(Input).post_message(events.Paste(line))
        await until(pilot, lambda: "program p [@click" in shown(app))
        assert_literal(app)


async def test_a_hostile_suggestion_is_placed_as_one_printable_line() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        bad = Suggestion("ls\nrm -rf x" + CONTROLS, Risk.SAFE, "", 1.0)
        app.fake.fail(record(), dataclasses.replace(ADVICE, suggestions=(bad,)))
        await until(pilot, lambda: list(app.query(SuggestionRow)))
        await until(pilot, lambda: "several lines" in shown(app))
        await pilot.press("f6")
        (placed,) = app.fake.placed
        assert placed.startswith("ls⏎rm -rf x")
        assert placed.isprintable()


async def test_output_of_programs_reaches_the_host_only_as_cells() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(
            b"\x1b]52;c;aGk=\x07\x1b]0;t\x07\x1bPq\x1b\\ \xc2\x9b31m[/oops] ok"
        )
        await until(pilot, lambda: "[/oops] ok" in shown(app))
        assert_literal(app)


async def test_what_is_written_to_the_host_has_no_foreign_sequence() -> None:
    app = make_app()
    sent = io.StringIO()
    async with app.run_test(size=WIDE) as pilot:
        assert app._driver is not None
        app._driver.write = sent.write  # type: ignore[assignment, method-assign]
        app.fake.fail(record("run " + HOSTILE), ADVICE)
        await until(pilot, lambda: "place [@click" in shown(app))
        app.fake.output(CONTROLS.encode() + b"done")
        await until(pilot, lambda: "done" in shown(app))
    assert "]52;" not in sent.getvalue().replace("␛]52;", "")
    assert "\x1b[2J" not in sent.getvalue()
    assert "\x9b" not in sent.getvalue()
