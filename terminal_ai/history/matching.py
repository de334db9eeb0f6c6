"""Which of the records in memory answer a query, and in which order."""

from collections.abc import Callable, Iterable, Sequence

from terminal_ai.history.program import first_program
from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.history.stored import holds, storable
from terminal_ai.records import CommandRecord

Figure = Callable[[CommandRecord], float | None]

_FIGURES: dict[RecordOrder, Figure] = {
    RecordOrder.SLOWEST: lambda record: record.duration_seconds,
    RecordOrder.CPU: lambda record: record.resources.cpu_seconds,
    RecordOrder.MEMORY: lambda record: record.resources.peak_rss_bytes,
    RecordOrder.READ: lambda record: record.resources.read_bytes,
    RecordOrder.WRITTEN: lambda record: record.resources.written_bytes,
}


def terms_of(query: HistoryQuery) -> list[str]:
    """Return the words that are looked for."""
    return storable(query.text).split()


def is_wanted(record: CommandRecord, query: HistoryQuery) -> bool:
    """True if the record answers everything in the query but its range."""
    return (
        (query.failed is None or record.has_failed == query.failed)
        and (not query.cwd or is_below(record.cwd, query.cwd))
        and (not query.shell or record.shell == query.shell)
        and record.duration_seconds >= query.longer_than_seconds
        and (not query.session_id or record.session_id == query.session_id)
        and (not query.program or first_program(record.command_line) == query.program)
        and holds(record, terms_of(query))
    )


def is_below(path: str, directory: str) -> bool:
    """True for the directory itself and everything below it."""
    below = directory.rstrip("/")
    return path == (below or "/") or path.startswith(f"{below}/")


def ended_at(record: CommandRecord) -> float:
    """Return when the command ended, in seconds since the epoch."""
    return record.started_at + record.duration_seconds


def ordered(
    records: Iterable[CommandRecord], order: RecordOrder
) -> Sequence[CommandRecord]:
    """Return the records in the order of a query."""
    newest_first = sorted(records, key=ended_at, reverse=True)
    if order is RecordOrder.NEWEST:
        return newest_first
    figure = _FIGURES[order]

    def rank(record: CommandRecord) -> float:
        value = figure(record)
        return float("-inf") if value is None else value

    return sorted(newest_first, key=rank, reverse=True)
