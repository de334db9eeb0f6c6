"""The cursor's look and its blinking, the scrolling at an edge, and long drags."""

from typing import Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from terminal_ai.config import Settings, TerminalSettings
from terminal_ai.terminal.modes import Cursor, CursorShape
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.view import cursor as cursor_module
from terminal_ai.ui.view import scrolled_view, selectable_view
from terminal_ai.ui.view.cursor import BLINK_LIMIT_TICKS, Blink, CursorLook, cursor_look
from terminal_ai.ui.view.edge_scroll import (
    FASTER_TICKS,
    REST_TICKS,
    STEP_LIMIT_ROWS,
    EdgeScroll,
)
from terminal_ai.ui.view.scroll import ScrollPosition

from .fakes import make_app
from .shown import shown
from .waiting import until

WIDE = (120, 40)
shapes = st.sampled_from(CursorShape)


@given(shapes, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_the_look_of_the_cursor(
    shape: CursorShape, visible: bool, focus: bool, scrolled: bool, lit: bool
) -> None:
    cursor = Cursor(0, 0, is_visible=visible, shape=shape, is_blinking=False)
    look = cursor_look(cursor, has_focus=focus, is_scrolled=scrolled, is_lit=lit)
    if not visible or scrolled:
        assert look is CursorLook.NOTHING
    elif not focus:
        assert look is CursorLook.HOLLOW
    else:
        assert look.name == (shape.name if lit else "NOTHING")


@given(st.lists(st.sampled_from(["tick", "wake"]), max_size=200))
def test_a_cursor_is_lit_right_after_any_activity_and_stops_lit(
    happenings: list[str],
) -> None:
    blink = Blink()
    ticks = 0
    for happening in happenings:
        if happening == "wake":
            blink.wake()
            assert blink.is_lit
            ticks = 0
        elif not blink.is_over:
            was_lit = blink.is_lit
            assert blink.tick() == (blink.is_lit != was_lit)
            ticks += 1
            assert blink.is_over == (ticks >= BLINK_LIMIT_TICKS)
    for _ in range(BLINK_LIMIT_TICKS):
        blink.tick()
    assert blink.is_over
    assert blink.is_lit


def test_a_cursor_blinks_in_a_regular_beat() -> None:
    blink = Blink()
    phases = []
    for _ in range(6):
        blink.tick()
        phases.append(blink.is_lit)
    assert phases == [False, True, False, True, False, True]


async def test_a_blinking_cursor_goes_dark_and_comes_back_and_rests_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scrolled_view, "BLINK_INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr(cursor_module, "BLINK_LIMIT_TICKS", 9)
    app = make_app(greeting=b"\x1b[5 q")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: shown(app)[1] == "▏")
        await until(pilot, lambda: shown(app)[1] == " ")
        await until(pilot, lambda: app.view._blink_timer is None)
        assert shown(app)[1] == "▏"
        await pilot.press("x")
        assert app.view._blink_timer is not None


@pytest.mark.parametrize("what", ["setting", "steady", "focus", "scrolled", "copying"])
async def test_nothing_ticks_where_nothing_blinks(what: str) -> None:
    blinks: Literal["auto", "off"] = "off" if what == "setting" else "auto"
    settings = Settings(terminal=TerminalSettings(cursor_blink=blinks))
    style = b"\x1b[2 q" if what == "steady" else b"\x1b[1 q"
    app = make_app(settings, greeting=style + b"row\r\n" * 90)
    async with app.run_test(size=WIDE) as pilot:
        if what in ("focus", "scrolled", "copying"):
            await until(pilot, lambda: app.view._blink_timer is not None)
        if what == "focus":
            await pilot.press("f2", "f2")
        elif what == "scrolled":
            await pilot.press("shift+pageup")
        elif what == "copying":
            await pilot.press("ctrl+backslash", "v")
        await until(pilot, lambda: app.view._blink_timer is None)


async def test_an_unfocused_cursor_is_hollow_and_a_scrolled_one_hidden() -> None:
    app = make_app(greeting=b"\x1b[2 q" + b"row\r\n" * 90 + b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "$ ▯" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "▯" not in shown(app))
        await pilot._post_mouse_events([events.MouseScrollUp], widget=app.view)
        await until(pilot, lambda: "↓ 3 rows below" in shown(app))
        assert not any(
            piece.style and piece.style.reverse
            for row in range(app.view.size.height)
            for piece in app.view.render_line(row)
        )


# -- scrolling ---------------------------------------------------------------------


@given(st.integers(-50, 80), st.integers(1, 40), st.booleans())
def test_an_edge_scrolls_towards_the_pointer(row: int, height: int, top: bool) -> None:
    edge = EdgeScroll()
    edge.aim(row, height, is_at_screen_top=top)
    steps = [edge.tick() for _ in range(REST_TICKS + FASTER_TICKS * STEP_LIMIT_ROWS)]
    sizes = [abs(step) for step in steps]
    assert sizes == sorted(sizes), "it only gets faster"
    is_wanted = row < 0 or row >= height or (row == 0 and top)
    assert edge.is_wanted == is_wanted
    assert sizes[-1] == (STEP_LIMIT_ROWS if is_wanted else 0)
    if row < 0:
        assert steps[0] == min(-row, STEP_LIMIT_ROWS)
    elif row == 0 and top:
        assert set(steps[:REST_TICKS]) == {0}
        assert steps[REST_TICKS] == 1
    elif row >= height:
        assert steps[0] == -min(row - height + 1, STEP_LIMIT_ROWS)
    edge.stop()
    assert edge.tick() == 0
    assert not edge.is_wanted


@given(
    st.integers(0, 30),
    st.lists(st.sampled_from(["\r\n", "x", "y\r\n\r\n"]), max_size=20),
)
def test_a_held_view_stands_still_at_the_bottom_too(up: int, output: list[str]) -> None:
    terminal = Terminal(20, 5, scrollback_rows=200)
    terminal.feed(b"row\r\n" * 20)
    position = ScrollPosition()
    position.move(up, terminal)
    position.hold(terminal)
    top = terminal.line(-position.offset).id
    for piece in output:
        terminal.feed(piece.encode())
        position.keep_still(terminal)
        assert terminal.line(-position.offset).id == top
    position.follow()
    terminal.feed(b"more\r\n")
    assert not position.keep_still(terminal)
    assert position.offset == 0


def test_a_view_held_at_the_bottom_is_not_scrolled_by_rows_that_move_down() -> None:
    terminal = Terminal(20, 5)
    terminal.feed(b"row\r\n" * 20)
    position = ScrollPosition()
    position.hold(terminal)
    terminal.feed(b"\x1b[H\x1bM")
    assert not position.keep_still(terminal)
    assert position.offset == 0


@given(st.integers(-15, 4), st.integers(0, 15))
def test_a_revealed_line_is_in_view_after_the_least_scrolling(
    line: int, offset: int
) -> None:
    terminal = Terminal(20, 5)
    terminal.feed(b"row\r\n" * 19)
    position = ScrollPosition()
    position.move(offset, terminal)
    before = position.offset
    position.reveal(line, 5, terminal)
    assert 0 <= line + position.offset < 5
    if 0 <= line + before < 5:
        assert position.offset == before
    else:
        assert line + position.offset in (0, 4)


async def test_the_ends_are_reached_by_key_and_are_the_shell_s_otherwise() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("shift+home", "shift+end")
        assert app.fake.sent == b"\x1b[1;2H\x1b[1;2F"
        app.fake.output(b"".join(b"line %d\r\n" % number for number in range(99)))
        await pilot.press("shift+home")
        await until(pilot, lambda: shown(app).startswith(" line 0 "))
        await pilot.press("shift+end")
        await until(pilot, lambda: "line 98" in shown(app))
        assert "below" not in shown(app)
        assert app.fake.sent == b"\x1b[1;2H\x1b[1;2F"


# -- the mouse in the app ----------------------------------------------------------


async def test_a_drag_beyond_the_edge_scrolls_until_the_button_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectable_view, "INTERVAL_SECONDS", 0.005)
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"".join(b"line %d\r\n" % number for number in range(120)))
        await pilot.press("shift+home")
        await pilot.mouse_down(app.view, offset=(0, 2))
        await pilot.hover("#status", offset=(4, 0))
        await until(pilot, lambda: "line 119" in shown(app))
        await until(pilot, lambda: "line 119" in app.view.selected_text)
        assert app.view.selected_text.startswith("line 2\nline 3\n")
        await pilot.mouse_up("#status", offset=(4, 0))
        assert app.view._edge_timer is None
        await pilot.press("ctrl+backslash", "c")
        await until(pilot, lambda: "Copied 119 lines." in shown(app))


async def test_the_first_row_of_the_screen_is_an_edge_after_a_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectable_view, "INTERVAL_SECONDS", 0.005)
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"".join(b"line %d\r\n" % number for number in range(120)))
        await pilot.mouse_down(app.view, offset=(6, 5))
        await pilot.hover(app.view, offset=(0, 0))
        await until(pilot, lambda: app.view.selected_text.startswith("line 0\n"))
        await pilot.mouse_up(app.view, offset=(0, 0))
        assert app.view._edge_timer is None


@pytest.mark.parametrize("modifier", ["control", "meta"])
async def test_a_modifier_selects_a_block(modifier: str) -> None:
    app = make_app(greeting="a11 x\r\nb한 y\r\nc33 z".encode())
    async with app.run_test(size=WIDE) as pilot:
        down: dict[str, bool] = {modifier: True}
        await pilot._post_mouse_events(
            [events.MouseDown], widget=app.view, offset=(1, 0), button=1, **down
        )
        await pilot.hover(app.view, offset=(2, 2))
        await pilot.mouse_up(app.view, offset=(2, 2))
        assert app.view.selected_text == "11\n한\n33"


async def test_shift_extends_and_takes_the_mouse_back_from_a_program() -> None:
    app = make_app(greeting=b"alpha beta gamma")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.double_click(app.view, offset=(7, 0))
        assert app.view.selected_text == "beta"
        await pilot.click(app.view, offset=(13, 0), shift=True)
        assert app.view.selected_text == "beta gamma"
        await pilot.click(app.view, offset=(1, 0), shift=True)
        assert app.view.selected_text == "alpha beta gamma"
        app.fake.output(b"\x1b[?1002h\x1b[?1006h")
        await pilot.double_click(app.view, offset=(7, 0), shift=True)
        assert app.view.selected_text == "beta"
        assert app.fake.pressed == []
        await pilot.click(app.view, offset=(7, 0))
        assert len(app.fake.pressed) == 2


MouseEvent = TypeVar("MouseEvent", bound=events.MouseEvent)


def at(kind: type[MouseEvent], x: float) -> MouseEvent:
    return kind(None, x, 0.5, 0, 0, 1, shift=False, meta=False, ctrl=False)


async def test_parts_of_cells_count_where_the_host_tells_them() -> None:
    app = make_app(greeting=b"0123456789")
    async with app.run_test(size=WIDE) as pilot:
        for start, end, text in (
            (2.6, 5.4, "34"),
            (5.4, 2.6, "34"),
            (2.4, 5.6, "2345"),
            (6.6, 7.4, ""),
        ):
            app.view.on_mouse_down(at(events.MouseDown, start))
            app.view.on_mouse_move(at(events.MouseMove, end))
            app.view.on_mouse_up(at(events.MouseUp, end))
            assert app.view.selected_text == text
            await pilot.pause()


async def test_a_selection_scrolls_along_and_survives_a_full_scrollback() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"row\r\n" * 10_050 + b"target\r\n")
        await pilot.double_click(app.view, offset=(1, 37))
        assert app.view.selected_text == "target"
        app.fake.output(b"more\r\n" * 20)
        assert app.view.selected_text == "target"
        assert "target" in app.view.render_line(17).text
        app.fake.output(b"more\r\n" * 11_000)
        assert app.view.selected_text == ""
