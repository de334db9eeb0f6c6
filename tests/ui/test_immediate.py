"""What is painted in the turn of the loop in which it changed, and what is not."""

import pytest
from textual._compositor import CompositorUpdate
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from terminal_ai.ui.view.frames import FRAME_SECONDS
from terminal_ai.ui.view.immediate import RowsUpdate

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

WIDE, NARROW = (120, 40), (80, 20)


def paints(app: AppUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with what is written to the host from now on."""
    painted: list[str] = []

    def keep(_screen: object, renderable: object) -> None:
        if isinstance(renderable, CompositorUpdate):
            painted.append(renderable.render_segments(app.console))

    monkeypatch.setattr(app, "_display", keep)
    return painted


def direct_paints(app: AppUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows with each widget painted past the screen's frame."""
    direct: list[object] = []
    display = app._display

    def watch(screen: Screen[object], renderable: object) -> None:
        if isinstance(renderable, RowsUpdate):
            direct.append(renderable)
        display(screen, renderable)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "_display", watch)
    return direct


def asked_widgets(monkeypatch: pytest.MonkeyPatch) -> list[Widget]:
    """Return a list that grows with each widget that is asked for its rows."""
    asked: list[Widget] = []
    render_lines = Widget.render_lines

    def recorded(widget: Widget, crop: object) -> object:
        asked.append(widget)
        return render_lines(widget, crop)  # type: ignore[arg-type]

    monkeypatch.setattr(Widget, "render_lines", recorded)
    return asked


async def test_an_echo_is_painted_in_the_turn_in_which_it_was_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        painted = paints(app, monkeypatch)
        asked = asked_widgets(monkeypatch)
        app.fake.output(b"echo")
        # Nothing was awaited: no message, no timer and no layout came between.
        assert ["echo" in text for text in painted] == [True]
        assert asked == [app.view]
        await pilot.pause(3 * FRAME_SECONDS)
        assert not any("echo" in text for text in painted[1:])


async def test_the_hosts_cursor_is_where_the_echo_left_it_when_that_is_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        places: list[Offset] = []
        monkeypatch.setattr(
            app, "_display", lambda *_: places.append(app.cursor_position)
        )
        app.fake.output(b"echo")
        origin = app.view.content_region.offset
        assert places == [origin + Offset(len("$ echo"), 0)]


async def test_an_echo_does_not_wait_for_a_layout_that_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        painted = paints(app, monkeypatch)
        layouts: list[Screen[object]] = []
        refresh_layout = Screen._refresh_layout

        def counted(screen: Screen[object], *arguments: object, **more: object) -> None:
            layouts.append(screen)
            refresh_layout(screen, *arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        app.screen._layout_required = True
        app.fake.output(b"echo")
        assert ["echo" in text for text in painted] == [True]
        assert layouts == []
        app.screen.check_idle()
        await until(pilot, lambda: layouts)


async def test_what_others_have_to_paint_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        await pilot.pause(2 * FRAME_SECONDS)
        painted = paints(app, monkeypatch)
        app._main.tell("told in the bar")
        app.fake.output(b"echo")
        assert not any("told in the bar" in text for text in painted)
        await until(pilot, lambda: any("told in the bar" in text for text in painted))


async def test_what_lies_over_the_terminal_is_not_painted_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        app._main.go_to_question()
        await pilot.pause(3 * FRAME_SECONDS)
        assert app._main.assistant.region.overlaps(app.view.region)
        direct = direct_paints(app, monkeypatch)
        app.fake.output(b"below")
        await until(pilot, lambda: "below" in shown(app))
        await app.push_screen(ModalScreen())
        app.fake.output(b"beneath")
        await pilot.pause(2 * FRAME_SECONDS)
        assert direct == []


async def test_a_screen_over_a_bare_terminal_is_not_painted_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "$" in shown(app))
        await app.push_screen(ModalScreen())
        await pilot.pause(2 * FRAME_SECONDS)
        direct = direct_paints(app, monkeypatch)
        app.fake.output(b"beneath")
        await pilot.pause(2 * FRAME_SECONDS)
        assert direct == []
        app.pop_screen()
        await until(pilot, lambda: "beneath" in shown(app))
        app.fake.output(b"echo")
        assert direct


async def test_a_row_that_cannot_be_painted_ends_the_app_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(greeting=b"$ ")

    async def paint_it() -> None:
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda: "$" in shown(app))
            monkeypatch.setattr(app.view, "render_line", lambda _y: 1 / 0)
            app.fake.output(b"echo")
            await pilot.pause(2 * FRAME_SECONDS)

    with pytest.raises(ZeroDivisionError):
        await paint_it()
    assert isinstance(app.crash, ZeroDivisionError)
