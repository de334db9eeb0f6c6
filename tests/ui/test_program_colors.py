"""Colours that programs set with OSC 4 and 10 to 12, as they are painted."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style as RichStyle

from terminal_ai.config import InterfaceSettings, Settings
from terminal_ai.terminal.colors import NO_CHANGES
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.theme import ANSI_DARK, DARK, LIGHT, Palette, palette_of
from terminal_ai.ui.view.cursor import CursorLook
from terminal_ai.ui.view.frames import FRAME_SECONDS
from terminal_ai.ui.view.strips import (
    changed_base,
    paint_row,
    rich_style,
    with_cursor,
)

from .fakes import AppUnderTest, make_app
from .waiting import until

WIDE = (120, 40)
BASE = RichStyle.parse("#ffffff on #000000")
GREEN, BLUE, PINK = "#00ff00", "#0000ff", "#ff00ff"


def colors_of_cells(segments: Sequence[Segment]) -> list[tuple[str, str, str]]:
    return [
        (
            text,
            style.color.name if style and style.color else "",
            style.bgcolor.name if style and style.bgcolor else "",
        )
        for text, style, _ in segments
    ]


def paint(
    terminal: Terminal, palette: Palette, row: int = 0, base: RichStyle = BASE
) -> list[tuple[str, str, str]]:
    changes = terminal.color_changes
    base = changed_base(base, changes)
    line = terminal.line(row)
    return colors_of_cells([*paint_row(line, palette, base, 0, changes)])


commands = st.lists(
    st.sampled_from(
        [
            b"\x1b]4;1;#00ff00\x07",
            b"\x1b]4;1;#0000ff;200;#ff00ff\x07",
            b"\x1b]10;#00ff00\x07",
            b"\x1b]11;#0000ff\x07",
            b"\x1b]12;#ff00ff\x07",
            b"\x1b]104\x07",
            b"\x1b]104;1\x07",
            b"\x1b]110\x07",
            b"\x1b]111\x07",
            b"\x1b]112\x07",
            b"\x1bc",
            b"\x1b[31;48;5;200mred\x1b[m plain\r\n",
        ]
    ),
    max_size=20,
)


@pytest.mark.parametrize("theme", [DARK, LIGHT, ANSI_DARK])
@given(commands)
def test_cells_have_the_colours_in_force(theme: str, script: list[bytes]) -> None:
    terminal = Terminal(12, 3)
    for command in script:
        terminal.feed(command)
        changes = terminal.color_changes
        for row in range(3):
            for text, foreground, background in paint(terminal, palette_of(theme), row):
                if text == "red":
                    untouched = palette_of(theme).colors[1:2] or ("color(1)",)
                    assert foreground == changes.palette.get(1, untouched[0])
                elif text.strip():
                    assert foreground == (changes.foreground or "#ffffff")
                    assert background == (changes.background or "#000000")


@given(commands)
def test_the_same_changes_are_the_same_object(script: list[bytes]) -> None:
    one, other = Terminal(12, 3), Terminal(12, 3)
    for command in script:
        one.feed(command)
    other.feed(b"".join(script))
    assert one.color_changes is other.color_changes
    one.feed(b"\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07")
    assert one.color_changes is NO_CHANGES, "and nothing is paid for nothing"


def test_a_full_reset_and_another_theme_take_them_back() -> None:
    terminal = Terminal(12, 3)
    terminal.feed(b"\x1b]4;1;#00ff00\x07\x1b]11;#0000ff\x07")
    assert terminal.color_changes.palette == {1: GREEN}
    terminal.feed(b"\x1bc")
    assert terminal.color_changes is NO_CHANGES
    terminal.feed(b"\x1b]11;#0000ff\x07")
    before = terminal.colors
    assert terminal.set_colors(before) == ()
    assert terminal.color_changes is NO_CHANGES


def test_styles_are_shared_while_nothing_is_set() -> None:
    terminal = Terminal(12, 3)
    terminal.feed(b"\x1b[31mred")
    style = terminal.line(0).runs[0][1]
    palette = palette_of(DARK)
    assert changed_base(BASE, terminal.color_changes) is BASE
    assert rich_style(style, BASE, palette) is rich_style(style, BASE, palette)


@pytest.mark.parametrize("look", [*CursorLook])
@pytest.mark.parametrize("start", ["", "\x1b[7m", "\x1b[31m"])
def test_the_cursor_has_its_own_colour(look: CursorLook, start: str) -> None:
    terminal = Terminal(12, 3)
    terminal.feed(start.encode() + b"abc")
    strip = paint_row(terminal.line(0), palette_of(DARK), BASE, 12)
    drawn = with_cursor(strip, 1, look, PINK)
    pink = [
        segment
        for segment in drawn
        if segment.style and segment.style.color and segment.style.color.name == PINK
    ]
    if look is CursorLook.NOTHING:
        assert pink == []
        return
    assert [segment.text for segment in pink] == ["b"]
    style = pink[0].style
    assert style is not None
    assert bool(style.reverse) == (look is CursorLook.BLOCK or start == "\x1b[7m")


def first_cell(app: AppUnderTest) -> tuple[str, str, str]:
    return colors_of_cells([*app.view.render_line(0)])[0]


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
async def test_a_program_s_colours_are_shown_and_taken_back(theme: str) -> None:
    settings = Settings(
        interface=InterfaceSettings(theme=theme),  # type: ignore[arg-type]
    )
    app = make_app(settings, greeting=b"\x1b[31mred\x1b[m plain")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: first_cell(app)[0] == "red")
        before = first_cell(app)
        await pilot.pause(2 * FRAME_SECONDS)
        painted: list[int] = []
        render_line = app.view.render_line
        app.view.render_line = (  # type: ignore[method-assign]
            lambda y: painted.append(y) or render_line(y)  # type: ignore[func-returns-value]
        )
        app.fake.output(b"\x1b]4;1;#00ff00\x07\x1b]11;#0000ff\x07")
        await until(pilot, lambda: len(painted) >= app.view.size.height)
        assert first_cell(app) == ("red", GREEN, BLUE)
        assert colors_of_cells([*app.view.render_line(20)])[0][2] == BLUE
        app.fake.output(b"\x1bc\x1b[31mred")
        await until(pilot, lambda: first_cell(app) == before)


async def test_users_who_want_no_colours_get_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(greeting=b"plain", environ={"HOME": "/home/ada", "NO_COLOR": "1"})
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: first_cell(app)[0].startswith("plain"))
        before = first_cell(app)
        app.fake.output(b"\x1b]10;#00ff00\x07\x1b]11;#0000ff\x07\x1b]12;#ff00ff\x07")
        await pilot.pause(2 * FRAME_SECONDS)
        assert first_cell(app) == before
