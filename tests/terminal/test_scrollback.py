"""The scrollback against the simplest model of it: a list of rows."""

import gc
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.grid.scrollback import (
    LOOKED_AT_PAGES,
    PAGE_ROWS,
    Scrollback,
    ScrollbackLimits,
)
from terminal_ai.terminal.style import DEFAULT_STYLE, Style
from terminal_ai.terminal.terminal import Parser, Terminal
from terminal_ai.terminal.widths import WIDE_SPACER
from tests.terminal.streams import byte_streams

COLUMNS = 6
STYLES = (DEFAULT_STYLE, Style(foreground=1), Style(background=4, bold=True))
Look = tuple[tuple[tuple[str, Style], ...], bool]


def look(row: Row) -> Look:
    return row.runs, row.wraps


def made(pieces: list[tuple[str, int]], *, wraps: bool) -> Row:
    row = Row()
    for text, style in pieces:
        room = COLUMNS - len(row)
        cut = text[:room]
        if cut.endswith("世"):
            cut = cut[:-1]
        if cut:
            row.write(len(row), cut, STYLES[style])
    row.wraps = wraps
    return row


def newest_line_rows(model: list[Look]) -> int:
    """Return how many rows the line has that came last."""
    before = model[:-1]
    while before and before[-1][1]:
        before.pop()
    return len(model) - len(before)


def ids_of(scrollback: Scrollback) -> list[int]:
    return [scrollback[at].id for at in range(len(scrollback))]


pieces = st.tuples(
    st.sampled_from(["a", "bcd", "efghij", f"世{WIDE_SPACER}", f"x世{WIDE_SPACER}y"]),
    st.integers(0, len(STYLES) - 1),
)
rows = st.builds(
    lambda pieces, wraps: ("push", pieces, wraps),
    st.lists(pieces, max_size=4),
    st.booleans(),
)
script = st.lists(
    st.one_of(
        rows,
        rows,
        rows,
        st.just(("pop", [], False)),
        st.just(("skip an id", [], False)),
        st.just(("hold back", [], False)),
        st.just(("clear", [], False)),
    ),
    max_size=60,
)


@settings(max_examples=200)
@given(script, st.integers(1, 40))
def test_a_scrollback_is_what_a_list_of_rows_would_be(
    steps: list[tuple[str, list[tuple[str, int]], bool]], limit: int
) -> None:
    scrollback = Scrollback(COLUMNS, ScrollbackLimits(rows=limit))
    model: list[Look] = []
    ids: list[int] = []
    held: Row | None = None
    for what, texts, wraps in steps:
        if what == "push":
            arriving = [made(texts, wraps=wraps)]
            if held is not None:
                # An older row arrives after newer ones, as after a reverse index.
                arriving.append(held)
                held = None
            for row in arriving:
                model.append(look(row))
                scrollback.push(row)
                # Only rows of the line that is arriving may still get other ids.
                settled = len(model) - newest_line_rows(model)
                dropped = len(model) - len(scrollback)
                kept, ids = ids[dropped:settled], ids_of(scrollback)
                assert ids[: len(kept)] == kept
                del model[:-limit]
        elif what == "pop" and model:
            assert look(scrollback.pop()) == model.pop()
            ids.pop()
        elif what == "skip an id":
            Row()
        elif what == "hold back":
            held = made([("old", 1)], wraps=False)
        elif what == "clear":
            scrollback.clear()
            model.clear()
            ids.clear()
        assert [look(scrollback[at]) for at in range(len(scrollback))] == model
        assert ids_of(scrollback) == ids
        assert [scrollback.row_id(at) for at in range(-len(model), 0)] == ids
        assert all(old < new for old, new in pairwise(ids))


@settings(max_examples=100)
@given(st.lists(st.tuples(byte_streams, st.integers(2, 30)), max_size=4))
@example([(b"\xe4\xb8\x96" * 40 + b"\r\n" * 9, 5), (b"abc" * 40 + b"\r\n" * 9, 30)])
def test_any_width_and_back_keeps_what_lines_say(
    steps: list[tuple[bytes, int]],
) -> None:
    terminal = Terminal(12, 4, scrollback_rows=1000, parser="fast")
    for data, columns in steps:
        terminal.feed(data)
        before = scrollback_text(terminal)
        terminal.resize(columns, terminal.rows)
        length = terminal.scrollback_length
        found = [terminal.line(at) for at in range(-length, 0)]
        assert all(len(row) <= columns for row in found)
        assert all(old.id < new.id for old, new in pairwise(found))
        # What the screen pushed out or pulled in is at the end of one or the other.
        after = scrollback_text(terminal)
        assert before.startswith(after) or after.startswith(before)


def scrollback_text(terminal: Terminal) -> str:
    length = terminal.scrollback_length
    return "".join(terminal.line(at).text.replace(" ", "") for at in range(-length, 0))


def test_memory_is_bounded_by_bytes_whatever_the_rows() -> None:
    limit = 200_000
    scrollback = Scrollback(80, ScrollbackLimits(rows=1_000_000, size_bytes=limit))
    for number in range(20_000):
        row = Row()
        row.write(0, f"{number:<70}", STYLES[number % 3])
        scrollback.push(row)
    assert scrollback[-1].text.startswith("19999")
    assert limit / 400 < len(scrollback) < limit / 70 + PAGE_ROWS


def test_rows_made_to_look_at_are_forgotten() -> None:
    scrollback = Scrollback(80, ScrollbackLimits(rows=100_000))
    for _ in range(PAGE_ROWS * 3 * LOOKED_AT_PAGES):
        scrollback.push(Row())
    seen = [scrollback[at] for at in range(len(scrollback))]
    assert scrollback[0] is not seen[0]
    assert scrollback[-1] is seen[-1]
    assert (scrollback[0].id, scrollback[0].revision) == (seen[0].id, seen[0].revision)


def test_a_line_stays_one_line_though_rows_were_made_elsewhere_meanwhile() -> None:
    terminal = Terminal(10, 2, parser="fast")
    for _ in range(5):
        terminal.feed(b"123456789")
        Row()
    terminal.feed(b"\r\n\r\n\r\n")
    terminal.resize(50, 2)
    assert terminal.line(-2).text == "123456789" * 5


@settings(max_examples=100)
@given(st.lists(st.tuples(byte_streams, st.integers(1, 6)), max_size=4))
@example([(b"\x1b[T" + b"plain text\r\n" * 3 + b"\x1b[L", 4)])
def test_no_two_rows_share_an_id(steps: list[tuple[bytes, int]]) -> None:
    terminal = Terminal(6, 4, scrollback_rows=1000, parser="fast")
    for data, rows in steps:
        terminal.feed(data)
        ids = all_ids(terminal)
        assert len(set(ids)) == len(ids)
        terminal.resize(6, rows)
        ids = all_ids(terminal)
        assert len(set(ids)) == len(ids)


def all_ids(terminal: Terminal) -> list[int]:
    first = -terminal.scrollback_length
    return [terminal.line(at).id for at in range(first, terminal.rows)]


PLAIN = b"2026-11-21 05:04:00 INFO a request was answered in time, number %08d\r\n"
COLORED = (
    b"\x1b[2m05:04:00\x1b[0m \x1b[32mINFO\x1b[0m a \x1b[1mrequest\x1b[0m was "
    b"answered in \x1b[36mtime\x1b[0m, number %08d\r\n"
)


def bytes_a_row(line: bytes, rows: int, feed_bytes: int) -> float:
    data = b"".join(line % number for number in range(rows + 40))
    terminal = Terminal(120, 40, scrollback_rows=rows, parser="fast")
    terminal.feed(line % 0)
    gc.collect()
    tracemalloc.start()
    try:
        for at in range(0, len(data), feed_bytes):
            terminal.feed(data[at : at + feed_bytes])
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert terminal.scrollback_length == rows
    return taken / rows


@pytest.mark.parametrize("feed_bytes", [1000, 65_536], ids=["small", "large"])
@pytest.mark.parametrize(("line", "limit"), [(PLAIN, 200), (COLORED, 350)])
def test_a_row_takes_little_memory(line: bytes, limit: int, feed_bytes: int) -> None:
    assert bytes_a_row(line, 3000, feed_bytes) <= limit


def test_a_hundred_thousand_rows_fit_in_25_megabytes() -> None:
    assert bytes_a_row(PLAIN, 100_000, 65_536) * 100_000 <= 25e6


@pytest.mark.parametrize("parser", ["pyte", "fast"])
@given(
    st.lists(st.text("ab 世", max_size=40).map(str.rstrip), min_size=6, max_size=12),
    st.lists(st.integers(2, 40), max_size=4),
)
def test_a_full_screen_looks_the_same_after_other_widths(
    parser: Parser, texts: list[str], widths: list[int]
) -> None:
    terminal = Terminal(12, 5, parser=parser)
    terminal.feed("\r\n".join([*texts, "$ "]).encode())
    before, place = terminal.text(), terminal.cursor
    for columns in widths:
        terminal.resize(columns, 5)
        kept = terminal.scrollback_length
        assert not kept or terminal.cursor.row == 4, "nothing is empty below"
    terminal.resize(12, 5)
    assert terminal.text() == before
    assert terminal.cursor == place


def test_a_cleared_screen_gets_nothing_old_to_show() -> None:
    terminal = Terminal(12, 5, parser="fast")
    terminal.feed(b"old\r\n" * 9 + b"\x1b[2J\x1b[Ha prompt of ten $ ")
    for columns in (5, 40, 12):
        terminal.resize(columns, 5)
    assert terminal.text().split("\n")[0] == "a prompt of"


def test_cells_of_many_styles_count_with_all_the_memory_they_take() -> None:
    columns, limit_bytes = 20, 1 << 20
    terminal = Terminal(
        columns,
        4,
        scrollback_rows=100_000,
        scrollback_limit_bytes=limit_bytes,
        parser="fast",
    )
    for row in range(4 * PAGE_ROWS):
        cells = (
            f"\x1b[38;2;{row % 256};{row // 256};{column}mx"
            for column in range(columns)
        )
        terminal.feed("".join(cells).encode() + b"\r\n")
    assert terminal.scrollback_length <= limit_bytes // (columns * 500) + 2 * PAGE_ROWS


def test_long_addresses_count_with_all_the_memory_they_take() -> None:
    terminal = Terminal(
        20, 4, scrollback_rows=9_000, scrollback_limit_bytes=1 << 20, parser="fast"
    )
    for row in range(8 * PAGE_ROWS):
        address = f"http://{row}/" + "x" * 2000
        terminal.feed(f"\x1b]8;;{address}\x07link\x1b]8;;\x07\r\n".encode())
    assert terminal.scrollback_length <= (1 << 20) // 2000 + 2 * PAGE_ROWS


@pytest.mark.parametrize("feed_bytes", [1000, 65_536], ids=["small", "large"])
def test_the_limit_of_bytes_holds_for_lines_and_for_raw_output(feed_bytes: int) -> None:
    data = b"".join(PLAIN % number for number in range(20_000))
    terminal = Terminal(
        120, 40, scrollback_rows=10**6, scrollback_limit_bytes=200_000, parser="fast"
    )
    for at in range(0, len(data), feed_bytes):
        terminal.feed(data[at : at + feed_bytes])
    # Pages go as a whole, the one that is being filled last of all.
    assert 500 < terminal.scrollback_length < 3500
