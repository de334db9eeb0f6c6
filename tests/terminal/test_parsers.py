"""Both parsers read the same from every stream, and pyte alone from most."""

from collections.abc import Sequence
from typing import cast

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.events import Event, PromptMark
from terminal_ai.terminal.grid.scrollback import ScrollbackLimits
from terminal_ai.terminal.parsing.fast_parser import STRETCH_BYTES, SWEPT_FINALS
from terminal_ai.terminal.screen.screen import Screen
from terminal_ai.terminal.terminal import Parser, Terminal
from tests.conftest import SHARED
from tests.terminal.recorder import GOLDEN, load
from tests.terminal.streams import byte_streams, merged, picture

COLUMNS, ROWS = 12, 5
RECORDINGS = SHARED / "data" / "alacritty-ref"
RECORDED = sorted(path.parent.name for path in RECORDINGS.glob("*/size.json"))

long_runs = st.builds(
    lambda line, count: line * count,
    st.sampled_from(
        [
            b"plain\r\n",
            b"a\tb\x1b[31mred\x1b[m\r\n",
            b"\x1b[44mblue to the end\r\n\x1b[K",
            b"\xe4\xb8\x96" * 5,
            b"\x1b[2;3Hx\x1b[1Ky",
            b"\x1b(0lqk\x1b(B\n",
        ]
    ),
    st.integers(1, 40),
)
streams = st.lists(st.one_of(byte_streams, long_runs), max_size=5).map(b"".join)


def read(parser: Parser, pieces: Sequence[bytes]) -> object:
    terminal = Terminal(COLUMNS, ROWS, scrollback_rows=30, parser=parser)
    events = [event for piece in pieces for event in terminal.feed(piece)]
    return picture(terminal), merged(tuple(events)), terminal.ignored_sequences


@settings(max_examples=300)
@given(st.lists(streams, max_size=3))
@example([b"\x1b[" + b"1;" * 40 + b"m\x1b[999999b"])
@example([b"\x1b[38;2;255;255;255;48;2;255;255;255;1;3;4mx"])
@example([b"\xe4", b"\xb8\x1b[1m\xe4\xb8\x96\xe4"])
@example([b"a\x1b[4hb\x1b[4l\x1b[?7lccccccccccccccccccccc\r\nx"])
def test_both_parsers_give_the_same_picture_and_events(pieces: list[bytes]) -> None:
    assert read("fast", pieces) == read("pyte", pieces)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.steps")))
def test_both_parsers_read_our_recordings_alike(name: str) -> None:
    assert read("fast", load(name)) == read("pyte", load(name))


@pytest.mark.parametrize("name", RECORDED)
def test_both_parsers_read_the_recorded_sessions_alike(name: str) -> None:
    data = (RECORDINGS / name / "alacritty.recording").read_bytes()
    assert read("fast", [data]) == read("pyte", [data])


pyte_numbers = st.integers(0, 14).map(str)
graphics = st.sampled_from(
    ["0", "1", "3", "4", "7", "22", "24", "31", "42", "39", "49"]
)
pyte_sequences = st.one_of(
    st.builds("\x1b[{}{}".format, pyte_numbers, st.sampled_from("@ABCDEFGLMPXd")),
    st.builds("\x1b[{};{}H".format, pyte_numbers, pyte_numbers),
    st.sampled_from(["\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[1J", "\x1b[2J"]),
    st.lists(
        st.sampled_from(["0", "1", "3", "4", "7", "22", "24", "31", "42", "39", "49"]),
        min_size=1,
        max_size=20,
    ).map(lambda codes: f"\x1b[{';'.join(codes)}m"),
    st.sampled_from(["\x1b7", "\x1b8", "\x1bD", "\x1bM", "\x1bH", "\x1b#8", "\x1bc"]),
    st.sampled_from(["\x1b[2;4r", "\x1b[r", "\x1b[4h", "\x1b[4l", "\x1b[?7l"]),
    st.sampled_from(["\r", "\n", "\r\n", "\b", "\t"]),
    st.text("abc 世界é", min_size=1, max_size=15),
)


@settings(max_examples=200)
@given(st.lists(pyte_sequences, max_size=25))
def test_pyte_alone_can_drive_the_screen(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    screen = Screen(COLUMNS, ROWS, ScrollbackLimits(), lambda _: None)
    pyte.ByteStream(cast("pyte.Screen", screen)).feed(data)
    terminal = Terminal(COLUMNS, ROWS, scrollback_rows=30, parser="fast")
    terminal.feed(data)
    assert [row.runs for row in screen.grid.rows] == [
        terminal.line(at).runs for at in range(ROWS)
    ]
    assert (screen.row, screen.settled_column) == (
        terminal.cursor.row,
        terminal.cursor.column,
    )


def test_every_sequence_that_is_swept_has_a_meaning() -> None:
    for final in SWEPT_FINALS:
        terminal = Terminal(COLUMNS, ROWS, parser="fast")
        terminal.feed(f"\x1b[{final}\x1b[1{final}\x1b[1;2{final}".encode())
        assert terminal.ignored_sequences == 0, final


@settings(max_examples=60)
@given(byte_streams, st.sampled_from(["pyte", "fast"]))
@example(b"a\r\n" * 3000 + "世".encode() * 3000, "fast")
@example("é".encode() * 3000 + b"\r\n", "pyte")
@example(b"\x1b[?69h\x1b[2;4s" + "世\r\n".encode() * 900, "fast")
def test_a_feed_that_is_stopped_again_and_again_reads_the_same(
    data: bytes, parser: Parser
) -> None:
    whole = Terminal(COLUMNS, ROWS, scrollback_rows=30, parser=parser)
    stopped = Terminal(COLUMNS, ROWS, scrollback_rows=30, parser=parser)
    events: list[Event] = []
    rest = data
    while rest:
        before = len(rest)
        some, rest = stopped.feed_until(lambda: True, rest)
        assert len(rest) < before
        events += some
    assert merged(tuple(events)) == merged(whole.feed(data))
    assert picture(stopped) == picture(whole)


@pytest.mark.parametrize(
    "unit",
    [b"\x1b[S", b"\x1b[99999b", b"\x1b[9L", b"\x1b[J", b"\x1b#8", b"\x1b[1;1;9;9;0$t"],
)
def test_a_feed_can_be_stopped_after_each_sequence_that_changes_many_rows(
    unit: bytes,
) -> None:
    terminal = Terminal(COLUMNS, ROWS, parser="fast")
    _, rest = terminal.feed_until(lambda: True, unit * 100)
    assert len(rest) == 99 * len(unit)


@pytest.mark.parametrize("text", [b"a", b"\t", b"\n", "é".encode(), b"\x1b[P"])
@pytest.mark.parametrize("margins", [b"", b"\x1b[?69h\x1b[2;4s"])
def test_a_feed_of_plain_output_can_be_stopped_soon(
    text: bytes, margins: bytes
) -> None:
    terminal = Terminal(COLUMNS, ROWS, parser="fast")
    terminal.feed(margins)
    data = text * 10_000
    _, rest = terminal.feed_until(lambda: True, data)
    assert len(data) - len(rest) <= STRETCH_BYTES


MARK = b"\x1b]133;D;137\x07"


@given(
    st.lists(st.sampled_from([MARK, b"text", b"\r\n", b"\x1b[31m", b"\x07"])),
    st.sampled_from(["pyte", "fast"]),
)
def test_a_feed_that_may_be_stopped_tells_each_mark_at_its_moment(
    parts: list[bytes], parser: Parser
) -> None:
    terminal = Terminal(COLUMNS, ROWS, parser=parser)
    rest, marks = b"".join(parts), 0
    while rest:
        before = rest
        events, rest = terminal.feed_until(lambda: False, rest)
        marks += sum(isinstance(event, PromptMark) for event in events)
        assert before.removesuffix(rest).count(MARK) <= 1
        assert before.removesuffix(rest).endswith(MARK) or not rest
    assert marks == parts.count(MARK)
