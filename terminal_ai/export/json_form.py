"""A record as one JSON object."""

import json
import re

from terminal_ai.records import CommandRecord

# What a terminal would obey, and what readers of lines take for the end of one.
_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def as_json(record: CommandRecord) -> dict[str, object]:
    """Return the record as programs read it; what nobody knows is None.

    Times are seconds, ``started_at`` since the epoch, sizes bytes. ``output`` is the
    rendered text with a line where ``output_elided_bytes`` are missing.
    """
    resources = record.resources
    return {
        "command_line": record.command_line,
        "cwd": record.cwd,
        "exit_code": record.exit_code,
        "started_at": record.started_at,
        "duration_seconds": record.duration_seconds,
        "output": record.output.text,
        "output_elided_bytes": record.output.elided_bytes,
        "shell": record.shell,
        "private": record.is_private,
        "cpu_seconds": resources.cpu_seconds,
        "peak_rss_bytes": resources.peak_rss_bytes,
        "id": record.id,
        "cpu_user_seconds": resources.cpu_user_seconds,
        "cpu_system_seconds": resources.cpu_system_seconds,
        "read_bytes": resources.read_bytes,
        "written_bytes": resources.written_bytes,
        "used_alternate_screen": record.used_alternate_screen,
        "columns": record.columns,
        "rows": record.rows,
    }


def json_line(value: object) -> str:
    """Return the value as JSON on one line, which any terminal may show."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
