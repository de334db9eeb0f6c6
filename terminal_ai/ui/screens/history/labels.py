"""What the history screen says: its filters, and why nothing is found."""

from collections.abc import Sequence

from textual.content import Content

from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.reading.history_query import Filter, HistoryPlace, filters_of
from terminal_ai.ui.texts import MUTED, duration, line, short_path, size

CHIP_PATH_CELLS = 30
CHIP_NAME_CHARACTERS = 20


def filter_label(kind: Filter, query: HistoryQuery, place: HistoryPlace) -> str:
    """Return what a filter of the query keeps, in a few words."""
    match kind:
        case Filter.FAILED:
            return _("failed") if query.failed else _("succeeded")
        case Filter.CWD:
            path = short_path(query.cwd, place.home, CHIP_PATH_CELLS)
            return _("in {path}").format(path=path)
        case Filter.SHELL:
            return _("shell {name}").format(name=_name(query.shell))
        case Filter.PROGRAM:
            return _("program {name}").format(name=_name(query.program))
        case Filter.LONGER:
            limit = duration(query.longer_than_seconds)
            return _("longer than {time}").format(time=limit)
        case Filter.SESSION:
            if query.session_id == place.session_id:
                return _("this session")
            return _("session {name}").format(name=_name(query.session_id))


def order_label(order: RecordOrder) -> str:
    """Return by what the list is sorted."""
    return {
        RecordOrder.NEWEST: _("newest first"),
        RecordOrder.SLOWEST: _("slowest first"),
        RecordOrder.CPU: _("most CPU time first"),
        RecordOrder.MEMORY: _("most memory first"),
        RecordOrder.READ: _("most read first"),
        RecordOrder.WRITTEN: _("most written first"),
    }[order]


def sorted_figure(record: CommandRecord, order: RecordOrder) -> str:
    """Return what the record is sorted by, where no other column shows it."""
    used = record.resources
    amount = {
        RecordOrder.MEMORY: used.peak_rss_bytes,
        RecordOrder.READ: used.read_bytes,
        RecordOrder.WRITTEN: used.written_bytes,
    }.get(order)
    if amount is not None:
        return size(amount)
    if order is RecordOrder.CPU and used.cpu_seconds is not None:
        return duration(used.cpu_seconds)
    return "–"


def chips(query: HistoryQuery, place: HistoryPlace) -> Content:
    """Return the filters in force, and the order unless it is the usual one."""
    labels = [filter_label(kind, query, place) for kind in filters_of(query)]
    if query.order is not RecordOrder.NEWEST:
        labels.append(order_label(query.order))
    return Content(" ").join(
        Content.styled(f" {label} ", "reverse $text-accent") for label in labels
    )


def nothing_found(
    query: HistoryQuery, place: HistoryPlace, excluding: Sequence[Filter]
) -> Content:
    """Say that nothing is found, and which filters are the reason."""
    if not query.text and not filters_of(query):
        return Content.styled(_("No command has finished yet."), MUTED)
    rows = [Content.styled(_("Nothing found."), MUTED)]
    if excluding:
        labels = ", ".join(filter_label(kind, query, place) for kind in excluding)
        hint = _("There are matches without: {filters}").format(filters=labels)
        rows.append(line(hint, "$text-warning"))
    return Content("\n").join(rows)


def _name(text: str) -> str:
    return single_line(text, CHIP_NAME_CHARACTERS)
