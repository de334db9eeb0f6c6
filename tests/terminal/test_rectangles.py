"""Rectangle operations against a naive model: a dictionary of cells."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.events import Reply
from terminal_ai.terminal.terminal import Terminal

COLUMNS, ROWS = 9, 6
PATTERN = [
    "".join(chr(ord("!") + row * COLUMNS + column) for column in range(COLUMNS))
    for row in range(ROWS)
]

edge = st.integers(0, 11)
rectangles = st.tuples(edge, edge, edge, edge)
Edges = tuple[int, int, int, int]
Step = tuple[bytes, Callable[["Model"], None]]


@dataclass
class Model:
    """What the cells hold, and which of them are bold."""

    cells: dict[tuple[int, int], str] = field(
        default_factory=lambda: {
            (row, column): PATTERN[row][column]
            for row in range(ROWS)
            for column in range(COLUMNS)
        }
    )
    bold: set[tuple[int, int]] = field(default_factory=set)

    def area(self, edges: Edges) -> list[tuple[int, int]]:
        top, left, bottom, right = edges
        first_row = min(max(top, 1), ROWS)
        first_column = min(max(left, 1), COLUMNS)
        return [
            (row - 1, column - 1)
            for row in range(first_row, min(bottom or ROWS, ROWS) + 1)
            for column in range(first_column, min(right or COLUMNS, COLUMNS) + 1)
        ]

    def fill(self, edges: Edges, character: str) -> None:
        for place in self.area(edges):
            self.cells[place] = character
            self.bold.discard(place)

    def copy(self, edges: Edges, row: int, column: int) -> None:
        source = self.area(edges)
        if not source:
            return
        top, left = source[0]
        held = [(place, self.cells[place], place in self.bold) for place in source]
        for (from_row, from_column), character, is_bold in held:
            place = from_row - top + row - 1, from_column - left + column - 1
            if place in self.cells:
                self.cells[place] = character
                (self.bold.add if is_bold else self.bold.discard)(place)

    def embolden(self, edges: Edges) -> None:
        self.bold |= set(self.area(edges))

    def reverse_bold(self, edges: Edges) -> None:
        self.bold ^= set(self.area(edges))


def filled() -> Terminal:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed("\r\n".join(PATTERN).encode() + b"\x1b[2*x")
    return terminal


def sequence(edges: Edges, before: str = "", after: str = "") -> bytes:
    return f"\x1b[{before}{';'.join(map(str, edges))}{after}".encode()


fills = rectangles.map(
    lambda edges: (sequence(edges, "88;", "$x"), lambda model: model.fill(edges, "X"))
)
erasures = rectangles.map(
    lambda edges: (sequence(edges, "", "$z"), lambda model: model.fill(edges, " "))
)
selective = rectangles.map(
    lambda edges: (sequence(edges, "", "${"), lambda model: model.fill(edges, " "))
)
bolds = rectangles.map(
    lambda edges: (sequence(edges, "", ";1$r"), lambda model: model.embolden(edges))
)
reversals = rectangles.map(
    lambda edges: (sequence(edges, "", ";1$t"), lambda model: model.reverse_bold(edges))
)
copies = st.tuples(rectangles, st.integers(1, 8), st.integers(1, 11)).map(
    lambda item: (
        sequence(item[0], "", f";1;{item[1]};{item[2]};1$v"),
        lambda model: model.copy(*item),
    )
)


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(fills, erasures, selective, bolds, reversals, copies), max_size=8
    )
)
def test_rectangles_do_what_a_dictionary_of_cells_does(steps: list[Step]) -> None:
    terminal, model = filled(), Model()
    before = terminal.cursor
    for data, change in steps:
        terminal.feed(data)
        change(model)
    for (row, column), expected in model.cells.items():
        text, style = terminal.line(row).cell(column)
        assert text == expected
        assert style.bold == ((row, column) in model.bold)
    assert terminal.cursor == before


def checksum(terminal: Terminal, request: bytes) -> int:
    (reply,) = [e.data for e in terminal.feed(request) if isinstance(e, Reply)]
    assert reply.startswith(b"\x1bP7!~")
    return int(reply[5:9], 16)


@settings(max_examples=100)
@given(rectangles)
def test_a_checksum_is_the_sum_of_its_cells(edges: Edges) -> None:
    model = Model()
    expected = sum(ord(model.cells[place]) for place in model.area(edges))
    assert checksum(filled(), sequence(edges, "7;1;", "*y")) == expected & 0xFFFF


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (7, 0x41 + 0x20),
        (3, 0x41),
        (1, 0x41 + 0x80 + 0x10),
        (2, 0x10000 - 0x41),
        (5, 0x41 + 0x20 + 0x80 + 0x10),
    ],
)
def test_how_a_checksum_counts_can_be_chosen(flags: int, expected: int) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b"\x1b[1;4mA\x1b[m")
    request = b"\x1b[%d#y\x1b[7;1;1;1;1;2*y" % flags
    assert checksum(terminal, request) == expected


@pytest.mark.parametrize(("flags", "expected"), [(7, 0x16), (23, 0x4E16 + 0x301)])
def test_a_checksum_may_take_whole_characters(flags: int, expected: int) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed("世\u0301".encode())
    request = b"\x1b[%d#y\x1b[7;1;1;1;1;1*y" % flags
    assert checksum(terminal, request) == expected


def test_a_change_of_looks_flows_from_row_to_row_by_default() -> None:
    terminal = filled()
    terminal.feed(b"\x1b[0*x\x1b[2;8;4;2;1$r")
    bold = {
        (row, column)
        for row in range(ROWS)
        for column in range(COLUMNS)
        if terminal.line(row).cell(column)[1].bold
    }
    first, last = 1 * COLUMNS + 7, 3 * COLUMNS + 1
    assert bold == {divmod(at, COLUMNS) for at in range(first, last + 1)}


def test_a_wide_character_changes_its_look_whole_and_is_never_halved() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed("a世b界".encode() + b"\x1b[2*x\x1b[1;3;1;5;7$r")
    assert terminal.line(0).text == "a世b界"
    looks = [terminal.line(0).cell(column)[1].reverse for column in range(6)]
    assert looks == [False, True, True, True, True, True]
    terminal.feed(b"\x1b[1;3;1;5;1;2;1$v")
    assert terminal.line(1).text == " b "


def test_protected_cells_are_spared_by_selective_erasure_alone() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b'a\x1b[1"qb\x1b[0"qc')
    terminal.feed(b"\x1b[1;1;1;3${")
    assert terminal.line(0).text.rstrip() == " b"
    terminal.feed(b"\x1b[1;1;1;3$z")
    assert terminal.line(0).text.rstrip() == ""


@pytest.mark.parametrize(
    ("erasure", "expected"),
    [(b"\x1b[2J", " b"), (b"\x1b[2K", " b"), (b"\r\x1b[3X", " b"), (b"\x1b[?2J", " b")],
)
def test_a_guarded_area_is_spared_by_every_erasure(
    erasure: bytes, expected: str
) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b"a\x1bVb\x1bWc" + erasure)
    assert terminal.line(0).text.rstrip() == expected


def test_a_soft_reset_forgets_who_was_protected() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b'\x1b[1"qa\x1b[!p\x1b[?2J')
    assert terminal.line(0).text.rstrip() == ""


def test_only_printable_characters_fill() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b"\x1b[7;1;1;1;3$x\x1b[155;1;1;1;3$x\x1b[20013;1;1;1;3$x")
    assert terminal.text().strip() == ""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b[2 @", "cdef"),
        (b"\x1b[2 A", "  abcdef"),
        (b"\x1b[1;2H\x1b[2'}", "a  bcdef"),
        (b"\x1b[1;2H\x1b[2'~", "adef"),
        (b"\r\x1b6", " abcdef"),
        (b"\x1b[1;9H\x1b9", "bcdef"),
    ],
)
def test_columns_move(data: bytes, expected: str) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(b"abcdef\r\nabcdef\x1b[H" + data)
    assert [terminal.line(row).text.rstrip() for row in (0, 1)] == [expected] * 2
