"""The command line of ``terminal-ai stats``; light to import, like ``cli``."""

import sys

import click

from terminal_ai.headless.printing import print_text, width_cells
from terminal_ai.messages import gettext as _

DEFAULT_TOP = 20
TOP_MAX = 10_000
MEMORY = "memory"


def stats_command() -> click.Command:
    """Return ``terminal-ai stats``."""
    return click.Command(
        "stats",
        callback=_stats,
        help=_(
            "Show what the app cost: of the one that runs here, else of its last run;"
            " `stats memory` shows what it keeps in memory. Leaves with 1 where no run"
            " has left a report."
        ),
        params=[
            click.Argument(
                ["part"],
                required=False,
                metavar=f"[{MEMORY}]",
                type=click.Choice((MEMORY,)),
            ),
            click.Option(
                ["--top"],
                type=click.IntRange(0, TOP_MAX),
                default=DEFAULT_TOP,
                show_default=True,
                help=_("At most so many functions, those that took most time first."),
            ),
            click.Option(
                ["--json", "as_json"], is_flag=True, help=_("Answer in JSON.")
            ),
            click.Option(
                ["--markdown", "as_markdown"],
                is_flag=True,
                help=_("Answer in Markdown."),
            ),
            click.Option(
                ["--all", "is_list"],
                is_flag=True,
                help=_("List the runs that have left a report, the newest first."),
            ),
        ],
    )


def _stats(
    *, part: str | None, top: int, as_json: bool, as_markdown: bool, is_list: bool
) -> None:
    if as_json and as_markdown:
        raise click.UsageError(_("give --json or --markdown, not both"))
    if is_list and part:
        raise click.UsageError(_("give --all or a part, not both"))
    from terminal_ai.config import state_path
    from terminal_ai.headless import stats
    from terminal_ai.reports import choose, read_all

    reports = read_all(state_path())
    report = choose(reports)
    if report is None:
        click.echo(_("no run has left a report yet"), err=True)
        sys.exit(1)
    form = stats.Form.JSON if as_json else stats.Form.TEXT
    form = stats.Form.MARKDOWN if as_markdown else form
    width = width_cells()
    if is_list:
        print_text(stats.list_of(reports, form, width_cells=width))
    elif part == MEMORY:
        print_text(stats.memory_of(report, form, width_cells=width))
    else:
        print_text(stats.report_of(report, form, top=top, width_cells=width))
