"""How commands without a screen write to stdout."""

import os
import shutil
import sys

import click

EXIT_INTERRUPTED = 130
"""What a shell reports of a command that Ctrl+C ended."""


def print_text(text: str) -> None:
    """Write to stdout."""
    # A program that reads us expects UTF-8, whatever the locale says.
    click.echo(text.encode("utf-8", "replace"), nl=False)


def say_on_stderr(text: str) -> None:
    """Tell the user what is wrong beside the answer."""
    click.echo(f"terminal-ai: {text}", err=True)


def width_cells() -> int | None:
    """Return the width of the terminal that stdout is; None if it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def has_colors() -> bool:
    """Tell whether stdout is a terminal whose user wants colours."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
