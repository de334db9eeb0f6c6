"""The command line of what reads the history; light to import, like ``cli``."""

import os
import shutil
import sys
from pathlib import Path

import click

from terminal_ai.errors import HistoryError
from terminal_ai.messages import gettext as _

DEFAULT_LIMIT = 20
LIMIT_MAX = 1_000_000_000
"""More than any history holds, and a number that SQLite takes."""
ORDERS = ("newest", "slowest", "cpu", "memory", "read", "written")
FORMS = ("markdown", "json", "asciicast")
STANDARD_OUTPUT = "-"


def history_command() -> click.Command:
    """Return ``terminal-ai history``."""
    return click.Command(
        "history",
        callback=_history,
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
                ["--ids"], is_flag=True, help=_("Show the ids that `export` takes.")
            ),
        ],
    )


def export_command() -> click.Command:
    """Return ``terminal-ai export``."""
    return click.Command(
        "export",
        callback=_export,
        help=_(
            "Write commands of the history to a new file: those with the ids RECORD,"
            " a stretch, or a session; without any, the last session. Secrets are"
            " taken out. Leaves with 2 if nothing was written."
        ),
        params=[
            click.Argument(["records"], nargs=-1, metavar="[RECORD]..."),
            click.Option(
                ["--format", "form"],
                type=click.Choice(FORMS),
                help=_("Without it, the file's name decides, or markdown."),
            ),
            click.Option(
                ["--session"],
                metavar="ID",
                default="",
                help=_("All commands of a session; `last` is the newest."),
            ),
            click.Option(
                ["--from", "first"], metavar="ID", default="", help=_("From this one.")
            ),
            click.Option(
                ["--to", "last"], metavar="ID", default="", help=_("Up to this one.")
            ),
            click.Option(
                ["-o", "--output"],
                metavar="FILE",
                type=click.Path(path_type=Path),
                help=_(
                    "The file; - is stdout. Without it, one in the state directory."
                ),
            ),
            click.Option(
                ["--force"], is_flag=True, help=_("Replace a file that is there.")
            ),
        ],
    )


def _history(
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
        # The table shows no output.
        output_limit_bytes=None if as_json or as_json_lines else 0,
    )
    try:
        records = listing.find(query)
    except HistoryError as error:
        # Before the first command there is no file: that is an empty history.
        if listing.history_path().exists():
            raise
        click.echo(f"{error.message}: {error.hint}", err=True)
        records = ()
    if as_json:
        text = listing.as_array(records)
    elif as_json_lines:
        text = listing.as_lines(records)
    else:
        text = listing.as_table(
            records,
            query.order,
            width_cells=_width_cells(),
            has_colors=_has_colors(),
            with_ids=ids,
        )
    _print(text)


def _export(
    *,
    records: tuple[str, ...],
    form: str | None,
    session: str,
    first: str,
    last: str,
    output: Path | None,
    force: bool,
) -> None:
    """Write a file and print its path, or print what would be in it."""
    from terminal_ai.export import ExportForm
    from terminal_ai.headless import exporting

    if bool(records) + bool(session) + bool(first or last) > 1:
        raise click.UsageError(_("give records, --from and --to, or --session"))
    chosen = ExportForm(form) if form else exporting.form_of(output or Path())
    made = exporting.export(
        records, chosen, session_id=session, first_id=first, last_id=last
    )
    if str(output) == STANDARD_OUTPUT:
        _print(made.text)
    else:
        _print(f"{exporting.write(made, output, replaces=force)}\n")
    if made.remark:
        click.echo(made.remark, err=True)


def _print(text: str) -> None:
    # A program that reads us expects UTF-8, whatever the locale says.
    click.echo(text.encode("utf-8", "replace"), nl=False)


def _width_cells() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _has_colors() -> bool:
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
