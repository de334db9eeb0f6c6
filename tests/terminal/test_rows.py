"""A row against the simplest model of it: a list of cells."""

import itertools
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.grid.rows import MARKS_LIMIT_PER_CELL, Row
from terminal_ai.terminal.style import DEFAULT_STYLE, Style
from terminal_ai.terminal.widths import WIDE_SPACER

COLUMNS = 12
RED = Style(foreground=1)
BLUE_BACKGROUND = Style(background=4)

Cell = tuple[str, Style]


@dataclass
class Model:
    """Cells one by one, wide characters as a character and a spacer."""

    cells: list[Cell] = field(default_factory=lambda: [(" ", DEFAULT_STYLE)] * COLUMNS)

    def break_wide(self, column: int) -> None:
        if column < COLUMNS and self.cells[column][0] == WIDE_SPACER:
            self.cells[column - 1] = (" ", self.cells[column - 1][1])
            self.cells[column] = (" ", self.cells[column][1])

    def write(self, column: int, text: str, style: Style) -> None:
        stop = column + len(text)
        self.break_wide(column)
        self.break_wide(stop)
        self.cells[column:stop] = [(character, style) for character in text]

    def insert(self, column: int, count: int, style: Style) -> None:
        self.break_wide(column)
        blanks = [(" ", style)] * min(count, COLUMNS - column)
        self.cells[column:column] = blanks
        cut = self.cells[COLUMNS:]
        del self.cells[COLUMNS:]
        if cut and cut[0][0] == WIDE_SPACER:
            self.cells[-1] = (" ", self.cells[-1][1])

    def delete(self, column: int, count: int, style: Style) -> None:
        count = min(count, COLUMNS - column)
        self.break_wide(column)
        self.break_wide(column + count)
        del self.cells[column : column + count]
        self.cells += [(" ", style)] * count


columns = st.integers(0, COLUMNS - 1)
counts = st.integers(1, COLUMNS)
styles = st.sampled_from([DEFAULT_STYLE, RED, BLUE_BACKGROUND])
texts = st.sampled_from(
    ["a", "bcd", f"世{WIDE_SPACER}", f"x世{WIDE_SPACER}界{WIDE_SPACER}", "        "]
)
steps = st.one_of(
    st.tuples(st.just("write"), columns, texts, styles),
    st.tuples(st.just("erase"), columns, counts, styles),
    st.tuples(st.just("insert"), columns, counts, styles),
    st.tuples(st.just("delete"), columns, counts, styles),
)


@settings(max_examples=400)
@given(st.lists(steps, max_size=12))
def test_a_row_is_what_a_list_of_cells_would_be(
    script: list[tuple[str, int, str | int, Style]],
) -> None:
    row, model = Row(), Model()
    for what, column, argument, style in script:
        revision = row.revision
        before = list(model.cells)
        if isinstance(argument, str):
            text = argument[: COLUMNS - column].removesuffix("世").removesuffix("界")
            if text:
                row.write(column, text, style)
                model.write(column, text, style)
        elif what == "erase":
            stop = min(column + argument, COLUMNS)
            row.erase(column, stop, style)
            model.write(column, " " * (stop - column), style)
        elif what == "insert":
            row.insert(column, argument, COLUMNS, style)
            model.insert(column, argument, style)
        else:
            row.delete(column, argument, COLUMNS, style)
            model.delete(column, argument, style)
        assert [row.cell(at) for at in range(COLUMNS)] == [
            (text.replace(WIDE_SPACER, ""), look) for text, look in model.cells
        ]
        assert "".join(piece for piece, _ in row.runs) == row.text
        neighbours = [look for _, look in row.runs]
        assert all(a is not b for a, b in itertools.pairwise(neighbours))
        if model.cells != before:
            assert row.revision > revision


def test_ids_are_never_used_twice() -> None:
    ids = [Row().id for _ in range(100)]
    assert len(set(ids)) == 100


def test_marks_on_a_cell_are_bounded_and_go_with_their_cell() -> None:
    row = Row()
    row.write(0, "ab", DEFAULT_STYLE)
    added = [row.add_mark(0, "\u0301") for _ in range(50)]
    assert added.count(True) == MARKS_LIMIT_PER_CELL
    row.insert(0, 2, COLUMNS, DEFAULT_STYLE)
    assert row.text == "  a" + "\u0301" * MARKS_LIMIT_PER_CELL + "b"
    row.delete(1, 2, COLUMNS, DEFAULT_STYLE)
    assert row.text == " b"
