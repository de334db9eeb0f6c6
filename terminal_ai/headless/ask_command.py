"""The command line of ``terminal-ai ask``; light to import, like ``cli``."""

from typing import TYPE_CHECKING

import click

from terminal_ai.headless.printing import EXIT_INTERRUPTED
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    from terminal_ai.config import Resolved
    from terminal_ai.headless.asking import OpenAssistant


def ask_command(open_assistant: "OpenAssistant") -> click.Command:
    """Return ``terminal-ai ask``, which asks the assistant it is given."""

    @click.pass_context
    def ask(
        context: click.Context,
        *,
        words: tuple[str, ...],
        wants_command: bool,
        as_json: bool,
        as_json_lines: bool,
        model: str | None,
        light: bool,
        no_cache: bool,
        show_context: bool,
    ) -> None:
        """Ask one question, or many from JSON lines."""
        question = " ".join(words).strip()
        if model is not None and (light or not model.strip()):
            raise click.UsageError(_("give --model a name, or --light, not both"))
        if as_json_lines and (question or as_json or wants_command or show_context):
            raise click.UsageError(_("--jsonl takes its questions from stdin"))
        if not as_json_lines and not question:
            raise click.UsageError(_("give a question, or --jsonl"))

        from terminal_ai.headless import asking, asking_many

        resolved: Resolved = context.obj
        settings = asking.settings_for(
            resolved.settings, model=model, is_light=light, uses_cache=not no_cache
        )
        options = asking.AskOptions(
            question,
            wants_command=wants_command,
            as_json=as_json,
            shows_context=show_context,
        )
        try:
            if as_json_lines:
                code = asking_many.ask_many(settings, open_assistant)
            else:
                code = asking.ask(settings, options, open_assistant)
        except KeyboardInterrupt:
            # The request has been cancelled at the service on the way here.
            code = EXIT_INTERRUPTED
        context.exit(code)

    return click.Command("ask", callback=ask, help=_help(), params=_parameters())


def _help() -> str:
    return _(
        "Ask the model. What is piped in goes along as material. Leaves with 1 if there"
        " is no command, or if some of many questions failed, and with 2 if there is no"
        " answer."
    )


def _parameters() -> list[click.Parameter]:
    return [
        click.Argument(["words"], nargs=-1, metavar="[QUESTION]..."),
        click.Option(
            ["--command", "wants_command"],
            is_flag=True,
            help=_("Print one command line and nothing else; it is not run."),
        ),
        click.Option(["--json", "as_json"], is_flag=True, help=_("Answer in JSON.")),
        click.Option(
            ["--jsonl", "as_json_lines"],
            is_flag=True,
            help=_(
                "Answer each JSON line of stdin"
                ' ({"question", "material", "command", "id"}) with one of stdout.'
            ),
        ),
        click.Option(["--model"], metavar="NAME", help=_("Ask this model.")),
        click.Option(
            ["--light"], is_flag=True, help=_("Ask the model for short texts.")
        ),
        click.Option(
            ["--no-cache"],
            is_flag=True,
            help=_("Neither take an answer given before, nor keep this one."),
        ),
        click.Option(
            ["--show-context"],
            is_flag=True,
            help=_("Print exactly what would be sent, and send nothing."),
        ),
    ]
