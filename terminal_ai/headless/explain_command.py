"""The command line of ``terminal-ai explain``; light to import, like ``cli``."""

import sys
from typing import IO

import click

from terminal_ai.headless.printing import print_text
from terminal_ai.messages import gettext as _


def explain_command() -> click.Command:
    """Return ``terminal-ai explain``."""
    return click.Command(
        "explain",
        callback=_explain,
        help=_(
            "Explain a failed command, offline. With --jsonl, answer each JSON line of"
            ' stdin ({"command", "exit_code", "output", "cwd"}) with one of stdout.'
        ),
        params=[
            click.Option(
                ["--command", "command_line"], help=_("The command line that failed.")
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
                help=_("Where it ran; without it, here."),
            ),
            click.Option(
                ["--json", "as_json"], is_flag=True, help=_("Answer in JSON.")
            ),
            click.Option(
                ["--jsonl", "as_json_lines"],
                is_flag=True,
                help=_("Answer many, one JSON object a line."),
            ),
        ],
    )


def _explain(
    *,
    command_line: str | None,
    exit_code: int,
    output: IO[bytes] | None,
    cwd: str | None,
    as_json: bool,
    as_json_lines: bool,
) -> None:
    """Answer one failure from flags, or many from JSON lines."""
    from terminal_ai.headless import explaining

    if as_json_lines:
        explaining.explain_jsonl(sys.stdin.buffer, sys.stdout.buffer)
        return
    if not command_line:
        raise click.UsageError(_("give --command, or --jsonl"))
    answer = explaining.explain(
        command_line,
        exit_code=exit_code,
        output=output,
        cwd=cwd,
        as_json=as_json,
    )
    print_text(f"{answer}\n")
