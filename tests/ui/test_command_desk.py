"""What is done with a chosen command, and folding as it is seen."""

import dataclasses
from pathlib import Path

import pytest
from textual.pilot import Pilot

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.config import InterfaceSettings, Settings
from terminal_ai.records import CapturedOutput
from terminal_ai.ui.texts import COMMAND_LIMIT
from terminal_ai.ui.view.folding_view import (
    FOLD_KEPT_FIRST_ROWS,
    FOLD_KEPT_LAST_ROWS,
)

from .fakes import ANSWER, AppUnderTest, ScriptedAnswerer, answer_updates, make_app
from .fakes import record as made
from .shown import shown
from .waiting import until

NARROW = (80, 24)
LEADER = "ctrl+backslash"
COUNT = 200
LONG = "".join(f"row {at}\r\n" for at in range(COUNT))
HIDDEN = COUNT - FOLD_KEPT_FIRST_ROWS - FOLD_KEPT_LAST_ROWS
SUMMARY = f"⋯ {HIDDEN} lines folded · click to unfold"


async def run(
    app: AppUnderTest,
    pilot: Pilot[None],
    *commands: tuple[str, str, int | None],
    is_private: bool = False,
) -> None:
    """Let commands end, and record them."""
    await until(pilot, lambda: app.fake.starts == 1)
    for command, output, exit_code in commands:
        app.fake.run(command, output.encode(), exit_code=exit_code)
        if exit_code is not None:
            newest = app.fake.blocks.newest
            assert newest is not None
            kept = made(command, exit_code, output.replace("\r\n", "\n"))
            kept = dataclasses.replace(kept, id=newest.record_id, is_private=is_private)
            app.records.kept.insert(0, kept)
    if app.fake.running is None:
        app.fake.output(b"$ ")
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def exported(directory: Path) -> list[str]:
    return [path.read_text() for path in directory.rglob("*.md")]


def clipboard(app: AppUnderTest) -> str:
    return app.clipboard


def rows(app: AppUnderTest) -> list[str]:
    """The rows of the view as they are painted."""
    width = app.view.size.width
    lines = shown(app).splitlines()[: app.view.size.height]
    return [line[:width].rstrip() for line in lines]


# -- copying, placing, exporting, asking ---------------------------------------------


async def test_copying_a_command_its_output_and_both() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("make all", "one\r\ntwo\r\n", 2), ("ls", "file\r\n", 0))
        await press(pilot, LEADER, "up", "up", "c")
        assert clipboard(app) == "make all"
        await press(pilot, "o")
        await until(pilot, lambda: clipboard(app) == "one\ntwo")
        await press(pilot, "m")
        await until(pilot, lambda: "make all" in clipboard(app))
        text = clipboard(app)
        assert "one\ntwo" in text
        assert "/home/ada/project" in text
        assert "Exit code: 2" in text
        assert "12 ms" in text
        assert app.view.chosen_block is not None, "copying stays in the mode"


async def test_what_a_running_command_has_printed_can_be_copied() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("make", "so far\r\n", None))
        await press(pilot, LEADER, "up", "o")
        await until(pilot, lambda: clipboard(app) == "so far")
        await until(pilot, lambda: "printed so far" in shown(app))
        await press(pilot, "m")
        await until(pilot, lambda: "Exit code: unknown" in clipboard(app))
        app.fake.output_so_far = CapturedOutput(b"")
        await press(pilot, "o")
        await until(pilot, lambda: "It has printed nothing yet." in shown(app))
        for key in ("e", "z"):
            await press(pilot, key)
            await until(pilot, lambda: "The command still runs." in shown(app))
            await press(pilot, "c")
            await until(pilot, lambda: "Copied 1 line" in shown(app))


async def test_what_is_not_there_is_said() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("true", "", 0))
        await press(pilot, LEADER, "up", "o")
        await until(pilot, lambda: "It printed nothing." in shown(app))
        await press(pilot, "z")
        await until(pilot, lambda: "too little output" in shown(app))
        app.records.kept.clear()
        await press(pilot, "o")
        await until(pilot, lambda: "no longer recorded" in shown(app))


async def test_a_command_is_placed_again_and_one_of_several_lines_copied() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("git log", "", 0))
        await press(pilot, LEADER, "up", "enter")
        assert app.fake.placed == ["git log"]
        assert app.view.chosen_block is None
        loop = "for x in 1 2\ndo echo $x\ndone"
        await run(app, pilot, (loop, "1\r\n", 0))
        await press(pilot, LEADER, "up", "enter")
        assert app.fake.placed == ["git log"], "it would be another command"
        assert clipboard(app) == loop
        await until(pilot, lambda: "paste it" in shown(app))
        await run(app, pilot, ("echo \\\n  joined", "", 0), ("echo ⏎", "", 0))
        await press(pilot, LEADER, "up", "enter")
        await press(pilot, LEADER, "up", "up", "enter")
        assert app.fake.placed[1:] == ["echo ⏎", "echo joined"]


async def test_exporting_writes_a_file_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    secret = "ghp_" + "a1B2" * 9
    app = make_app(greeting=b"")
    async with app.run_test(size=(160, 24)) as pilot:
        await run(app, pilot, ("gh auth", f"token {secret}\r\n", 1))
        await press(pilot, LEADER, "up", "e")
        await until(pilot, lambda: "Exported to" in shown(app))
        (text,) = exported(tmp_path)
        assert "gh auth" in text
        assert secret not in text
        await press(pilot, "o")
        await until(pilot, lambda: secret in clipboard(app))


async def test_private_commands_are_copied_but_neither_exported_nor_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, (" secret", "hidden\r\n", 1), is_private=True)
        await press(pilot, LEADER, "up", "o")
        await until(pilot, lambda: clipboard(app) == "hidden")
        await press(pilot, "e")
        await until(pilot, lambda: "not exported" in shown(app))
        await press(pilot, "a")
        await until(pilot, lambda: "no model is told" in shown(app))
        assert not app.answerer.asked
        assert not exported(tmp_path)


@pytest.mark.parametrize("exit_code", [0, 1])
async def test_the_assistant_is_asked_about_any_command(exit_code: int) -> None:
    app = make_app(greeting=b"", answerer=ScriptedAnswerer(answer_updates()))
    async with app.run_test(size=(120, 40)) as pilot:
        await run(app, pilot, ("make all", "done\r\n", exit_code))
        await press(pilot, LEADER, "up", "a")
        await until(pilot, lambda: ANSWER.explanation[:8] in shown(app))
        (kept,) = app.records.kept
        question = "Explain this command and what it printed: make all"
        asked = Inquiry.open(question, recent=[kept])
        wanted = Inquiry.about(kept) if exit_code else asked
        assert app.answerer.asked == [wanted]
        assert app.view.chosen_block is None


async def test_a_question_about_a_long_command_holds_no_half_of_a_secret() -> None:
    token = "ghp_" + "Zk9" * 12
    command = f"tool {'x' * (COMMAND_LIMIT - 20)} {token} end"
    app = make_app(greeting=b"", answerer=ScriptedAnswerer(answer_updates()))
    async with app.run_test(size=(120, 40)) as pilot:
        await run(app, pilot, (command, "done\r\n", 0))
        await press(pilot, LEADER, "up", "a")
        await until(pilot, lambda: app.answerer.asked)
        (asked,) = app.answerer.asked
        assert isinstance(asked, Inquiry)
        assert asked.question.endswith("x …")
        assert "ghp_" not in asked.question


# -- folding -------------------------------------------------------------------------


async def test_folding_and_unfolding_keeps_the_prompt_where_it_is() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0), ("next", LONG, 0), ("last", LONG, 0))
        await press(pilot, LEADER, "up", "up")
        assert rows(app)[0] == "$ next"
        before = rows(app)
        await press(pilot, "z")
        assert rows(app)[:8] == [
            "$ next",
            *(f"row {at}" for at in range(FOLD_KEPT_FIRST_ROWS)),
            SUMMARY,
            f"row {COUNT - 2}",
            f"row {COUNT - 1}",
            "$ last",
        ]
        await press(pilot, "space")
        assert rows(app) == before


async def test_all_long_outputs_fold_and_unfold() -> None:
    settings = Settings(interface=InterfaceSettings(fold_rows=20))
    app = make_app(settings, greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        short = "a\r\n" * 20
        await run(app, pilot, ("seq", LONG, 0), ("short", short, 0), ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "Z")
        await until(pilot, lambda: "2 outputs folded." in shown(app))
        lines = app.view.lines
        assert lines is not None
        assert lines.scrollback_length + lines.rows == 3 + 2 * 6 + 20 + 1
        await press(pilot, "Z")
        await until(pilot, lambda: "All outputs are unfolded." in shown(app))
        assert not lines.is_folding
    app = make_app(settings, greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("short", short, 0))
        await press(pilot, LEADER, "up", "Z")
        await until(pilot, lambda: "No output has more than 20 rows." in shown(app))


async def test_a_click_unfolds_and_shows_the_folded_rows_where_it_was() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("before", LONG, 0), ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "q")
        at = rows(app).index(SUMMARY)
        assert app.view.rows_up == 0
        await pilot.click("#terminal", offset=(4, at))
        await pilot.pause()
        assert rows(app)[at - 1 : at + 2] == ["row 2", "row 3", "row 4"]
        assert app.view.rows_up > 0


async def test_a_drag_over_a_fold_copies_what_is_folded_too() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "q")
        at = rows(app).index(SUMMARY)
        await pilot.mouse_down("#terminal", offset=(0, at - 1))
        await pilot.hover("#terminal", offset=(9, at + 1))
        await pilot.mouse_up("#terminal", offset=(9, at + 1))
        wanted = "\n".join(f"row {row}" for row in range(2, COUNT - 1))
        assert app.view.selected_text == wanted
        lines = app.view.lines
        assert lines is not None
        assert lines.is_folding, "a drag is no click"


async def test_selecting_an_output_that_is_folded_takes_all_of_it() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "s", "y")
        await until(pilot, lambda: clipboard(app) == LONG.replace("\r", "").strip("\n"))


async def test_a_search_looks_into_folds_and_opens_the_one_it_goes_to() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0), ("seq", LONG.replace("r", "R"), 0))
        await press(pilot, LEADER, "up", "z", "up", "z", "q")
        await press(pilot, LEADER, "slash", *"row", "space", *"77")
        await until(pilot, lambda: "Row 77" in rows(app))
        lines = app.view.lines
        assert lines is not None
        assert len(lines.folded_rows) == 1, "the other one stays folded"


async def test_a_fold_stays_while_output_comes_and_the_size_changes() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("first", "1\r\n", 0), ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "q")
        app.fake.output(b"more\r\n" * 5)
        await pilot.pause()
        assert SUMMARY in rows(app)
        for size in ((60, 30), (50, 12), (81, 40), (12, 20)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            lines = app.view.lines
            assert lines is not None
            assert [len(folded) for folded in lines.folded_rows] == [HIDDEN]
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        lines = app.view.lines
        assert lines is not None
        texts = [lines.line(at).text for at in range(-lines.scrollback_length, 20)]
        at = texts.index(SUMMARY)
        assert texts[at - 4 : at + 3] == [
            "$ seq",
            "row 0",
            "row 1",
            "row 2",
            SUMMARY,
            f"row {COUNT - 2}",
            f"row {COUNT - 1}",
        ]


async def test_a_program_that_writes_on_a_fold_opens_it() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG[: LONG.index("row 12")], 0))
        await press(pilot, LEADER, "up", "z", "q")
        assert any("lines folded" in row for row in rows(app))
        app.fake.output(b"\x1b7\x1b[7;1Hclock\x1b8")
        await until(pilot, lambda: "clock" in rows(app))
        assert not any("lines folded" in row for row in rows(app))
        assert "row 4" in rows(app)


async def test_a_program_that_has_the_mouse_gets_the_rows_it_knows() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG[: LONG.index("row 12")], 0))
        await press(pilot, LEADER, "up", "z", "q")
        app.fake.output(b"\x1b[?1000;1006h")
        at = next(row for row, text in enumerate(rows(app)) if "folded" in text)
        terminal = app.view.terminal
        assert terminal is not None
        for text in ("$ seq", "row 1", "row 11", "$"):
            y = rows(app).index(text)
            true = next(
                row for row in range(24) if terminal.line(row).text.rstrip() == text
            )
            app.fake.pressed.clear()
            await pilot.mouse_down("#terminal", offset=(2, y))
            await pilot.mouse_up("#terminal", offset=(2, y))
            assert app.fake.sent == (
                b"\x1b[<0;3;%dM\x1b[<0;3;%dm" % (true + 1, true + 1)
            )
        app.fake.pressed.clear()
        await pilot.click("#terminal", offset=(2, at))
        await pilot.pause()
        assert not any("folded" in row for row in rows(app)), "that row is ours"
        assert not app.fake.sent


async def test_the_cursor_and_the_input_methods_are_where_text_is_typed() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG[: LONG.index("row 12")], 0))
        place = app.cursor_position
        await press(pilot, LEADER, "up", "z", "q")
        app.fake.output(b"x")
        await pilot.pause()
        assert app.cursor_position == (place.x + 1, place.y)
        assert rows(app)[place.y] == "$ x"
        # A program goes up above what is folded.
        app.fake.output(b"\x1b[1;1H")
        await pilot.pause()
        assert rows(app)[app.cursor_position.y] == "$ seq"


async def test_the_alternate_screen_is_not_folded_and_folds_are_there_after_it() -> (
    None
):
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "q")
        before = rows(app)
        app.fake.output(b"\x1b[?1049h\x1b[Hfull screen")
        await until(pilot, lambda: rows(app)[0] == "full screen")
        app.fake.output(b"\x1b[?1049l")
        await until(pilot, lambda: rows(app) == before)


async def test_copy_mode_walks_over_a_fold_as_one_row() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        await run(app, pilot, ("seq", LONG, 0))
        await press(pilot, LEADER, "up", "z", "q")
        await press(pilot, LEADER, "v", "k", "k", "k", "V", "k")
        app.fake.output(b"\x1b7\x1b[1;1H\x1b8")
        await pilot.pause()
        await press(pilot, "y")
        wanted = [f"row {row}" for row in range(2, COUNT - 2)]
        await until(pilot, lambda: clipboard(app).split("\n") == wanted)
