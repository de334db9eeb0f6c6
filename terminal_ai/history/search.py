"""A query as SQL: which records answer it, found in a few hundredths of a second.

The text indexes deliver the numbers of their records very fast, even of all; what
costs is to look at each record. So a rare text is looked up first and its few records
are filtered and sorted. A common one (most terms a user begins with) either yields the
newest matches as they come, or becomes a set against which the records are held in the
order asked for, until there are enough. Filters are treated alike: a rare one is
looked up, a frequent one is checked on the way.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from terminal_ai.history import text_index
from terminal_ai.history.query import HistoryQuery, RecordOrder

RARE_RECORDS = 3_000
"""Up to so many records with a text, or behind a filter, each is looked at."""

_COLUMNS = {
    RecordOrder.SLOWEST: "duration_seconds",
    RecordOrder.CPU: "cpu_seconds",
    RecordOrder.MEMORY: "peak_rss_bytes",
    RecordOrder.READ: "read_bytes",
    RecordOrder.WRITTEN: "written_bytes",
}
_TEXT_COLUMNS = ("records.command_line", "outputs.head", "outputs.tail")


@dataclass(slots=True)
class _Conditions:
    """What a record must fulfil: SQL, and the values for its marks in order."""

    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, part: str, *values: object) -> None:
        self.parts.append(part)
        self.values += values

    @property
    def where(self) -> str:
        return f" WHERE {' AND '.join(self.parts)}" if self.parts else ""


def find_numbers(
    connection: sqlite3.Connection,
    query: HistoryQuery,
    terms: Sequence[str],
    span: tuple[float, float],
    *,
    has_text_index: bool,
) -> list[int]:
    """Return the numbers of the records that answer a query, in its order."""
    filters = _Conditions()
    has_rare_filter = False
    for condition, *asked in _filters(query, span):
        is_rare = _is_rare_filter(connection, condition, asked)
        has_rare_filter |= is_rare
        # The plus keeps SQLite from collecting what is frequent, only to sort it.
        filters.add(condition.replace("@", "" if is_rare else "+"), *asked)
    order = _order(query.order)
    if not terms:
        statement = f"SELECT records.number FROM records{filters.where} {order}"
    elif not has_text_index:
        for term in terms:
            likes = (f"{column} LIKE ? ESCAPE '\\'" for column in _TEXT_COLUMNS)
            filters.add(f"({' OR '.join(likes)})", *[_like(term)] * len(_TEXT_COLUMNS))
        statement = (
            "SELECT records.number FROM records"
            f" JOIN outputs ON outputs.number = records.number{filters.where} {order}"
        )
    else:
        newest_will_do = query.order is RecordOrder.NEWEST and not has_rare_filter
        if newest_will_do or _is_rare(connection, terms):
            return _text_first(connection, query, terms, filters)
        for name, match in _matches(terms):
            filters.add(_is_in(name), match)
        statement = f"SELECT records.number FROM records{filters.where} {order}"
    values = (*filters.values, query.limit)
    return [number for (number,) in connection.execute(statement, values)]


def _text_first(
    connection: sqlite3.Connection,
    query: HistoryQuery,
    terms: Sequence[str],
    filters: _Conditions,
) -> list[int]:
    (first, match), *others = _matches(terms)
    conditions = _Conditions()
    conditions.add(f"{first} MATCH ?", match)
    for name, also in others:
        conditions.add(_is_in(name), also)
    order = _order(query.order)
    if query.order is RecordOrder.NEWEST:
        # Only by its own rowid does an index yield the newest without all others.
        order = f"ORDER BY {first}.rowid DESC LIMIT ?"
    for part in filters.parts:
        conditions.add(part)
    conditions.values += filters.values
    statement = (
        f"SELECT records.number FROM {first}"
        f" CROSS JOIN records ON records.number = {first}.rowid"
        f"{conditions.where} {order}"
    )
    values = (*conditions.values, query.limit)
    return [number for (number,) in connection.execute(statement, values)]


def _is_in(name: str) -> str:
    """Return the condition that a text index's answer holds the record.

    The plus has the answer made a set, once, which is then asked for each record;
    without it SQLite may ask the index again for each, which costs a hundred times.
    """
    return f"+records.number IN (SELECT rowid FROM {name} WHERE {name} MATCH ?)"


def _is_rare(connection: sqlite3.Connection, terms: Sequence[str]) -> bool:
    """True if the rarest of the text indexes' answers is small."""
    for name, match in _matches(terms):
        (count,) = connection.execute(
            f"SELECT count(*) FROM (SELECT rowid FROM {name} WHERE {name} MATCH ?"
            " LIMIT ?)",
            (match, RARE_RECORDS + 1),
        ).fetchone()
        if count <= RARE_RECORDS:
            return True
    return False


def _matches(terms: Sequence[str]) -> list[tuple[str, str]]:
    asked = (
        ("text_index", text_index.long_match(terms)),
        ("short_terms", text_index.short_match(terms)),
    )
    return [(name, match) for name, match in asked if match]


def _is_rare_filter(
    connection: sqlite3.Connection, condition: str, values: Sequence[object]
) -> bool:
    plain = condition.replace("@", "")
    (count,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM records WHERE {plain} LIMIT ?)",
        (*values, RARE_RECORDS + 1),
    ).fetchone()
    return bool(count <= RARE_RECORDS)


def _filters(
    query: HistoryQuery, span: tuple[float, float]
) -> Iterator[tuple[str, *tuple[object, ...]]]:
    """Yield conditions and their values; "@" stands before an indexed column."""
    if query.failed:
        yield ("@exit_code != 0",)
    elif query.failed is not None:
        yield ("(@exit_code = 0 OR @exit_code IS NULL)",)
    if query.cwd:
        below = query.cwd.rstrip("/")
        start, inside = below or "/", f"{below}/"
        # One stretch of the index, "0" being what follows "/", and not all of it.
        stretch = "@cwd >= ? AND @cwd < ? AND (+cwd = ? OR +cwd >= ?)"
        yield stretch, start, f"{below}0", start, inside
    if query.shell:
        yield "@shell = ?", query.shell
    if query.program:
        yield "@program = ?", query.program
    if query.longer_than_seconds > 0:
        yield "@duration_seconds >= ?", query.longer_than_seconds
    if query.session_id:
        yield "@session_id = ?", query.session_id
    if query.first_id:
        yield "@ended_at >= ?", span[0]
    if query.last_id:
        yield "@ended_at <= ?", span[1]


def _order(order: RecordOrder) -> str:
    by = "records.number DESC"
    if order in _COLUMNS:
        # Down to here the column's index is walked backwards: no sorting.
        by = f"records.{_COLUMNS[order]} DESC, {by}"
    return f"ORDER BY {by} LIMIT ?"


def _like(term: str) -> str:
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
