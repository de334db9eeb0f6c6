"""The search in rows, against one that is too simple to be wrong."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading import finding as limits
from terminal_ai.ui.reading.finding import Finding, Match, Span, search
from terminal_ai.ui.reading.query import LINE_SECONDS, Pattern, Query, QueryError

PIECES = st.sampled_from(
    ["a", "b", "ab", "B", " ", "한", "글", "e\u0301", "🙂", "\r\n", "\r\n", "\x1b[H"]
)
OUTPUTS = st.lists(st.lists(PIECES, max_size=40).map("".join), max_size=6)
QUERIES = st.sampled_from(["a", "ab", "A", "bA", "b a", "한글", "글", "\u0301", "🙂a"])


def all_read(finding: Finding, pattern: Pattern) -> None:
    while (read := finding.read()) is not None:
        finding.add(read, search(pattern, read.lines))


def found_in(terminal: Terminal, query: Query) -> list[Match]:
    finding = Finding(terminal)
    all_read(finding, query.compiled())
    return finding.matches


def naive(terminal: Terminal, pattern: re.Pattern[str]) -> list[Match]:
    """Join the rows that wrap, look from the left, walk the cells one by one."""
    matches: list[Match] = []
    line: list[tuple[str, int, int]] = []
    for at in range(-terminal.scrollback_length, terminal.rows):
        row = terminal.line(at)
        for column in range(len(row)):
            text, _ = row.cell(column)
            line += [(character, row.id, column) for character in text]
        if row.wraps and at + 1 < terminal.rows:
            continue
        for match in pattern.finditer("".join(cell[0] for cell in line)):
            spans: dict[int, tuple[int, int]] = {}
            for character, row_id, column in line[match.start() : match.end()]:
                start, end = spans.get(row_id, (column, column))
                width = max(1, cell_len(character))
                spans[row_id] = start, max(end, column + width)
            matches.append(Match(tuple(Span(key, *spans[key]) for key in spans)))
        line = []
    return matches[::-1]


@given(OUTPUTS, QUERIES)
def test_it_finds_what_a_naive_search_finds(outputs: list[str], text: str) -> None:
    terminal = Terminal(7, 3, scrollback_rows=30)
    terminal.feed("".join(outputs).encode())
    query = Query(text)
    flags = re.IGNORECASE if query.ignores_case else re.NOFLAG
    wanted = naive(terminal, re.compile(re.escape(text), flags))
    assert found_in(terminal, query) == wanted


@given(OUTPUTS, QUERIES, st.data())
def test_output_meanwhile_changes_nothing(
    outputs: list[str], text: str, data: st.DataObject
) -> None:
    """However reading and output take turns, the end is as if searched at the end."""
    terminal = Terminal(7, 3, scrollback_rows=12)
    pattern = Query(text).compiled()
    finding = Finding(terminal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "SLICE_ROWS", 2)
        for output in outputs:
            terminal.feed(output.encode())
            if data.draw(st.booleans()):
                finding.look_again()
            for _ in range(data.draw(st.integers(0, 3))):
                read = finding.read()
                if read is None:
                    break
                finding.add(read, search(pattern, read.lines))
        finding.look_again()
        all_read(finding, pattern)
    kept = {terminal.line(at).id for at in range(-terminal.scrollback_length, 3)}
    found = [match for match in finding.matches if match.spans[0].row_id in kept]
    assert found == found_in(terminal, Query(text))
    for match in found:
        for span in match.spans:
            assert (span, match) in finding.spans(span.row_id)


@given(OUTPUTS, st.integers(3, 12))
def test_it_begins_again_after_a_resize(outputs: list[str], columns: int) -> None:
    terminal = Terminal(7, 3)
    finding = Finding(terminal)
    pattern = Query("a").compiled()
    terminal.feed("".join(outputs).encode())
    all_read(finding, pattern)
    terminal.resize(columns, 4)
    finding.look_again()
    all_read(finding, pattern)
    assert finding.matches == found_in(terminal, Query("a"))


def test_clearing_the_scrollback_forgets_its_matches() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"x\r\n" * 50)
    finding = Finding(terminal)
    pattern = Query("x").compiled()
    all_read(finding, pattern)
    assert len(finding.matches) == 50
    terminal.feed(b"\x1b[3J")
    finding.look_again()
    all_read(finding, pattern)
    assert len(finding.matches) == 1


def test_there_are_never_more_matches_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MATCHES_LIMIT", 20)
    monkeypatch.setattr(limits, "SLICE_ROWS", 4)
    terminal = Terminal(10, 2)
    terminal.feed(b"xx\r\n" * 50)
    finding = Finding(terminal)
    all_read(finding, Query("x").compiled())
    assert finding.is_limited
    assert finding.is_complete
    assert len(finding.matches) == 20
    newest = terminal.line(0).id
    assert finding.matches[0].spans == (Span(newest, 1, 2),)


def test_an_endless_line_is_searched_in_bounded_pieces() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"0123456789" * 2_000)
    finding = Finding(terminal)
    pattern = Query("5").compiled()
    for _ in range(3):
        all_read(finding, pattern)
        terminal.feed(b"0123456789" * 300)
        finding.look_again()
    all_read(finding, pattern)
    assert len(finding.matches) == 2_900
    assert len(set(finding.matches)) == 2_900


# -- queries --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_regex", "wanted"),
    [
        ("error", False, ["ERROR", "error"]),
        ("Error", False, []),
        (r"err\w+", True, ["ERROR", "error"]),
        (r"\S+R", True, ["an.ERROR"]),
        ("n.e", False, ["n.E"]),
        (r"^an", True, ["an"]),
        ("x*", True, []),
    ],
)
def test_small_letters_find_any_and_a_capital_only_itself(
    text: str, is_regex: bool, wanted: list[str]
) -> None:
    line = "an.ERROR, error"
    found = Query(text, is_regex).compiled().find(line, 9)
    assert [line[begin:end] for begin, end in found] == wanted


@pytest.mark.parametrize(
    "text", ["(", "[", "a{2,1}", "(?<=a", "\\", "(?P<x", "x{1000}{1000}", "*"]
)
def test_a_bad_expression_is_one_line_of_error(text: str) -> None:
    with pytest.raises(QueryError) as error:
        Query(text, is_regex=True).compiled()
    assert str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(st.sampled_from("a(|)*+?[]{},\\^$1-2<=:P\n"), max_size=20))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    with suppress(QueryError):
        found = Query(text, is_regex=True).compiled().find("aaaa(b)" * 5, 100)
        assert all(begin < end for begin, end in found)


def test_a_catastrophic_expression_gives_up() -> None:
    pattern = Query("(a|aa)+$", is_regex=True).compiled()
    with pytest.raises(QueryError, match="takes too long"):
        pattern.find("a" * 60 + "b", 10)
    assert LINE_SECONDS < 1
