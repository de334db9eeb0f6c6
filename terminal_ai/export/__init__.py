"""Records for readers, for programs and for a player, outside this program."""

from terminal_ai.export.asciicast import asciicast
from terminal_ai.export.exporting import (
    RECORDS_LIMIT,
    Export,
    bounded,
    export_records,
    exported,
)
from terminal_ai.export.files import exports_directory
from terminal_ai.export.forms import ExportForm
from terminal_ai.export.json_form import as_json, json_line
from terminal_ai.export.markdown import markdown

__all__ = [
    "RECORDS_LIMIT",
    "Export",
    "ExportForm",
    "as_json",
    "asciicast",
    "bounded",
    "export_records",
    "exported",
    "exports_directory",
    "json_line",
    "markdown",
]
