"""The table of functions: what fits, in which order, and what is marked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal_ai.messages import LANGUAGES, use_language
from terminal_ai.telemetry.alerts import Alert, Signal
from terminal_ai.telemetry.operations import Operations
from terminal_ai.telemetry.spans import Tracer
from terminal_ai.ui.panels.function_table import (
    FIGURES,
    FUNCTIONS_SHOWN,
    Column,
    Order,
    alert_names,
    column_at,
    column_label,
    shown_columns,
    table_lines,
    table_rows,
)
from utils.profiler import FunctionTiming

from .test_profiler_panel import QUIET

SECONDS = st.floats(0, 1e5)
TIMINGS = st.lists(
    st.builds(
        FunctionTiming,
        name=st.text(max_size=40),
        calls=st.integers(0, 10**9),
        total_seconds=SECONDS,
        mean_seconds=SECONDS,
        p50_seconds=SECONDS,
        p95_seconds=SECONDS,
        p99_seconds=SECONDS,
        max_seconds=SECONDS,
    ),
    max_size=5,
    unique_by=lambda timing: timing.name,
).map(tuple)
ORDERS = st.builds(Order, st.sampled_from(Column), st.booleans())
WIDTHS = st.integers(22, 120)
CALM = FunctionTiming("calm", 3, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1)


@given(TIMINGS.filter(len), WIDTHS, ORDERS, st.sampled_from(LANGUAGES))
def test_rows_are_of_one_width_and_the_order_is_seen(
    timings: tuple[FunctionTiming, ...], width: int, order: Order, language: str
) -> None:
    use_language(language)
    head, *rows = table_lines(timings, width, order)
    assert {row.cell_length for row in (head, *rows)} == {width}
    assert len(rows) == len(timings)
    assert ("▼" in head.plain) != ("▲" in head.plain)
    assert order.column in (*shown_columns(width, order), Column.NAME)


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (40, "function   calls total▼   p95"),
        (44, "function       calls total▼   p95    p99"),
        (
            72,
            "function                calls total▼  mean    p50    p95    p99    max",
        ),
    ],
)
def test_the_most_telling_columns_stand_where_not_all_fit(
    width: int, heads: str
) -> None:
    head = table_lines((CALM,), width, Order())[0].plain
    assert head.split() == heads.split()
    assert len(head) == width


@given(TIMINGS, ORDERS)
def test_rows_are_in_order(timings: tuple[FunctionTiming, ...], order: Order) -> None:
    found = order.sorted(timings)
    assert sorted(found, key=lambda each: each.name) == sorted(
        timings, key=lambda each: each.name
    )
    if order.column is not Column.NAME:
        figures = [FIGURES[order.column](each) for each in found]
        assert figures == sorted(figures, reverse=not order.is_reversed)


def test_the_same_column_again_turns_the_order_round() -> None:
    order = Order().by(Column.P99)
    assert (order.column, order.is_reversed) == (Column.P99, False)
    assert order.by(Column.P99).is_reversed
    assert not order.by(Column.P99).by(Column.MAX).is_reversed


def test_steps_go_through_all_columns_and_round() -> None:
    order, seen = Order(), []
    for _ in Column:
        seen.append(order.column)
        order = order.moved(1)
    assert sorted(seen) == sorted(Column)
    assert order == Order()
    assert order.moved(1).moved(-1) == order


@given(st.integers(22, 120), ORDERS)
def test_a_click_at_a_head_finds_its_column(width: int, order: Order) -> None:
    head = table_lines((CALM,), width, order)[0].plain
    for column in shown_columns(width, order):
        at = head.index(column_label(column))
        assert column_at(at, width, order) is column
    assert column_at(0, width, order) is Column.NAME


def test_slow_functions_and_those_of_an_alert_are_marked_in_words_and_colour() -> None:
    slow = replace(CALM, name="slow", slow_calls=1)
    bad = replace(CALM, name="block.bad", total_seconds=9.0)
    rows = table_lines((CALM, slow, bad), 60, Order(), alerts=frozenset({"bad"}))[1:]
    marked = {row.plain.split()[0]: row for row in rows}
    assert "▲" in marked["bad"].plain
    assert "!" in marked["slow"].plain
    assert not {"▲", "!"} & set(marked["calm"].plain)
    styles = {
        name: {str(span.style) for span in row.spans} for name, row in marked.items()
    }
    assert styles["bad"] != styles["slow"] != styles["calm"]


def test_a_long_name_keeps_its_end() -> None:
    long = replace(CALM, name="terminal_ai.session.session.Session.read_output")
    row = table_lines((long,), 50, Order())[1].plain
    assert row.startswith("…")
    assert "read_output " in row
    wide = replace(CALM, name="가나다라마바사아자차카타파하가나다라마바사")
    assert table_lines((wide,), 41, Order())[1].cell_length == 41


def test_there_is_a_bound_and_a_beginning() -> None:
    many = [replace(CALM, name=f"f{number}") for number in range(99)]
    assert len(table_lines(many, 60, Order())) == FUNCTIONS_SHOWN + 1
    (empty,) = table_lines((), 60, Order())
    assert "nothing measured yet" in empty.plain
    assert cell_len(empty.plain) <= 60


def test_operations_stand_among_the_functions_and_are_marked_like_them() -> None:
    operations = Operations(slow_seconds=0.5)
    for seconds in (0.1, 0.3, 0.9):
        span = Tracer().start("answer")
        span.seconds = seconds
        operations.take(span)
    vitals = replace(
        QUIET,
        timings=(CALM,),
        operations=operations.figures(),
        slow=operations.slow,
        alerts=(Alert(Signal.SLOW_OPERATION, "calm", 1.0, 2.0, 0.0),),
    )
    rows = [
        line.plain
        for line in table_lines(
            table_rows(vitals), 80, Order(), alerts=alert_names(vitals)
        )
    ]
    assert rows[1].split() == [
        *("→", "answer", "!", "3", "1.3s"),
        *("433ms", "300ms", "840ms", "888ms", "900ms"),
    ]
    assert rows[2].startswith("calm ")
    assert "▲" in rows[2]


def test_the_alert_of_an_operation_marks_its_row() -> None:
    operations = Operations()
    span = Tracer().start("history.write")
    span.seconds = 0.1
    operations.take(span)
    vitals = replace(
        QUIET,
        operations=operations.figures(),
        alerts=(Alert(Signal.SLOW_OPERATION, "history.write", 1.0, 2.0, 0.0),),
    )
    _head, row = table_lines(
        table_rows(vitals), 80, Order(), alerts=alert_names(vitals)
    )
    assert "▲" in row.plain
