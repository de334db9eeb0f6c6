"""Prepares the start of a shell: before the event loop has work, or off it."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from terminal_ai.config import ShellSettings, runtime_directory
from terminal_ai.errors import ConfigError
from terminal_ai.shell.launch import Launch, prepare_launch
from utils.async_optimizer import run_in_thread

_logger = logging.getLogger(__name__)


async def prepare_in_thread(
    settings: ShellSettings, environ: Mapping[str, str], files_directory: Path | None
) -> Launch:
    """Return a prepared start; one that is given up leaves no files behind."""
    prepared: list[Launch] = []
    is_given_up = threading.Event()

    def prepare() -> None:
        prepared.append(prepare_now(settings, environ, files_directory))
        if is_given_up.is_set():
            prepared[0].discard_files()

    try:
        await run_in_thread(prepare)
    except asyncio.CancelledError:
        # The thread goes on: whichever of the two comes second sees the other.
        is_given_up.set()
        for launch in prepared:
            launch.discard_files()
        raise
    return prepared[0]


def prepare_now(
    settings: ShellSettings,
    environ: Mapping[str, str],
    directory: Path | None = None,
) -> Launch:
    """Return a prepared start; raises ShellError if there is no shell to start.

    It writes some small files, in 5 ms. A thread that does it while the loop draws the
    first frame has to wait for the interpreter at each of them: 90 ms.
    """
    if directory is None:
        try:
            directory = runtime_directory()
        except (ConfigError, OSError) as error:
            _logger.warning("no place for the shell integration: %s", error)
    return prepare_launch(settings, environ, directory)
