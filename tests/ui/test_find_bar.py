"""The search as the user sees it: typed, marked, gone through, left."""

import pytest
from textual.pilot import Pilot

from terminal_ai.messages import use_language
from terminal_ai.ui.bars.find_bar import FindBar
from terminal_ai.ui.bars.find_input import FindInput

from .fakes import AppUnderTest, make_app
from .shown import shown
from .waiting import until

WIDE, NARROW = (120, 40), (80, 24)
ROWS = b"".join(b"row %d\r\n" % number for number in range(200))


def status(app: AppUnderTest) -> str:
    return str(app.query_one("#find-status").render()).strip()


def bar(app: AppUnderTest) -> str:
    return shown(app).splitlines()[-1]


async def opened(pilot: Pilot[None], text: str = "") -> AppUnderTest:
    app = pilot.app
    assert isinstance(app, AppUnderTest)
    await pilot.press("ctrl+backslash", "slash", *text)
    assert app.query_one(FindBar).is_open
    return app


async def test_typing_goes_to_the_newest_match_and_counts() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, "row17")
        await until(pilot, lambda: status(app) == "no match")
        assert app.view.rows_up == 0
        await pilot.press("backspace", "backspace", "space", "1", "7")
        await until(pilot, lambda: status(app) == "1/11")
        assert "row 179" in shown(app)
        assert app.fake.pressed == []
        assert app.fake.sizes[-1] == (80, 23)


async def test_keys_go_to_older_and_newer_matches_and_around_the_ends() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, "row")
        await until(pilot, lambda: status(app) == "1/200")
        for key, wanted in (
            ("up", "2/200"),
            ("down", "1/200"),
            ("down", "200/200"),
            ("shift+enter", "199/200"),
            ("enter", "199/200"),
            ("enter", "200/200"),
            ("n", "1/200"),
            ("N", "200/200"),
            ("N", "199/200"),
        ):
            await pilot.press(key)
            assert status(app) == wanted, key
        assert "row 1 " in shown(app).replace("\n", " ")
        await pilot.press("x")
        await until(pilot, lambda: status(app) == "no match")
        assert app.query_one(FindInput).value == "rowx"


async def test_escape_returns_and_enter_stays() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=NARROW) as pilot:
        for keys, wanted in ((["escape"], 0), (["enter", "escape"], 100)):
            await opened(pilot, "row 50")
            await until(pilot, lambda: status(app) == "1/1")
            assert app.view.rows_up > 100
            await pilot.press(*keys)
            assert app.view.rows_up >= wanted
            assert (app.view.rows_up == 0) == (wanted == 0)
            assert not app.query_one(FindBar).is_open
            assert app.focused is app.view
        await pilot.press("x")
        assert app.fake.sent == b"x"


async def test_a_search_from_a_scrolled_view_goes_up_and_returns_there() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("shift+pageup", "shift+pageup")
        rows_up = app.view.rows_up
        await opened(pilot, "0")
        await until(pilot, lambda: "/" in status(app))
        assert app.view.rows_up == rows_up
        assert not status(app).startswith("1/")
        await pilot.press("escape")
        assert app.view.rows_up == rows_up


async def test_new_output_is_found_and_the_place_is_kept() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, "row 1")
        await until(pilot, lambda: status(app) == "1/111")
        app.fake.output(b"row 1 again\r\n" * 40)
        await until(pilot, lambda: status(app) == "41/151")
        app.fake.output(b"\x1b[2J\x1b[3J")
        await until(pilot, lambda: status(app) == "no match")


async def test_an_expression_is_searched_and_a_bad_one_explained() -> None:
    app = make_app(greeting=ROWS)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, "row (5|6)$")
        await until(pilot, lambda: status(app) == "no match")
        await pilot.press("alt+r")
        await until(pilot, lambda: status(app) == "1/2")
        assert ".*" in bar(app)
        await pilot.press("left", "backspace")
        await until(pilot, lambda: "missing )" in status(app))
        await pilot.press("alt+r")
        await until(pilot, lambda: status(app) == "no match")


async def test_a_catastrophic_expression_ends_in_an_error() -> None:
    app = make_app(greeting=b"a" * 60 + b"b")
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("alt+r", *"(a|aa)+$")
        await until(pilot, lambda: "takes too long" in status(app))


async def test_matches_are_marked_in_every_visible_row_the_current_one_apart() -> None:
    app = make_app(greeting="가나 foo\r\nfoo 나다 나\r\n".encode())
    async with app.run_test(size=NARROW) as pilot:
        plain = app.view.render_line(1)
        await opened(pilot, "나")
        await until(pilot, lambda: status(app) == "1/3")
        looks = {
            look: app.view.get_component_rich_style(f"terminal-view--{look}").bgcolor
            for look in ("match", "current-match")
        }
        marked = [
            (y, segment.text, look)
            for y in range(2)
            for segment in app.view.render_line(y)
            for look, color in looks.items()
            if segment.style and segment.style.bgcolor == color
        ]
        assert marked == [
            (0, "나", "match"),
            (1, "나", "match"),
            (1, "나", "current-match"),
        ]
        await pilot.press("escape")
        assert app.view.render_line(1) == plain


async def test_a_match_in_a_full_screen_program_is_found() -> None:
    app = make_app(greeting=ROWS + b"\x1b[?1049hrow here")
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, "row")
        await until(pilot, lambda: status(app) == "1/1")
        await pilot.press("escape")
        assert app.fake.pressed == []


@pytest.mark.parametrize("query", ["[@click=app.quit]x[/oops]", "[bold"])
async def test_a_query_is_never_markup(query: str) -> None:
    app = make_app(greeting=query.encode())
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, query)
        await until(pilot, lambda: status(app) == "1/1")
        await pilot.press("alt+r")
        await pilot.pause()
        assert query[-5:] in bar(app)


@pytest.mark.parametrize("size", [WIDE, NARROW, (40, 10)])
async def test_the_bar_fits_its_row(size: tuple[int, int]) -> None:
    use_language("ko")
    app = make_app(greeting=ROWS)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, "row")
        await until(pilot, lambda: status(app) == "1/200")
        assert "1/200" in bar(app)
        assert "row" in bar(app)
        await pilot.press(*"abc" * 30, *"end")
        await until(pilot, lambda: "end" in bar(app))
        await pilot.resize_terminal(size[0] - 5, size[1])
        await until(pilot, lambda: "end" in bar(app))
