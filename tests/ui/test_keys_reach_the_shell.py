"""Every key is the shell's, but for the few in the keymap."""

import pytest
from textual import events
from textual.geometry import Region
from textual.widget import Widget

from terminal_ai.config import InterfaceSettings, KeymapSettings, Settings
from terminal_ai.errors import ConfigError
from terminal_ai.terminal.input.keys import encode_key
from terminal_ai.ui.screens.help import HelpScreen
from terminal_ai.ui.screens.history import HistoryScreen

from .fakes import make_app
from .waiting import until

LETTERS = "abcdefghijklmnopqrstuvwxyz"
READLINE_KEYS = (
    *(f"ctrl+{letter}" for letter in LETTERS),
    *(f"alt+{letter}" for letter in LETTERS),
    "alt+full_stop", "alt+underscore", "alt+backspace", "alt+enter",
    "alt+less_than_sign",
    "alt+greater_than_sign", "alt+number_sign", "alt+1", "alt+left", "alt+right",
    "ctrl+underscore", "ctrl+right_square_bracket", "ctrl+circumflex_accent", "ctrl+at",
    "ctrl+left", "ctrl+right", "ctrl+up", "ctrl+down", "ctrl+delete", "ctrl+home",
    "tab", "shift+tab", "escape", "enter", "backspace", "space", "delete", "insert",
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown",
    "shift+up", "shift+left", "shift+home", "f7", "f8", "f9", "f10", "f11", "f12",
)  # fmt: skip
TYPED = "aZ09 ~!@#$%^&*()_+`-={}[]|\\:\";'<>?,./é한🙂"


async def test_every_readline_key_reaches_the_shell_in_order() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*READLINE_KEYS)
        modes = app.fake.terminal.modes
        expected = [encode_key(key, None, modes) for key in READLINE_KEYS]
        assert all(expected), "each of them means something to a shell"
        assert app.fake.pressed == expected
        assert app.is_running


async def test_typed_characters_reach_the_shell_unchanged() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        for character in TYPED:
            app.post_message(events.Key(character, character))
        await until(pilot, lambda: app.fake.sent == TYPED.encode())


async def test_the_keys_of_the_keymap_do_not_reach_the_shell() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f1", "escape", "f2", "escape", "f3", "f4", "escape", "f5")
        await pilot.press("f6", "ctrl+backslash", "x", "ctrl+backslash", "escape")
        assert app.fake.pressed == []


async def test_the_leader_pressed_twice_goes_through() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+backslash", "ctrl+backslash", "a")
        assert app.fake.pressed == [b"\x1c", b"a"]


@pytest.mark.parametrize("enter", [b"\x1b[?1049h", b"\x1b[?47h"], ids=["1049", "47"])
async def test_on_the_alternate_screen_all_but_the_leader_passes(enter: bytes) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        app.fake.output(enter)
        await pilot.press("f1", "f2", "f3", "f4", "f5", "f6", "shift+pageup", "ctrl+q")
        modes = app.fake.terminal.modes
        keys = ("f1", "f2", "f3", "f4", "f5", "f6", "shift+pageup", "ctrl+q")
        assert app.fake.pressed == [encode_key(key, None, modes) for key in keys]
        await pilot.press("ctrl+backslash", "h")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_the_leader_opens_what_its_next_key_names() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+backslash", "s")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HistoryScreen))
        await pilot.press("ctrl+backslash", "r")
        await until(pilot, lambda: app.fake.starts == 2)
        await pilot.press("ctrl+backslash", "q")
        await until(pilot, lambda: not app.is_running)


async def test_a_key_opens_and_closes_its_screen() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        for key, kind in (("f1", HelpScreen), ("f4", HistoryScreen)):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(app.screen, kind))  # type: ignore[misc]
            await pilot.press(key)
            await until(pilot, lambda kind=kind: not isinstance(app.screen, kind))  # type: ignore[misc]
        assert app.focused is app.view


async def test_a_paste_reaches_the_session_and_not_as_keys() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        app.post_message(events.Paste("two\nlines"))
        await until(pilot, lambda: app.fake.pasted == ["two\nlines"])


async def test_letters_typed_beside_the_question_go_to_the_shell() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f2", "shift+tab")
        app.query_one("#cards-scroll").focus()
        await pilot.pause()
        await pilot.press("l", "s", "enter")
        assert app.fake.sent == b"ls\r"
        assert app.focused is app.view


async def test_configured_keys_replace_the_defaults() -> None:
    keys = KeymapSettings(help="f9", leader="ctrl+b")
    app = make_app(Settings(interface=InterfaceSettings(keys=keys)))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f1", "ctrl+backslash", "ctrl+b", "ctrl+b")
        assert app.fake.pressed == [b"\x1bOP", b"\x1c", b"\x02"]
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


def test_a_bad_key_in_the_settings_is_refused_before_the_app_starts() -> None:
    settings = Settings(interface=InterfaceSettings(keys=KeymapSettings(ask="f77")))
    with pytest.raises(ConfigError):
        make_app(settings)


async def test_a_key_alone_repaints_nothing() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        painted: list[str] = []
        for widget in app.screen.query(Widget):
            _record_refreshes(widget, painted)
        await pilot.press("a", "left", "ctrl+w", "f12")
        assert app.fake.pressed, "the keys arrived"
        assert painted == []
        await pilot.press("ctrl+backslash")
        assert "status" in painted, "the leader's hints are shown"


def _record_refreshes(widget: Widget, painted: list[str]) -> None:
    refresh = widget.refresh

    def recorded(*regions: Region, **options: bool) -> Widget:
        painted.append(widget.id or type(widget).__name__)
        return refresh(*regions, **options)

    widget.refresh = recorded  # type: ignore[method-assign]
