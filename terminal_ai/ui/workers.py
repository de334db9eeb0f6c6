"""What becomes of a worker that failed in a way nobody foresaw."""

import logging

from textual.worker import Worker, WorkerState

_logger = logging.getLogger(__name__)


def log_failure(event: Worker.StateChanged) -> None:
    """Write an unexpected error to the log; the screen stays as it is."""
    if event.state is WorkerState.ERROR:
        _logger.error("%s failed", event.worker.name, exc_info=event.worker.error)
