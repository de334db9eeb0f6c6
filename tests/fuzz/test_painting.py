"""What the screen paints and what a selection copies agree with the grid's cells."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style as RichStyle

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.lines import cells_of
from terminal_ai.ui.theme import Palette
from terminal_ai.ui.view.strips import paint_row, with_block_cursor, with_selection

COLUMNS = 14
BASE = RichStyle.parse("white on black")
MARKED = RichStyle.parse("on blue")
PALETTE = Palette("test")

texts = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]),
        st.sampled_from(
            "a1#❤☝♀🏳👩👧👍🇰🇷世한\u1112\u1161\u11abกำที่क्षि\u0301\u200d\ufe0f\ufe0e🏽🌈"
        ),
    ),
    max_size=8,
)
moves = st.sampled_from(["\x1b[D", "\x1b[2D", "\x1b[C", "\r", "\b", "\x1b[3G"])
edits = st.sampled_from(["\x1b[P", "\x1b[@", "\x1b[X", "\x1b[K", "\x1b[1K", "\x1b[4h"])
looks = st.sampled_from(["\x1b[31m", "\x1b[44m", "\x1b[m"])
steps = st.lists(st.one_of(texts, texts, moves, edits, looks), max_size=10)


@settings(max_examples=250)
@given(steps)
def test_a_row_is_sound_after_each_step(script: list[str]) -> None:
    terminal = Terminal(COLUMNS, 3)
    for step in script:
        terminal.feed(step.encode())
        for row in map(terminal.line, range(terminal.rows)):
            assert cell_len(row.text) == len(row) <= COLUMNS
            strip = paint_row(row, PALETTE, BASE)
            assert sum(cell_len(piece) for piece, _, _ in strip) == len(row)


@settings(max_examples=150)
@given(steps, st.integers(0, COLUMNS - 1), st.integers(0, COLUMNS))
def test_marking_cells_changes_no_text(script: list[str], start: int, end: int) -> None:
    row = drawn(script)
    strip = paint_row(row, PALETTE, BASE)
    for changed in (
        with_block_cursor(strip, start),
        with_selection(strip, start, end, MARKED),
    ):
        assert changed.text == row.text
        assert sum(cell_len(piece) for piece, _, _ in changed) == len(row)


@settings(max_examples=150)
@given(steps)
def test_copying_takes_the_same_cells_as_the_grid(script: list[str]) -> None:
    row = drawn(script)
    for column in range(len(row)):
        first = column if row.cell(column)[0] else column - 1
        assert cells_of(row.text, column, column + 1) == row.cell(first)[0]


def drawn(script: list[str]) -> Row:
    terminal = Terminal(COLUMNS, 3)
    terminal.feed("".join(script).encode())
    return terminal.line(0)
