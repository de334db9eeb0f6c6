"""What the terminfo entry named by our TERM promises, the emulator does.

Programs trust the entry and never ask again. Each of its capabilities is emitted as
ncurses would, and looked at on the grid; an entry with one that no case here knows
fails the last test.
"""

import curses
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache

import pytest

from terminal_ai.shell.launch import clean_environment
from terminal_ai.terminal.events import Bell, ClipboardWritten, Reply
from terminal_ai.terminal.modes import (
    CursorShape,
    Modes,
    MouseEncoding,
    MouseTracking,
)
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.style import DEFAULT_STYLE, Style, Underline
from terminal_ai.terminal.terminal import Parser, Terminal

pytestmark = pytest.mark.skipif(
    shutil.which("infocmp") is None, reason="infocmp is not installed"
)

TERM = clean_environment({})["TERM"]
COLUMNS, ROWS = 20, 4
START = (1, 2)
PADDING = re.compile(rb"\$<\d+[*/]*>")
_ESCAPES = {
    b"E": b"\x1b", b"e": b"\x1b", b"n": b"\n", b"l": b"\n", b"r": b"\r", b"t": b"\t",
    b"b": b"\b", b"f": b"\f", b"s": b" ",
}  # fmt: skip


@cache
def entry() -> dict[str, bytes | int | None]:
    """The whole entry: strings, numbers, and None for what is only true."""
    listed = subprocess.run(
        ["infocmp", "-1", "-x", TERM], capture_output=True, check=True
    ).stdout.decode("latin-1")
    found: dict[str, bytes | int | None] = {}
    for line in listed.splitlines()[2:]:
        item = line.strip().removesuffix(",")
        if match := re.match(r"(\w+)=(.*)\Z", item):
            found[match[1]] = unescaped(match[2].encode("latin-1"))
        elif match := re.match(r"(\w+)#(\w+)\Z", item):
            found[match[1]] = int(match[2], 0)
        else:
            found[item] = None
    return found


def unescaped(source: bytes) -> bytes:
    def character(match: re.Match[bytes]) -> bytes:
        control, octal, letter = match.groups()
        if control:
            return b"\x7f" if control == b"?" else bytes([control[0] & 0x1F])
        return bytes([int(octal, 8)]) if octal else _ESCAPES.get(letter, letter)

    return re.sub(rb"\^(.)|\\([0-7]{3})|\\(.)", character, source)


def promised(name: str, *arguments: int) -> bytes:
    """The bytes of a capability, or a skip where this entry does not have it."""
    value = entry().get(name)
    if not isinstance(value, bytes):
        pytest.skip(f"{TERM} has no {name} here")
    if not arguments:
        return PADDING.sub(b"", value)
    curses.setupterm(TERM, fd=1)
    return PADDING.sub(b"", curses.tparm(value, *arguments))


@pytest.fixture(params=["pyte", "fast"])
def parser(request: pytest.FixtureRequest) -> Parser:
    chosen: Parser = request.param
    return chosen


@pytest.fixture
def terminal(parser: Parser) -> Terminal:
    made = Terminal(
        COLUMNS, ROWS, parser=parser, permissions=Permissions(writes_clipboard=True)
    )
    made.feed(b"\r\n".join(b"%dabcdefghi" % row for row in range(ROWS)))
    made.feed(b"\x1b[%d;%dH" % (START[0] + 1, START[1] + 1))
    return made


def place(terminal: Terminal) -> tuple[int, int]:
    return terminal.cursor.row, terminal.cursor.column


def lines(terminal: Terminal) -> list[str]:
    return terminal.text().split("\n")


UNTOUCHED = ["0abcdefghi", "1abcdefghi", "2abcdefghi", "3abcdefghi"]


MOTIONS: list[tuple[str, tuple[int, ...], tuple[int, int]]] = [
    ("cup", (3, 7), (3, 7)), ("home", (), (0, 0)), ("cr", (), (1, 0)),
    ("hpa", (9,), (1, 9)), ("vpa", (3,), (3, 2)),
    ("cuu", (1,), (0, 2)), ("cuu1", (), (0, 2)), ("cuu", (9,), (0, 2)),
    ("cud", (2,), (3, 2)), ("cud1", (), (2, 2)), ("ind", (), (2, 2)),
    ("cuf", (5,), (1, 7)), ("cuf1", (), (1, 3)), ("cuf", (99,), (1, 19)),
    ("cub", (2,), (1, 0)), ("cub1", (), (1, 1)), ("cub", (9,), (1, 0)),
    ("nel", (), (2, 0)), ("ht", (), (1, 8)), ("cbt", (), (1, 0)),
    ("ri", (), (0, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), MOTIONS)
def test_motions_move_only_the_cursor(
    terminal: Terminal,
    name: str,
    arguments: tuple[int, ...],
    expected: tuple[int, int],
) -> None:
    terminal.feed(promised(name, *arguments))
    assert place(terminal) == expected
    assert lines(terminal) == UNTOUCHED


EDITS: list[tuple[str, tuple[int, ...], dict[int, str]]] = [
    ("el", (), {1: "1a"}),
    ("el1", (), {1: "   cdefghi"}),
    ("ed", (), {1: "1a", 2: "", 3: ""}),
    ("ech", (3,), {1: "1a   efghi"}),
    ("dch", (3,), {1: "1aefghi"}),
    ("dch1", (), {1: "1acdefghi"}),
    ("ich", (3,), {1: "1a   bcdefghi"}),
    ("rep", (ord("x"), 4), {1: "1axxxxfghi"}),
    ("il", (2,), {1: "", 2: "", 3: "1abcdefghi"}),
    ("il1", (), {1: "", 2: "1abcdefghi", 3: "2abcdefghi"}),
    ("dl", (2,), {1: "3abcdefghi", 2: "", 3: ""}),
    ("dl1", (), {1: "2abcdefghi", 2: "3abcdefghi", 3: ""}),
    ("indn", (1,), {0: UNTOUCHED[1], 1: UNTOUCHED[2], 2: UNTOUCHED[3], 3: ""}),
    ("rin", (1,), {0: "", 1: UNTOUCHED[0], 2: UNTOUCHED[1], 3: UNTOUCHED[2]}),
    ("clear", (), {0: "", 1: "", 2: "", 3: ""}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "changed"), EDITS)
def test_edits_change_exactly_these_rows(
    terminal: Terminal,
    name: str,
    arguments: tuple[int, ...],
    changed: dict[int, str],
) -> None:
    terminal.feed(promised(name, *arguments))
    assert lines(terminal) == [changed.get(row, UNTOUCHED[row]) for row in range(ROWS)]


ERASING = [name for name, *_ in EDITS if name not in ("rep", "el1")]


@pytest.mark.parametrize("name", [*ERASING, "el1"])
def test_what_is_blanked_takes_the_background(terminal: Terminal, name: str) -> None:
    arguments = next(arguments for each, arguments, _ in EDITS if each == name)
    assert "bce" in entry()
    before = {
        (row, column)
        for row in range(ROWS)
        for column, text in enumerate(lines(terminal)[row].ljust(COLUMNS))
        if text != " "
    }
    assert before
    terminal.feed(promised("setab", 4) + promised(name, *arguments))
    backgrounds = {
        terminal.line(row).cell(column)[1].background
        for row in range(ROWS)
        for column in range(COLUMNS)
        if terminal.line(row).cell(column)[1] is not DEFAULT_STYLE
    }
    assert backgrounds == {4}


def test_the_scrolling_region_holds_the_rest_still(terminal: Terminal) -> None:
    terminal.feed(promised("csr", 1, 2) + promised("cup", 2, 0) + promised("ind"))
    assert lines(terminal) == [UNTOUCHED[0], UNTOUCHED[2], "", UNTOUCHED[3]]
    terminal.feed(promised("cup", 1, 0) + promised("ri"))
    assert lines(terminal) == [UNTOUCHED[0], "", UNTOUCHED[2], UNTOUCHED[3]]
    terminal.feed(promised("csr", 0, ROWS - 1))
    assert place(terminal) == (0, 0)


@pytest.mark.parametrize(
    ("name", "arguments", "columns"),
    [("smglp", (4,), (4, 19)), ("smgrp", (9,), (0, 9)), ("smglr", (4, 9), (4, 9))],
)
def test_left_and_right_margins_bound_the_text(
    terminal: Terminal,
    name: str,
    arguments: tuple[int, ...],
    columns: tuple[int, int],
) -> None:
    left, right = columns
    terminal.feed(promised("clear") + promised(name, *arguments))
    terminal.feed(promised("cup", 1, left) + b"x" * (right - left + 2))
    assert place(terminal) == (2, left + 1)
    terminal.feed(promised("mgc") + promised("cup", 0, 0) + b"y" * COLUMNS)
    assert lines(terminal)[0] == "y" * COLUMNS


def test_cursor_and_look_are_saved(terminal: Terminal) -> None:
    terminal.feed(promised("bold") + promised("sc") + promised("sgr0"))
    terminal.feed(promised("cup", 3, 9) + promised("rc") + b"X")
    assert terminal.line(1).cell(2) == ("X", Style(bold=True))


def test_tabs_are_set_and_cleared(terminal: Terminal) -> None:
    assert entry()["it"] == 8
    terminal.feed(promised("cup", 1, 5) + promised("hts"))
    terminal.feed(b"\r" + promised("ht"))
    assert place(terminal) == (1, 5)
    terminal.feed(promised("ht") + promised("cbt"))
    assert place(terminal) == (1, 5)
    terminal.feed(promised("tbc") + b"\r" + promised("ht"))
    assert place(terminal) == (1, COLUMNS - 1)


def test_the_last_column_waits_and_the_next_character_wraps(
    terminal: Terminal,
) -> None:
    assert {"am", "xenl"} <= entry().keys()
    terminal.feed(promised("clear") + b"w" * COLUMNS)
    assert place(terminal) == (0, COLUMNS - 1)
    terminal.feed(b"\r\nnext")
    assert lines(terminal)[:2] == ["w" * COLUMNS, "next"]
    terminal.feed(promised("cup", 2, 0) + b"w" * COLUMNS + b"on")
    assert lines(terminal)[2:] == ["w" * COLUMNS, "on"]


def test_wrapping_can_be_switched_off(terminal: Terminal) -> None:
    terminal.feed(promised("clear") + promised("rmam") + b"a" * COLUMNS + b"Z")
    assert lines(terminal)[:2] == ["a" * (COLUMNS - 1) + "Z", ""]
    terminal.feed(promised("smam") + promised("cup", 0, COLUMNS - 1) + b"yz")
    assert lines(terminal)[:2] == ["a" * (COLUMNS - 1) + "y", "z"]


def test_insert_mode_shifts_and_moving_in_it_is_safe(terminal: Terminal) -> None:
    assert "mir" in entry()
    terminal.feed(promised("smir") + b"XY" + promised("cup", 2, 1) + b"Z")
    assert lines(terminal)[1:3] == ["1aXYbcdefghi", "2Zabcdefghi"]
    terminal.feed(promised("rmir") + b"W")
    assert lines(terminal)[2] == "2ZWbcdefghi"


def test_boxes_are_drawn_with_lines(terminal: Terminal) -> None:
    terminal.feed(promised("clear") + promised("smacs") + b"lqwk" + promised("rmacs"))
    terminal.feed(b"lqk")
    assert lines(terminal)[0] == "┌─┬┐lqk"


def test_every_alternate_character_is_another_symbol(terminal: Terminal) -> None:
    pairs = promised("acsc")
    letters = pairs[1::2]
    terminal.feed(promised("clear") + promised("smacs"))
    shown = []
    for letter in letters:
        terminal.feed(b"\r" + bytes([letter]))
        shown.append(terminal.line(0).character(0))
    assert len(set(shown)) == len(letters)
    assert not any(symbol.isascii() for symbol in shown)


def test_the_alternate_screen_gives_back_the_primary_one(terminal: Terminal) -> None:
    was_alternate = []
    terminal.feed(b"\x1b]2;before\x07" + promised("smcup"))
    was_alternate.append(terminal.is_alternate)
    assert lines(terminal) == [""] * ROWS
    terminal.feed(b"\x1b]2;inside\x07inside" + promised("rmcup"))
    was_alternate.append(terminal.is_alternate)
    assert was_alternate == [True, False]
    assert lines(terminal) == UNTOUCHED
    assert (place(terminal), terminal.title) == (START, "before")


LOOKS: list[tuple[str, tuple[int, ...], Style]] = [
    ("bold", (), Style(bold=True)),
    ("dim", (), Style(dim=True)),
    ("blink", (), Style(blink=True)),
    ("rev", (), Style(reverse=True)),
    ("smso", (), Style(reverse=True)),
    ("invis", (), Style(hidden=True)),
    ("sitm", (), Style(italic=True)),
    ("smul", (), Style(underline=Underline.SINGLE)),
    ("smxx", (), Style(strike=True)),
    ("setaf", (1,), Style(foreground=1)),
    ("setaf", (12,), Style(foreground=12)),
    ("setaf", (200,), Style(foreground=200)),
    ("setab", (1,), Style(background=1)),
    ("setab", (12,), Style(background=12)),
    ("setab", (200,), Style(background=200)),
    ("sgr", (0, 1, 0, 0, 0, 1, 0, 0, 0), Style(bold=True, underline=Underline.SINGLE)),
    ("sgr", (1, 0, 0, 1, 1, 0, 1, 0, 0),
     Style(reverse=True, blink=True, dim=True, hidden=True)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), LOOKS)
def test_looks(
    terminal: Terminal, name: str, arguments: tuple[int, ...], expected: Style
) -> None:
    terminal.feed(promised(name, *arguments) + b"X")
    assert terminal.line(1).cell(2) == ("X", expected)
    terminal.feed(promised("sgr0") + b"Y")
    assert terminal.line(1).cell(3) == ("Y", DEFAULT_STYLE)


def test_sgr_chooses_the_character_set(terminal: Terminal) -> None:
    terminal.feed(
        b"\r" + promised("sgr", *[0] * 8, 1) + b"qq" + promised("sgr0") + b"q"
    )
    assert lines(terminal)[1].startswith("──q")


WHOLE = Style(reverse=True, italic=True, strike=True, underline=Underline.SINGLE)


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("rmso", replace(WHOLE, reverse=False)),
        ("ritm", replace(WHOLE, italic=False)),
        ("rmul", replace(WHOLE, underline=Underline.NONE)),
        ("rmxx", replace(WHOLE, strike=False)),
    ],
)
def test_a_look_ends_alone(terminal: Terminal, name: str, rest: Style) -> None:
    starts = "smso", "sitm", "smul", "smxx"
    terminal.feed(b"".join(map(promised, starts)) + promised(name) + b"X")
    assert terminal.line(1).cell(2) == ("X", rest)


def test_colors_go_back_to_the_default(terminal: Terminal) -> None:
    assert (entry()["colors"], entry()["pairs"]) == (256, 65536)
    terminal.feed(promised("bold") + promised("setaf", 3) + promised("setab", 5))
    terminal.feed(promised("op") + b"X")
    assert terminal.line(1).cell(2) == ("X", Style(bold=True))


def test_moving_keeps_the_look(terminal: Terminal) -> None:
    assert "msgr" in entry()
    terminal.feed(promised("rev") + promised("cup", 2, 1) + b"X")
    assert terminal.line(2).cell(1) == ("X", Style(reverse=True))


def test_palette_colors_are_changed_and_given_back(terminal: Terminal) -> None:
    assert "ccc" in entry()

    def asked() -> bytes:
        return b"".join(
            event.data
            for event in terminal.feed(b"\x1b]4;17;?\x07")
            if isinstance(event, Reply)
        )

    before = asked()
    terminal.feed(promised("initc", 17, 1000, 0, 0))
    assert b"rgb:ffff/0000/0000" in asked()
    terminal.feed(promised("oc"))
    assert asked() == before


MODES: list[tuple[str, Modes]] = [
    ("smkx", Modes(application_cursor=True, application_keypad=True)),
    ("civis", Modes(cursor_visible=False)),
    ("cvvis", Modes(cursor_visible=True, cursor_blinking=True)),
    ("BE", Modes(bracketed_paste=True)),
]
OPPOSITES = {"smkx": "rmkx", "civis": "cnorm", "cvvis": "cnorm", "BE": "BD"}


@pytest.mark.parametrize(("name", "expected"), MODES)
def test_modes_are_set_and_reset(
    terminal: Terminal, name: str, expected: Modes
) -> None:
    terminal.feed(promised(name))
    assert terminal.modes == expected
    terminal.feed(promised(OPPOSITES[name]))
    assert terminal.modes == Modes()
    assert lines(terminal) == UNTOUCHED


def test_the_mouse_is_switched(terminal: Terminal) -> None:
    value = promised("XM")
    curses.setupterm(TERM, fd=1)
    terminal.feed(curses.tparm(value, 1))
    assert terminal.modes.mouse_tracking is MouseTracking.CLICKS
    assert terminal.modes.mouse_encoding is MouseEncoding.SGR
    terminal.feed(curses.tparm(value, 0))
    assert terminal.modes == Modes()


def test_a_flash_reverses_the_screen_and_ends(terminal: Terminal) -> None:
    first, second = PADDING.split(entry_string("flash"))
    terminal.feed(first)
    assert terminal.modes.reverse_screen
    terminal.feed(second)
    assert terminal.modes == Modes()


def entry_string(name: str) -> bytes:
    value = entry()[name]
    assert isinstance(value, bytes)
    return value


def test_the_bell_rings(terminal: Terminal) -> None:
    assert Bell() in terminal.feed(promised("bel"))


@pytest.mark.parametrize("name", ["is2", "rs1", "rs2"])
def test_reset_strings_repair_everything(terminal: Terminal, name: str) -> None:
    broken = ("smacs", "smir", "smkx", "civis", "rmam")
    terminal.feed(b"".join(map(promised, broken)) + promised("csr", 1, 2))
    terminal.feed(b"\x1b[?6h\x1b[31m" + promised(name))
    assert terminal.modes == Modes()
    terminal.feed(promised("clear") + b"lq" + promised("cup", 3, 0) + promised("ind"))
    assert terminal.line(-1).text.startswith("lq"), "no region is left"


def test_the_cursor_takes_a_shape(terminal: Terminal) -> None:
    value = promised("Ss")
    curses.setupterm(TERM, fd=1)
    shapes = []
    for sequence in (curses.tparm(value, 6), promised("Se")):
        terminal.feed(sequence)
        shapes.append(terminal.cursor.shape)
    assert shapes == [CursorShape.BAR, CursorShape.BLOCK]


def test_the_scrollback_is_cleared_alone(terminal: Terminal) -> None:
    terminal.feed(promised("cup", 3, 0) + promised("ind") * 2)
    before = lines(terminal)
    assert terminal.scrollback_length == 2
    terminal.feed(promised("E3"))
    assert terminal.scrollback_length == 0
    assert lines(terminal) == before


def test_the_clipboard_is_written_where_permitted(terminal: Terminal) -> None:
    template = promised("Ms")
    sequence = template.replace(b"%p1%s", b"c").replace(b"%p2%s", b"dGV4dA==")
    assert ClipboardWritten("c", "text") in terminal.feed(sequence)


def test_the_cursor_color_is_changed_and_given_back(terminal: Terminal) -> None:
    before = terminal.colors.cursor
    terminal.feed(promised("Cs").replace(b"%p1%s", b"#123456"))
    assert terminal.colors.cursor == "#123456"
    terminal.feed(promised("Cr"))
    assert terminal.colors.cursor == before


def test_questions_are_answered_in_the_promised_form(terminal: Terminal) -> None:
    def answer(question: bytes) -> bytes:
        events = terminal.feed(question)
        return b"".join(each.data for each in events if isinstance(each, Reply))

    assert promised("u6") == b"\x1b[%i%d;%dR"
    assert answer(promised("u7")) == b"\x1b[2;3R"
    assert re.fullmatch(rb"\x1b\[\?[0-9;]+c", answer(promised("u9")))


UNSEEN = ("mc0", "mc4", "mc5", "meml", "memu", "smm", "rmm")
"""A printer, memory lock and 8-bit meta keys: accepted, and nothing comes of it."""


@pytest.mark.parametrize("name", UNSEEN)
def test_what_we_lack_leaves_no_trace(terminal: Terminal, name: str) -> None:
    terminal.feed(promised(name))
    assert lines(terminal) == UNTOUCHED
    assert place(terminal) == START
    assert terminal.modes == Modes()


OTHERS = {
    # Tested above by name.
    "csr", "smglp", "smgrp", "smglr", "mgc", "sc", "rc", "hts", "tbc", "smam", "rmam",
    "smir", "rmir", "smacs", "rmacs", "acsc", "smcup", "rmcup", "sgr0", "rmso", "ritm",
    "rmul", "rmxx", "op", "initc", "oc", "rmkx", "cnorm", "BD", "XM", "flash", "bel",
    "is2", "rs1", "rs2", "Ss", "Se", "E3", "Ms", "Cs", "Cr", "u6", "u7", "u8", "u9",
    # The frames of a paste and the form of a mouse report come from the host's side.
    "PS", "PE", "xm",
    # Facts: ours is another size, keys send ESC for meta, there is no printer.
    "cols", "lines", "colors", "pairs", "it", "am", "bce", "ccc", "mir", "msgr", "xenl",
    "km", "mc5i", "npc", "OTbs", "AX", "XT",
}  # fmt: skip


def test_no_promise_is_left_out() -> None:
    known = OTHERS.union(
        UNSEEN,
        (name for name, *_ in MOTIONS),
        (name for name, *_ in EDITS),
        (name for name, *_ in LOOKS),
        (name for name, *_ in MODES),
    )
    output = {name for name in entry() if not name.startswith("k") or name == "km"}
    assert output - known == set()
