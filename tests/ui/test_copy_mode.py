"""Copy mode against a flat model of the text, and in the app."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot

from terminal_ai.config import InterfaceSettings, ProfilerSettings, Settings
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.keymap import LEADER_KEYS
from terminal_ai.ui.reading.lines import Point, cells
from terminal_ai.ui.reading.selection import SelectionKind
from terminal_ai.ui.reading.words import CellKind, kind_of
from terminal_ai.ui.view import copy_mode
from terminal_ai.ui.view.copy_mode import CopyMode, Outcome

from ..terminal.streams import byte_streams
from .fakes import AppUnderTest, make_app
from .shown import shown
from .test_selection import chosen, filled, texts
from .waiting import until

KEYS = (
    *"hjklwbe0^$gGvVo ",
    *("left", "right", "up", "down", "home", "end", "pageup", "pagedown"),
    *("ctrl+u", "ctrl+d", "ctrl+v", "ctrl+b", "ctrl+f", "z", "f9"),
)
LETTERS = {CellKind.BLANK: "b", CellKind.WORD: "w", CellKind.OTHER: "o"}


def flat(terminal: Terminal) -> list[tuple[str, Point]]:
    """Every character as a letter for its kind, and a blank where a line ends."""
    letters = []
    for line in range(-terminal.scrollback_length, terminal.rows):
        row = terminal.line(line)
        listed = cells(row, terminal.columns)
        letters += [
            (LETTERS[kind_of(text)], Point(line, at))
            for at, text in enumerate(listed)
            if text
        ]
        if not row.wraps:
            letters.append(("b", Point(line, len(listed))))
    return letters


def expected_motion(terminal: Terminal, start: Point, key: str) -> Point:
    letters = flat(terminal)
    text = "".join(letter for letter, _ in letters)
    at = max((n for n, pair in enumerate(letters) if pair[1] <= start), default=0)
    begins = [m.start() for m in re.finditer(r"(?<!w)w|(?<!o)o", text)]
    ends = [m.start() for m in re.finditer(r"w(?!w)|o(?!o)", text)]
    match key:
        case "w":
            found = [n for n in begins if n > at][:1]
            # Without another word it goes to the end of this one.
            found = found or [n for n in ends if n >= at][-1:]
        case "b":
            found = [n for n in begins if letters[n][1] < start][-1:]
        case _:
            found = [n for n in ends if n > at][:1]
    return letters[found[0]][1] if found else start


@given(chosen(), st.sampled_from("wbe"))
def test_word_motions_go_where_the_flat_text_says(
    case: tuple[Terminal, Point, Point], key: str
) -> None:
    terminal, start, _ = case
    mode = CopyMode(terminal, start, 3)
    expected = expected_motion(terminal, mode.cursor, key)
    assert mode.press(key) is Outcome.CHANGED
    assert mode.cursor == expected


@given(chosen(), st.lists(st.sampled_from(KEYS), max_size=15), byte_streams)
def test_the_cursor_is_always_on_a_character(
    case: tuple[Terminal, Point, Point], keys: list[str], output: bytes
) -> None:
    terminal, start, _ = case
    mode = CopyMode(terminal, start, 3)
    for number, key in enumerate(keys):
        if number == len(keys) // 2:
            terminal.feed(output)
            mode.keep()
        outcome = mode.press(key)
        assert (outcome is Outcome.IGNORED) == (key in ("z", "f9")) or key == "o"
        place = mode.cursor
        assert -terminal.scrollback_length <= place.line < terminal.rows
        assert 0 <= place.column < terminal.columns
        assert terminal.line(place.line).cell(place.column)[0] != ""
        if mode.selection is not None:
            mode.selection.text(terminal)


@given(texts, st.lists(st.sampled_from(["x\r\n", "yz", "\r\n"]), max_size=30))
def test_cursor_and_selection_stay_on_their_text_while_output_goes_on(
    text: str, output: list[str]
) -> None:
    terminal = filled("first\r\nMARK here\r\n" + text.replace("\x1b[A", ""))
    oldest = -terminal.scrollback_length
    places = range(oldest, terminal.rows)
    line = next(at for at in places if terminal.line(at).text.startswith("MARK"))
    mode = CopyMode(terminal, Point(line, 0), 3)
    mode.press("v")
    mode.press("e")
    for piece in output:
        terminal.feed(piece.encode())
        mode.keep()
    if mode.anchor is not None and mode.anchor.line > -terminal.scrollback_length:
        assert mode.selection is not None
        assert mode.selection.text(terminal) == "MARK"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("v$", "alpha beta"),
        ("ve", "alpha"),
        ("wv$", "beta"),
        ("$vb", "beta"),
        ("wlbve", "beta"),
        ("jV", "한글 말"),
        ("Vj", "alpha beta\n한글 말"),
        ("jvl", "한글"),
        ("jlhvl", "한글"),
        ("vV", "alpha beta"),
        ("lvjo0", "alpha beta\n한"),
        ("vG$", "alpha beta\n한글 말\n  end"),
        ("Gv^", "  e"),
        ("vv", ""),
    ],
)
def test_keys_select(keys: str, text: str) -> None:
    terminal = Terminal(20, 6)
    terminal.feed("alpha beta\r\n한글 말\r\n  end".encode())
    mode = CopyMode(terminal, Point(0, 0), 5)
    for key in keys:
        assert mode.press(key) is Outcome.CHANGED
    assert (mode.selection.text(terminal) if mode.selection else "") == text


def test_a_block_is_selected_column_by_column() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"a11 x\r\nb22 y\r\nc3\r\nd44 z")
    mode = CopyMode(terminal, Point(0, 1), 5)
    for key in ("ctrl+v", "l", "j", "j", "j"):
        mode.press(key)
    assert mode.kind is SelectionKind.BLOCK
    assert mode.selection is not None
    assert mode.selection.text(terminal) == "11\n22\n3\n44"


def test_wide_characters_do_not_forget_the_column() -> None:
    terminal = Terminal(20, 4)
    terminal.feed("abcdefgh\r\n한글한글\r\nabcdefgh".encode())
    mode = CopyMode(terminal, Point(0, 7), 3)
    mode.press("j")
    assert mode.cursor == Point(1, 6), "on the whole character"
    mode.press("j")
    assert mode.cursor == Point(2, 7)
    mode.press("0")
    mode.press("k")
    assert mode.cursor == Point(1, 0)


# -- in the app --------------------------------------------------------------------

WIDE, NARROW = (120, 40), (80, 24)


def output_of(count: int) -> bytes:
    return b"".join(b"line %d\r\n" % number for number in range(count))


async def test_the_leader_starts_it_and_its_keys_never_reach_the_shell() -> None:
    app = make_app(greeting=b"hello brave world")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v")
        await until(pilot, lambda: "copy mode" in shown(app).splitlines()[-1])
        await pilot.press("0", "w", "v", "e")
        assert app.view.selected_text == "brave"
        await until(pilot, lambda: "selecting" in shown(app).splitlines()[-1])
        await pilot.press("z", "f9", "tab", "y")
        await until(pilot, lambda: app.clipboard == "brave")
        assert app.fake.pressed == []
        assert app.view.copy_mode is None
        assert app.view.selected_text == ""
        await until(pilot, lambda: "Copied 1 line." in shown(app))
        await pilot.press("y")
        assert app.fake.pressed == [b"y"]


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c"])
async def test_leaving_gives_the_keys_back(key: str) -> None:
    app = make_app(greeting=b"hello")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v", "v", "0", key)
        assert app.view.copy_mode is None
        assert app.view.selected_text == ""
        await until(pilot, lambda: "F1 help" in shown(app))
        await pilot.press("x")
        assert app.fake.pressed == [b"x"]
        assert app.clipboard == ""


async def test_a_paste_leaves_it() -> None:
    app = make_app(greeting=b"hello")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v")
        app.view.on_paste(events.Paste("text"))
        assert app.view.copy_mode is None
        assert app.fake.pasted == ["text"]


async def test_enter_without_a_selection_says_so() -> None:
    app = make_app(greeting=b"hello")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v", "enter")
        await until(pilot, lambda: "Nothing is selected." in shown(app))
        assert app.fake.pressed == []


async def test_the_view_follows_the_cursor_and_stands_still_for_output() -> None:
    app = make_app(greeting=b"")
    async with app.run_test(size=NARROW) as pilot:
        app.fake.output(output_of(100))
        await until(pilot, lambda: "line 99" in shown(app))
        await pilot.press("ctrl+backslash", "v")
        app.fake.output(b"more\r\n" * 50)
        await pilot.pause()
        assert "line 99" in shown(app)
        assert shown(app).count("more") == 1, "in the row where the cursor was"
        await pilot.press("g")
        await until(pilot, lambda: shown(app).startswith("line 0\n"))
        await pilot.press("V", "j", "G")
        await until(pilot, lambda: "more" in shown(app))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard.count("\n") == 149)
        assert app.clipboard.startswith("line 0\nline 1\n")
        assert "below" not in shown(app)


async def test_it_works_over_a_full_screen_program() -> None:
    app = make_app(greeting=b"\x1b[?1049h\x1b[?1000h\x1b[?1006hone two")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v", "0", "v", "e")
        assert app.view.selected_text == "one"
        await pilot.mouse_down(app.view, offset=(4, 0))
        await pilot.hover(app.view, offset=(6, 0))
        await pilot.mouse_up(app.view, offset=(6, 0))
        assert app.fake.pressed == [], "the mouse selects, too"
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "two")


async def test_the_mouse_and_the_keys_share_one_selection() -> None:
    app = make_app(greeting=b"hello brave world")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.double_click(app.view, offset=(7, 0))
        await pilot.press("ctrl+backslash", "v", "w", "e")
        assert app.view.selected_text == "brave world"
        await pilot.click(app.view, offset=(0, 0))
        assert app.view.selected_text == ""
        await pilot.press("v", "e")
        assert app.view.selected_text == "hello"


async def test_a_resize_keeps_the_mode() -> None:
    app = make_app(greeting=b"hello world")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v")
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: app.fake.sizes[-1] == (80, 23))
        await pilot.press("0", "v", "e")
        assert app.view.selected_text == "hello"


@pytest.mark.parametrize("columns", [30, 80, 120])
async def test_the_bar_always_says_how_to_copy_and_leave(columns: int) -> None:
    app = make_app()
    async with app.run_test(size=(columns, 24)) as pilot:
        await pilot.press("ctrl+backslash", "v")
        await until(pilot, partial(_bar_has, app, "copy mode", "y copy", "q leave"))


def _bar_has(app: AppUnderTest, *words: str) -> bool:
    bar = shown(app).splitlines()[-1]
    return all(word in bar for word in words)


@pytest.mark.parametrize("theme", ["dark", "light", "ansi"])
async def test_the_mode_s_cursor_is_seen_inside_its_selection(
    theme: Literal["dark", "light", "ansi"],
) -> None:
    settings = Settings(interface=InterfaceSettings(theme=theme))
    app = make_app(settings, greeting=b"hello")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+backslash", "v", "0", "v", "l", "l")
        looks = [
            (piece.text, bool(piece.style and piece.style.reverse))
            for piece in app.view.render_line(0)
        ]
        assert ("l", True) in looks
        assert ("he", True) not in looks


async def test_without_colours_a_selection_is_reversed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(greeting=b"hello \x1b[7mworld", environ={"NO_COLOR": "1"})
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "world" in shown(app))
        await pilot.triple_click(app.view, offset=(1, 0))
        assert app.view.selected_text == "hello world"
        looks = {
            piece.text.strip(): bool(piece.style and piece.style.reverse)
            for piece in app.view.render_line(0)
        }
        assert looks["hello"]
        assert not looks["world"], "reversed text stands out by being upright"


def test_the_documentation_lists_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "keys.md").read_text()
    documented = set(re.findall(r"`([^`]+)`", text))
    names = {"slash": "/", " ": "space", "escape": "esc", "question_mark": "?"}
    arrows = {"left", "right", "up", "down"}
    for key in {*LEADER_KEYS, *copy_mode.KEYS} - arrows:
        assert names.get(key, key) in documented


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_block_in_copy_mode(
    snap_compare: Callable[..., bool], theme: Literal["dark", "light"]
) -> None:
    table = "NAME     한글  SIZE\r\nalpha    뜻    12K\r\nbeta     말    3.4M\r\n$ "
    settings = Settings(
        interface=InterfaceSettings(theme=theme),
        profiler=ProfilerSettings(interval_seconds=60),
    )
    app = make_app(settings, greeting=table.encode())

    async def select(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "NAME" in shown(app))
        await pilot.press("ctrl+backslash", "v", "g", "w", "ctrl+v", "j", "j", "l")
        await until(pilot, lambda: "selecting a block" in shown(app))
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=select)
