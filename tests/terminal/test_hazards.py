"""Streams that make a plain pyte raise, leak, freeze or hide text."""

import pytest

from terminal_ai.terminal.events import Event, Output, PromptMark, Reply
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.screen.canvas import COLUMNS_LIMIT, ROWS_LIMIT
from terminal_ai.terminal.screen.reports import CAPABILITIES_LIMIT
from terminal_ai.terminal.style import DEFAULT_STYLE
from terminal_ai.terminal.terminal import Parser, Terminal


def fed(data: bytes) -> Terminal:
    terminal = Terminal(40, 6)
    terminal.feed(data)
    return terminal


def first_line(data: bytes) -> str:
    return fed(data).text().split("\n")[0]


def replies(events: tuple[Event, ...]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Reply))


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[" + b"9" * 5000 + b"n",
        b"\x1b[\xc2\xb2A\x1b[m",
        b"\x1b[6;1n",
        b"\x1b[?5A",
        b"\x1b[1;2;3;4H",
        b"\x1b[?4m",
        b"\x1b[?6n",
        b"\x1b[?996n",
        b"\x1b[?1r",
        b"\x1b[3K",
        b"\x1b[4J",
        b"\x1b[?6h\x1b[2d\x1b[6n\x1b[?6l",
        b"\x1b[1;1;1H",
        b"\x1b[" + b"1;" * 500 + b"H",
    ],
)
def test_nothing_raises_and_the_rest_is_drawn(sequence: bytes) -> None:
    assert "after" in fed(sequence + b"\r\nafter").text()


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1bP$qm\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1bPq#0;2;0;0;0~-\x1b\\",
        b"\x1bPtmux;\x1b\x1b]8;;\x07\x1b\\",
        b"\x1b_Ga=q;AAAA\x1b\\",
        b"\x1b^private\x1b\\",
        b"\x1bXstring\x1b\\",
        b"\x1bktitle\x1b\\",
        b"\x1b[=1;1u",
        b"\x1b[>4;2m",
        b"\x1b[58;5;1m\x1b[m",
        b"\x1b[38:2::1:2:3m\x1b[m",
        b"\x1b[!p",
        b'\x1b[61"p',
        b"\x1b F",
        b"\x1b*B",
        b"\x1b[12\x1b[m",
        b"\x1b]0;lost\x18",
        b"\x1b]10;?\x07\x1b]50;?\x07\x1b]52;c;?\x07",
    ],
)
def test_what_is_not_understood_is_swallowed_whole(sequence: bytes) -> None:
    terminal = fed(b"a" + sequence + b"b")
    assert terminal.text().split("\n")[0] == "ab"
    (_, style), *more = terminal.line(0).runs
    assert not more
    assert not style.underline
    assert not style.blink


def test_only_osc_0_and_2_set_the_title() -> None:
    terminal = fed(b"\x1b]2;mine\x07\x1b]22;pointer\x07\x1b]2025;x\x07\x1b]1;icon\x07")
    assert terminal.title == "mine"


@pytest.mark.parametrize("start", [b"\x1b]0;", b"\x1bP", b"\x1b_", b"\x1b]133;C;c="])
def test_an_unfinished_string_ends_at_the_next_escape(start: bytes) -> None:
    terminal = Terminal(40, 6)
    events = terminal.feed(start + b"payload\x1b]133;D;0\x07shown")
    assert PromptMark("D", ("0",), {}) in events
    assert terminal.text().startswith("shown")


@pytest.mark.parametrize("abort", [b"\x18", b"\x1a"], ids=["CAN", "SUB"])
@pytest.mark.parametrize(
    "begun",
    [
        b"\x1b",
        b"\x1b(",
        b"\x1b[",
        b"\x1b[31",
        b"\x1b[1 ",
        b"\x1b[31\x0e\x0f",
        b"\x1b[" + b"1" * 200,
        b"\x1b]0;title",
        b"\x1b]52;c;dGV4dA==",
        b"\x1b]133;C",
        b"\x1bP$qm",
        b"\x1b_private",
        b"\x1b^private",
        b"\x1bXstring",
        b"\x1bktitle",
    ],
)
@pytest.mark.parametrize("parser", ["pyte", "fast"])
def test_can_and_sub_abort_whatever_was_begun(
    parser: Parser, begun: bytes, abort: bytes
) -> None:
    terminal = Terminal(40, 6, parser=parser)
    events = terminal.feed(b"a" + begun + abort + b"mB\x1b]133;D\x07")
    assert terminal.text().split("\n")[0] == "amB"
    assert [style for _, style in terminal.line(0).runs] == [DEFAULT_STYLE]
    assert terminal.title == ""
    assert [e for e in events if not isinstance(e, Output)] == [PromptMark("D", (), {})]


@pytest.mark.parametrize(
    ("start", "kept_bytes"),
    [
        (b"\x1b]52;c;", 1_048_576),
        (b"\x1b]133;E;", 262_144),
        (b"\x1b]0;", 65_536),
        (b"\x1bP", 4096),
        (b"\x1b_", 0),
        (b"\x1b^", 0),
        (b"\x1bX", 0),
        (b"\x1bk", 0),
        (b"\x1b[", 128),
    ],
)
def test_an_endless_sequence_is_not_kept(start: bytes, kept_bytes: int) -> None:
    terminal = Terminal(40, 6)
    terminal.feed(start)
    for _ in range(20):
        terminal.feed(b"0" * 65_536)
        scanner = terminal._scanner
        assert len(scanner._payload) + len(scanner._carry) <= kept_bytes + 1
    assert terminal.feed(b"\x18\x1b]133;A\x07")[-1:] == (PromptMark("A", (), {}),)


@pytest.mark.parametrize("parser", ["pyte", "fast"])
def test_a_sequence_beyond_a_limit_is_not_obeyed(parser: Parser) -> None:
    for parameters in (b"0;" * 31 + b"1", b"0" * 124 + b"1"):
        terminal = Terminal(40, 6, parser=parser)
        terminal.feed(b"\x1b[" + parameters + b"mx")
        assert terminal.line(0).cell(0)[1].bold
        terminal.feed(b"\x1b[m\x1b[0;" + parameters + b"my")
        assert not terminal.line(0).cell(1)[1].bold
        assert terminal.ignored_sequences == 1
    asked = b";".join([b"544E"] * 800)
    assert replies(terminal.feed(b"\x1bP+q" + asked + b"\x1b\\")) != b""
    assert replies(terminal.feed(b"\x1bP+q" + asked * 2 + b"\x1b\\")) == b""


def test_c1_controls_are_never_obeyed() -> None:
    terminal = fed("a\u009b31mb\u009d2;evil\u009cc".encode() + b"\x9b2Jd")
    assert terminal.text().split("\n")[0] == "a31mb2;evilc\ufffd2Jd"
    assert terminal.title == ""
    assert len(terminal.line(0).runs) == 1


@pytest.mark.parametrize(
    "query",
    [
        b"\x1bPqsixel\x1b\\",
        b"\x1bPtmux;text\x1b\\",
        b"\x1b]50;?\x07",
        b"\x1b]52;c;?\x07",
    ],
)
def test_nothing_a_program_sent_is_ever_echoed(query: bytes) -> None:
    assert replies(Terminal(40, 6).feed(query)) == b""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"\x1bP$q;rm -rf\nm\x1b\\", b"\x1bP0$r\x1b\\"),
        (b"\x1bP+q6C73;544E\x1b\\", b"\x1bP0+r\x1b\\"),
        (b"\x1bP+qls\x1b\\", b"\x1bP0+r\x1b\\"),
    ],
)
def test_an_unknown_request_gets_one_fixed_answer(
    query: bytes, expected: bytes
) -> None:
    assert replies(Terminal(40, 6).feed(query)) == expected


def test_a_flood_of_queries_gets_few_replies() -> None:
    terminal = Terminal(40, 6)
    answer = replies(terminal.feed(b"\x1b[c\x1b[6n" * 20_000))
    assert 0 < len(answer) <= 4096
    assert replies(terminal.feed(b"\x1b[5n")) == b"\x1b[0n"


def test_floods_of_costly_sequences_are_bounded() -> None:
    terminal = fed(
        b"\x1b#8" * 2000 + b"a\x1b[99999999b\x1b[99999L\x1b[99999S\x1b[99999@"
    )
    terminal.feed(b"\x1b[2J\x1b[Hok")
    assert terminal.text().startswith("ok")
    assert terminal.scrollback_length <= 10_000


def test_a_character_is_repeated_for_a_screenful_at_most() -> None:
    terminal = fed(b"a\x1b[99999b")
    assert 0 < terminal.scrollback_length <= terminal.rows


def test_the_size_is_bounded_whoever_sets_it() -> None:
    allowed = Permissions(resizes_window=True)
    terminal = Terminal(10**6, 10**6, scrollback_rows=0, permissions=allowed)
    assert (terminal.columns, terminal.rows) == (COLUMNS_LIMIT, ROWS_LIMIT)
    terminal.resize(80, 24)
    terminal.feed(b"\x1b[8;99999;99999t")
    assert terminal.columns <= COLUMNS_LIMIT
    assert terminal.rows <= ROWS_LIMIT
    terminal.resize(10**6, 10**6)
    assert (terminal.columns, terminal.rows) == (COLUMNS_LIMIT, ROWS_LIMIT)


def test_one_request_asks_for_few_capabilities() -> None:
    colors = b"Co".hex().encode()
    events = Terminal(40, 6).feed(b"\x1bP+q" + b";".join([colors] * 100) + b"\x1b\\")
    assert sum(isinstance(event, Reply) for event in events) == CAPABILITIES_LIMIT


def test_invalid_utf_8_becomes_replacement_characters() -> None:
    assert first_line(b"a\xffb\xe4\xb8\x1b[mc\xc3") == "a\ufffdb\ufffdc"
    assert first_line("é".encode()) == "é"


def test_the_title_is_sanitised_and_bounded() -> None:
    terminal = fed(b"\x1b]2;a;b\xc2\x9b31m\xe2\x80\xae\x01" + b"x" * 3000 + b"\x07")
    assert terminal.title.startswith("a;b31mxxx")
    assert len(terminal.title) == 256


def test_swallowed_sequences_are_counted() -> None:
    terminal = fed(b"\x1b]22;text\x07\x1bPx\x1b\\\x1b[99z\x1b_x\x1b\\")
    assert terminal.ignored_sequences == 4
