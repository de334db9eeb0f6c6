"""What each control function does, and pyte's part in it."""

from dataclasses import fields

import pyte
import pytest

from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Bell,
    Output,
    PromptMark,
    Reply,
    TitleChanged,
)
from terminal_ai.terminal.grid.scrollback import ScrollbackLimits
from terminal_ai.terminal.modes import CursorShape, MouseEncoding, MouseTracking
from terminal_ai.terminal.screen.screen import Screen
from terminal_ai.terminal.style import Style, Underline
from terminal_ai.terminal.terminal import Terminal


def fed(data: bytes, columns: int = 20, rows: int = 6) -> Terminal:
    terminal = Terminal(columns, rows)
    terminal.feed(data)
    return terminal


def lines(terminal: Terminal) -> list[str]:
    return terminal.text().split("\n")


def place(terminal: Terminal) -> tuple[int, int]:
    return terminal.cursor.row, terminal.cursor.column


def test_the_screen_has_every_event_that_pyte_dispatches() -> None:
    screen = Screen(20, 6, ScrollbackLimits(), lambda _: None)
    missing = [name for name in pyte.Stream.events if not hasattr(screen, name)]
    assert missing == []


def test_pyte_parses_the_standard_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    feed = pyte.Stream.feed

    def spy(self: pyte.Stream, data: str) -> None:
        seen.append(data)
        feed(self, data)

    monkeypatch.setattr(pyte.Stream, "feed", spy)
    terminal = fed(b"\x1b[2;3HA\x1b[K\x1b7\x1b[?25l\x1b[1;2;3B")
    assert seen == ["\x1b[2;3H", "A", "\x1b[K", "\x1b7", "\x1b[?25l", "\x1b[1B"]
    assert lines(terminal)[1] == "  A"
    assert place(terminal) == (2, 3)


@pytest.mark.parametrize(
    ("data", "row", "expected"),
    [
        (b"a\x1b[3b", 0, "aaaa"),
        (b"1\r\n2\r\n3\x1b[2S", 0, "3"),
        (b"1\r\n2\r\n3\x1b[2T", 2, "1"),
        (b"abcd\x1b[2G\x1b[2X", 0, "a  d"),
        (b"abcd\x1b[2G\x1b[2P", 0, "ad"),
        (b"abcd\x1b[2G\x1b[2@", 0, "a  bcd"),
        (b"abc\x1bEx", 1, "x"),
        (b"\x1b[2;1Ha\x1bD\x1bMb", 1, "ab"),
        (b"\x1b#8", 5, "E" * 20),
        (b"\x1b[?7l" + b"a" * 20 + b"bc", 0, "a" * 19 + "c"),
        (b'a\x1b[1"qb\x1b[mB\x1b[0"qc\x1b[?2J', 0, " bB"),
        (b'ab\x1b[1"qcd\x1b[2"qef\x1b[4G\x1b[?1K', 0, "  cdef"),
        (b'ab\x1b[1"qcd\x1b[2"qef\x1b[4G\x1b[?K', 0, "abcd"),
        (b'a\x1b[1"qb\x1b[2J', 0, ""),
        (b"a" * 20 + b"\rb", 0, "b" + "a" * 19),
        (b"a" * 20 + b"\bX", 0, "a" * 18 + "Xa"),
        (b"a" * 20 + b"\x1b[Kb", 1, "b"),
        (b"a" * 20 + b"\x1b[Kb", 0, "a" * 20),
        (b"abc\r\x1b[4hX\x1b[4l", 0, "Xabc"),
        (b"\x1b(0lqk\x1b(Bq", 0, "┌─┐q"),
        (b"\x1b)0\x0eq\x0fq", 0, "─q"),
        (b"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\n", 1, "3"),
        (b"1\r\n2\r\n3\x1b[1;1H\x1b[M", 0, "2"),
        (b"1\r\n2\r\n3\x1b[2;1H\x1b[L", 2, "2"),
        (b"\x1b[3g\x1b[5G\x1bH\r\tx", 0, "    x"),
        (b"\x1b[20habc\ndef", 1, "def"),
        (("a" * 19 + "世").encode(), 1, "世"),
        ("世界\x1b[2GX".encode(), 0, " X界"),
        ("ab世\x1b[4G\x1b[K".encode(), 0, "ab "),
        (b"x\x1b[2\n;3H.", 1, "  ."),
        (b"keep\x1b[2;4r\x1b[?6h\x1b[!p\x1b[6;1Hy", 5, "y"),
    ],
)
def test_editing(data: bytes, row: int, expected: str) -> None:
    assert lines(fed(data))[row] == expected.rstrip()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b[18G\x1b[Z", (0, 16)),
        (b"\x1b[2I", (0, 16)),
        (b"\t\t\t\t", (0, 19)),
        (b"\x1b[5`\x1b[3d\x1b[2a\x1b[1e", (3, 6)),
        (b"\x1b[3;5H\x1b[E\x1b[2F", (1, 0)),
        (b"\x1b[3;5H\x1b[s\x1b[H\x1b[u", (2, 4)),
        (b"\x1b[3;5H\x1b7\x1b[H\x1b8\x1b[H\x1b8", (2, 4)),
        (b"\x1b[2;3r\x1b[3;3H\x1b[r", (0, 0)),
        (b"\x1b[2;4r\x1b[?6h\x1b[2;2H", (2, 1)),
        (b"\x1b[2;4r\x1b[?6h\x1b[9;9H", (3, 8)),
        (b"\x1b[2;4r\x1b[3;1H\x1b[9A", (1, 0)),
        (b"\x1b[2;4r\x1b[3;1H\x1b[9B", (3, 0)),
        (b"\x1b[999;999H", (5, 19)),
        (b"a" * 20, (0, 19)),
        (b"\x1b[?1048h\x1b[5;5H\x1b[?1048l", (0, 0)),
    ],
)
def test_movement(data: bytes, expected: tuple[int, int]) -> None:
    assert place(fed(data)) == expected


@pytest.mark.parametrize("mode", [47, 1047, 1049])
def test_the_alternate_screen_gives_the_primary_one_back(mode: int) -> None:
    terminal = fed(b"main\x1b[3;3H\x1b[31m")
    enter, leave = b"\x1b[?%dh" % mode, b"\x1b[?%dl" % mode
    switches = terminal.feed(enter + b"\x1b[H\x1b[2J" + b"alt\r\n" * 20 + leave)
    assert [e for e in switches if isinstance(e, AlternateScreenChanged)] == [
        AlternateScreenChanged(True),
        AlternateScreenChanged(False),
    ]
    assert lines(terminal)[0] == "main"
    assert terminal.scrollback_length == 0
    if mode == 1049:
        terminal.feed(b"x")
        assert terminal.line(2).cell(2) == ("x", Style(foreground=1))


@pytest.mark.parametrize(
    ("save", "restore"), [(b"\x1b7", b"\x1b8"), (b"\x1b[s", b"\x1b[u")]
)
def test_each_screen_saves_a_cursor_of_its_own(save: bytes, restore: bytes) -> None:
    terminal = fed(b"\x1b[2;3H\x1b[31m" + save)
    terminal.feed(b"\x1b[?47h\x1b[5;7H\x1b[32m" + save + b"\x1b[m")
    for switch, expected, color in (
        (b"\x1b[?47l", (1, 2), 1),
        (b"\x1b[?47h", (4, 6), 2),
        (b"\x1b[?47l", (1, 2), 1),
    ):
        terminal.feed(switch + b"\x1b[H\x1b[m" + restore)
        assert place(terminal) == expected
        terminal.feed(b"x")
        assert terminal.line(expected[0]).cell(expected[1])[1].foreground == color


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x1b[?47hold\x1b[?47l\x1b[?47h", "old"),
        (b"\x1b[?47hold\x1b[?47l\x1b[?1047h", "old"),
        (b"\x1b[?1047hold\x1b[?1047l\x1b[?47h", ""),
        (b"\x1b[?47hold\x1b[?47l\x1b[?1049h", ""),
        (b"\x1b[?1049hold\x1b[?1049l\x1b[?47h", ""),
        (b"\x1b[?1049hold\x1b[?1049h", "old"),
    ],
)
def test_which_alternate_screens_begin_empty(data: bytes, shown: str) -> None:
    assert lines(fed(data))[0] == shown


def test_a_soft_reset_forgets_the_saved_cursor() -> None:
    terminal = fed(b"\x1b[3;3H\x1b[31m\x1b7\x1b[!p\x1b[5;5H\x1b8x")
    assert place(terminal) == (0, 1)
    assert terminal.line(0).cell(0) == ("x", Style())


def test_only_a_full_region_of_the_primary_screen_feeds_the_scrollback() -> None:
    rows = b"".join(b"%d\r\n" % number for number in range(20))
    assert fed(rows).scrollback_length == 15
    assert fed(rows).line(-1).text == "14"
    assert fed(rows).line(-15).text == "0"
    assert fed(b"\x1b[?1049h" + rows).scrollback_length == 0
    assert fed(b"\x1b[2;6r\x1b[6;1H" + rows).scrollback_length == 0
    kept = fed(rows + b"\x1b[3J")
    assert kept.scrollback_length == 0
    assert lines(kept)[0] == "15"


def test_the_scrollback_is_bounded() -> None:
    terminal = Terminal(20, 5, scrollback_rows=7)
    terminal.feed(b"x\r\n" * 100)
    assert terminal.scrollback_length == 7


def test_erasing_and_scrolling_paint_only_the_background() -> None:
    terminal = fed(b"\x1b[44;4;7m\x1b[2J\x1b[6;1H\n")
    blank = Style(background=4)
    for row in (0, 5):
        assert terminal.line(row).runs == ((" " * 20, blank),)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("1;3;4;5;7;9", {"bold", "italic", "underline", "blink", "reverse", "strike"}),
        ("2;8;53", {"dim", "hidden", "overline"}),
        ("1;2;22", set()),
        ("4;24;53;55", set()),
        ("1;31;0", set()),
        ("1;", set()),
        ("58;5;1", {"underline_color"}),
        ("38;5;999", {"foreground"}),
        ("48;2;1", set()),
        ("38;x", set()),
    ],
)
def test_sgr_switches_exactly_these(parameters: str, expected: set[str]) -> None:
    style = fed(b"\x1b[%smx" % parameters.encode()).line(0).runs[0][1]
    plain = Style()
    switched = {
        item.name
        for item in fields(Style)
        if getattr(style, item.name) != getattr(plain, item.name)
    }
    assert switched == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("38;5;1", Style(foreground=1)),
        ("38;5;200", Style(foreground=200)),
        ("97;105", Style(foreground=15, background=13)),
        ("38;2;1;2;3", Style(foreground="#010203")),
        ("38:2::1:2:3", Style(foreground="#010203")),
        ("38:2:1:2:3", Style(foreground="#010203")),
        ("48:5:22", Style(background=22)),
        ("21", Style(underline=Underline.DOUBLE)),
        ("4:3", Style(underline=Underline.CURLY)),
        ("4:0", Style()),
        (
            "4:5;58:2::1:2:3",
            Style(underline=Underline.DASHED, underline_color="#010203"),
        ),
        ("38;2;999;1;1", Style(foreground="#ff0101")),
        ("38;5;1;48;2;0;0;9;1", Style(foreground=1, background="#000009", bold=True)),
    ],
)
def test_colors_and_underlines(parameters: str, expected: Style) -> None:
    terminal = fed(b"\x1b[%smx" % parameters.encode())
    assert terminal.line(0).runs[0][1] == expected


def test_modes_are_told() -> None:
    terminal = fed(b"\x1b[?1;1003;1004;1006;2004;2026;5h\x1b=\x1b[?25l\x1b[5 q")
    modes, cursor = terminal.modes, terminal.cursor
    assert modes.application_cursor
    assert modes.application_keypad
    assert modes.bracketed_paste
    assert modes.focus_events
    assert modes.mouse_encoding is MouseEncoding.SGR
    assert modes.synchronized_output
    assert modes.reverse_screen
    assert modes.mouse_tracking is MouseTracking.MOTION
    assert not cursor.is_visible
    assert (cursor.shape, cursor.is_blinking) == (CursorShape.BAR, True)
    terminal.feed(b"\x1bc")
    assert terminal.modes == Terminal(20, 6).modes


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b[2;3H\x1b[5n\x1b[6n", b"\x1b[0n\x1b[2;3R"),
        (b"a" * 20 + b"\x1b[6n", b"\x1b[1;20R"),
        (b"\x1b[?6n", b"\x1b[?1;1;1R"),
        (b"\x1b[c", b"\x1b[?64;1;6;9;15;17;21;22;28c"),
        (b"\x1b[>c", b"\x1b[>41;380;0c"),
        (b"\x1b[18t", b"\x1b[8;6;20t"),
        (b"\x1b[?25$p\x1b[?2026$p", b"\x1b[?25;1$y\x1b[?2026;2$y"),
        (b"\x1b[4$p\x1b[?9999$p", b"\x1b[4;2$y\x1b[?9999;0$y"),
        (b"\x1b[?1049h\x1b[?1049$p", b"\x1b[?1049;1$y"),
    ],
)
def test_replies(data: bytes, expected: bytes) -> None:
    events = Terminal(20, 6).feed(data)
    assert b"".join(e.data for e in events if isinstance(e, Reply)) == expected


def test_events_come_in_stream_order_around_the_output() -> None:
    events = Terminal(20, 6).feed(
        b"a\x1b]133;C;n=1;n=2;x;k=v\x07b\x07c\x1b[?1049hd\x1b]2;t\x07\x1b[?1049le"
    )
    assert events == (
        Output(b"a", is_alternate=False),
        PromptMark("C", ("x",), {"n": "1", "k": "v"}),
        Output(b"b\x07", is_alternate=False),
        Bell(),
        Output(b"c\x1b[?1049h", is_alternate=False),
        AlternateScreenChanged(True),
        Output(b"d\x1b]2;t\x07", is_alternate=True),
        TitleChanged("t"),
        Output(b"\x1b[?1049l", is_alternate=True),
        AlternateScreenChanged(False),
        Output(b"e", is_alternate=False),
    )


def test_bulk_text_is_not_copied() -> None:
    data = b"plain text\r\n" * 1000
    (event,) = Terminal(20, 6).feed(data)
    assert isinstance(event, Output)
    assert event.data is data


def test_titles_can_be_stacked() -> None:
    terminal = fed(b"\x1b]2;a\x07\x1b[22;0t\x1b]2;b\x07\x1b[23;0t\x1b[23t")
    assert terminal.title == "a"


def test_only_rows_that_changed_have_another_revision() -> None:
    terminal = fed(b"a\r\nb")
    before = [terminal.line(at).revision for at in range(terminal.rows)]
    terminal.feed(b"\x1b[3;1Hc\x1b[5;1Hd\x1b[1;1H\x1b[?5h")
    after = [terminal.line(at).revision for at in range(terminal.rows)]
    changed = {at for at in range(terminal.rows) if before[at] != after[at]}
    assert changed == {2, 4}


def test_rows_keep_their_id_when_they_scroll() -> None:
    terminal = fed(b"1\r\n2\r\n3\r\n4\r\n5\r\n6")
    row_id = terminal.line(0).id
    terminal.feed(b"\r\n7")
    assert terminal.line(-1).id == row_id
    key = row_id, terminal.line(-1).revision
    terminal.feed(b"\r\n8")
    assert (terminal.line(-2).id, terminal.line(-2).revision) == key


def test_a_lower_screen_pushes_rows_out_and_a_higher_one_pulls_them_back() -> None:
    terminal = fed(b"a\r\nb\r\nc\r\nd\r\ne\r\nf")
    terminal.resize(20, 3)
    assert lines(terminal) == ["d", "e", "f"]
    assert place(terminal) == (2, 1)
    assert [terminal.line(at).text for at in (-3, -2, -1)] == ["a", "b", "c"]
    terminal.resize(20, 6)
    assert lines(terminal) == list("abcdef")
    assert place(terminal) == (5, 1)


def test_rows_rewrap_and_the_cursor_stays_on_its_character() -> None:
    terminal = fed("\x1b[31mabcdefgh\x1b[m世界ijklmnopqrstuvwxyz\r\n$ cmd".encode())
    before = lines(terminal)
    terminal.resize(9, 6)
    assert lines(terminal)[:5] == [
        "abcdefgh",
        "世界ijklm",
        "nopqrstuv",
        "wxyz",
        "$ cmd",
    ]
    assert terminal.line(0).runs == (("abcdefgh", Style(foreground=1)),)
    assert place(terminal) == (4, 5)
    terminal.resize(20, 6)
    assert lines(terminal) == before
    assert place(terminal) == (2, 5)


def test_the_primary_screen_is_resized_behind_the_alternate_one() -> None:
    terminal = fed(b"0123456789abcdefghij\r\n$ vim\x1b[?1049hfull")
    terminal.resize(10, 4)
    assert lines(terminal)[0].strip() in ("", "full")
    terminal.feed(b"\x1b[?1049l")
    assert lines(terminal) == ["0123456789", "abcdefghij", "$ vim", ""]
    assert place(terminal) == (2, 5)


@pytest.mark.parametrize("zeros", [1, 5, 60])
def test_leading_zeros_do_not_make_a_parameter_large(zeros: int) -> None:
    terminal = fed(b"\x1b[%s4;%s3Hhere" % (b"0" * zeros, b"0" * zeros))
    assert lines(terminal)[3] == "  here"
