"""What is exported, and how: the one way by which records become a file."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from terminal_ai.errors import ExportError
from terminal_ai.export.asciicast import asciicast
from terminal_ai.export.files import write_named
from terminal_ai.export.forms import ExportForm
from terminal_ai.export.json_form import as_json, json_line
from terminal_ai.export.markdown import markdown
from terminal_ai.export.redacted import Redact, without_secrets
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.safety.redact import Redactor

RECORDS_LIMIT = 10_000
"""Commands of one export."""


@dataclass(frozen=True, slots=True)
class Export:
    """A text for a file; ``remark`` says what the reader must know of it, if anything.

    It holds no secret, and no private command unless they were asked for.
    """

    text: str
    form: ExportForm
    remark: str = ""


def bounded(records: Sequence[CommandRecord], *, hint: str) -> Sequence[CommandRecord]:
    """Return the records if one export may hold them; raise ExportError otherwise."""
    if len(records) > RECORDS_LIMIT:
        raise ExportError(
            _("more than {count} commands are too many for one file").format(
                count=RECORDS_LIMIT
            ),
            hint=hint,
        )
    return records


def exported(
    records: Iterable[CommandRecord],
    form: ExportForm,
    *,
    redact: Redact | None = None,
    with_private: bool = False,
) -> Export:
    """Return the records, oldest first, in a form that may leave the program.

    Without ``redact`` the rules take secrets out, and the values of this process's
    secret-named variables. Raises ExportError where nothing is left to write.
    """
    records = sorted(records, key=lambda record: record.started_at)
    kept = [record for record in records if with_private or not record.is_private]
    remark = _remark(records, len(kept))
    if not kept:
        raise ExportError(remark or _("there is no command to export"))
    redact = redact or _redact_environment(os.environ)
    clean = [without_secrets(record, redact) for record in kept]
    match form:
        case ExportForm.MARKDOWN:
            text = markdown(clean, remark=remark)
        case ExportForm.ASCIICAST:
            text = asciicast(clean, remark=remark)
        case ExportForm.JSON:
            text = "".join(f"{json_line(as_json(record))}\n" for record in clean)
    return Export(text, form, remark)


def export_records(
    records: Iterable[CommandRecord],
    form: ExportForm,
    directory: Path,
    *,
    redact: Redact | None = None,
    with_private: bool = False,
) -> Path:
    """Write the records to a new file in the directory and return its path.

    Raises ExportError. It redacts and writes: call it from a thread.
    """
    export = exported(records, form, redact=redact, with_private=with_private)
    return write_named(directory, form.suffix, export.text)


def _redact_environment(environ: Mapping[str, str]) -> Redact:
    redactor = Redactor(environ)
    return lambda text: redactor.redact(text).text


def _remark(records: list[CommandRecord], kept: int) -> str:
    private = sum(record.is_private for record in records)
    if not private:
        return ""
    if kept < len(records):
        text = ngettext(
            "{count} private command was left out.",
            "{count} private commands were left out.",
            private,
        )
    else:
        text = ngettext(
            "{count} command was private: look before you share this.",
            "{count} commands were private: look before you share this.",
            private,
        )
    return text.format(count=private)
