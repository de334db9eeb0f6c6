"""The history's search line: words and filters, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.ui.reading.history_query import (
    Filter,
    HistoryPlace,
    filters_of,
    parse,
    without,
    written,
)

PLACE = HistoryPlace(cwd="/home/ada/project", home="/home/ada", session_id="s1")


def read(text: str) -> HistoryQuery:
    parsed = parse(text, PLACE)
    assert parsed.errors == ()
    return parsed.query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", HistoryQuery()),
        ("  git   push ", HistoryQuery(text="git push")),
        ("failed", HistoryQuery(failed=True)),
        ("make ok", HistoryQuery(text="make", failed=False)),
        ('"failed"', HistoryQuery(text="failed")),
        ("Failed", HistoryQuery(text="Failed")),
        ("cwd:.", HistoryQuery(cwd="/home/ada/project")),
        ("cwd:~", HistoryQuery(cwd="/home/ada")),
        ("cwd:~/src/", HistoryQuery(cwd="/home/ada/src")),
        ("cwd:..", HistoryQuery(cwd="/home/ada")),
        ("cwd:src", HistoryQuery(cwd="/home/ada/project/src")),
        ("cwd://etc//x", HistoryQuery(cwd="/etc/x")),
        ('cwd:"~/my work"', HistoryQuery(cwd="/home/ada/my work")),
        ("shell:zsh", HistoryQuery(shell="zsh")),
        ("program:git push", HistoryQuery(text="push", program="git")),
        ("longer:5s", HistoryQuery(longer_than_seconds=5.0)),
        ("longer:90", HistoryQuery(longer_than_seconds=90.0)),
        (">1h30m", HistoryQuery(longer_than_seconds=5400.0)),
        (">250ms", HistoryQuery(longer_than_seconds=0.25)),
        (">out.txt", HistoryQuery(text=">out.txt")),
        (">5", HistoryQuery(text=">5")),
        (">s", HistoryQuery(text=">s")),
        ("session:this", HistoryQuery(session_id="s1")),
        ("session:0f3a", HistoryQuery(session_id="0f3a")),
        ("sort:cpu", HistoryQuery(order=RecordOrder.CPU)),
        ("sort:mem", HistoryQuery(order=RecordOrder.MEMORY)),
        ("sort:time", HistoryQuery(order=RecordOrder.SLOWEST)),
        ("sort:newest", HistoryQuery()),
        ("shell: cwd: x", HistoryQuery(text="x")),
        ("shell:bash shell:zsh", HistoryQuery(shell="zsh")),
        (
            "https://example.org std::vector",
            HistoryQuery(text="https://example.org std::vector"),
        ),
        ('"cwd":.', HistoryQuery(text="cwd:.")),
        ('say "never ends', HistoryQuery(text="say never ends")),
        ('a""b """"', HistoryQuery(text='ab "')),
        ("don't", HistoryQuery(text="don't")),
        (
            "failed cwd:. >5s sort:cpu make test",
            HistoryQuery(
                text="make test",
                failed=True,
                cwd="/home/ada/project",
                longer_than_seconds=5.0,
                order=RecordOrder.CPU,
            ),
        ),
    ],
)
def test_a_line_is_read(text: str, expected: HistoryQuery) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("longer:soon", "longer:"),
        ("longer:5x", "longer:"),
        ("sort:colour", "sort: one of newest, slowest, cpu"),
        ("cwd:.", "cwd:"),
        ("session:this", "session:"),
    ],
)
def test_a_filter_without_sense_is_told_and_filters_nothing(
    text: str, named: str
) -> None:
    parsed = parse(text + " rest", HistoryPlace())
    assert parsed.query == HistoryQuery(text="rest")
    assert parsed.errors[0].startswith(named)


@pytest.mark.parametrize(
    "text", ['"' * 100_000, "1" * 100_000, "longer:" + "1m" * 50_000, "a:" * 50_000]
)
def test_a_monstrous_line_is_read_without_backtracking(text: str) -> None:
    assert parse(text, PLACE).query.limit == HistoryQuery().limit


@given(st.text())
def test_any_line_is_read_and_reads_the_same_when_written_again(text: str) -> None:
    query = parse(text, PLACE).query
    assert parse(written(query, PLACE), PLACE).query == query


VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)
PATHS = st.lists(
    st.text(min_size=1, max_size=6).filter(
        lambda name: name.strip() == name and "/" not in name and name.strip(".")
    ),
    max_size=4,
).map(lambda names: "/" + "/".join(names))
QUERIES = st.builds(
    HistoryQuery,
    text=st.lists(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["failed", "ok", "cwd:.", ">5s", "sort:x", '"', "shell:"]),
        )
    ).map(lambda words: " ".join(" ".join(words).split())),
    failed=st.sampled_from([None, True, False]),
    cwd=st.one_of(
        st.sampled_from(["", "/", PLACE.cwd, PLACE.home, PLACE.home + "/x y"]), PATHS
    ),
    shell=VALUES,
    program=VALUES,
    longer_than_seconds=st.integers(0, 10**8).map(lambda count: count / 1000),
    session_id=st.one_of(st.just("s1"), VALUES.filter(lambda value: value != "this")),
    order=st.sampled_from(RecordOrder),
)


@given(QUERIES)
def test_what_is_written_is_read_as_the_same_query(query: HistoryQuery) -> None:
    parsed = parse(written(query, PLACE), PLACE)
    assert parsed.errors == ()
    assert parsed.query == query


@given(QUERIES)
def test_a_query_without_its_filters_is_its_text_and_order(query: HistoryQuery) -> None:
    for kind in filters_of(query):
        assert kind not in filters_of(without(query, kind))
        query = without(query, kind)
    assert query == HistoryQuery(text=query.text, order=query.order)
    assert not filters_of(query)


def test_every_filter_is_a_field_of_the_query() -> None:
    names = set(HistoryQuery.__dataclass_fields__)
    assert names >= set(Filter)
