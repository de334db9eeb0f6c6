from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style as RichStyle
from textual import events
from textual.color import Color
from textual.strip import Strip

from terminal_ai.config import InterfaceSettings, Settings
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.theme import ANSI_DARK, DARK, LIGHT, palette_of
from terminal_ai.ui.view.frames import FRAME_SECONDS
from terminal_ai.ui.view.scroll import ScrollPosition
from terminal_ai.ui.view.strips import (
    paint_row,
    with_bar_cursor,
    with_block_cursor,
    with_hollow_cursor,
    with_selection,
    with_underline_cursor,
)

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

WIDE = (120, 40)
BASE = RichStyle.parse("#ffffff on #000000")
CELLS = st.text(st.sampled_from("ab 한🙂é\u0301#"), max_size=20)


def screen_rows(app: AppUnderTest, count: int) -> list[str]:
    return [
        line[: app.view.size.width].rstrip() for line in shown(app).splitlines()[:count]
    ]


@given(CELLS, st.integers(0, 30), st.booleans())
def test_a_cursor_changes_one_cell_and_no_width(
    text: str, column: int, styled: bool
) -> None:
    terminal = Terminal(40, 2)
    terminal.feed((("\x1b[31m" if styled else "") + text).encode())
    strip = paint_row(terminal.line(0), palette_of(DARK), BASE)
    strip = strip.extend_cell_length(40, BASE)
    for draw in (
        with_block_cursor,
        with_underline_cursor,
        with_bar_cursor,
        with_hollow_cursor,
    ):
        drawn = draw(strip, column)
        assert drawn.cell_length == 40
        assert sum(cell_len(segment.text) for segment in drawn) == 40
        changed = [
            segment
            for segment in drawn
            if segment.style and (segment.style.reverse or segment.style.underline)
        ]
        assert len(changed) <= 1
        if draw in (with_block_cursor, with_underline_cursor):
            assert drawn.text == strip.text
            assert cell_len(changed[0].text) <= 2


@given(CELLS, st.integers(0, 40), st.integers(0, 40))
def test_a_highlight_keeps_the_text(text: str, start: int, end: int) -> None:
    terminal = Terminal(40, 2)
    terminal.feed(text.encode())
    strip = paint_row(terminal.line(0), palette_of(DARK), BASE)
    strip = strip.extend_cell_length(40, BASE)
    lit = with_selection(strip, start, end, RichStyle(bgcolor="blue"))
    assert lit.text == strip.text
    assert lit.cell_length == strip.cell_length


def filled(rows: int) -> Terminal:
    terminal = Terminal(20, 5)
    terminal.feed("\r\n".join(f"row {number}" for number in range(rows)).encode())
    return terminal


@given(st.integers(0, 30), st.lists(st.integers(0, 9), max_size=6))
def test_a_scrolled_view_stays_on_its_text(up: int, bursts: list[int]) -> None:
    terminal = filled(20)
    position = ScrollPosition()
    position.move(up, terminal)
    top = terminal.line(-position.offset).id if position.offset else None
    for count in bursts:
        terminal.feed(b"more\r\n" * count)
        position.keep_still(terminal)
        assert 0 <= position.offset <= terminal.scrollback_length
        if top is not None:
            assert terminal.line(-position.offset).id == top
        else:
            assert position.offset == 0


def test_a_scrolled_view_whose_text_is_dropped_stays_in_bounds() -> None:
    terminal = Terminal(20, 5, scrollback_rows=10)
    terminal.feed(b"x\r\n" * 30)
    position = ScrollPosition()
    position.move(10, terminal)
    terminal.feed(b"y\r\n" * 500)
    position.keep_still(terminal)
    assert 0 < position.offset <= terminal.scrollback_length


async def test_output_is_painted_with_colours_and_wide_characters() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output("\x1b[1;31mred\x1b[0m 한글 🙂 end\r\n\x1b[44mblue".encode())
        await until(pilot, lambda: "한글 🙂 end" in shown(app))
        strip = app.view.render_line(0)
        first = next(iter(strip))
        assert first.text == "red"
        assert first.style is not None
        assert first.style.bold
        assert first.style.color is not None
        assert first.style.color.name == palette_of(DARK).colors[1]
        assert strip.cell_length == app.view.size.width


async def test_only_damaged_rows_are_painted_again() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"one\r\ntwo\r\nthree")
        await until(pilot, lambda: "three" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        painted: list[int] = []
        render_line = app.view.render_line

        def recorded(y: int) -> Strip:
            painted.append(y)
            return render_line(y)

        app.view.render_line = recorded  # type: ignore[method-assign]
        app.fake.output(b"\x1b[2;1HTWO")
        await until(pilot, lambda: "TWO" in shown(app))
        assert set(painted) == {1, 2}, "the damaged row and the cursor's old row"


async def test_a_reversed_screen_is_painted_whole_and_flashes() -> None:
    app = make_app(greeting=b"ab\x1b[7mcd\x1b[m\x1b[?25l")
    async with app.run_test(size=WIDE) as pilot:

        def looks() -> list[bool]:
            cells = app.view.render_line(0).divide([2, 4, app.view.size.width])
            return [all(s.style and s.style.reverse for s in strip) for strip in cells]

        await until(pilot, lambda: "abcd" in shown(app))
        assert looks() == [False, True, False]
        app.fake.output(b"\x1b[?5h")
        assert looks() == [True, False, True]
        app.fake.output(b"\x1b[?5l")
        assert looks() == [False, True, False]


async def test_scrolling_back_and_typing_returns_to_the_bottom() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"".join(b"line %d\r\n" % number for number in range(200)))
        await until(pilot, lambda: "line 199" in shown(app))
        await pilot.press("shift+pageup")
        await until(pilot, lambda: "line 199" not in shown(app))
        top = screen_rows(app, 1)
        assert "↓ 38 rows below" in shown(app)
        app.fake.output(b"new output\r\n" * 3)
        await pilot.pause()
        assert screen_rows(app, 1) == top, "the view stays where it was"
        assert app.fake.pressed == []
        await pilot.press("x")
        await until(pilot, lambda: "new output" in shown(app))
        assert "below" not in shown(app)


async def test_the_wheel_scrolls_or_becomes_arrow_keys() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"".join(b"line %d\r\n" % number for number in range(100)))
        await pilot._post_mouse_events([events.MouseScrollUp], widget=app.view)
        await until(pilot, lambda: "↓ 3 rows below" in shown(app))
        assert app.fake.pressed == []
        app.fake.output(b"\x1b[?1049h")
        await pilot._post_mouse_events([events.MouseScrollUp], widget=app.view)
        await until(pilot, lambda: app.fake.sent == b"\x1b[A" * 3)


async def test_a_program_that_asked_gets_the_mouse() -> None:
    app = make_app(greeting=b"\x1b[?1000h\x1b[?1006h")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.click(app.view, offset=(4, 2))
        assert app.fake.pressed == [b"\x1b[<0;5;3M", b"\x1b[<0;5;3m"]


async def test_text_is_selected_with_the_mouse_and_copied() -> None:
    app = make_app(greeting=b"hello brave world\r\nsecond line")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.mouse_down(app.view, offset=(6, 0))
        await pilot.hover(app.view, offset=(5, 1))
        await pilot.mouse_up(app.view, offset=(5, 1))
        assert app.view.selected_text == "brave world\nsecond"
        await pilot.press("ctrl+backslash", "c")
        assert app.clipboard == "brave world\nsecond"
        await pilot.press("x")
        assert app.view.selected_text == ""
        assert app.fake.pressed == [b"x"]


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
async def test_selected_text_can_be_read(
    theme: Literal["dark", "light", "ansi"],
) -> None:
    settings = Settings(interface=InterfaceSettings(theme=theme))
    app = make_app(settings, greeting=b"hello \x1b[34mworld")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.double_click(app.view, offset=(1, 0))
        (chosen,) = [
            piece for piece in app.view.render_line(0) if piece.text == "hello"
        ]
        assert chosen.style is not None
        text, ground = chosen.style.color, chosen.style.bgcolor
        assert text is not None
        assert ground is not None
        assert text != ground
        if theme != "ansi":
            pair = [Color.from_rich_color(each) for each in (text, ground)]
            assert abs(pair[0].brightness - pair[1].brightness) > 0.4


async def test_ctrl_c_is_the_shell_s_even_with_a_selection() -> None:
    app = make_app(greeting=b"hello")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.double_click(app.view, offset=(1, 0))
        assert app.view.selected_text == "hello"
        await pilot.press("ctrl+c")
        assert app.fake.pressed == [b"\x03"]


async def test_new_output_in_the_selection_drops_it() -> None:
    app = make_app(greeting=b"hello\r\nworld")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.double_click(app.view, offset=(1, 0))
        app.fake.output(b"\x1b[2;1Hother")
        assert app.view.selected_text == "hello"
        app.fake.output(b"\x1b[1;1HHELLO")
        assert app.view.selected_text == ""


async def test_synchronized_output_is_held_and_then_shown() -> None:
    app = make_app(greeting=b"ready\r\n")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "ready" in shown(app))
        app.fake.output(b"\x1b[?2026hpartial")
        await pilot.pause(0.02)
        assert "partial" not in shown(app)
        app.fake.output(b" whole\x1b[?2026l")
        await until(pilot, lambda: "partial whole" in shown(app))
        app.fake.output(b"\x1b[?2026h\r\nnever ended")
        await until(pilot, lambda: "never ended" in shown(app))


async def test_focus_is_reported_only_when_asked_for() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2", "escape")
        assert app.fake.pressed == []
        app.fake.output(b"\x1b[?1004h")
        await pilot.press("f2")
        await until(pilot, lambda: app.fake.sent == b"\x1b[O")
        await pilot.press("escape")
        await until(pilot, lambda: app.fake.sent == b"\x1b[O\x1b[I")


async def test_the_host_s_cursor_follows_for_input_methods() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"\x1b[5;9H")
        await until(pilot, lambda: tuple(app.cursor_position) == (9, 4))


def look_of(sgr: str, theme: str = DARK) -> RichStyle:
    terminal = Terminal(12, 1)
    terminal.feed(f"\x1b[{sgr}mx".encode())
    (segment,) = paint_row(terminal.line(0), palette_of(theme), BASE)
    assert segment.style is not None
    return segment.style


ATTRIBUTES = (
    *("bold", "dim", "italic", "underline", "underline2", "blink"),
    *("reverse", "conceal", "strike", "overline"),
)


@pytest.mark.parametrize(
    ("sgr", "attribute"),
    [
        ("1", "bold"),
        ("2", "dim"),
        ("3", "italic"),
        ("4", "underline"),
        ("4:3", "underline"),
        ("4:4", "underline"),
        ("4:5", "underline"),
        ("21", "underline2"),
        ("4:2", "underline2"),
        ("5", "blink"),
        ("7", "reverse"),
        ("8", "conceal"),
        ("9", "strike"),
        ("53", "overline"),
    ],
)
def test_every_attribute_is_painted_and_no_other(sgr: str, attribute: str) -> None:
    look = look_of(sgr)
    assert [name for name in ATTRIBUTES if getattr(look, name)] == [attribute]


@pytest.mark.parametrize(
    ("sgr", "theme", "foreground"),
    [
        ("31", DARK, palette_of(DARK).colors[1]),
        ("38;5;1", LIGHT, palette_of(LIGHT).colors[1]),
        ("91", LIGHT, palette_of(LIGHT).colors[9]),
        ("38;5;208", DARK, "#ff8700"),
        ("38;2;1;2;3", DARK, "#010203"),
    ],
)
def test_colours_are_the_theme_s_the_cube_s_or_the_program_s(
    sgr: str, theme: str, foreground: str
) -> None:
    color = look_of(sgr, theme).color
    assert color is not None
    assert color.get_truecolor().hex == foreground


@pytest.mark.parametrize(("sgr", "number"), [("31", 1), ("97", 15), ("48;5;208", 208)])
def test_a_host_s_own_palette_is_left_to_the_host(sgr: str, number: int) -> None:
    look = look_of(sgr, ANSI_DARK)
    color = look.bgcolor if sgr.startswith("48") else look.color
    assert color is not None
    assert color.number == number
    assert color.triplet is None


def test_a_held_view_stays_when_its_first_row_takes_another_id() -> None:
    terminal = Terminal(10, 3)
    terminal.feed(b"one\r\n" * 9 + b"0123456789")
    # Rows of the scrollback take ids when they are looked at.
    terminal.line(-1)
    terminal.feed(b"abc\r\nx\r\ny")
    assert terminal.line(0).text == "abc"
    position = ScrollPosition()
    position.hold(terminal)
    terminal.feed(b"\r\nmore" * 4)
    position.keep_still(terminal)
    assert terminal.line(-position.offset).text == "abc"


async def test_the_bar_says_no_rows_below_when_a_resize_leads_to_the_bottom() -> None:
    app = make_app(greeting=b"row\r\n" * 100)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.fake.starts == 1)
        app.view.scroll_rows_up(20)
        await until(pilot, lambda: "20 rows below" in shown(app))
        await pilot.resize_terminal(110, 30)
        await until(pilot, lambda: "rows below" not in shown(app))
