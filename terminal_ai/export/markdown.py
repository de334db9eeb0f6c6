"""Records as Markdown, as GitHub renders it; no output can leave its fence."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.quantities import duration, size
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import sanitize_text, single_line

HEADING_LIMIT = 80
FENCE_LENGTH = 3

_BACKTICKS = re.compile("`+")


def markdown(records: Iterable[CommandRecord], *, remark: str = "") -> str:
    """Return the records as a document: one command needs no title.

    ``remark`` becomes a paragraph under the title.
    """
    records = list(records)
    if len(records) == 1 and not remark:
        return _section(records[0], level=2)
    title = ngettext("{count} command", "{count} commands", len(records))
    blocks = [f"# {title.format(count=len(records))}"]
    if remark:
        blocks.append(sanitize_text(remark))
    blocks += (_section(record, level=2).rstrip("\n") for record in records)
    return "\n\n".join(blocks) + "\n"


def _section(record: CommandRecord, *, level: int) -> str:
    command_line = sanitize_text(record.command_line)
    output = sanitize_text(record.output.text)
    blocks = [
        f"{'#' * level} {code(single_line(record.command_line, HEADING_LIMIT))}",
        "\n".join(_facts(record)),
        fenced(command_line, "sh"),
        fenced(output, "text") if output else _("It printed nothing."),
    ]
    if record.used_alternate_screen:
        blocks.append(_("What it showed on the full screen was not recorded."))
    return "\n\n".join(blocks) + "\n"


def _facts(record: CommandRecord) -> Iterator[str]:
    used = record.resources
    if record.cwd:
        yield _fact(_("Directory"), code(sanitize_text(record.cwd).replace("\n", "␊")))
    yield _fact(_("Started"), started(record.started_at))
    yield _fact(_("Exit code"), exit_label(record.exit_code))
    yield _fact(_("Duration"), duration(record.duration_seconds))
    if used.cpu_seconds is not None:
        yield _fact(
            _("CPU time"),
            _("{total} (user {user}, system {system})").format(
                total=duration(used.cpu_seconds),
                user=duration(used.cpu_user_seconds or 0.0),
                system=duration(used.cpu_system_seconds or 0.0),
            ),
        )
    for label, count_bytes in (
        (_("Peak memory"), used.peak_rss_bytes),
        (_("Read"), used.read_bytes),
        (_("Written"), used.written_bytes),
    ):
        if count_bytes is not None:
            yield _fact(label, size(count_bytes))
    if record.shell:
        yield _fact(_("Shell"), code(single_line(record.shell, HEADING_LIMIT)))
    if elided := record.output.elided_bytes:
        text = ngettext("{count} byte", "{count} bytes", elided)
        yield _fact(_("Left out of the output"), text.format(count=elided))
    if record.is_private:
        yield _fact(_("Private"), _("yes"))


def _fact(label: str, value: str) -> str:
    return f"- {label}: {value}"


def started(seconds: float) -> str:
    """Return a time since the epoch as local date and time, with its offset."""
    try:
        local = datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return "?"
    return local.isoformat(" ", "seconds")


def exit_label(exit_code: int | None) -> str:
    """Return an exit code, or that nobody knows it."""
    return _("unknown") if exit_code is None else str(exit_code)


def fenced(text: str, language: str) -> str:
    """Return the text in a fence that it cannot close."""
    fence = "`" * max(FENCE_LENGTH, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def code(text: str) -> str:
    """Return one line as a code span that it cannot end."""
    text = text.strip() or " "
    quotes = "`" * (_longest_run(text) + 1)
    if text.startswith("`") or text.endswith("`"):
        text = f" {text} "
    return f"{quotes}{text}{quotes}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
