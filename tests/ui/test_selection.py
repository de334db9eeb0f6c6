"""Selections against a naive model that looks at one cell after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.lines import (
    Point,
    cells,
    cells_of,
    first_cell,
    logical_line,
)
from terminal_ai.ui.reading.selection import (
    LINE_END,
    HeldSelection,
    Selection,
    SelectionKind,
    select,
)
from terminal_ai.ui.reading.words import word_at
from terminal_ai.ui.view.selector import ClickChain, Selector, Spot

from ..terminal.streams import byte_streams

COLUMNS, ROWS = 10, 4

pieces = st.sampled_from(
    [
        "a",
        "bc",
        " ",
        "   ",
        "한",
        "글",
        "e\u0301",
        "🙂",
        "👩\u200d👩\u200d👧",
        "/",
        "=",
        ".",
        "│",
        "\r\n",
        "\r\n",
        "0123456789",
        "x" * 12,
        "\x1b[31m",
        "\x1b[2C",
        "\x1b[A\x1b[3G\x1b[4P",
        "\x1b[A\x1b[5G\x1b[20X",
    ]
)
texts = st.lists(pieces, max_size=40).map("".join)
columns = st.integers(0, COLUMNS - 1)
kinds = st.sampled_from(SelectionKind)


def filled(text: str) -> Terminal:
    terminal = Terminal(COLUMNS, ROWS, scrollback_rows=30)
    terminal.feed(text.encode())
    return terminal


def any_point(draw: st.DrawFn, terminal: Terminal) -> Point:
    places = range(-terminal.scrollback_length, terminal.rows)
    written = [at for at in places if terminal.line(at).text.strip()]
    if not written or not draw(st.integers(0, 3)):
        return Point(draw(st.sampled_from(places)), draw(columns))
    line = draw(st.sampled_from(written))
    return Point(line, draw(st.integers(0, len(terminal.line(line)) - 1)))


@st.composite
def chosen(draw: st.DrawFn) -> tuple[Terminal, Point, Point]:
    terminal = filled(draw(texts))
    return terminal, any_point(draw, terminal), any_point(draw, terminal)


def naive_cells(terminal: Terminal, line: int) -> list[str]:
    return [terminal.line(line).cell(at)[0] for at in range(COLUMNS)]


def naive_row(terminal: Terminal, line: int, start: int, end: int) -> str:
    """The characters of which any cell lies from ``start`` up to ``end``."""
    row = naive_cells(terminal, line)
    is_full = terminal.line(line).wraps
    length = COLUMNS
    while not is_full and length and row[length - 1] == " ":
        length -= 1
    if is_full and len(terminal.line(line)) == COLUMNS - 1:
        length -= 1
    picked = []
    for at in range(length):
        width = 2 if row[at + 1 : at + 2] == [""] else 1
        if row[at] and start < at + width and at < end:
            picked.append(row[at])
    return "".join(picked)


def naive_text(terminal: Terminal, selection: Selection) -> str:
    first, last = sorted((selection.anchor, selection.head))
    lines = []
    for line in range(first.line, last.line + 1):
        if selection.is_block:
            edges = sorted((selection.anchor.column, selection.head.column))
            lines.append(naive_row(terminal, line, edges[0], edges[1] + 1).rstrip(" "))
            continue
        start = first.column if line == first.line else 0
        end = last.column + 1 if line == last.line else COLUMNS
        text = naive_row(terminal, line, start, end)
        if line > first.line and terminal.line(line - 1).wraps:
            lines[-1] += text
        else:
            lines.append(text)
    return "\n".join(lines)


@given(chosen(), kinds)
def test_copied_text_is_what_the_cells_show(
    case: tuple[Terminal, Point, Point], kind: SelectionKind
) -> None:
    terminal, anchor, head = case
    selection = select(kind, anchor, head, terminal)
    text = selection.text(terminal)
    assert text == naive_text(terminal, selection)
    assert not any(ord(letter) < 32 for letter in text.replace("\n", ""))
    backwards = select(kind, head, anchor, terminal)
    assert backwards.text(terminal) == text


@given(chosen())
def test_a_line_selection_is_whole_logical_lines(
    case: tuple[Terminal, Point, Point],
) -> None:
    terminal, anchor, head = case
    selection = select(SelectionKind.LINE, anchor, head, terminal)
    top, bottom = selection.first, selection.last
    assert top.column == 0
    assert bottom.column == LINE_END
    assert top <= min(anchor, head)
    assert bottom >= max(anchor, head)
    first, last = logical_line(min(anchor, head).line, terminal)
    assert top.line == first
    assert all(terminal.line(line).wraps for line in range(first, last))
    assert not terminal.line(last).wraps or last == terminal.rows - 1
    oldest = -terminal.scrollback_length
    assert first == oldest or not terminal.line(first - 1).wraps


@given(chosen())
def test_a_word_is_around_its_point_and_holds_no_blank(
    case: tuple[Terminal, Point, Point],
) -> None:
    terminal, point, _ = case
    first, last = word_at(point, terminal)
    assert first <= point <= last
    text = Selection(first, last).text(terminal)
    assert "\n" not in text
    assert " " not in text or first == last
    if first != last and text[-1] != ".":
        assert word_at(first, terminal)[1] >= point
        assert word_at(last, terminal)[0] <= point


@pytest.mark.parametrize(
    ("line", "at", "word"),
    [
        ("git commit -m '한글 뜻'", "mm", "commit"),
        ("git commit -m '한글 뜻'", "글", "한글"),
        ("git commit --amend=x", "mend", "--amend=x"),
        ("src/app.py:12:3: error", "app", "src/app.py"),
        ("see ~/a_b/c-d.txt.", "c-d", "~/a_b/c-d.txt"),
        ("cd .. now", "..", ".."),
        ("and so on...", "on", "on..."),
        ("(see https://x.org/a?b=c#d), or", "x.org", "https://x.org/a?b=c#d"),
        ("http://h:80/a(b)/c;d.", "h:80", "http://h:80/a(b)/c;d"),
        ("[x](https://x.org:8080/~u/)", "8080", "https://x.org:8080/~u/"),
        ("user@host:/etc/fstab", "etc", "/etc/fstab"),
        ("user@host:/etc/fstab", "host", "user@host"),
        ("│ name │ ────── │", "───", "──────"),
        ("│ name │ ────── │", "am", "name"),
        ("x = [1, 2]", "[", "["),
        ("a   b", "   ", " "),
        ("ends here. So", ".", "here."),
        ("0123456789가나다라", "다", "0123456789가나다라"),
    ],
)
@pytest.mark.parametrize("width", [60, 11])
def test_words_are_paths_options_and_urls(
    line: str, at: str, word: str, width: int
) -> None:
    terminal = Terminal(width, 12)
    terminal.feed(line.encode())
    flat = [
        (text, Point(row, column))
        for row in range(terminal.rows)
        for column, text in enumerate(cells(terminal.line(row), width))
        if text
    ]
    start = "".join(text for text, _ in flat).index(at)
    point = flat[start + len(at) // 2][1]
    first, last = word_at(point, terminal)
    assert Selection(first, last).text(terminal) == word


@given(texts, st.integers(0, 25), st.integers(0, 25))
def test_cells_are_cut_by_columns(text: str, start: int, end: int) -> None:
    terminal = filled(text)
    row = terminal.line(0)
    assert cells_of(row.text, 0, LINE_END) == row.text
    whole = cells_of(row.text, 0, start) + cells_of(row.text, start, LINE_END)
    assert set(row.text) == set(whole)
    assert len(cells_of(row.text, start, end)) <= len(row.text)


@given(chosen())
def test_every_cell_belongs_to_one_character(
    case: tuple[Terminal, Point, Point],
) -> None:
    terminal, point, _ = case
    begin = first_cell(point, terminal)
    assert begin <= point
    assert terminal.line(begin.line).cell(begin.column)[0] or begin.column == 0
    assert point.column - begin.column <= 1


# -- staying on the text -----------------------------------------------------------


@given(chosen(), kinds, byte_streams)
def test_a_selection_stays_on_its_text_or_ends(
    case: tuple[Terminal, Point, Point], kind: SelectionKind, output: bytes
) -> None:
    terminal, anchor, head = case
    held = HeldSelection.of(select(kind, anchor, head, terminal), terminal)
    before = held.selection.text(terminal)
    terminal.feed(output)
    kept = held.kept(terminal)
    assert kept is None or kept.selection.text(terminal) == before


@given(chosen(), kinds, st.integers(0, 40))
def test_output_below_moves_a_selection_until_its_text_is_dropped(
    case: tuple[Terminal, Point, Point], kind: SelectionKind, count: int
) -> None:
    terminal, anchor, head = case
    held = HeldSelection.of(select(kind, anchor, head, terminal), terminal)
    before = held.selection.text(terminal)
    start = terminal.first_number + held.selection.first.line
    terminal.feed(b"\x1b[0m\x1b[%d;1H" % ROWS + b"\n" * count)
    kept = held.kept(terminal)
    if start < terminal.first_number - terminal.scrollback_length:
        assert kept is None
    else:
        assert kept is not None
        assert terminal.first_number + kept.selection.first.line == start
        assert kept.selection.text(terminal) == before


def test_a_selection_of_a_wrapped_lines_second_row_stays_when_that_scrolls_off() -> (
    None
):
    terminal = Terminal(10, 4)
    terminal.feed(b"one\r\n" * 9 + b"0123456789")
    # Any other row takes the next id.
    Row()
    terminal.feed(b"abc")
    assert terminal.line(3).id > terminal.line(2).id + 1
    held = HeldSelection.of(Selection(Point(3, 0), Point(3, 2)), terminal)
    before = held.selection.text(terminal)
    terminal.feed(b"\n" * 6)
    kept = held.kept(terminal)
    assert kept is not None
    assert kept.selection.text(terminal) == before == "abc"


def test_a_selection_ends_only_when_its_own_text_changes() -> None:
    terminal = Terminal(20, 4)
    terminal.feed(b"one two three\r\nfour")
    held = HeldSelection.of(Selection(Point(0, 4), Point(0, 6)), terminal)
    terminal.feed(b"\x1b[1;1HONE")
    held_on = held.kept(terminal)
    assert held_on is not None
    terminal.feed(b"\x1b[2J\x1b[1;1HONE two three")
    assert held_on.kept(terminal) is not None, "redrawn with the same text"
    terminal.feed(b"\x1b[1;5HTWO")
    assert held_on.kept(terminal) is None


def test_a_row_that_comes_to_wrap_ends_a_selection_of_its_blanks() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"abc\x1b[10G")
    held = HeldSelection.of(Selection(Point(0, 0), Point(0, 6)), terminal)
    terminal.feed("世".encode())
    assert terminal.line(0).wraps
    assert held.kept(terminal) is None


# -- the mouse ---------------------------------------------------------------------

halves = st.tuples(columns, st.booleans())


@given(halves, halves, st.booleans())
def test_half_cells_choose_what_the_pointer_passed_the_middle_of(
    start: tuple[int, bool], end: tuple[int, bool], is_block: bool
) -> None:
    terminal = filled("0123456789")
    selector = Selector(has_half_cells=True)
    selector.press(Spot(Point(0, start[0]), start[1]), terminal, is_block=is_block)
    selector.drag(Spot(Point(0, end[0]), end[1]), terminal)
    low, high = sorted(
        column + (0.75 if right else 0.25) for column, right in (start, end)
    )
    passed = [at for at in range(COLUMNS) if low < at + 0.5 < high]
    if not passed:
        assert selector.selection is None
    else:
        assert selector.selection is not None
        assert selector.selection.span(0) == (passed[0], passed[-1] + 1)
        is_forward = start < end
        anchor, head = selector.selection.anchor, selector.selection.head
        assert (anchor < head) == is_forward or anchor == head


@given(chosen(), st.booleans())
def test_whole_cells_choose_both_ends_of_a_drag(
    case: tuple[Terminal, Point, Point], is_block: bool
) -> None:
    terminal, anchor, head = case
    selector = Selector()
    selector.press(Spot(anchor), terminal, is_block=is_block)
    assert selector.selection is None
    selector.drag(Spot(head), terminal)
    expected = Selection(anchor, head, is_block=is_block)
    assert selector.selection == (None if anchor == head else expected)


@given(chosen(), st.data())
def test_extending_moves_the_nearer_end(
    case: tuple[Terminal, Point, Point], data: st.DataObject
) -> None:
    terminal, anchor, head = case
    selector = Selector()
    selector.press(Spot(anchor), terminal)
    selector.drag(Spot(head), terminal)
    selector.release()
    before = selector.selection
    oldest = -terminal.scrollback_length
    line = data.draw(st.integers(oldest, terminal.rows - 1))
    point = Point(line, data.draw(columns))
    selector.extend(Spot(point), terminal)
    assert selector.is_dragging
    first, last = sorted((anchor, head))
    if before is None:
        ends = anchor, point
    elif point < first:
        ends = last, point
    elif point > last:
        ends = first, point
    else:
        ends = anchor, point
    assert selector.selection == (None if ends[0] == ends[1] else Selection(*ends))


@given(chosen(), halves)
def test_extending_by_half_cells_keeps_the_far_end(
    case: tuple[Terminal, Point, Point], half: tuple[int, bool]
) -> None:
    terminal, anchor, head = case
    selector = Selector(has_half_cells=True)
    selector.press(Spot(anchor), terminal)
    selector.drag(Spot(head, is_right_half=True), terminal)
    before = selector.selection
    spot = Spot(Point(terminal.rows - 1, half[0]), half[1])
    selector.extend(spot, terminal)
    if before is None:
        return
    if spot.point > before.last:
        assert selector.selection is not None
        assert selector.selection.first == before.first
    top = Spot(Point(-terminal.scrollback_length, 0))
    if top.point < before.first:
        selector.choose(before, terminal)
        selector.extend(top, terminal)
        assert selector.selection is not None
        assert selector.selection.last == before.last


def test_dragging_goes_on_with_the_words_and_lines_that_clicks_began() -> None:
    terminal = Terminal(30, 4)
    terminal.feed(b"alpha beta gamma\r\none two")
    selector = Selector()
    selector.press(Spot(Point(0, 7)), terminal, clicks=2)
    assert selector.selection == Selection(Point(0, 6), Point(0, 9))
    selector.drag(Spot(Point(0, 12)), terminal)
    assert selector.selection is not None
    assert selector.selection.text(terminal) == "beta gamma"
    selector.drag(Spot(Point(0, 1)), terminal)
    assert selector.selection.text(terminal) == "alpha beta"
    selector.press(Spot(Point(0, 7)), terminal, clicks=3)
    selector.drag(Spot(Point(1, 1)), terminal)
    assert selector.selection.text(terminal) == "alpha beta gamma\none two"


@given(st.integers(1, 60))
def test_a_drag_keeps_its_begin_while_output_scrolls(count: int) -> None:
    terminal = Terminal(10, 4, scrollback_rows=30)
    terminal.feed(b"anchor\r\nnext\r\n")
    selector = Selector()
    selector.press(Spot(Point(0, 0)), terminal)
    terminal.feed(b"more\r\n" * count)
    selector.keep(terminal)
    selector.drag(Spot(Point(3, 0)), terminal)
    if terminal.line(-terminal.scrollback_length).text == "anchor":
        assert selector.selection is not None
        assert selector.selection.text(terminal).startswith("anchor\nnext\nmore")
    else:
        selector.drag(Spot(Point(0, 0)), terminal)
        assert selector.selection == Selection(Point(3, 0), Point(0, 0)) or (
            count < 30 and selector.selection is not None
        )


def test_presses_count_to_three_on_one_cell_only() -> None:
    clicks = ClickChain(0.5)
    assert [clicks.press(time / 10, 4, 2) for time in range(4)] == [1, 2, 3, 1]
    assert clicks.press(0.5, 5, 2) == 1
    assert clicks.press(2.0, 5, 2) == 1
