"""``terminal-ai export``: commands of the history as a file."""

from collections.abc import Sequence
from pathlib import Path

from terminal_ai.export import (
    RECORDS_LIMIT,
    Export,
    ExportForm,
    bounded,
    exported,
    exports_directory,
)
from terminal_ai.export.files import write_named, write_new
from terminal_ai.headless.listing import history_path
from terminal_ai.history.query import HistoryQuery
from terminal_ai.history.read_only import ReadOnlyHistory
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord

LAST_SESSION = "last"


def export(
    record_ids: Sequence[str],
    form: ExportForm,
    *,
    session_id: str,
    first_id: str,
    last_id: str,
) -> Export:
    """Return what was asked for, without secrets; nothing asked is the last session.

    Raises HistoryError and ExportError.
    """
    with ReadOnlyHistory(history_path()) as history:
        records = _chosen(history, record_ids, session_id, first_id, last_id)
    return exported(records, form)


def form_of(path: Path) -> ExportForm:
    """Return the form that a file's name asks for; Markdown if it asks for none."""
    return {
        ".json": ExportForm.JSON,
        ".jsonl": ExportForm.JSON,
        ".cast": ExportForm.ASCIICAST,
    }.get(path.suffix.lower(), ExportForm.MARKDOWN)


def write(made: Export, path: Path | None, *, replaces: bool) -> Path:
    """Write an export to a file, or to a new one of the app's; return its path."""
    if path is None:
        return write_named(exports_directory(), made.form.suffix, made.text)
    write_new(path, made.text, replaces=replaces)
    return path


def _chosen(
    history: ReadOnlyHistory,
    record_ids: Sequence[str],
    session_id: str,
    first_id: str,
    last_id: str,
) -> Sequence[CommandRecord]:
    if record_ids:
        return [history.record(record_id) for record_id in dict.fromkeys(record_ids)]
    if first_id or last_id:
        query = HistoryQuery(
            first_id=first_id, last_id=last_id, limit=RECORDS_LIMIT + 1
        )
        return _bounded(history.search(query))
    if session_id in ("", LAST_SESSION):
        newest = history.search(HistoryQuery(limit=1))
        if not newest:
            return ()
        session_id = newest[0].session_id
    return _bounded(history.session(session_id))


def _bounded(records: Sequence[CommandRecord]) -> Sequence[CommandRecord]:
    return bounded(records, hint=_("--from and --to choose some of them"))
