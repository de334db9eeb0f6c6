"""``terminal-ai history``: finished commands as a table or as JSON."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from terminal_ai.config import state_path
from terminal_ai.export import as_json, json_line
from terminal_ai.headless.table import Cell, lines
from terminal_ai.history.files import FILE_NAME
from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.history.read_only import ReadOnlyHistory
from terminal_ai.messages import gettext as _
from terminal_ai.quantities import duration, size
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line

COMMAND_LIMIT = 4_096
"""Characters of a command line, where no terminal's width cuts it."""
TIME_FORMAT = "%Y-%m-%d %H:%M"

WhyFields = Callable[[CommandRecord], dict[str, object]]
"""What is added to a record in JSON."""


def history_path() -> Path:
    """Return where the app keeps the history; it need not exist."""
    return state_path() / FILE_NAME


def find(query: HistoryQuery) -> tuple[CommandRecord, ...]:
    """Return the records that answer the query; raises HistoryError."""
    with ReadOnlyHistory(history_path()) as history:
        return history.search(query)


def as_array(records: Sequence[CommandRecord], whys: WhyFields | None = None) -> str:
    """Return the records as one JSON array, one record a line."""
    body = ",\n".join(_json_lines(records, whys))
    return f"[\n{body}\n]\n" if records else "[]\n"


def as_lines(records: Sequence[CommandRecord], whys: WhyFields | None = None) -> str:
    """Return the records as JSON, one object a line."""
    return "".join(f"{line}\n" for line in _json_lines(records, whys))


def _json_lines(
    records: Sequence[CommandRecord], whys: WhyFields | None
) -> Iterator[str]:
    for record in records:
        yield json_line(as_json(record) | (whys(record) if whys else {}))


def no_line(_record: CommandRecord) -> str:
    """Let nothing follow a record."""
    return ""


def as_table(
    records: Sequence[CommandRecord],
    order: RecordOrder,
    *,
    width_cells: int | None,
    has_colors: bool,
    with_ids: bool,
    below: Callable[[CommandRecord], str] = no_line,
) -> str:
    """Return the records for people, one a line: time, status, duration, command.

    What they are sorted by is a column, too. ``below`` gives the whole lines that
    follow a record's own.
    """
    if not records:
        return _("No commands.") + "\n"
    rows = [list(_row(record, order, with_ids=with_ids)) for record in records]
    shown = lines(rows, width_cells=width_cells, has_colors=has_colors)
    return "".join(
        f"{line}\n{below(record)}" for line, record in zip(shown, records, strict=True)
    )


def _row(
    record: CommandRecord, order: RecordOrder, *, with_ids: bool
) -> Iterator[Cell]:
    if with_ids:
        yield Cell(single_line(record.id, COMMAND_LIMIT))
    yield Cell(_local_time(record.started_at))
    if record.exit_code is None:
        yield Cell("?", "yellow")
    elif record.has_failed:
        yield Cell(f"✗ {record.exit_code}", "red")
    else:
        yield Cell("✓", "green")
    yield Cell(duration(record.duration_seconds).rjust(8))
    if order in (RecordOrder.CPU, RecordOrder.MEMORY, *_TRAFFIC):
        yield Cell(_figure(record, order).rjust(8))
    yield Cell(single_line(record.command_line, COMMAND_LIMIT))


_TRAFFIC = (RecordOrder.READ, RecordOrder.WRITTEN)


def _figure(record: CommandRecord, order: RecordOrder) -> str:
    used = record.resources
    if order is RecordOrder.CPU:
        return "-" if used.cpu_seconds is None else duration(used.cpu_seconds)
    count_bytes = {
        RecordOrder.MEMORY: used.peak_rss_bytes,
        RecordOrder.READ: used.read_bytes,
        RecordOrder.WRITTEN: used.written_bytes,
    }[order]
    return "-" if count_bytes is None else size(count_bytes)


def _local_time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone().strftime(TIME_FORMAT)
    except (OverflowError, ValueError, OSError):
        return "?"
