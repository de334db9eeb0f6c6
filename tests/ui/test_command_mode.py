"""Command mode: which command the keys choose, and what they ask for."""

import re
from pathlib import Path

import pytest
from textual import on
from textual.pilot import Pilot

from terminal_ai.ui.view.command_mode import KEYS, CommandAction
from terminal_ai.ui.view.terminal_view import TerminalView

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

NARROW = (80, 24)
LONG = b"".join(b"row %d\r\n" % at for at in range(40))


class ChoosingApp(AppUnderTest):
    """Keeps what the mode asks for."""

    chosen: list[tuple[CommandAction, str]]

    @on(TerminalView.CommandChosen)
    def keep(self, message: TerminalView.CommandChosen) -> None:
        self.chosen.append((message.action, message.block.command_line))

    @property
    def command(self) -> str:
        block = self.view.chosen_block
        return "" if block is None else block.command_line

    @property
    def top(self) -> str:
        terminal = self.view.terminal
        assert terminal is not None
        return terminal.line(-self.view.rows_up).text


def app_with_commands() -> ChoosingApp:
    app = make_app(greeting=b"", kind=ChoosingApp)
    assert isinstance(app, ChoosingApp)
    app.chosen = []
    return app


async def run_commands(pilot: Pilot[None], app: ChoosingApp) -> None:
    await until(pilot, lambda: app.fake.starts == 1)
    for number in range(6):
        app.fake.run(f"make {number}", LONG, exit_code=number % 2)
    app.fake.output(b"$ ")
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_going_from_command_to_command() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        visited = []
        await press(pilot, "ctrl+backslash", "up")
        for key in ("", "up", "k", "down", "j", "[", "K", "]", "J", "J"):
            await press(pilot, *([key] if key else []))
            visited.append(app.command)
            assert app.top == f"$ {app.command}", "the prompt is the first row in view"
        assert visited == [
            f"make {number}" for number in (5, 4, 3, 4, 5, 3, 1, 3, 5, 5)
        ]
        assert not app.fake.pressed, "all keys are the mode's"
        # The leader goes on from where the mode is.
        await press(pilot, "ctrl+backslash", "up", "ctrl+backslash", "down", "up")
        assert app.command == "make 4"


async def test_the_mode_begins_at_the_view() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        app.view.scroll_rows_up(100)
        await press(pilot, "ctrl+backslash", "up")
        above = app.command
        await press(pilot, "q")
        app.view.scroll_rows_up(100)
        await press(pilot, "ctrl+backslash", "down")
        below = app.command
        assert (above, below) == ("make 3", "make 4")


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c"])
async def test_leaving_stays_where_it_is_and_gives_the_keys_back(key: str) -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up", "up")
        place = app.view.rows_up
        await press(pilot, key)
        assert (app.command, app.view.rows_up) == ("", place)
        assert not app.fake.pressed
        await press(pilot, "x")
        assert app.fake.pressed == [b"x"]
        assert app.view.rows_up == 0


@pytest.mark.parametrize(
    ("key", "action", "stays"),
    [
        ("enter", CommandAction.PLACE, False),
        ("c", CommandAction.COPY_COMMAND, True),
        ("o", CommandAction.COPY_OUTPUT, True),
        ("m", CommandAction.COPY_BOTH, True),
        ("y", CommandAction.COPY_BOTH, True),
        ("space", CommandAction.FOLD, True),
        ("z", CommandAction.FOLD, True),
        ("Z", CommandAction.FOLD_ALL, True),
        ("e", CommandAction.EXPORT, True),
        ("a", CommandAction.ASK, False),
    ],
)
async def test_asking_for_something(
    key: str, action: CommandAction, stays: bool
) -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up", "up", key)
        assert app.chosen == [(action, "make 4")]
        assert bool(app.command) is stays
        assert not app.fake.pressed


async def test_selecting_the_output_goes_on_in_copy_mode() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up", "up", "s")
        assert app.command == ""
        assert app.view.copy_mode is not None
        rows = app.view.selected_text.splitlines()
        assert rows == [f"row {at}" for at in range(40)]


async def test_the_chosen_command_and_its_keys_are_shown() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up")
        assert "q leave" in shown(app).splitlines()[-1]
        plain = app.view.render_line(1)
        chosen = app.view.render_line(0)
        styles = [{piece.style for piece in strip} for strip in (plain, chosen)]
        assert styles[0].isdisjoint(styles[1])
        await press(pilot, "q")
        assert "q leave" not in shown(app)
        assert {piece.style for piece in app.view.render_line(0)} & styles[0]


async def test_the_chosen_command_stays_chosen_in_another_size() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up", "up")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert app.command == "make 4"
        await press(pilot, "up")
        assert (app.command, app.top) == ("make 3", "$ make 3")


async def test_without_commands_there_is_nothing_to_choose() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.fake.starts == 1)
        await press(pilot, "ctrl+backslash", "up")
        assert "no command" in shown(app)
        app.fake.run("vim", b"\x1b[?1049h", exit_code=None)
        await press(pilot, "ctrl+backslash", "up")
        assert app.command == ""


async def test_a_full_screen_program_ends_the_mode() -> None:
    app = app_with_commands()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        await press(pilot, "ctrl+backslash", "up")
        app.fake.output(b"\x1b[?1049h")
        await press(pilot, "x")
        assert (app.command, app.fake.pressed) == ("", [b"x"])


def test_the_documentation_lists_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "keys.md").read_text()
    section = text.partition("## Command mode")[2].partition("\n## ")[0]
    documented = set(re.findall(r"`([^`]+)`", section))
    names = {" ": "space", "escape": "esc"}
    assert {names.get(key, key) for key in KEYS} <= documented
