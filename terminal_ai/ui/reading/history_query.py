"""The history's search line: from the words typed to a query, and back.

Words are text to be found. ``failed``, ``ok``, ``cwd:~/src``, ``shell:zsh``,
``program:git``, ``longer:5s`` or ``>5s``, ``session:this`` and ``sort:cpu`` are
filters, unless quoted. Inside quotes ``""`` is a quote. Any other ``word:`` is text.
"""

import enum
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.messages import gettext as _
from terminal_ai.ui.reading.query import QueryError

THIS = "this"
"""Stands for the session that runs now."""

_WORD = re.compile(r'(?:[^\s"]|"(?:[^"]|"")*(?:"|\Z))+')
_QUOTED = re.compile(r'"((?:[^"]|"")*)(?:"|\Z)')
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
# A unit between any two numbers: there is one way to read it, so no backtracking.
_DURATION = re.compile(rf"(?:{_NUMBER}(?:ms|[smhd]))*(?:{_NUMBER})?")
_AMOUNT = re.compile(rf"({_NUMBER})(ms|[smhd]|)")
_UNIT_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_ALSO_CALLED = {
    "time": RecordOrder.SLOWEST,
    "duration": RecordOrder.SLOWEST,
    "longest": RecordOrder.SLOWEST,
    "write": RecordOrder.WRITTEN,
}


class Filter(enum.StrEnum):
    """What can be asked for besides text; the values are HistoryQuery's fields."""

    FAILED = "failed"
    CWD = "cwd"
    SHELL = "shell"
    PROGRAM = "program"
    LONGER = "longer_than_seconds"
    SESSION = "session_id"


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """Where the words are typed: what ``.``, ``~`` and ``this`` stand for."""

    cwd: str = ""
    home: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What is looked for, and a line about each filter that makes no sense."""

    query: HistoryQuery
    errors: tuple[str, ...] = ()


def parse(text: str, place: HistoryPlace) -> ParsedQuery:
    """Read a search line; what is wrong in it filters nothing."""
    query = HistoryQuery()
    words: list[str] = []
    errors: list[str] = []
    for raw in _WORD.findall(text):
        try:
            filtered = _filter(raw, query, place)
        except QueryError as error:
            errors.append(str(error))
            continue
        if filtered is None:
            words += _unquoted(raw).split()
        else:
            query = filtered
    return ParsedQuery(replace(query, text=" ".join(words)), tuple(errors))


def written(query: HistoryQuery, place: HistoryPlace) -> str:
    """Return a search line that ``parse`` reads as this query, filters first."""
    return " ".join([*_written_filters(query, place), *_written_text(query, place)])


def filters_of(query: HistoryQuery) -> tuple[Filter, ...]:
    """Return the filters that a query sets."""
    return tuple(
        kind for kind in Filter if getattr(query, kind) != getattr(_UNFILTERED, kind)
    )


def without(query: HistoryQuery, kind: Filter) -> HistoryQuery:
    """Return the query with one filter less."""
    return replace(query, **{kind.value: getattr(_UNFILTERED, kind)})


def _filter(raw: str, query: HistoryQuery, place: HistoryPlace) -> HistoryQuery | None:
    """Return the query with one more filter, or None for a word of text."""
    if raw in _VERDICTS:
        return replace(query, failed=_VERDICTS[raw])
    if raw.startswith(">") and (limit := raw[1:])[-1:].isalpha():
        seconds = _seconds(limit)
        return None if seconds is None else replace(query, longer_than_seconds=seconds)
    name, _colon, value = raw.partition(":")
    read = _FILTERS.get(name) if _colon else None
    if read is None:
        return None
    value = _unquoted(value).strip()
    # Nothing behind the colon yet: it is still being typed.
    return read(value, query, place) if value else query


def _cwd(value: str, query: HistoryQuery, place: HistoryPlace) -> HistoryQuery:
    if value == "~" or value.startswith("~/"):
        value = (place.home or "~") + value[1:]
    elif not value.startswith("/"):
        if not place.cwd:
            raise QueryError(_("cwd: the shell has not told its directory"))
        value = posixpath.join(place.cwd, value)
    path = posixpath.normpath(value)
    return replace(query, cwd="/" + path.lstrip("/") if value[:1] == "/" else path)


def _shell(value: str, query: HistoryQuery, _place: HistoryPlace) -> HistoryQuery:
    return replace(query, shell=value)


def _program(value: str, query: HistoryQuery, _place: HistoryPlace) -> HistoryQuery:
    return replace(query, program=value)


def _longer(value: str, query: HistoryQuery, _place: HistoryPlace) -> HistoryQuery:
    seconds = _seconds(value)
    if seconds is None:
        raise QueryError(_("longer: a time such as 5s, 2m or 1h30m"))
    return replace(query, longer_than_seconds=seconds)


def _session(value: str, query: HistoryQuery, place: HistoryPlace) -> HistoryQuery:
    if value != THIS:
        return replace(query, session_id=value)
    if not place.session_id:
        raise QueryError(_("session: no shell has started yet"))
    return replace(query, session_id=place.session_id)


def _sort(value: str, query: HistoryQuery, _place: HistoryPlace) -> HistoryQuery:
    if value in _ALSO_CALLED:
        return replace(query, order=_ALSO_CALLED[value])
    fitting = [order for order in RecordOrder if order.startswith(value)]
    if len(fitting) != 1:
        orders = ", ".join(RecordOrder)
        raise QueryError(_("sort: one of {orders}").format(orders=orders))
    return replace(query, order=fitting[0])


_UNFILTERED = HistoryQuery()
_VERDICTS = {"failed": True, "ok": False}
_FILTERS: Mapping[str, Callable[[str, HistoryQuery, HistoryPlace], HistoryQuery]] = {
    "cwd": _cwd,
    "shell": _shell,
    "program": _program,
    "longer": _longer,
    "session": _session,
    "sort": _sort,
}


def _seconds(value: str) -> float | None:
    if not value or not _DURATION.fullmatch(value):
        return None
    return sum(
        float(number) * _UNIT_SECONDS[unit] for number, unit in _AMOUNT.findall(value)
    )


def _written_filters(query: HistoryQuery, place: HistoryPlace) -> Iterator[str]:
    if query.failed is not None:
        yield "failed" if query.failed else "ok"
    if query.cwd:
        yield "cwd:" + _quoted(_short_cwd(query.cwd, place))
    if query.shell:
        yield "shell:" + _quoted(query.shell)
    if query.program:
        yield "program:" + _quoted(query.program)
    if query.longer_than_seconds:
        yield f"longer:{query.longer_than_seconds:.9g}s"
    if query.session_id:
        is_this = query.session_id == place.session_id
        yield "session:" + (THIS if is_this else _quoted(query.session_id))
    if query.order is not RecordOrder.NEWEST:
        yield f"sort:{query.order}"


def _written_text(query: HistoryQuery, place: HistoryPlace) -> Iterator[str]:
    for word in query.text.split():
        is_plain = parse(word, place) == ParsedQuery(HistoryQuery(text=word))
        yield word if is_plain else _in_quotes(word)


def _short_cwd(cwd: str, place: HistoryPlace) -> str:
    home = place.home.rstrip("/")
    if cwd == place.cwd:
        return "."
    if home and (cwd == home or cwd.startswith(home + "/")):
        return "~" + cwd[len(home) :]
    return cwd


def _quoted(value: str) -> str:
    return value if _WORD.fullmatch(value) and '"' not in value else _in_quotes(value)


def _in_quotes(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _unquoted(raw: str) -> str:
    return _QUOTED.sub(lambda match: match[1].replace('""', '"'), raw)
