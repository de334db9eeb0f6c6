"""The app's part in what programs and the terminal say to each other."""

import pytest
from textual import events

from terminal_ai.terminal.events import Reply
from terminal_ai.ui.host.driver import Translator
from terminal_ai.ui.host.host_input import Sequence
from terminal_ai.ui.theme import ANSI_DARK, ANSI_LIGHT, DARK, LIGHT, colors_of
from terminal_ai.ui.view.mouse import encode_mouse, event_button

from .fakes import AppUnderTest, make_app
from .waiting import until

WIDE = (120, 40)


def answers(app: AppUnderTest, query: bytes) -> list[bytes]:
    told = app.fake.output(query)
    return [event.data for event in told if isinstance(event, Reply)]


async def test_programs_are_told_the_theme_s_colours() -> None:
    app = make_app()
    async with app.run_test(size=WIDE):
        assert answers(app, b"\x1b]11;?\x07") == [
            b"\x1b]11;rgb:1515/1717/1c1c\x1b\\",
        ]
        assert answers(app, b"\x1b]4;1;?\x07") == [
            b"\x1b]4;1;rgb:dcdc/7c7c/8484\x1b\\",
        ]


async def test_a_program_hears_of_another_theme() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"\x1b[?2031h")
        app.theme = LIGHT
        await until(pilot, lambda: app.fake.pressed == [b"\x1b[?997;2n"])
        assert answers(app, b"\x1b]10;?\x07") == [b"\x1b]10;rgb:2b2b/2f2f/3636\x1b\\"]


@pytest.mark.parametrize(
    ("theme", "is_dark"),
    [(DARK, True), (LIGHT, False), (ANSI_DARK, True), (ANSI_LIGHT, False)],
)
def test_every_theme_has_colours_to_tell(theme: str, is_dark: bool) -> None:
    colors = colors_of(theme)
    assert colors.is_dark == is_dark
    assert len(colors.palette) == 16


async def test_a_program_that_asked_hears_of_the_focus() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"\x1b[?1004h")
        app.screen.set_focus(None)
        await pilot.pause()
        app.view.focus()
        await until(pilot, lambda: app.fake.pressed == [b"\x1b[O", b"\x1b[I"])


def mouse_event(sent: str) -> events.MouseEvent:
    (event,) = Translator().translate(Sequence(sent))
    assert isinstance(event, events.MouseEvent)
    return event


@pytest.mark.parametrize(
    "sent",
    ["\x1b[<0;5;3M", "\x1b[<2;5;3m", "\x1b[<9;5;3M", "\x1b[<128;5;3M", "\x1b[<131;5;3m",
     "\x1b[<33;5;3M", "\x1b[<35;5;3M", "\x1b[<16;300;200M"],
    ids=repr,
)  # fmt: skip
async def test_what_the_host_s_mouse_sent_is_what_the_program_reads(sent: str) -> None:
    app = make_app()
    async with app.run_test(size=WIDE):
        app.fake.output(b"\x1b[?1003;1006h")
        event = mouse_event(sent)
        report = encode_mouse(
            event,
            event_button(event),
            app.fake.terminal.modes,
            is_move=isinstance(event, events.MouseMove),
            is_release=isinstance(event, events.MouseUp),
        )
        assert report == sent.encode()


async def test_the_wheel_s_four_directions_reach_a_program_that_asked() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"\x1b[?1000;1006h")
        for kind in (
            events.MouseScrollUp,
            events.MouseScrollDown,
            events.MouseScrollLeft,
            events.MouseScrollRight,
        ):
            await pilot._post_mouse_events([kind], widget=app.view, offset=(4, 2))
        assert app.fake.pressed == [
            b"\x1b[<%d;5;3M" % code for code in (64, 65, 66, 67)
        ]


async def test_moves_within_a_cell_are_told_once() -> None:
    app = make_app()
    async with app.run_test(size=WIDE) as pilot:
        app.fake.output(b"\x1b[?1003;1006h")
        for offset in ((4, 2), (4, 2), (5, 2)):
            await pilot._post_mouse_events(
                [events.MouseMove], widget=app.view, offset=offset
            )
        assert app.fake.pressed == [b"\x1b[<35;5;3M", b"\x1b[<35;6;3M"]


async def test_shift_keeps_the_mouse_from_the_program() -> None:
    app = make_app()
    async with app.run_test(size=WIDE):
        app.fake.output(b"\x1b[?1003;1006h")
        event = mouse_event("\x1b[<4;5;3M")
        assert encode_mouse(event, event_button(event), app.fake.terminal.modes) == b""


async def test_pixels_within_a_cell_are_told_where_the_host_counts_them() -> None:
    app = make_app()
    async with app.run_test(size=WIDE):
        app.fake.output(b"\x1b[?1003;1016h")
        event = events.MouseMove(
            app.view, 4.5, 2.25, 0, 0, 0, False, False, False, 4.5, 2.25
        )
        modes = app.fake.terminal.modes
        assert encode_mouse(event, 0, modes, is_move=True) == b"\x1b[<35;37;37M"


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_colours_of_a_theme_are_read_on_its_background(theme: str) -> None:
    colors = colors_of(theme)
    ground = _luminance(colors.background)
    for color in (colors.foreground, *colors.palette[1:7]):
        darker, lighter = sorted((ground, _luminance(color)))
        assert (lighter + 0.05) / (darker + 0.05) >= 3, color


def _luminance(color: str) -> float:
    """Relative luminance as WCAG has it."""
    levels = [level / 255 for level in bytes.fromhex(color[1:])]
    linear = [
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
        for level in levels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
