"""What must hold for every stream of bytes."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.terminal.events import Event, Output, PromptMark, TitleChanged
from terminal_ai.terminal.terminal import Terminal
from tests.terminal.streams import byte_streams, merged, picture

sizes = st.tuples(st.integers(1, 30), st.integers(1, 10))


def check_grid(terminal: Terminal) -> None:
    cursor = terminal.cursor
    assert 0 <= cursor.row < terminal.rows
    assert 0 <= cursor.column < terminal.columns
    rows = [terminal.line(at) for at in range(terminal.rows)]
    assert len({row.id for row in rows}) == terminal.rows
    for row in rows:
        assert len(row) <= terminal.columns
        assert cell_len(row.text) == len(row)
        assert "".join(text for text, _ in row.runs) == row.text
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in row.text)


@settings(max_examples=150)
@given(st.lists(st.tuples(byte_streams, sizes), max_size=4))
def test_any_bytes_and_any_resize_leave_a_sound_grid(
    steps: list[tuple[bytes, tuple[int, int]]],
) -> None:
    terminal = Terminal(12, 5, scrollback_rows=20)
    for data, (columns, rows) in steps:
        terminal.feed(data)
        check_grid(terminal)
        terminal.resize(columns, rows)
        check_grid(terminal)


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_random_bytes_never_raise(data: bytes) -> None:
    terminal = Terminal(10, 4)
    terminal.feed(data)
    check_grid(terminal)


@settings(max_examples=150)
@given(byte_streams, st.lists(st.integers(1, 5), min_size=1, max_size=5))
@example(b"\x1b[" + b"1;" * 100 + b"mx\x1b[1mY", [1])
@example(b"\x1b]133;A;" + b"x" * 50 + b"\x1b\\end", [1])
@example(b"\x1b[2\nC\x1b[" + b"1" * 126 + b"\x07" * 9 + b"m.", [1, 4])
@example(b"a\x1b     (B b", [1, 2])
@example(b"\t\xcc\x81\rabcdefghi", [1])
def test_how_reads_split_the_stream_makes_no_difference(
    data: bytes, lengths: list[int]
) -> None:
    whole, parts = Terminal(12, 5), Terminal(12, 5)
    expected = merged(whole.feed(data))
    events: list[Event] = []
    at = step = 0
    while at < len(data):
        length = lengths[step % len(lengths)]
        events += parts.feed(data[at : at + length])
        at, step = at + length, step + 1
    assert merged(tuple(events)) == expected
    assert picture(parts) == picture(whole)


@settings(max_examples=150)
@given(byte_streams, byte_streams)
def test_a_reset_and_a_mark_are_found_after_anything(
    garbage: bytes, more: bytes
) -> None:
    terminal = Terminal(12, 5)
    # CAN ends whatever the garbage left open.
    terminal.feed(garbage + more + b"\x18")
    events = terminal.feed(b"\x1bc\x1b]133;D;7;n=x\x07ok")
    marks = [event for event in events if isinstance(event, PromptMark)]
    assert marks == [PromptMark("D", ("7",), {"n": "x"})]
    assert terminal.text().startswith("ok")


@given(
    st.lists(st.sampled_from([b"text ", b"\r\n", b"\x1b[31m", b"\x1bD", b"M", b"\xe4"]))
)
def test_output_is_exactly_the_input_without_marks(pieces: list[bytes]) -> None:
    terminal = Terminal(20, 5)
    mark = b"\x1b]133;A;p=1\x07"
    events = terminal.feed(mark.join(pieces) + b".")
    output = [event.data for event in events if isinstance(event, Output)]
    assert b"".join(output) == b"".join(pieces) + b"."
    marks = [event for event in events if isinstance(event, PromptMark)]
    assert len(marks) == max(0, len(pieces) - 1)


@given(st.text(max_size=300))
def test_a_title_is_one_printable_line_of_bounded_length(text: str) -> None:
    terminal = Terminal(20, 5)
    events = terminal.feed(b"\x1b]2;" + text.encode("utf-8", "ignore") + b"\x1b\\")
    titles = [event for event in events if isinstance(event, TitleChanged)]
    for title in (event.title for event in titles):
        assert len(title) <= 256
        assert not any(ord(character) < 32 for character in title)


@settings(max_examples=80)
@given(byte_streams, byte_streams)
def test_a_row_that_changed_has_another_key(before: bytes, after: bytes) -> None:
    terminal = Terminal(12, 5)
    terminal.feed(before)
    rows = [terminal.line(at) for at in range(terminal.rows)]
    shown = {(row.id, row.revision): row.runs for row in rows}
    terminal.feed(after)
    for at in range(terminal.rows):
        row = terminal.line(at)
        assert shown.get((row.id, row.revision), row.runs) == row.runs
