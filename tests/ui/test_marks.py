"""What stands beside the commands, and above an output that is read."""

from collections.abc import Callable
from typing import Literal

import pytest
from rich.style import Style as RichStyle
from textual import on
from textual.pilot import Pilot

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings
from terminal_ai.ui.layout import Layout
from terminal_ai.ui.view.command_mode import CommandAction
from terminal_ai.ui.view.gutter import Gutter
from terminal_ai.ui.view.terminal_view import TerminalView

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

WIDE, NARROW = (120, 40), (80, 24)
LONG = b"".join(b"row %d\r\n" % at for at in range(60))
GutterSetting = Literal["auto", "on", "off"]


class MarkedApp(AppUnderTest):
    """Keeps what is asked for, and counts what the gutter paints."""

    asked: list[tuple[CommandAction, str]]

    @on(TerminalView.CommandChosen)
    def keep(self, message: TerminalView.CommandChosen) -> None:
        self.asked.append((message.action, message.block.command_line))

    @property
    def column(self) -> str:
        gutter = self.query_one(Gutter)
        rows = range(gutter.size.height)
        return "".join(gutter.render_line(y).text for y in rows).rstrip()

    @property
    def first_row(self) -> str:
        return self.view.render_line(0).text.rstrip()


def app_with(
    gutter: GutterSetting = "auto", *, theme: Literal["dark", "light", "ansi"] = "dark"
) -> MarkedApp:
    settings = Settings(
        interface=InterfaceSettings(gutter=gutter, theme=theme),
        profiler=ProfilerSettings(interval_seconds=60),
    )
    app = make_app(settings, greeting=b"", kind=MarkedApp)
    assert isinstance(app, MarkedApp)
    app.asked = []
    return app


async def run_commands(pilot: Pilot[None], app: MarkedApp) -> None:
    await until(pilot, lambda: app.fake.starts == 1)
    app.fake.run("ls", b"README.md\r\n")
    app.fake.run("make", b"error\r\n", exit_code=2)
    app.fake.run("sleep 9", exit_code=None)
    await pilot.pause()


async def test_each_prompt_has_its_command_s_mark() -> None:
    app = app_with()
    async with app.run_test(size=WIDE) as pilot:
        await run_commands(pilot, app)
        assert app.column == "✓ ✗ ▶"


async def test_marks_follow_scrolling_and_go_with_the_screen() -> None:
    app = app_with()
    async with app.run_test(size=WIDE) as pilot:
        await run_commands(pilot, app)
        app.fake.output(LONG)
        await pilot.pause()
        assert app.column == ""
        app.view.scroll_rows_up(app.fake.terminal.scrollback_length)
        await pilot.pause()
        assert app.column == "✓ ✗ ▶"
        app.fake.output(b"\x1b[?1049h")
        await pilot.pause()
        assert app.column == ""
        app.fake.output(b"\x1b[?1049l")
        app.fake.output(b"\x1b[H\x1b[2J\x1b[3J")
        await pilot.pause()
        assert app.column == ""


async def test_a_prompt_that_is_overwritten_loses_its_mark_at_once() -> None:
    app = app_with()
    async with app.run_test(size=WIDE) as pilot:
        await run_commands(pilot, app)
        app.fake.output(b"\x1b[Hsomething else\x1b[K")
        await pilot.pause()
        assert app.column == "  ✗ ▶"


async def test_the_gutter_is_not_painted_for_a_key() -> None:
    app = app_with()
    async with app.run_test(size=WIDE) as pilot:
        await run_commands(pilot, app)
        painted: list[int] = []
        gutter = app.query_one(Gutter)
        paint = gutter.render_line
        gutter.render_line = lambda y: painted.append(y) or paint(y)  # type: ignore[func-returns-value,method-assign]
        app.fake.output(b"x")
        app.fake.output(b"\r\n")
        await pilot.pause()
        assert not painted
        app.fake.run("true")
        await until(pilot, lambda: bool(painted))


async def test_a_click_chooses_and_a_second_one_folds() -> None:
    app = app_with()
    async with app.run_test(size=WIDE) as pilot:
        await run_commands(pilot, app)
        await pilot.click("#gutter", offset=(0, 2))
        assert app.view.chosen_block is not None
        assert app.view.chosen_block.command_line == "make"
        assert app.column == "✓ ✗▏▶"
        await pilot.click("#gutter", offset=(0, 2))
        await until(pilot, lambda: bool(app.asked))
        assert app.asked == [(CommandAction.FOLD, "make")]
        await pilot.press("q")
        assert app.column == "✓ ✗ ▶"
        await pilot.click("#gutter", offset=(0, 9))
        assert app.view.chosen_block is None


@pytest.mark.parametrize(
    ("gutter", "size", "columns"),
    [
        ("auto", WIDE, 75),
        ("auto", NARROW, 80),
        ("on", WIDE, 75),
        ("on", NARROW, 79),
        ("off", WIDE, 76),
        ("off", NARROW, 80),
    ],
)
async def test_the_terminal_has_the_rest_of_the_width(
    gutter: GutterSetting, size: tuple[int, int], columns: int
) -> None:
    app = app_with(gutter)
    interface = InterfaceSettings()
    rule = Layout(interface.overlay_below_columns, interface.panel_columns, gutter)
    assert rule.terminal_size(*size)[0] == columns
    async with app.run_test(size=size):
        assert app.view.size.width == columns
        assert app.fake.sizes[-1] == (columns, size[1] - 1)


@pytest.mark.parametrize("gutter", ["auto", "off"])
async def test_without_a_gutter_prompts_are_tinted(gutter: GutterSetting) -> None:
    app = app_with(gutter)
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        looks = [next(iter(app.view.render_line(y))) for y in (0, 2, 4, 1)]
        styles = [look.style for look in looks]
        assert len(set(styles)) == (4 if gutter == "auto" else 1)
        app.fake.output(b"\x1b[H\x1b[2Jnew")
        await pilot.pause()
        assert next(iter(app.view.render_line(0))).style == styles[3]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_chosen_command_still_shows_how_it_ended(size: tuple[int, int]) -> None:
    app = app_with()

    def mark() -> RichStyle | None:
        has_gutter = app.query_one(Gutter).size.width
        painted = app.query_one(Gutter) if has_gutter else app.view
        return next(iter(painted.render_line(2))).style

    async with app.run_test(size=size) as pilot:
        await run_commands(pilot, app)
        before = mark()
        await pilot.press("ctrl+backslash", "up", "up")
        assert app.view.chosen_block is not None
        assert app.view.chosen_block.command_line == "make"
        chosen = mark()
        assert before is not None
        assert chosen is not None
        assert chosen.color == before.color
        assert chosen.reverse == before.reverse


async def test_the_header_names_the_command_of_a_long_output() -> None:
    app = app_with()
    async with app.run_test(size=NARROW) as pilot:
        await run_commands(pilot, app)
        app.fake.finish(b"", exit_code=0)
        app.fake.run("make -k", LONG, exit_code=2)
        app.fake.output(b"$ ")
        await pilot.pause()
        assert app.first_row == "row 38", "at the bottom all is output"
        app.view.scroll_rows_up(10)
        assert app.first_row.startswith("✗ 2  make -k ")
        assert "12 ms" in app.first_row
        assert app.view.size.height == 23
        assert app.fake.sizes[-1] == (80, 23)
        await pilot.click(app.view, offset=(5, 0))
        assert app.first_row == "$ make -k"
        app.view.scroll_rows_up(app.fake.terminal.scrollback_length)
        assert app.first_row == "$ ls", "the very first row can be read"


async def test_the_header_gives_way() -> None:
    app = app_with()
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.fake.starts == 1)
        app.fake.run("ls")
        app.fake.run("make -k", LONG)
        app.fake.output(b"$ ")
        app.view.scroll_rows_up(20)
        assert "make -k" in app.first_row
        # A row that a search goes to is never behind it.
        app.view.show_line(-20)
        assert app.view.render_line(1).text.startswith("row ")
        assert app.view.rows_up == 21
        await pilot.press("ctrl+backslash", "v")
        assert "make -k" not in app.first_row
        await pilot.press("q")
        app.view.scroll_rows_up(20)
        app.fake.output(b"\x1b[?1049h")
        await pilot.pause()
        assert "make -k" not in app.first_row


async def test_the_header_follows_the_state() -> None:
    app = app_with()
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.fake.starts == 1)
        app.fake.run("ls")
        app.fake.run("make -k", LONG, exit_code=None)
        app.view.scroll_rows_up(20)
        assert app.first_row.startswith("▶  make -k")
        app.fake.finish(b"row\r\n", exit_code=3)
        await pilot.pause()
        assert app.first_row.startswith("✗ 3  make -k")


async def test_a_command_line_cannot_write_beyond_the_header() -> None:
    app = app_with()
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.fake.starts == 1)
        app.fake.run("ls")
        hostile = "echo \x1b[31m\x1b]0;x\x07[red]\u202egpj\nrm 世" + "界" * 60
        app.fake.run(hostile, LONG)
        app.view.scroll_rows_up(20)
        row = app.view.render_line(0)
        assert row.cell_length == 80
        assert "[red]" in row.text
        assert not {"\x1b", "\x07", "\u202e", "\n"} & {*row.text}


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
def test_commands_and_their_marks(
    snap_compare: Callable[..., bool],
    size: tuple[int, int],
    theme: Literal["dark", "light", "ansi"],
) -> None:
    app = app_with(theme=theme)

    async def show(pilot: Pilot[None]) -> None:
        await run_commands(pilot, app)
        app.fake.finish(b"", exit_code=0)
        app.fake.run("make -k", LONG, exit_code=2)
        app.fake.run("git status", b"clean\r\n")
        app.fake.run("sleep 9", exit_code=None)
        await until(pilot, lambda: "qwen2.5-coder" in shown(app))
        app.view.scroll_rows_up(12)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_command_mode(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    app = app_with()

    async def show(pilot: Pilot[None]) -> None:
        await run_commands(pilot, app)
        app.fake.finish(b"", exit_code=0)
        app.fake.run("make -k", LONG, exit_code=2)
        app.fake.output(b"$ ")
        await pilot.press("ctrl+backslash", "up")
        await until(pilot, lambda: "q leave" in shown(app))
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)
