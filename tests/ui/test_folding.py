"""Folded text against a naive model: a list of the rows with ranges replaced."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.finding import read_line
from terminal_ai.ui.reading.folding import FoldedLines, summary_row
from terminal_ai.ui.reading.lines import Bookmark, Point, line_of, within
from terminal_ai.ui.reading.links import link_at, visible_links
from terminal_ai.ui.reading.selection import Selection, SelectionKind, select
from terminal_ai.ui.reading.words import next_word, previous_word, word_at
from terminal_ai.ui.view.scroll import ScrollPosition
from terminal_ai.ui.view.selector import Selector, Spot

from ..terminal.streams import byte_streams
from .test_selection import columns, kinds, texts

COLUMNS, ROWS = 10, 5
SCROLLBACK = 30


@dataclass
class Model:
    """What the lines should be: terminal rows as ranges, one a line, empty: a blank."""

    terminal: Terminal
    folds: list[range]

    @property
    def lines(self) -> list[range]:
        terminal = self.terminal
        shown: list[range] = []
        row = -terminal.scrollback_length
        while row < terminal.rows:
            fold = next((each for each in self.folds if row in each), None)
            shown.append(range(row, row + 1) if fold is None else fold)
            row = shown[-1].stop
        return [range(0)] * (terminal.rows - len(shown)) + shown


def merged(folds: list[range], fold: range) -> list[range]:
    touching = [each for each in folds if each.start < fold.stop > each.start]
    touching = [each for each in touching if each.stop > fold.start]
    apart = [each for each in folds if each not in touching]
    first = min([fold.start, *(each.start for each in touching)])
    stop = max([fold.stop, *(each.stop for each in touching)])
    return sorted([*apart, range(first, stop)], key=lambda each: each.start)


@st.composite
def folded(draw: st.DrawFn) -> tuple[FoldedLines, Model]:
    """Lines with any folds, and the model of them."""
    terminal = Terminal(COLUMNS, ROWS, scrollback_rows=SCROLLBACK)
    terminal.feed("\r\n".join(draw(st.lists(texts, max_size=8))).encode())
    lines, model = FoldedLines(terminal), Model(terminal, [])
    oldest = -terminal.scrollback_length
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(oldest - 2, terminal.rows))
        stop = first + draw(st.integers(0, 12))
        fold = range(max(first, oldest), stop)
        may_fold = len(fold) > 1 and stop <= terminal.cursor.row
        assert lines.fold(range(first, stop)) == may_fold
        if may_fold:
            model.folds = merged(model.folds, fold)
    return lines, model


def all_lines(lines: FoldedLines) -> range:
    return range(-lines.scrollback_length, lines.rows)


def look(terminal: Terminal) -> list[tuple[int, str, bool]]:
    rows = [
        terminal.line(at) for at in range(-terminal.scrollback_length, terminal.rows)
    ]
    return [(row.id, row.text, row.wraps) for row in rows]


@given(folded())
def test_lines_are_the_rows_with_the_folded_ones_replaced(
    case: tuple[FoldedLines, Model],
) -> None:
    lines, model = case
    terminal = model.terminal
    expected = model.lines
    assert [*map(lines.true_lines, all_lines(lines))] == expected
    for at, rows in zip(all_lines(lines), expected, strict=True):
        row = lines.line(at)
        assert row.id == lines.row_id(at)
        assert lines.is_summary(at) is (len(rows) > 1)
        if len(rows) == 1:
            true = terminal.line(rows[0])
            assert (row.id, row.revision, row.runs) == (
                true.id,
                true.revision,
                true.runs,
            )
        elif rows:
            assert row.runs == summary_row(len(rows), COLUMNS).runs
            assert not row.wraps
            assert row.id == terminal.row_id(rows[-1])
        else:
            assert not row.text
        if at < lines.rows - 1 and len(expected[at + lines.scrollback_length + 1]) > 1:
            assert not row.wraps, "a summary is no part of a wrapped line"


@given(folded())
def test_there_and_back_is_the_same_line(case: tuple[FoldedLines, Model]) -> None:
    lines, model = case
    terminal = model.terminal
    for at in all_lines(lines):
        for true in lines.true_lines(at):
            assert lines.shown_line(true) == at
    for true in range(-terminal.scrollback_length, terminal.rows):
        assert true in lines.true_lines(lines.shown_line(true))
    assert lines.shown_line(terminal.rows - 1) == lines.rows - 1
    assert lines.shown_line(terminal.cursor.row) == terminal.cursor.row


@given(folded())
def test_ids_grow_so_that_bisecting_finds_every_line(
    case: tuple[FoldedLines, Model],
) -> None:
    lines, _ = case
    ids = [lines.row_id(at) for at in range(-lines.scrollback_length, 0)]
    assert ids == sorted(set(ids))
    every = [lines.row_id(at) for at in all_lines(lines)]
    assert len(set(every)) == len(every)
    for at in all_lines(lines):
        assert line_of(lines.row_id(at), lines, near=0) == at
    with pytest.raises(IndexError):
        lines.line(-lines.scrollback_length - 1)


@given(folded(), st.data())
def test_unfolding_restores_exactly(
    case: tuple[FoldedLines, Model], data: st.DataObject
) -> None:
    lines, model = case
    before = look(model.terminal)
    while model.folds:
        fold = data.draw(st.sampled_from(model.folds))
        assert lines.unfold(data.draw(st.sampled_from(fold)))
        model.folds.remove(fold)
        assert [*map(lines.true_lines, all_lines(lines))] == model.lines
    assert not lines.is_folding
    assert not lines.unfold(-1)
    assert look(model.terminal) == before
    rows = [lines.line(at) for at in all_lines(lines)]
    assert [(row.id, row.text, row.wraps) for row in rows] == before


@given(folded(), byte_streams, st.integers(0, 60))
def test_output_never_hides_what_was_not_folded(
    case: tuple[FoldedLines, Model], output: bytes, count: int
) -> None:
    lines, model = case
    terminal = model.terminal
    hidden = {
        terminal.line(row).id: terminal.line(row).text
        for fold in model.folds
        for row in fold
    }
    # What rows that go on a line are called when they leave the viewport may change.
    texts_hidden = set(hidden.values())
    for data in (output, b"\r\nmore" * count):
        terminal.feed(data)
        if not terminal.is_alternate:
            read_everything(lines)
        lines.update()
        read_everything(lines)
        for at in all_lines(lines):
            rows = lines.true_lines(at)
            if len(rows) > 1:
                assert {terminal.line(row).text for row in rows} <= texts_hidden
                assert terminal.cursor.row not in rows
    if terminal.is_alternate:
        assert not lines.is_folding


@given(folded(), st.integers(1, 60))
def test_plain_output_leaves_folds_alone_until_they_are_dropped(
    case: tuple[FoldedLines, Model], count: int
) -> None:
    lines, model = case
    terminal = model.terminal
    terminal.feed(b"\x1b[0m\x1b[%d;1H" % ROWS)
    lines.update()
    assert [*map(lines.true_lines, all_lines(lines))] == model.lines
    before = terminal.first_number
    terminal.feed(b"\n" * count)
    moved = terminal.first_number - before
    lines.update()
    oldest = -terminal.scrollback_length
    moved_folds = [range(each.start - moved, each.stop - moved) for each in model.folds]
    model.folds = [
        range(max(each.start, oldest), each.stop)
        for each in moved_folds
        if each.stop > oldest
    ]
    assert len(lines.folded_rows) == len(model.folds)
    assert [*map(lines.true_lines, all_lines(lines))] == model.lines


@given(folded(), st.integers(2, 9), st.integers(2, 14))
def test_another_height_keeps_folds_and_another_width_unfolds(
    case: tuple[FoldedLines, Model], rows: int, width: int
) -> None:
    lines, model = case
    terminal = model.terminal
    numbers = [terminal.first_number + row for fold in model.folds for row in fold]
    terminal.resize(COLUMNS, rows)
    lines.update()
    read_everything(lines)
    kept = [
        terminal.first_number + row
        for at in all_lines(lines)
        if len(found := lines.true_lines(at)) > 1
        for row in found
    ]
    oldest = terminal.first_number - terminal.scrollback_length
    assert [*kept] == [number for number in numbers if number >= oldest] or (
        len(numbers) and oldest in numbers
    )
    if width != COLUMNS:
        terminal.resize(width, rows)
        read_everything(lines)
        assert lines.update() is bool(kept)
        assert not lines.is_folding


@given(folded())
def test_clearing_the_scrollback_keeps_what_is_folded_in_view(
    case: tuple[FoldedLines, Model],
) -> None:
    lines, model = case
    visible = [range(max(0, each.start), each.stop) for each in model.folds]
    model.terminal.feed(b"\x1b[3J")
    read_everything(lines)
    lines.update()
    model.folds = [each for each in visible if len(each) > 1]
    assert [*map(lines.true_lines, all_lines(lines))] == model.lines
    model.terminal.feed(b"\x1bc")
    lines.update()
    assert not lines.is_folding


@given(folded())
def test_the_alternate_screen_is_never_folded(case: tuple[FoldedLines, Model]) -> None:
    lines, model = case
    terminal = model.terminal
    terminal.feed(b"\x1b[?1049h\x1b[Hfull\r\nscreen\r\nprogram\x1b[5H")
    lines.update()
    assert not lines.is_folding
    assert not lines.fold(range(3))
    assert [lines.line(at).text for at in range(3)] == ["full", "screen", "program"]
    terminal.feed(b"\x1b[?1049l")
    lines.update()
    assert [*map(lines.true_lines, all_lines(lines))] == model.lines


# -- what reads through it -----------------------------------------------------------


def read_everything(lines: FoldedLines) -> None:
    for at in all_lines(lines):
        assert lines.line(at).id == lines.row_id(at)
        lines.true_lines(at)
    for at in range(-lines.terminal.scrollback_length, lines.rows):
        lines.shown_line(at)


@given(folded(), st.data())
def test_bookmarks_stay_on_their_text(
    case: tuple[FoldedLines, Model], data: st.DataObject
) -> None:
    lines, model = case
    at = data.draw(st.sampled_from([*all_lines(lines)]))
    rows = lines.true_lines(at)
    mark = Bookmark.at(Point(at, data.draw(columns)), lines)
    model.terminal.feed(
        b"\x1b[0m\x1b[%d;1H" % ROWS + b"\n" * data.draw(st.integers(0, 3))
    )
    lines.update()
    found = mark.found(lines)
    if rows:
        assert found is not None
        scrolled = rows[-1] - lines.true_lines(found.line)[-1]
        assert 0 <= scrolled <= 3
        mark = Bookmark.at(found, lines)
        lines.unfold_all()
        found = mark.found(lines)
        assert found is not None
        assert found.line == rows[-1] - scrolled, "a summary is its last row"


@given(folded(), st.data(), kinds)
def test_selected_text_includes_what_is_folded(
    case: tuple[FoldedLines, Model], data: st.DataObject, kind: SelectionKind
) -> None:
    lines, model = case
    terminal = model.terminal
    first, last = sorted(
        Point(data.draw(st.sampled_from([*all_lines(lines)])), data.draw(columns))
        for _ in range(2)
    )
    selection = select(kind, first, last, lines)
    assert within(selection.first, lines).line == selection.first.line
    true = lines.unfolded(selection)
    if true is None:
        assert not lines.true_lines(selection.last.line)
        return
    text = true.text(terminal)
    assert "folded" not in text
    if kind is not SelectionKind.LINE:
        return
    covered = [
        row
        for at in range(selection.first.line, selection.last.line + 1)
        for row in lines.true_lines(at)
    ]
    whole = Selection(Point(covered[0], 0), Point(covered[-1], COLUMNS))
    assert text == whole.text(terminal)


@settings(max_examples=50)
@given(folded(), st.data(), kinds)
def test_reading_through_it_never_raises(
    case: tuple[FoldedLines, Model], data: st.DataObject, kind: SelectionKind
) -> None:
    lines, _ = case
    point = Point(data.draw(st.sampled_from([*all_lines(lines)])), data.draw(columns))
    word_at(point, lines)
    next_word(point, lines)
    previous_word(point, lines)
    link_at(lines, point.line, point.column)
    visible_links(lines, data.draw(st.integers(0, lines.scrollback_length)))
    read_line(lines, point.line)
    selector = Selector()
    selector.press(Spot(point), lines, clicks=data.draw(st.integers(1, 3)))
    scroll = ScrollPosition()
    scroll.hold(lines)
    for _ in range(4):
        other = data.draw(st.sampled_from([*all_lines(lines)]))
        selector.drag(Spot(Point(other, data.draw(columns))), lines)
        scroll.move(data.draw(st.integers(-20, 20)), lines)
        assert 0 <= scroll.offset <= lines.scrollback_length
        change = data.draw(st.sampled_from(["fold", "unfold", "output", "all"]))
        true = data.draw(st.integers(-lines.terminal.scrollback_length, ROWS - 1))
        match change:
            case "fold":
                lines.fold(range(true, true + data.draw(st.integers(2, 9))))
            case "unfold":
                lines.unfold(true)
            case "output":
                lines.terminal.feed(b"\r\nmore" * data.draw(st.integers(1, 9)))
                lines.update()
            case _:
                lines.unfold_all()
        selector.keep(lines)
        scroll.keep_still(lines)
        read_everything(lines)


# -- summaries -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 1_234, 10_000_000])
def test_a_summary_is_one_row_at_any_width(count: int) -> None:
    for width in range(1, 80):
        row = summary_row(count, width)
        assert len(row) <= width
    assert summary_row(1_234, 60).text == "⋯ 1,234 lines folded · click to unfold"


def test_rows_that_scroll_off_unkept_are_counted() -> None:
    terminal = Terminal(10, 5, scrollback_rows=0)
    terminal.feed(b"".join(b"%d\r\n" % at for at in range(4)))
    lines = FoldedLines(terminal)
    assert lines.fold(range(1, 4))
    terminal.feed(b"x\r\ny\r\n")
    lines.update()
    assert lines.is_folding
    assert [lines.line(at).text for at in range(5)][2:] == ["x", "y", ""]
