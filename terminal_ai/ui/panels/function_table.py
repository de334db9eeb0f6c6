"""The table of measured functions: sorted by any column, slow ones marked."""

import enum
import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.texts import MUTED, end_of, short_time
from terminal_ai.vitals import Vitals
from utils.profiler import FunctionTiming

FUNCTIONS_SHOWN = 40
OPERATION_SIGN = "→ "
"""Before the name of an operation: it may have waited for somebody else."""
SLOW_SIGN = "!"
ALERT_SIGN = "▲"
DESCENDING, ASCENDING = "▼", "▲"
LEAST_NAME_CELLS = 14
FIGURE_CELLS = 6
_COLUMN_CELLS = FIGURE_CELLS + 1
_NAME_LIMIT = 200
_ROWS_KEPT = 512


class Column(enum.StrEnum):
    """What the table can be sorted by."""

    NAME = "name"
    CALLS = "calls"
    TOTAL = "total"
    MEAN = "mean"
    P50 = "p50"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"


FIGURES: Mapping[Column, Callable[[FunctionTiming], float]] = {
    Column.CALLS: lambda timing: timing.calls,
    Column.TOTAL: lambda timing: timing.total_seconds,
    Column.MEAN: lambda timing: timing.mean_seconds,
    Column.P50: lambda timing: timing.p50_seconds,
    Column.P95: lambda timing: timing.p95_seconds,
    Column.P99: lambda timing: timing.p99_seconds,
    Column.MAX: lambda timing: timing.max_seconds,
}
"""The columns of figures, as they stand beside one another."""
_MOST_TELLING = (
    Column.TOTAL,
    Column.P95,
    Column.CALLS,
    Column.P99,
    Column.P50,
    Column.MAX,
    Column.MEAN,
)
"""Which columns are shown where not all fit."""


def table_rows(vitals: Vitals) -> tuple[FunctionTiming, ...]:
    """Return the measured functions, and the operations as rows beside them."""
    slow = Counter(each.name for each in vitals.slow)
    operations = (
        FunctionTiming(
            name=OPERATION_SIGN + each.name,
            calls=each.count,
            total_seconds=each.total_seconds,
            mean_seconds=each.mean_seconds,
            p50_seconds=each.recent.p50_seconds,
            p95_seconds=each.recent.p95_seconds,
            p99_seconds=each.recent.p99_seconds,
            max_seconds=each.max_seconds,
            slow_calls=slow[each.name],
        )
        for each in vitals.operations
    )
    return (*vitals.timings, *operations)


def alert_names(vitals: Vitals) -> frozenset[str]:
    """Return the rows that alerts name."""
    subjects = {alert.subject for alert in vitals.alerts if alert.subject}
    return frozenset(subjects | {OPERATION_SIGN + subject for subject in subjects})


@dataclass(frozen=True, slots=True)
class Order:
    """What the rows are sorted by: the largest figure first, or the first name."""

    column: Column = Column.TOTAL
    is_reversed: bool = False

    def by(self, column: Column) -> "Order":
        """Return the order by a column; the same one again turns it round."""
        if column is self.column:
            return Order(column, not self.is_reversed)
        return Order(column)

    def moved(self, step: int) -> "Order":
        """Return the order by a column further right or left."""
        columns = tuple(Column)
        at = (columns.index(self.column) + step) % len(columns)
        return Order(columns[at])

    def sorted(self, timings: Sequence[FunctionTiming]) -> list[FunctionTiming]:
        """Return the rows in order; equal ones by name."""
        by_name = sorted(timings, key=_name)
        if self.column is Column.NAME:
            return by_name[::-1] if self.is_reversed else by_name
        figure = FIGURES[self.column]
        return sorted(by_name, key=figure, reverse=not self.is_reversed)


def shown_columns(width: int, order: Order) -> tuple[Column, ...]:
    """Return the columns of figures that fit; that of the order is among them."""
    fitting = max(1, (width - LEAST_NAME_CELLS) // _COLUMN_CELLS)
    wanted = sorted(_MOST_TELLING, key=lambda column: column is not order.column)
    chosen = wanted[:fitting]
    return tuple(column for column in FIGURES if column in chosen)


def column_at(x: int, width: int, order: Order) -> Column:
    """Return the column in a cell of the head."""
    columns = shown_columns(width, order)
    at = (x - (width - len(columns) * _COLUMN_CELLS)) // _COLUMN_CELLS
    return columns[min(at, len(columns) - 1)] if at >= 0 else Column.NAME


def table_lines(
    timings: Sequence[FunctionTiming],
    width: int,
    order: Order,
    *,
    alerts: frozenset[str] = frozenset(),
) -> list[Content]:
    """Return the head and a row for each function, at most ``FUNCTIONS_SHOWN``.

    A function that was slower than the threshold of its name is marked, and so is one
    that an alert names.
    """
    if not timings:
        return [Content.styled(_("nothing measured yet"), MUTED).truncate(width)]
    columns = shown_columns(width, order)
    return [
        _head(columns, width, order),
        *(
            _row(
                timing,
                columns,
                width,
                is_slow=timing.slow_calls > 0,
                is_alert=_name(timing) in alerts,
            )
            for timing in order.sorted(timings)[:FUNCTIONS_SHOWN]
        ),
    ]


def column_label(column: Column) -> str:
    """Return the head of a column."""
    return {
        Column.NAME: _("function"),
        Column.CALLS: _("calls"),
        Column.TOTAL: _("total"),
        Column.MEAN: _("mean"),
    }.get(column, column.value)


def _head(columns: Sequence[Column], width: int, order: Order) -> Content:
    name_cells = _name_cells(columns, width)
    name = _label(Column.NAME, order).truncate(max(0, name_cells - 1), pad=True)
    parts = [name, Content(" " * (name_cells - name.cell_length))]
    for column in columns:
        label = _label(column, order).truncate(FIGURE_CELLS)
        parts += [Content(" " * (_COLUMN_CELLS - label.cell_length)), label]
    return Content("").join(parts).truncate(width)


def _label(column: Column, order: Order) -> Content:
    if column is not order.column:
        return Content.styled(column_label(column), MUTED)
    sign = ASCENDING if order.is_reversed != (column is Column.NAME) else DESCENDING
    return Content.styled(column_label(column) + sign, "bold")


@functools.lru_cache(maxsize=_ROWS_KEPT)
def _row(
    timing: FunctionTiming,
    columns: tuple[Column, ...],
    width: int,
    *,
    is_slow: bool,
    is_alert: bool,
) -> Content:
    """Return one row; most are as they were a moment ago."""
    name_cells = _name_cells(columns, width)
    style = "bold $text-error" if is_alert else "$text-warning" if is_slow else ""
    sign = ALERT_SIGN if is_alert else SLOW_SIGN if is_slow else " "
    name = end_of(single_line(_name(timing), _NAME_LIMIT), max(0, name_cells - 1))
    figures = "".join(_figure(timing, column) for column in columns)
    return Content.styled(
        f"{name}{' ' * (name_cells - 1 - cell_len(name))}{sign}{figures}", style
    ).truncate(width)


def _name_cells(columns: Sequence[Column], width: int) -> int:
    return max(1, width - len(columns) * _COLUMN_CELLS)


def _name(timing: FunctionTiming) -> str:
    """Return the name without the mark that tells blocks from functions."""
    return timing.name.removeprefix("block.")


def _figure(timing: FunctionTiming, column: Column) -> str:
    value = FIGURES[column](timing)
    text = _count(int(value)) if column is Column.CALLS else short_time(value)
    return " " * (_COLUMN_CELLS - cell_len(text)) + text


def _count(calls: int) -> str:
    if calls < 100_000:
        return str(calls)
    return f"{calls / 1000:.0f}k" if calls < 10_000_000 else f"{calls / 1e6:.0f}M"
