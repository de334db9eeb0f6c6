"""Columns fit the terminal, whatever is in them and however narrow it is."""

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.headless.table import Cell, cells, folded_lines, lines

TEXTS = st.text(st.sampled_from("ab.한 "), max_size=40).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    columns = draw(st.integers(1, 4))
    row = st.lists(TEXTS, min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=1, max_size=4))


@given(table=tables(), width=st.integers(4, 120))
def test_every_line_fits(table: list[list[str]], width: int) -> None:
    shown = [[Cell(text) for text in row] for row in table]

    cut = list(lines(shown, width_cells=width, has_colors=False))
    folded = list(folded_lines(table, width))

    assert all(cells(line) <= width for line in [*cut, *folded])
    whole = "".join(text for row in table for text in row)
    assert "".join("".join(folded).split()) == "".join(whole.split())


@given(tables())
def test_without_a_width_each_row_is_one_line(table: list[list[str]]) -> None:
    shown = [[Cell(text) for text in row] for row in table]

    plain = list(lines(shown, width_cells=None, has_colors=False))

    assert len(plain) == len(table)
    assert plain == list(folded_lines(table, None))


def test_what_has_hardly_room_has_a_line_of_its_own() -> None:
    row = [Cell("git-push-behind"), Cell("git"), Cell("git push")]

    assert list(lines([row], width_cells=30, has_colors=False)) == [
        "git-push-behind  git",
        "  git push",
    ]
