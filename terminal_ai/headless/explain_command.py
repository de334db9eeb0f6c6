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
            "Explain a failed command, offline; nothing is run. What is piped in is"
            " what it printed. With --jsonl, answer each JSON line of stdin"
            ' ({"command", "exit_code", "output", "cwd"}) with one of stdout.'
        ),
        params=[
            click.Argument(["words"], nargs=-1, metavar=""),
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
                help=_("What it printed; - reads stdin, as it does when piped into."),
            ),
            click.Option(
                ["--cwd"],
                metavar="DIRECTORY",
                help=_("Where it ran; without it, here."),
            ),
            click.Option(
                ["--shell"],
                metavar="NAME",
                default="",
                help=_("The shell it was typed in; without it, yours."),
            ),
            click.Option(
                ["--json", "as_json"], is_flag=True, help=_("Answer in JSON.")
            ),
            click.Option(
                ["--jsonl", "as_json_lines"],
                is_flag=True,
                help=_("Answer many, one JSON object a line."),
            ),
            click.Option(
                ["--print-function", "function_of"],
                type=click.Choice(("bash", "zsh", "fish")),
                help=_(
                    "Print the function `explain-last` for this shell's startup file:"
                    " it explains the last command without running it again."
                ),
            ),
        ],
    )


def _explain(
    *,
    words: tuple[str, ...],
    command_line: str | None,
    exit_code: int,
    output: IO[bytes] | None,
    cwd: str | None,
    as_json: bool,
    as_json_lines: bool,
    shell: str,
    function_of: str | None,
) -> None:
    """Answer one failure from flags, or many from JSON lines."""
    from terminal_ai.headless import explaining

    if words:
        raise click.UsageError(
            _("nothing is ever run: give what failed with --command '{words}'").format(
                words=" ".join(words)
            )
        )
    if function_of:
        print_text(explaining.function_for(function_of))
        return
    if as_json_lines:
        explaining.explain_jsonl(sys.stdin.buffer, sys.stdout.buffer)
        return
    if not command_line:
        raise click.UsageError(_("give --command, or --jsonl"))
    answer = explaining.explain(
        command_line,
        exit_code=exit_code,
        output=_output(output),
        cwd=cwd,
        shell=shell,
        as_json=as_json,
    )
    print_text(f"{answer}\n")


def _output(given: IO[bytes] | None) -> IO[bytes] | None:
    """Return where to read what the command printed; None if that is not known."""
    from terminal_ai.headless.reading import is_stdin_piped, tell_what_we_wait_for

    stream = sys.stdin.buffer if given is None and is_stdin_piped() else given
    if stream is sys.stdin.buffer:
        tell_what_we_wait_for(stream)
    return stream
