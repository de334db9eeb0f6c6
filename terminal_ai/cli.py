"""argv to typed overrides, and what the program can do with them.

Light to import: what draws, connects or validates is imported by the command that
needs it, because ``--version`` and a refusal must be instant.
"""

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from terminal_ai import __version__, messages
from terminal_ai.errors import ConfigError, TerminalAIError
from terminal_ai.headless.ask_command import ask_command
from terminal_ai.headless.explain_command import explain_command
from terminal_ai.headless.export_command import export_command
from terminal_ai.headless.history_command import history_command
from terminal_ai.headless.rules_command import rules_command
from terminal_ai.headless.stats_command import stats_command
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    import contextlib

    from terminal_ai.assistant.assistant import Assistant
    from terminal_ai.config import Resolved, Settings

PROGRAM = "terminal-ai"
EXIT_FAILURE = 2
# What a standard output that takes no more says.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
LOG_LEVELS = ("debug", "info", "warning", "error")
# Which setting a flag replaces when it is typed.
FLAG_SETTINGS = {
    "model": "ai.model",
    "host": "ai.host",
    "shell": "shell.command",
    "log_level": "logging.level",
    "metrics_port": "telemetry.metrics_port",
}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code; never with a traceback."""
    _open_closed_streams()
    messages.use_language("auto")
    if is_windows():
        _fail(_("Windows has no pty for us; run terminal-ai inside WSL"))
    try:
        build_command().main(args=arguments, prog_name=PROGRAM)
    except TerminalAIError as error:
        _fail(error.message, error.hint)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            _fail_unexpectedly(error)
        _fail(_("the answer cannot be written: {reason}").format(reason=error.strerror))
    except Exception as error:  # noqa: BLE001 - the last place that can catch it
        _fail_unexpectedly(error)


def is_windows() -> bool:
    """Tell whether there is no pty at all here."""
    return os.name == "nt"


def has_terminal() -> bool:
    """Tell whether keys can be read and a screen can be drawn."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _open_closed_streams() -> None:
    """Give each closed standard stream nothing to read or nowhere to write.

    Python leaves None in its place, and the next file opened would get its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8"))


def build_command() -> click.Group:
    """Return the command tree, with its help in the active language."""
    return click.Group(
        name=PROGRAM,
        callback=click.pass_context(_start),
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=_(
            "Your shell, and beside it an assistant that understands what failed."
            " Advice is instant and works offline; F5 asks a local Ollama model."
        ),
        params=_start_parameters(),
        commands=[
            ask_command(_open_assistant),
            explain_command(),
            history_command(_open_assistant),
            export_command(),
            rules_command(),
            stats_command(),
            _doctor_command(),
        ],
    )


def _open_assistant(
    settings: "Settings",
) -> "contextlib.AbstractContextManager[Assistant]":
    from terminal_ai import bootstrap

    return bootstrap.open_assistant(settings)


def _start_parameters() -> list[click.Parameter]:
    return [
        click.Option(
            ["--optimized/--no-optimized"],
            default=None,
            help=_(
                "Use the faster settings (the default), or none of them, to compare."
            ),
        ),
        click.Option(
            ["--config", "file"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=_("Read settings from FILE instead of your own config.yaml."),
        ),
        click.Option(["--model"], metavar="NAME", help=_("Ask this Ollama model.")),
        click.Option(["--host"], metavar="URL", help=_("Where Ollama listens.")),
        click.Option(
            ["--offline"], is_flag=True, help=_("Never connect to a model service.")
        ),
        click.Option(["--shell"], metavar="PROGRAM", help=_("Run this shell.")),
        click.Option(
            ["--log-level"],
            type=click.Choice(LOG_LEVELS),
            help=_("How much goes into the log file."),
        ),
        click.Option(
            ["--metrics-port"],
            type=click.IntRange(0, 65_535),
            metavar="PORT",
            help=_("Serve Prometheus's metrics on this port of 127.0.0.1."),
        ),
        click.Option(
            ["--print-config"],
            is_flag=True,
            help=_("Print every setting with its origin, and leave."),
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help=_("Print the version, and leave."),
        ),
    ]


def _doctor_command() -> click.Command:
    return click.Command(
        "doctor",
        callback=click.pass_context(_doctor),
        help=_("Check shell, terminal, directories and Ollama, and say what to do."),
        params=[
            click.Option(["--json", "as_json"], is_flag=True, help=_("Answer in JSON."))
        ],
    )


def _print_version(
    context: click.Context, _parameter: click.Parameter, is_given: bool
) -> None:
    if is_given:
        click.echo(f"{PROGRAM} {__version__}")
        context.exit()


def _start(
    context: click.Context,
    *,
    optimized: bool | None,
    file: Path | None,
    offline: bool,
    print_config: bool,
    **typed: str | int | None,
) -> None:
    """Resolve the settings; open the app unless another command follows."""
    try:
        resolved = _resolve(optimized, file, offline=offline, typed=typed)
    except ConfigError as error:
        if context.invoked_subcommand != "doctor":
            raise
        context.obj = error
        return
    context.obj = resolved
    if print_config:
        _print_settings(resolved)
        context.exit()
    if context.invoked_subcommand is None:
        if not has_terminal():
            raise TerminalAIError(
                _("needs a terminal; in scripts use `{program} explain`").format(
                    program=PROGRAM
                )
            )
        from terminal_ai import bootstrap  # brings Textual

        context.exit(bootstrap.run_app(resolved))


def _resolve(
    optimized: bool | None,
    file: Path | None,
    *,
    offline: bool,
    typed: dict[str, str | int | None],
) -> "Resolved":
    from terminal_ai.config import load_settings  # brings msgspec

    flags: dict[str, object] = {
        FLAG_SETTINGS[name]: value for name, value in typed.items() if value is not None
    }
    if offline:
        flags["ai.enabled"] = False
    preset = None if optimized is None else "optimized" if optimized else "base"
    resolved = load_settings(file=file, environ=os.environ, preset=preset, flags=flags)
    messages.use_language(resolved.settings.interface.language)
    return resolved


def _print_settings(resolved: "Resolved") -> None:
    from terminal_ai.config import list_settings
    from terminal_ai.safety.sanitize import sanitize_text

    click.echo(sanitize_text(list_settings(resolved)), nl=False)


def _doctor(context: click.Context, *, as_json: bool) -> None:
    """Print every check; 1 if something must be fixed first."""
    from terminal_ai import doctor

    report = doctor.examine(context.obj, os.environ)
    click.echo(report.as_json() if as_json else report.as_text(), nl=False)
    context.exit(0 if report.is_usable else 1)


def _fail(message: str, hint: str = "") -> NoReturn:
    from terminal_ai.safety.sanitize import sanitize_text

    click.echo(sanitize_text(f"{PROGRAM}: {message}"), err=True)
    if hint:
        click.echo(sanitize_text(f"  {hint}"), err=True)
    sys.exit(EXIT_FAILURE)


def _fail_unexpectedly(error: Exception) -> NoReturn:
    from terminal_ai import bootstrap

    log_file = bootstrap.log_crash(error)
    hint = _("details: {path}").format(path=log_file) if log_file else ""
    _fail(
        _("unexpected error: {kind}: {error}").format(
            kind=type(error).__name__, error=error
        ),
        hint,
    )
