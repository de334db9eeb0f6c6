"""Left and right margins: what stays outside them, and where the cursor stops."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.terminal import Terminal

COLUMNS, ROWS = 12, 7
# Every cell differs from its neighbours, so that any shift shows.
PATTERN = [
    "".join(chr(ord("!") + row * COLUMNS + column) for column in range(COLUMNS))
    for row in range(ROWS)
]

counts = st.integers(0, 14).map(str)
moving = st.builds("\x1b[{}{}".format, counts, st.sampled_from("ABCDEFGIZade`jk"))
editing = st.builds(
    "\x1b[{}{}".format,
    counts,
    st.sampled_from(["@", "P", "L", "M", "S", "T", " @", " A", "'}", "'~", "b"]),
)
placing = st.builds("\x1b[{};{}H".format, counts, counts)
filling = st.builds(
    "\x1b[{}{};{};{};{}{}".format,
    st.sampled_from(["", "2;"]),
    counts,
    counts,
    counts,
    counts,
    st.sampled_from(["$z", "${", "$x", "$v", "$r", "$t"]),
)
controls = st.sampled_from(
    ["\r", "\n", "\b", "\t", "\x1bD", "\x1bE", "\x1bM", "\x1b6", "\x1b9"]
)
modes = st.sampled_from(["\x1b[4h", "\x1b[4l", "\x1b[?7h", "\x1b[?7l", "\x1b[?45h"])
texts = st.text(st.sampled_from("ab世\u0301❤\ufe0f👩\u200d"), max_size=15)
pieces = st.one_of(moving, editing, placing, filling, controls, modes, texts)


@settings(max_examples=300)
@given(
    left=st.integers(1, COLUMNS - 1),
    width=st.integers(1, COLUMNS),
    top=st.integers(1, ROWS - 1),
    height=st.integers(1, ROWS),
    stream=st.lists(pieces, max_size=12).map("".join),
)
@example(3, 4, 2, 3, "\u0301\x1b[1;99H世世\x1b[4h世")
@example(3, 4, 2, 3, "\x1b[1;99H❤\ufe0f")
def test_a_cell_outside_the_margins_never_changes(
    left: int, width: int, top: int, height: int, stream: str
) -> None:
    right, bottom = min(left + width, COLUMNS), min(top + height, ROWS)
    terminal = Terminal(COLUMNS, ROWS)
    margins = f"\x1b[?69h\x1b[{left};{right}s\x1b[{top};{bottom}r\x1b[?6h\x1b[2*x"
    terminal.feed(("\r\n".join(PATTERN) + margins + stream).encode())
    for row in range(ROWS):
        for column in range(COLUMNS):
            if top <= row + 1 <= bottom and left <= column + 1 <= right:
                continue
            text, style = terminal.line(row).cell(column)
            assert text == PATTERN[row][column]
            assert not style.reverse
    cursor = terminal.cursor
    assert top <= cursor.row + 1 <= bottom
    assert left <= cursor.column + 1 <= right


@settings(max_examples=150)
@given(st.lists(pieces, max_size=12).map("".join))
def test_margins_as_wide_as_the_screen_are_none(stream: str) -> None:
    plain, marked = Terminal(COLUMNS, ROWS), Terminal(COLUMNS, ROWS)
    marked.feed(b"\x1b[?69h\x1b[1;99s")
    for terminal in (plain, marked):
        terminal.feed(stream.encode())
    assert marked.text() == plain.text()
    assert marked.cursor == plain.cursor


def place(data: bytes) -> tuple[int, int]:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[?69h\x1b[5;10s\x1b[2;4r" + data)
    return terminal.cursor.row + 1, terminal.cursor.column + 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b[3;7H\r", (3, 5)),
        (b"\x1b[3;3H\r", (3, 1)),
        (b"\x1b[?6h\r", (2, 5)),
        (b"\x1b[3;7H\x1b[99D", (3, 5)),
        (b"\x1b[3;3H\x1b[99D", (3, 1)),
        (b"\x1b[3;7H\x1b[99C", (3, 10)),
        (b"\x1b[3;12H\x1b[99C", (3, 20)),
        (b"\x1b[3;7H\t\t", (3, 10)),
        (b"\x1b[3;7H\x1b[99Z", (3, 1)),
        (b"\x1b[3;7H\x1b[99a", (3, 20)),
        (b"\x1b[3;7H\x1b[99j", (3, 1)),
        (b"\x1b[3;7H\x1b[E", (4, 5)),
        (b"\x1b[4;7H\x1bE", (4, 5)),
        (b"\x1b[4;12H\n", (4, 12)),
        (b"\x1b[2;12H\x1bM", (2, 12)),
        (b"\x1b[3;8Habcd", (4, 6)),
        (b"\x1b[3;18Habcd", (4, 6)),
        (b"\x1b[3;7H\x1b[L", (3, 5)),
        (b"\x1b[3;12H\x1b[L", (3, 12)),
        (b"\x1b[?6h\x1b[2;3H", (3, 7)),
        (b"\x1b[?6h\x1b[99;99H", (4, 10)),
        (b"\x1b[?6h\x1b[4G", (2, 8)),
        (b"\x1b[?45h\x1b[3;5H\b", (2, 10)),
        (b"\x1b[?45h\x1b[2;5H\b", (4, 10)),
        (b"\x1b[3;7H\x1b[?69l\r", (3, 1)),
        (b"\x1b[3;7H\x1b[!p\r", (3, 1)),
    ],
)
def test_where_the_cursor_goes(data: bytes, expected: tuple[int, int]) -> None:
    assert place(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[4;12H\n\x1bD\x1bE",
        b"\x1b[2;12H\x1bM",
        b"\x1b[2;12H\x1b[L\x1b[M",
        b"\x1b[3;12H\x1b[P\x1b[@",
        b"\x1b[3;2H\x1b['}\x1b['~",
        b"\x1b[5;7H\x1b[L\x1b[M",
        b"\x1b[5;5H\x1b6\x1b[5;10H\x1b9",
    ],
)
def test_a_cursor_outside_the_margins_moves_nothing_inside(data: bytes) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed("\r\n".join(PATTERN).encode())
    terminal.feed(b"\x1b[?69h\x1b[5;10s\x1b[2;4r" + data)
    assert terminal.text().split("\n") == PATTERN


def test_a_cursor_report_counts_from_the_margins_in_origin_mode() -> None:
    events = Terminal(20, 6).feed(
        b"\x1b[?69h\x1b[5;10s\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n"
    )
    assert b"\x1b[2;3R" in [getattr(event, "data", b"") for event in events]


def test_the_same_sequence_saves_the_cursor_without_the_mode() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[3;7H\x1b[s\x1b[H\x1b[u")
    assert (terminal.cursor.row, terminal.cursor.column) == (2, 6)


def test_an_older_terminal_knows_no_side_margins() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b'\x1b[63"p\x1b[?69h\x1b[5;10s\x1b[5Gabcdefgh')
    assert terminal.cursor.column == 12


def test_scrolling_between_side_margins_keeps_the_scrollback_empty() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[?69h\x1b[5;10s" + b"line\r\n" * 20)
    assert terminal.scrollback_length == 0


def test_text_that_wraps_at_a_margin_is_not_one_line() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[?69h\x1b[5;10s\x1b[1;5Habcdefghi")
    assert not terminal.line(0).wraps


def test_a_pending_wrap_goes_with_its_margin() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[?69h\x1b[1;5sabcde\x1b[?69lX")
    assert terminal.line(0).text == "abcdX"


def test_resizing_takes_the_margins_away() -> None:
    terminal = Terminal(20, 6)
    terminal.feed(b"\x1b[?69h\x1b[5;10s")
    terminal.resize(30, 6)
    terminal.feed(b"\x1b[H" + b"x" * 30)
    assert terminal.line(0).text == "x" * 30
