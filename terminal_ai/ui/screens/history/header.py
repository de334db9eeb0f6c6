"""What is known of a record, above its output."""

from collections.abc import Iterator

from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord, CommandSource
from terminal_ai.ui.reading.history_query import HistoryPlace
from terminal_ai.ui.screens.history.row import PRIVATE_MARK, mark
from terminal_ai.ui.texts import (
    MUTED,
    date_and_time,
    duration,
    line,
    literal,
    short_path,
    size,
)

COMMAND_LIMIT_CHARACTERS = 4_000
_SEPARATOR = Content.styled(" · ", MUTED)


def record_header(record: CommandRecord, place: HistoryPlace) -> Content:
    """Return the command line, and the facts about it in a few lines."""
    command = record.command_line
    if len(command) > COMMAND_LIMIT_CHARACTERS:
        command = command[:COMMAND_LIMIT_CHARACTERS] + "…"
    rows = [literal(command, "bold"), _SEPARATOR.join(_ending(record))]
    rows.append(_SEPARATOR.join(_origin(record, place)))
    if used := list(_resources(record)):
        rows.append(Content.styled(" · ".join(used), MUTED))
    rows += [Content.styled(note, "$text-warning") for note in _notes(record)]
    return Content("\n").join(rows)


def _ending(record: CommandRecord) -> Iterator[Content]:
    _symbol, style = mark(record)
    code = "?" if record.exit_code is None else str(record.exit_code)
    yield Content.styled(_("exit {code}").format(code=code), style)
    yield Content.styled(duration(record.duration_seconds), MUTED)
    yield Content.styled(date_and_time(record.started_at), MUTED)


def _origin(record: CommandRecord, place: HistoryPlace) -> Iterator[Content]:
    yield line(short_path(record.cwd, place.home) or "?", MUTED)
    if record.shell:
        yield line(record.shell, MUTED)
    if record.session_id and record.session_id == place.session_id:
        yield Content.styled(_("this session"), MUTED)
    elif record.session_id:
        session = _("session {name}").format(name=record.session_id)
        yield line(session, MUTED)


def _resources(record: CommandRecord) -> Iterator[str]:
    used = record.resources
    if used.cpu_user_seconds is not None and used.cpu_system_seconds is not None:
        yield _("CPU {user} user, {system} system").format(
            user=duration(used.cpu_user_seconds),
            system=duration(used.cpu_system_seconds),
        )
    if used.peak_rss_bytes is not None:
        yield _("{size} memory").format(size=size(used.peak_rss_bytes))
    if used.read_bytes is not None:
        yield _("read {size}").format(size=size(used.read_bytes))
    if used.written_bytes is not None:
        yield _("wrote {size}").format(size=size(used.written_bytes))


def _notes(record: CommandRecord) -> Iterator[str]:
    if record.is_private:
        yield f"{PRIVATE_MARK} " + _("Private: never sent, and never on disk.")
    if record.source is CommandSource.SCREEN:
        yield _("Read from the screen: it may be incomplete.")
    if record.used_alternate_screen:
        yield _("It used the full screen; that part is not in the output.")
    if elided := record.output.elided_bytes:
        yield _("{size} in the middle of the output are left out.").format(
            size=size(elided)
        )
