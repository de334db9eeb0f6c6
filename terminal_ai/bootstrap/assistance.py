"""The assistant, put together the same way for the app and for commands."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from terminal_ai.assistant.assistant import Assistant
from terminal_ai.assistant.caching.answers import ANOTHER_ANSWER_SECONDS
from terminal_ai.assistant.caching.redis_tier import RedisTier, open_redis_tier
from terminal_ai.assistant.providers.ollama import OllamaProvider
from terminal_ai.bootstrap.answer_cache import make_answer_cache
from terminal_ai.bootstrap.log_file import close_log, open_log
from terminal_ai.bootstrap.secret_environment import with_named_secrets
from terminal_ai.config import Settings, state_directory
from terminal_ai.errors import ConfigError
from terminal_ai.messages import use_language
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.sanitize import sanitize_text
from terminal_ai.safety.vault import SecretVault
from terminal_ai.telemetry.spans import Tracer
from utils.memory_optimizer import MemoryManager

_logger = logging.getLogger(__name__)


def build_assistant(
    settings: Settings,
    environ: Mapping[str, str],
    redactor: Redactor,
    *,
    directory: Path | None = None,
    memory: MemoryManager | None = None,
    tell: Callable[[str], object] = _logger.warning,
    another_seconds: float = ANOTHER_ANSWER_SECONDS,
    tracer: Tracer | None = None,
) -> Assistant:
    """Return the assistant that these settings ask for; its owner closes it.

    ``directory`` is where it may keep answers. ``tell`` hears what the user should
    know, now or later on the event loop. Who asks the same again within
    ``another_seconds`` wants another answer.
    """
    vault = SecretVault(redactor)
    return Assistant(
        settings.ai,
        provider=OllamaProvider(settings.ai),
        redact=vault.clean,
        restore=lambda command: vault.restore(command).text,
        language=use_language(settings.interface.language),
        shell=settings.shell.command or environ.get("SHELL", ""),
        environ=environ,
        tracer=tracer,
        cache=make_answer_cache(
            settings.performance,
            directory,
            tell=tell,
            memory=memory,
            team=_team_tier(settings, environ, tell),
            team_seconds=settings.team_cache.seconds,
            team_timeout_seconds=settings.team_cache.timeout_seconds,
            another_seconds=another_seconds,
        ),
    )


def _team_tier(
    settings: Settings, environ: Mapping[str, str], tell: Callable[[str], object]
) -> RedisTier | None:
    """Return where the team's answers are; what is wrong with it costs nothing else."""
    try:
        return open_redis_tier(settings.team_cache, environ)
    except ConfigError as error:
        tell(error.told)
        return None


@contextlib.contextmanager
def assistant_of_a_command(settings: Settings) -> Iterator[Assistant]:
    """Build an assistant for a command without a screen, which closes it in its loop.

    What goes wrong inside is written to the log file, as it is in the app, and not
    over the answer; what the user can mend is told on stderr, too.
    """

    def tell(text: str) -> None:
        _logger.warning("%s", text)
        click.echo(sanitize_text(text), err=True)

    redactor = Redactor(with_named_secrets(settings, os.environ))
    directory: Path | None = None
    # A disk that takes no log must not keep the answer away.
    with contextlib.suppress(OSError, ConfigError):
        directory = state_directory()
        open_log(
            directory,
            level=settings.logging.level,
            redact=lambda text: redactor.redact(text).text,
        )
    try:
        # Nobody reads in between: the same question in one run has one answer.
        yield build_assistant(
            settings,
            os.environ,
            redactor,
            directory=directory,
            tell=tell,
            another_seconds=0.0,
        )
    finally:
        close_log()
