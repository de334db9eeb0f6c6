"""Operating system commands: what they set, what they answer, what they refuse."""

import base64
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.colors import (
    LIGHT_COLORS,
    Colors,
    color_specification,
    parse_color,
    xterm_color,
)
from terminal_ai.terminal.events import (
    ClipboardWritten,
    DirectoryReported,
    Event,
    ForeignMark,
    Notification,
    Output,
    Reply,
    TitleChanged,
)
from terminal_ai.terminal.parsing.osc import (
    NOTICE_BODY_LIMIT_CHARACTERS,
)
from terminal_ai.terminal.parsing.scanner import CLIPBOARD_PAYLOAD_LIMIT_BYTES
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.terminal import Terminal

MAY_COPY = Permissions(writes_clipboard=True)
THEME = Colors(
    foreground="#c0c1c2",
    background="#101112",
    cursor="#aabbcc",
    palette=tuple(f"#0000{index:02x}" for index in range(16)),
)


def told(data: bytes, permissions: Permissions | None = None) -> list[Event]:
    terminal = Terminal(20, 5, permissions=permissions or Permissions())
    events = terminal.feed(data)
    return [event for event in events if not isinstance(event, Output)]


def replies(events: tuple[Event, ...]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Reply))


def themed() -> Terminal:
    terminal = Terminal(20, 5)
    assert terminal.set_colors(THEME) == ()
    return terminal


# Titles.


def test_titles_are_reported_only_with_permission() -> None:
    sequence = b"\x1b]2;window\x07\x1b]1;icon\x07\x1b[21t\x1b[20t"
    assert replies(Terminal(20, 5).feed(sequence)) == b"\x1b]l\x1b\\\x1b]L\x1b\\"
    permitted = Terminal(20, 5, permissions=Permissions(reports_title=True))
    assert replies(permitted.feed(sequence)) == b"\x1b]lwindow\x1b\\\x1b]Licon\x1b\\"


def test_titles_are_pushed_and_popped() -> None:
    terminal = Terminal(20, 5)
    terminal.feed(b"\x1b]0;one\x07\x1b[22;0t\x1b]2;two\x07\x1b[22t\x1b]2;three\x07")
    assert terminal.title == "three"
    assert TitleChanged("two") in terminal.feed(b"\x1b[23;2t")
    terminal.feed(b"\x1b[23;1t")
    assert terminal.title == "two"
    terminal.feed(b"\x1b[23t" * 5)
    assert terminal.title == "two"


def test_the_title_stack_is_bounded() -> None:
    terminal = Terminal(20, 5)
    for number in range(500):
        terminal.feed(b"\x1b]2;%d\x07\x1b[22t" % number)
    assert len(terminal._screen._titles) == 10


def test_titles_may_be_written_and_reported_in_hexadecimal() -> None:
    terminal = Terminal(20, 5, permissions=Permissions(reports_title=True))
    terminal.feed(b"\x1b[>0;1t\x1b]2;6162\x07")
    assert terminal.title == "ab"
    assert replies(terminal.feed(b"\x1b[21t")) == b"\x1b]l6162\x1b\\"
    terminal.feed(b"\x1b]2;no hex\x07\x1b]2;1b5b\x07")
    assert terminal.title == "["
    terminal.feed(b"\x1b[>0T\x1b]2;6162\x07")
    assert terminal.title == "6162"
    assert replies(terminal.feed(b"\x1b[>1T\x1b[21t")) == b"\x1b]l6162\x1b\\"


# Colours.


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (b"10;?", b"10;rgb:c0c0/c1c1/c2c2"),
        (b"11;?", b"11;rgb:1010/1111/1212"),
        (b"12;?", b"12;rgb:aaaa/bbbb/cccc"),
        (b"4;5;?", b"4;5;rgb:0000/0000/0505"),
        (b"4;196;?", b"4;196;rgb:ffff/0000/0000"),
        (b"4;244;?", b"4;244;rgb:8080/8080/8080"),
        (b"5;0;?", b"5;0;rgb:c0c0/c1c1/c2c2"),
        (b"17;?", b"17;rgb:e5e5/e5e5/e5e5"),
    ],
)
def test_colours_are_answered_from_the_theme(query: bytes, answer: bytes) -> None:
    events = themed().feed(b"\x1b]" + query + b"\x07")
    assert replies(events) == b"\x1b]" + answer + b"\x1b\\"


def test_several_colours_are_asked_and_set_at_once() -> None:
    terminal = themed()
    assert replies(terminal.feed(b"\x1b]10;?;?\x07")).count(b"rgb:") == 2
    terminal.feed(b"\x1b]4;1;#123456;2;rgb:a/b/c\x07\x1b]10;#fff;#000\x07")
    answer = replies(terminal.feed(b"\x1b]4;1;?;2;?\x07\x1b]10;?;?\x07"))
    assert re.findall(rb"rgb:[^\x1b]+", answer) == [
        b"rgb:1212/3434/5656",
        b"rgb:aaaa/bbbb/cccc",
        b"rgb:f0f0/f0f0/f0f0",
        b"rgb:0000/0000/0000",
    ]
    assert terminal.colors.palette[1] == "#123456"
    assert terminal.colors.background == "#000000"


@pytest.mark.parametrize(
    ("reset", "is_one_left"),
    [
        (b"\x1b]104\x07\x1b]110\x07\x1b]111\x07", False),
        (b"\x1b]104;1;2\x07\x1b]110\x1b\\\x1b]111;\x07", False),
        (b"\x1b]104;1\x07\x1b]110\x07\x1b]111\x07", True),
        (b"\x1bc", False),
    ],
)
def test_a_reset_brings_the_theme_back(reset: bytes, is_one_left: bool) -> None:
    terminal = themed()
    before = terminal.colors
    terminal.feed(b"\x1b]4;1;#111;2;#222\x07\x1b]10;#333\x07\x1b]11;#444\x07")
    assert terminal.colors != before
    terminal.feed(reset)
    assert (terminal.colors != before) == is_one_left


@pytest.mark.parametrize(
    ("specification", "color"),
    [
        ("#123", "#102030"),
        ("#123456", "#123456"),
        ("#123456789", "#124578"),
        ("#111122223333", "#112233"),
        ("rgb:1/2/3", "#112233"),
        ("rgb:12/34/56", "#123456"),
        ("rgb:ffff/0/80", "#ff0080"),
        ("rgbi:1.0/0.5/0", "#ff8000"),
        ("rgb:12345/1/1", None),
        ("red; rm", None),
        ("#12345", None),
        ("", None),
        ("?", None),
    ],
)
def test_colour_specifications(specification: str, color: str | None) -> None:
    assert parse_color(specification) == color


@given(st.integers(0, 0xFFFFFF))
def test_an_answer_is_a_specification_of_the_same_colour(value: int) -> None:
    color = f"#{value:06x}"
    assert parse_color(color_specification(color).decode()) == color


@given(st.text(string.hexdigits + "rgbi:/#.?;", max_size=24))
def test_odd_colours_change_nothing_or_are_read_whole(text: str) -> None:
    color = parse_color(text)
    assert color is None or re.fullmatch("#[0-9a-f]{6}", color)
    terminal = Terminal(20, 5)
    terminal.feed(f"\x1b]4;{text}\x07\x1b]11;{text}\x07\x1b]104;{text}\x07".encode())
    assert len(terminal.colors.palette) == 256


def test_the_palette_beyond_sixteen_is_the_same_everywhere() -> None:
    assert [xterm_color(index) for index in (16, 21, 231, 232, 255)] == [
        "#000000", "#0000ff", "#ffffff", "#080808", "#eeeeee",
    ]  # fmt: skip


def test_a_program_learns_the_colour_scheme_and_its_changes() -> None:
    terminal = themed()
    assert replies(terminal.feed(b"\x1b[?996n")) == b"\x1b[?997;1n"
    assert replies(terminal.set_colors(LIGHT_COLORS)) == b""
    terminal.feed(b"\x1b[?2031h")
    assert replies(terminal.set_colors(LIGHT_COLORS)) == b""
    assert replies(terminal.set_colors(THEME)) == b"\x1b[?997;1n"
    assert replies(terminal.feed(b"\x1b[?2031l\x1b[?996n")) == b"\x1b[?997;1n"
    assert replies(terminal.set_colors(LIGHT_COLORS)) == b""


def test_a_program_learns_the_size_in_band() -> None:
    terminal = Terminal(20, 5)
    assert replies(terminal.feed(b"\x1b[?2048h")) == b"\x1b[48;5;20;80;160t"
    assert replies(terminal.resize(30, 6)) == b"\x1b[48;6;30;96;240t"
    assert terminal.resize(30, 6) == ()
    terminal.feed(b"\x1b[?2048l")
    assert terminal.resize(20, 5) == ()


# The directory.


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ("file://host/tmp/a%20b", "/tmp/a b"),
        ("file:///home/%ED%95%9C", "/home/한"),
        ("file://h/a;b", "/a;b"),
        ("file://h/a%1bb", None),
        ("file://h/a%0arm", None),
        ("http://h/a", None),
        ("/plain", None),
        ("file://h" + "/x" * 3000, None),
    ],
)
def test_a_directory_is_reported_decoded_and_clean(
    payload: str, path: str | None
) -> None:
    expected = [] if path is None else [DirectoryReported(path)]
    mark, *rest = told(f"\x1b]7;{payload}\x07".encode())
    assert mark == ForeignMark(7)
    assert rest == expected


# Links.


def links(data: bytes) -> list[str | None]:
    terminal = Terminal(40, 5)
    terminal.feed(data)
    row = terminal.line(0)
    return [row.cell(column)[1].link for column in range(len(row.text))]


def test_a_link_holds_from_its_start_to_its_end() -> None:
    data = b"a\x1b]8;id=1;http://e/x\x1b\\bc\x1b[0;1mde\x1b]8;;\x07f"
    assert links(data) == [None, *["http://e/x"] * 4, None]


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ssh://host",
        "HTTPSX://h",
        "http://",
        "http://a b",
        "https://h/\u202etxt",
        "https://ex\u0430mple/",
        "http://h/" + "x" * 2075,
    ],
)
def test_other_targets_are_no_links(target: str) -> None:
    assert links(f"\x1b]8;;{target}\x07ab\x1b]8;;\x07".encode()) == [None, None]


def test_a_link_may_be_as_long_as_browsers_take_it() -> None:
    target = "http://h/" + "x" * 2074
    assert links(f"\x1b]8;;{target}\x07a".encode()) == [target]


def test_a_refused_link_ends_the_one_before() -> None:
    assert links(b"\x1b]8;;http://e/\x07a\x1b]8;;file:///\x07b") == ["http://e/", None]


def test_a_link_does_not_outlive_erasure_or_reset() -> None:
    assert links(b"\x1b]8;;http://e/\x07ab\x1b[2K\x1b]8;;\x07\rx") == [None]
    assert links(b"\x1b]8;;http://e/\x07\x1bcab") == [None, None]


# Notices.


@pytest.mark.parametrize(
    ("payload", "notice"),
    [
        ("9;build done", Notification("", "build done")),
        ("9;4;1;50", None),
        ("9;4", None),
        ("9;9;/tmp", None),
        ("9;42 tests passed", Notification("", "42 tests passed")),
        ("9;a;b", Notification("", "a;b")),
        ("777;notify;Title;the body;more", Notification("Title", "the body;more")),
        ("777;notify;only a title", Notification("only a title", "")),
        ("777;preexec", None),
        ("777;notify;;", None),
        ("9;", None),
    ],
)
def test_notices(payload: str, notice: Notification | None) -> None:
    expected = [] if notice is None else [notice]
    assert told(f"\x1b]{payload}\x07".encode()) == expected


@given(st.text(max_size=3000))
def test_a_notice_is_clean_and_bounded(text: str) -> None:
    encoded = text.encode("utf-8", "ignore")
    events = told(b"\x1b]777;notify;" + encoded + b";" + encoded + b"\x1b\\")
    for event in events:
        if isinstance(event, Notification):
            assert (
                len(event.title) + len(event.body) <= 2 * NOTICE_BODY_LIMIT_CHARACTERS
            )
            assert not any(
                ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in event.title + event.body
            )


# The clipboard.


def copying(text: bytes, selection: bytes = b"c") -> bytes:
    return b"\x1b]52;" + selection + b";" + base64.b64encode(text) + b"\x07"


def test_the_clipboard_is_written_only_with_permission() -> None:
    assert told(copying(b"hi")) == []
    assert told(copying(b"hi"), MAY_COPY) == [ClipboardWritten("c", "hi")]
    assert told(copying(b"hi", b""), MAY_COPY) == [ClipboardWritten("c", "hi")]
    assert told(copying(b"hi", b"ps0"), MAY_COPY) == [ClipboardWritten("ps0", "hi")]


@pytest.mark.parametrize(
    "payload",
    [
        b"52;c;?",
        b"52;c;SGVs*SGVsbG8s",
        b"52;c;SGVsbG8",
        b"52;x;SGVsbG8s",
        b"52;c",
        b"52;c;",
        b"52;c;GxsH",
        b"52;c;/w==",
        b"52;c;SGVs bG8s",
        b"52;c;SGVsbG8s;",
    ],
)
def test_a_query_and_what_is_not_base64_is_refused(payload: bytes) -> None:
    assert told(b"\x1b]" + payload + b"\x07", MAY_COPY) == []


def test_copied_text_carries_no_controls() -> None:
    events = told(copying("a\x1b[31m\tb\r\nc\x9b\x00\x7f한".encode()), MAY_COPY)
    assert events == [ClipboardWritten("c", "a[31m\tb\nc한")]


def test_a_copy_is_bounded_and_other_commands_far_more_so() -> None:
    largest = (CLIPBOARD_PAYLOAD_LIMIT_BYTES - 5) // 4 * 3
    (event,) = told(copying(b"x" * largest), MAY_COPY)
    assert isinstance(event, ClipboardWritten)
    assert len(event.text) == largest
    assert told(copying(b"x" * (largest + 3)), MAY_COPY) == []
    assert told(b"\x1b]9;" + b"x" * 70_000 + b"\x07") == []


# Nothing comes back.

markers = st.text(string.ascii_letters, min_size=8, max_size=12)
FORMS = (
    "\x1b]0;{}\x07", "\x1b]2;{}\x1b\\", "\x1b]1;{}\x07", "\x1b]4;1;{}\x07",
    "\x1b]4;{};?\x07", "\x1b]11;{}\x07", "\x1b]7;file:///{}\x07",
    "\x1b]8;id={0};http://{0}/\x07", "\x1b]9;{}\x07", "\x1b]777;notify;{0};{0}\x07",
    "\x1b]52;c;{}\x07", "\x1b]{}\x07", "\x1b]1337;{}\x07", "\x1bP{}\x1b\\",
    "\x1bP$q{}\x1b\\", "\x1bP+q{}\x1b\\", "\x1b_{}\x1b\\", "\x1b^{}\x1b\\", "{}",
    "\x1b]50;?{}\x07", "\x1b]99;;{}\x07",
)  # fmt: skip
QUERIES = (
    b"\x1b[20t\x1b[21t\x1b[22t\x1b[23t\x1b[21t\x1b[c\x1b[>c\x1b[=c\x1b[>q\x1b[5n\x1b[6n"
    b"\x1b[?6n\x1b[?996n\x1b[?u\x1b[?4m\x1b[?4g\x1b]10;?;?;?\x07\x1b]4;1;?\x07"
    b"\x1b]52;c;?\x07\x1b]50;?\x07\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1b[1;1;1;1;9;9*y"
    b"\x1b[18t\x1b[?2048h"
)


@given(markers, st.lists(st.sampled_from(FORMS), min_size=1, max_size=8))
def test_no_reply_contains_what_a_program_sent(marker: str, forms: list[str]) -> None:
    terminal = Terminal(40, 6, permissions=MAY_COPY)
    data = "".join(form.format(marker) for form in forms).encode()
    answer = replies(terminal.feed(data) + terminal.feed(QUERIES))
    answer += replies(terminal.resize(30, 5) + terminal.set_colors(LIGHT_COLORS))
    assert len(answer) > 100, "the queries are answered"
    assert marker.encode() not in answer
    assert marker.encode().hex().encode() not in answer.lower()
