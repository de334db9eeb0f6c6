"""The command line of ``terminal-ai export``; light to import, like ``cli``."""

from pathlib import Path

import click

from terminal_ai.headless.printing import print_text
from terminal_ai.messages import gettext as _

FORMS = ("markdown", "json", "asciicast")
STANDARD_OUTPUT = "-"


def export_command() -> click.Command:
    """Return ``terminal-ai export``."""
    return click.Command(
        "export",
        callback=_export,
        help=_(
            "Write commands of the history to a new file: those with the ids RECORD"
            " (`history --ids` lists them), a stretch, or a session; without any, the"
            " last session. Secrets are taken out. Leaves with 2 if nothing was"
            " written."
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
        print_text(made.text)
    else:
        print_text(f"{exporting.write(made, output, replaces=force)}\n")
    if made.remark:
        click.echo(made.remark, err=True)
