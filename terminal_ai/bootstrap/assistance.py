"""The assistant, put together the same way for the app and for commands."""

import contextlib
import os
from collections.abc import Iterator, Mapping

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import AnswerCache
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.bootstrap.log_file import close_log, open_log
from terminal_ai.config import Settings, state_directory
from terminal_ai.errors import ConfigError
from terminal_ai.messages import use_language
from terminal_ai.safety.redact import Redactor


def build_assistant(
    settings: Settings, environ: Mapping[str, str], redactor: Redactor
) -> Assistant:
    """Return the assistant that these settings ask for; its owner closes it."""
    return Assistant(
        settings.ai,
        provider=OllamaProvider(settings.ai),
        redact=lambda text: redactor.redact(text).text,
        language=use_language(settings.interface.language),
        shell=settings.shell.command or environ.get("SHELL", ""),
        cache=AnswerCache(
            settings.performance.answer_cache_entries,
            settings.performance.answer_cache_seconds,
        ),
    )


@contextlib.contextmanager
def assistant_of_a_command(settings: Settings) -> Iterator[Assistant]:
    """Build an assistant for a command without a screen, which closes it in its loop.

    What goes wrong inside is written to the log file, as it is in the app, and not
    over the answer.
    """
    redactor = Redactor(os.environ)
    # A disk that takes no log must not keep the answer away.
    with contextlib.suppress(OSError, ConfigError):
        open_log(
            state_directory(),
            level=settings.logging.level,
            redact=lambda text: redactor.redact(text).text,
        )
    try:
        yield build_assistant(settings, os.environ, redactor)
    finally:
        close_log()
