"""The command line of ``terminal-ai history``; light to import, like ``cli``."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from terminal_ai.errors import HistoryError
from terminal_ai.headless.printing import (
    EXIT_INTERRUPTED,
    has_colors,
    print_text,
    width_cells,
)
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal_ai.config import Settings
    from terminal_ai.headless.asking import OpenAssistant
    from terminal_ai.headless.whys import Whys
    from terminal_ai.records import CommandRecord

DEFAULT_LIMIT = 20
LIMIT_MAX = 1_000_000_000
"""More than any history holds, and a number that SQLite takes."""
WHY_OUTPUT_BYTES = 65_536
"""Read of each output to find out why a command failed."""
ORDERS = ("newest", "slowest", "cpu", "memory", "read", "written")


def history_command(open_assistant: "OpenAssistant") -> click.Command:
    """Return ``terminal-ai history``; only ``--why`` needs the assistant."""

    @click.pass_context
    def history(context: click.Context, /, **options: Any) -> None:
        _history(context.obj.settings, open_assistant, **options)

    return click.Command(
        "history",
        callback=history,
        help=_(
            "List finished commands, newest first. Leaves with 0, also if there are"
            " none, and with 2 if the history cannot be read."
        ),
        params=[
            click.Option(
                ["--json", "as_json"],
                is_flag=True,
                help=_("Answer in JSON: one array, a record a line."),
            ),
            click.Option(
                ["--jsonl", "as_json_lines"],
                is_flag=True,
                help=_("Answer in JSON: one object a line."),
            ),
            click.Option(["--failed"], is_flag=True, help=_("Only what failed.")),
            click.Option(
                ["--search"],
                metavar="TEXT",
                default="",
                help=_("Only with all these words in command line or output."),
            ),
            click.Option(
                ["--limit"],
                type=click.IntRange(min=0, max=LIMIT_MAX),
                default=DEFAULT_LIMIT,
                show_default=True,
                help=_("At most so many."),
            ),
            click.Option(
                ["--cwd"],
                metavar="DIRECTORY",
                type=click.Path(path_type=Path),
                help=_("Only run there or below."),
            ),
            click.Option(
                ["--shell"], metavar="NAME", default="", help=_("Only run by it.")
            ),
            click.Option(
                ["--program"], metavar="NAME", default="", help=_("Only its runs.")
            ),
            click.Option(
                ["--longer-than"],
                metavar="SECONDS",
                type=click.FloatRange(min=0),
                default=0.0,
                help=_("Only what took longer."),
            ),
            click.Option(
                ["--session"], metavar="ID", default="", help=_("Only its commands.")
            ),
            click.Option(
                ["--sort"],
                type=click.Choice(ORDERS),
                default=ORDERS[0],
                show_default=True,
                help=_("What comes first."),
            ),
            click.Option(
                ["--why"],
                is_flag=True,
                help=_("Say in a line why each failed; the model says what we cannot."),
            ),
            click.Option(
                ["--ids"], is_flag=True, help=_("Show the ids that `export` takes.")
            ),
        ],
    )


def _history(
    settings: "Settings",
    open_assistant: "OpenAssistant",
    *,
    as_json: bool,
    as_json_lines: bool,
    failed: bool,
    search: str,
    limit: int,
    cwd: Path | None,
    shell: str,
    program: str,
    longer_than: float,
    session: str,
    sort: str,
    ids: bool,
    why: bool,
) -> None:
    """Print the records that were asked for."""
    from terminal_ai.headless import listing
    from terminal_ai.history.query import HistoryQuery, RecordOrder

    if as_json and as_json_lines:
        raise click.UsageError(_("give --json or --jsonl, not both"))
    query = HistoryQuery(
        text=search,
        failed=True if failed else None,
        cwd=os.path.abspath(cwd) if cwd else "",  # noqa: PTH100 - no link is followed
        shell=shell,
        program=program,
        longer_than_seconds=longer_than,
        session_id=session,
        order=RecordOrder(sort),
        limit=limit,
        output_limit_bytes=_output_limit(is_json=as_json or as_json_lines, why=why),
    )
    try:
        records = listing.find(query)
    except HistoryError as error:
        # Before the first command there is no file: that is an empty history.
        if listing.history_path().exists():
            raise
        click.echo(f"{error.message}: {error.hint}", err=True)
        records = ()
    found = _whys(records, settings, open_assistant) if why else None
    fields = found.fields if found else None
    if as_json:
        text = listing.as_array(records, fields)
    elif as_json_lines:
        text = listing.as_lines(records, fields)
    else:
        text = listing.as_table(
            records,
            query.order,
            width_cells=width_cells(),
            has_colors=has_colors(),
            with_ids=ids,
            below=found.line if found else listing.no_line,
        )
    print_text(text)


def _whys(
    records: "Sequence[CommandRecord]",
    settings: "Settings",
    open_assistant: "OpenAssistant",
) -> "Whys":
    """Find out why they failed, and tell what is not known on stderr."""
    from terminal_ai.headless.whys import find_whys
    from terminal_ai.safety.sanitize import sanitize_text

    try:
        found = find_whys(records, settings, open_assistant)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    for remark in found.remarks:
        click.echo(sanitize_text(remark), err=True)
    return found


def _output_limit(*, is_json: bool, why: bool) -> int | None:
    """Return how much of each output is read: the table alone shows none."""
    if is_json:
        return None
    return WHY_OUTPUT_BYTES if why else 0
