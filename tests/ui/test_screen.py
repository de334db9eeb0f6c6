"""Layout, panels, the end of the shell, and the smaller screens."""

import re
from functools import partial

import pytest
from textual import events
from textual.widgets import Input, OptionList

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings
from terminal_ai.errors import ShellError
from terminal_ai.history.query import HistoryQuery
from terminal_ai.messages import use_language
from terminal_ai.records import RunningCommand
from terminal_ai.session import IntegrationState, ShellExit
from terminal_ai.ui.keymap import Action
from terminal_ai.ui.layout import Layout, Panel, Panels
from terminal_ai.ui.panels.question_input import (
    QUESTION_LIMIT_CHARACTERS,
    QuestionInput,
)
from terminal_ai.ui.screens.help import HelpScreen
from terminal_ai.ui.screens.history import HistoryScreen

from .fakes import ADVICE, EPOCH, AppUnderTest, FakeSession, make_app, record
from .shown import shown
from .waiting import until

WIDE, NARROW = (120, 40), (80, 24)


def panel_ids(app: AppUnderTest) -> set[str | None]:
    side = app.query_one("#side")
    return {child.id for child in side.children if child.display and side.display}


async def test_a_wide_screen_has_the_panels_beside_the_terminal() -> None:
    app = make_app()
    async with app.run_test(size=WIDE):
        assert panel_ids(app) == {"assistant", "profiler"}
        assert app.view.size == (75, 39)
        assert app.fake.sizes[-1] == (75, 39)
        assert app.focused is app.view


async def test_a_narrow_screen_leaves_the_terminal_its_full_width() -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        assert panel_ids(app) == set()
        for key, panels in (
            ("f2", {"assistant"}),
            ("f3", {"profiler"}),
            ("f3", set()),
            ("f2", {"assistant"}),
            ("f2", set()),
        ):
            await pilot.press(key)
            assert panel_ids(app) == panels
            assert app.view.size == (80, 23)
        assert set(app.fake.sizes[1:]) <= {(80, 23)}
        assert app.focused is app.view


async def test_resizing_moves_the_panels_and_tells_the_shell() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: app.fake.sizes[-1] == (80, 23))
        assert panel_ids(app) == set()
        await pilot.resize_terminal(140, 45)
        await until(pilot, lambda: app.fake.sizes[-1] == (95, 44))
        assert panel_ids(app) == {"assistant", "profiler"}


@pytest.mark.parametrize("sizes", [(WIDE, NARROW), (NARROW, WIDE)])
async def test_resizing_does_not_interrupt_a_question(
    sizes: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    before, after = sizes
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", "f2")
        await pilot.resize_terminal(*before)
        await pilot.press("f2", "w", "h")
        await pilot.resize_terminal(*after)
        await pilot.pause()
        await pilot.press("y")
        assert app.query_one("#question", Input).value == "why"
        assert "assistant" in panel_ids(app)
        assert app.fake.pressed == []


async def test_hiding_both_panels_gives_their_columns_to_the_terminal() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f3", "f2", "f2")
        await until(pilot, lambda: app.fake.sizes[-1] == (119, 39))


async def test_without_a_profiler_nothing_is_sampled() -> None:
    app = make_app(Settings(profiler=ProfilerSettings(enabled=False)))
    async with app.run_test(size=WIDE):
        assert panel_ids(app) == {"assistant"}
        assert "CPU" not in shown(app)


async def test_a_hidden_panel_s_advice_is_one_line_in_the_bar() -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: "F6 git status  gti was not found" in shown(app))
        await pilot.press("f6")
        assert app.fake.placed == ["git status"]
        assert app.focused is app.view


@pytest.mark.parametrize(
    "status", [ShellExit(exit_code=0), ShellExit(exit_code=127, is_wanted=True)]
)
async def test_leaving_the_shell_ends_the_app(status: ShellExit) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.end(status)
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ShellExit(exit_code=3), "exited with status 3"),
        (ShellExit(signal=9), "ended by SIGKILL"),
        (ShellExit(signal=200), "ended by signal 200"),
    ],
)
async def test_another_exit_stays_and_enter_starts_a_new_shell(
    status: ShellExit, words: str
) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.end(status)
        await until(pilot, lambda: words in shown(app))
        await pilot.press("x")
        assert app.fake.pressed == []
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.starts == 2)
        await until(pilot, lambda: words not in shown(app))
        await pilot.press("x")
        assert app.fake.pressed == [b"x"]


@pytest.mark.parametrize("key", ["q", "ctrl+d"])
async def test_after_an_exit_the_quit_keys_quit(key: str) -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.end(ShellExit(exit_code=3))
        await until(pilot, lambda: "status 3" in shown(app))
        await pilot.press(key)
        await until(pilot, lambda: not app.is_running)


async def test_a_shell_that_cannot_start_is_explained() -> None:
    def break_start(session: FakeSession) -> None:
        async def start() -> None:
            raise ShellError("cannot start /bin/nosh", hint="set shell.command")

        session.start = start  # type: ignore[method-assign]

    app = make_app(prepare=break_start)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "cannot start /bin/nosh" in shown(app))
        assert "set shell.command" in shown(app)
        assert "Enter starts a new shell" in shown(app)


async def test_the_bar_shows_what_runs_and_how_it_ended() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        assert "~/project" in shown(app)
        app.fake.listener.command_started(RunningCommand("sleep 30", "/", EPOCH))
        await until(pilot, lambda: "▶ sleep 30" in shown(app))
        app.fake.listener.command_finished(record(exit_code=130))
        await until(pilot, lambda: "✗ 130" in shown(app))
        app.fake.listener.command_finished(record(exit_code=0))
        await until(pilot, lambda: "✓ 0" in shown(app))
        app.fake.listener.integration_changed(IntegrationState.LOST)
        await until(pilot, lambda: "degraded capture: Ctrl+\\ r restarts" in shown(app))
        app.fake.listener.integration_changed(IntegrationState.LIMITED)
        await until(pilot, lambda: "limited capture" in shown(app))


@pytest.mark.parametrize("columns", [60, 80, 200])
async def test_the_bar_shows_who_takes_the_commands(columns: int) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 24)) as pilot:
        app.fake.listener.command_started(RunningCommand("ssh host", "/", EPOCH))
        app.fake.listener.inside_changed("ssh")
        inside = "inside ssh: commands are not separated"
        await until(pilot, lambda: inside in shown(app))
        app.fake.listener.inside_changed("")
        await until(pilot, lambda: inside not in shown(app))


async def test_what_a_program_is_called_reaches_the_bar_as_text() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.listener.inside_changed("[@click=app.quit]\x1b[2J")
        await until(pilot, lambda: "inside [@click=app.quit]" in shown(app))


async def test_how_the_shell_was_started_is_told_once() -> None:
    def prepare(session: FakeSession) -> None:
        session.notice = "another shell runs"

    app = make_app(prepare=prepare)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "another shell runs" in shown(app))
        app._main.status.clear_notice()
        app.fake.listener.prompt_ready("/")
        await until(pilot, lambda: "another shell runs" not in shown(app))


@pytest.mark.parametrize("columns", [10, 40, 80, 120, 200])
async def test_the_bar_fits_any_width_and_keeps_help(columns: int) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 24)) as pilot:
        app.fake.listener.command_finished(record(exit_code=1))
        await pilot.pause()
        bar = shown(app).splitlines()[-1]
        assert len(bar) <= columns
        if columns >= 40:
            assert "F1 help" in bar


async def test_a_narrow_bar_keeps_the_way_to_the_hidden_assistant() -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        app.fake.fail(record(), ADVICE)
        await until(pilot, lambda: "F6 git status" in shown(app))
        bar = shown(app).splitlines()[-1]
        assert "F2 assistant" in bar
        assert "F3 profiler" not in bar


async def test_in_a_full_screen_program_only_the_leader_is_promised() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        for switch, keys in (
            (b"\x1b[?1049h", r"3b +Ctrl\+\\ keys$"),
            (b"\x1b[?1049l", "F1 help .* F6 place$"),
        ):
            for event in app.fake.output(switch):
                app.fake.listener.terminal_event(event)
            await until(pilot, partial(_bar_matches, app, keys))


def _bar_matches(app: AppUnderTest, pattern: str) -> bool:
    bar = shown(app).splitlines()[-1]
    return re.search(pattern, bar) is not None


@pytest.mark.parametrize("columns", [20, 40, 44, 80])
async def test_a_panel_is_never_wider_than_the_screen(columns: int) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 10)) as pilot:
        for key in ("f2", "f3"):
            await pilot.press(key)
            assert app.query_one("#side").region.x >= 0
            assert app.query_one("#side").region.right == columns


async def test_the_leader_shows_its_keys_until_the_next_key() -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("ctrl+backslash")
        assert "q quit" in shown(app).splitlines()[-1]
        await pilot.press("escape")
        assert "q quit" not in shown(app).splitlines()[-1]


async def test_the_help_lists_every_action_and_runs_the_chosen_one() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        commands = app.screen.query_one(OptionList)
        assert {option.id for option in commands.options} == set(Action) - {"help"}
        await pilot.press(*"search")
        await until(pilot, lambda: commands.option_count < len(Action) - 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))


KEPT = [
    record("make test", 2, "boom\n", 3),
    record("git push", 0, "done\n", 2),
    record("make", 0, "ok\n", 1),
]


async def test_the_history_is_searched_and_a_command_placed() -> None:
    app = make_app(kept=KEPT)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "git push" in shown(app))
        assert "boom" in shown(app), "the newest one's output is shown"
        await pilot.press(*"make")
        await until(pilot, lambda: "git push" not in shown(app))
        await pilot.press("ctrl+t")
        query = HistoryQuery("make", failed=True, output_limit_bytes=0)
        await until(pilot, lambda: app.records.searches[-1] == query)
        await pilot.press("ctrl+t", "down")
        await until(pilot, lambda: "ok" in shown(app))
        await pilot.press("ctrl+y")
        assert app.clipboard == "make"
        await pilot.press("enter")
        await until(pilot, lambda: app.fake.placed == ["make"])


async def test_a_long_command_takes_one_row_of_the_history() -> None:
    app = make_app(kept=[record("echo " + "long " * 60), *KEPT])
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "git push" in shown(app))
        assert app.screen.query_one(OptionList).virtual_size.height == len(KEPT) + 1


@pytest.mark.parametrize("size", [(40, 10), NARROW])
async def test_the_last_command_of_the_help_can_be_reached(
    size: tuple[int, int],
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("up")
        await until(pilot, lambda: "third" in shown(app))


@pytest.mark.parametrize(
    ("language", "ending"), [("en", "only key of ours."), ("ko", "씁니다.")]
)
async def test_the_help_is_whole_on_a_classic_screen(
    language: str, ending: str
) -> None:
    use_language(language)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        # No break between the words counts: only that nothing is cut.
        await until(pilot, lambda: ending in re.sub(r"\s*│\s*", " ", shown(app)))


async def test_a_history_without_a_match_says_so() -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("f4")
        await until(pilot, lambda: "No command has finished yet" in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "Nothing found" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, HistoryScreen))
        assert app.fake.placed == []


async def test_the_question_keeps_its_letters() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", *"why?")
        await pilot.pause()
        assert app.query_one("#question", Input).value == "why?"
        assert app.fake.pressed == []


async def test_a_paste_into_the_question_keeps_all_its_lines() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", *"why ", "x", "shift+left")
        question = app.query_one("#question", QuestionInput)
        question.post_message(events.Paste("line one\r\n\tline two\n\x1b[31mend\n"))
        await until(pilot, lambda: question.value.endswith("end"))
        assert question.value == "why line one line two ␛[31mend"
        question.post_message(events.Paste("y" * 2 * QUESTION_LIMIT_CHARACTERS))
        await until(pilot, lambda: len(question.value) == QUESTION_LIMIT_CHARACTERS)
        assert question.value.startswith("why line one")
        assert app.fake.pressed == []


@pytest.mark.parametrize(
    ("columns", "expected"), [(120, (76, 39)), (100, (56, 39)), (99, (99, 39))]
)
def test_the_shell_starts_with_the_size_that_the_view_will_have(
    columns: int, expected: tuple[int, int]
) -> None:
    interface = InterfaceSettings()
    rule = Layout(interface.overlay_below_columns, interface.panel_columns)
    assert rule.terminal_size(columns, 40) == expected


def test_each_width_keeps_its_own_panels() -> None:
    panels = Panels({Panel.ASSISTANT, Panel.PROFILER})
    panels.is_narrow = True
    assert panels.shown == set()
    panels.show(Panel.ASSISTANT)
    panels.show(Panel.PROFILER)
    assert panels.shown == {Panel.PROFILER}
    panels.is_narrow = False
    assert panels.shown == {Panel.ASSISTANT, Panel.PROFILER}
    panels.hide(Panel.ASSISTANT)
    panels.uncover()
    assert panels.shown == {Panel.PROFILER}


async def test_news_about_the_history_is_told_once_at_the_prompt() -> None:
    app = make_app(notices=("settings were ignored",))
    async with app.run_test(size=(120, 40)) as pilot:
        app.fake.listener.prompt_ready("/tmp")
        await until(pilot, lambda: "settings were ignored" in shown(app))
        app.fake.listener.command_started(RunningCommand("df", "/tmp", 0.0))
        await until(pilot, lambda: "settings were ignored" not in shown(app))
        app.records.notice = "the disk is full"
        app.fake.listener.prompt_ready("/tmp")
        await until(pilot, lambda: "the disk is full" in shown(app))
        app.fake.listener.command_started(RunningCommand("df", "/tmp", 0.0))
        app.fake.listener.prompt_ready("/tmp")
        await until(pilot, lambda: "the disk is full" not in shown(app))
