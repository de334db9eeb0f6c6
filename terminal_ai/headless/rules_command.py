"""The command line of ``terminal-ai rules``; light to import, like ``cli``."""

import sys
from pathlib import Path
from typing import IO

import click

from terminal_ai.headless.printing import has_colors, print_text, width_cells
from terminal_ai.messages import gettext as _

EXIT_PROBLEMS = 1
"""What `rules check` leaves with if a rule is wrong; it is 2 if none was checked."""


def rules_command() -> click.Command:
    """Return ``terminal-ai rules``."""
    return click.Group(
        "rules",
        help=_("List, check and try the advisor's rules: ours, and those you wrote."),
        commands=[_list_command(), _check_command(), _try_command()],
    )


def _list_command() -> click.Command:
    return click.Command(
        "list",
        callback=_list,
        help=_("List the rules with their family, where they are from, and programs."),
        params=[
            click.Option(
                ["--family"],
                multiple=True,
                metavar="NAME",
                help=_("Only of this family; `own` are yours. May be repeated."),
            ),
            click.Option(
                ["--program"],
                default="",
                metavar="NAME",
                help=_("Only what may speak of this program."),
            ),
            _json_option(),
        ],
    )


def _check_command() -> click.Command:
    return click.Command(
        "check",
        callback=_check,
        help=_(
            "Check files of rules, or all in your rules directory, and run their"
            " examples. Leaves with 0 if all is well, 1 if something is wrong, 2 if"
            " nothing was checked."
        ),
        params=[
            click.Argument(
                ["files"],
                nargs=-1,
                metavar="[FILE]...",
                type=click.Path(exists=True, path_type=Path),
            ),
            _json_option(),
        ],
    )


def _try_command() -> click.Command:
    return click.Command(
        "try",
        callback=_try,
        help=_(
            "Show which rules speak of a failure, how sure they are, what they suggest,"
            " and why the others of yours do not. Nothing is run."
        ),
        params=[
            click.Option(
                ["--command", "command_line"],
                required=True,
                help=_("The command line that failed."),
            ),
            click.Option(
                ["--exit-code"],
                type=int,
                default=1,
                show_default=True,
                help=_("What it returned."),
            ),
            click.Option(
                ["--output"],
                type=click.File("rb"),
                metavar="FILE",
                help=_("What it printed; - reads stdin."),
            ),
            click.Option(
                ["--cwd"],
                metavar="DIRECTORY",
                default="",
                help=_("Where it ran; without it, here."),
            ),
            click.Option(
                ["--shell"],
                metavar="NAME",
                default="",
                help=_("The shell it was typed in; without it, yours."),
            ),
            _json_option(),
        ],
    )


def _json_option() -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True, help=_("Answer in JSON."))


def _list(*, family: tuple[str, ...], program: str, as_json: bool) -> None:
    from terminal_ai.headless import rules_listing

    found = rules_listing.find(families=family, program=program)
    if as_json:
        print_text(rules_listing.as_json(found))
    else:
        table = rules_listing.as_table(
            found, width_cells=width_cells(), has_colors=has_colors()
        )
        print_text(table)


def _check(*, files: tuple[Path, ...], as_json: bool) -> None:
    from terminal_ai.headless import rules_checking

    report = rules_checking.check(files)
    print_text(report.as_json() if as_json else report.as_text())
    sys.exit(0 if report.is_good else EXIT_PROBLEMS)


def _try(
    *,
    command_line: str,
    exit_code: int,
    output: IO[bytes] | None,
    cwd: str,
    shell: str,
    as_json: bool,
) -> None:
    from terminal_ai.headless import rules_trying
    from terminal_ai.headless.reading import READ_LIMIT_BYTES

    tried = rules_trying.try_rules(
        command_line,
        exit_code=exit_code,
        output=output.read(READ_LIMIT_BYTES) if output else b"",
        cwd=cwd,
        shell=shell,
    )
    print_text(tried.as_json() if as_json else tried.as_text())
