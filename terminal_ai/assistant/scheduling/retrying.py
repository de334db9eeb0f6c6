"""Trying again, where it can do no harm."""

import importlib
import sys
import time
from collections.abc import Awaitable, Callable

from terminal_ai.errors import (
    CircuitOpenError,
    IncompleteAnswerError,
    ProviderError,
    ServiceUnavailableError,
)
from utils.async_optimizer import run_in_thread

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
JITTER_SECONDS = 0.1
RETRYING_SECONDS = 10.0
"""No attempt begins later than this after the first."""
# A gateway lost its server, or the server is busy: neither has begun to answer.
_BUSY_STATUSES = frozenset({502, 503})


def is_safe_to_repeat(error: Exception) -> bool:
    """Tell whether the service cannot have begun: refused, reset, or busy."""
    if not isinstance(error, ProviderError) or isinstance(error, CircuitOpenError):
        return False
    if error.status_code is not None:
        return error.status_code in _BUSY_STATUSES
    if isinstance(error.__cause__, TimeoutError):
        # It is there, and may be at work.
        return False
    if isinstance(error, IncompleteAnswerError):
        # A stream that ended in good order without an answer will do so again.
        return error.__cause__ is not None
    return isinstance(error, ServiceUnavailableError)


def is_refusal(error: Exception) -> bool:
    """Tell whether the service works, and said no."""
    return (
        isinstance(error, ProviderError)
        and error.status_code is not None
        and 0 < error.status_code < 500
    )


def is_failure_of_service(error: Exception) -> bool:
    """Tell whether the service did not work."""
    if not isinstance(error, ProviderError) or isinstance(error, CircuitOpenError):
        return False
    if error.status_code is not None:
        return error.status_code < 0 or error.status_code >= 500
    return isinstance(
        error, ServiceUnavailableError | IncompleteAnswerError
    ) or isinstance(error.__cause__, TimeoutError)


async def with_retries(
    attempt: Callable[[], Awaitable[None]],
    *,
    retries: int,
    may_repeat: Callable[[], bool],
) -> None:
    """Await ``attempt()``, and again after a failure that allows it."""

    def is_wanted(error: Exception) -> bool:
        return may_repeat() and is_safe_to_repeat(error)

    began = time.monotonic()
    try:
        await attempt()
    except Exception as error:
        seconds = RETRYING_SECONDS - (time.monotonic() - began)
        if not retries or seconds <= 0 or not is_wanted(error):
            raise
        failure: Exception | None = error
    else:
        return
    # It costs more than all the rest of a request that goes well.
    if "stamina" not in sys.modules:
        await run_in_thread(importlib.import_module, "stamina")
    import stamina

    async for trial in stamina.retry_context(
        on=is_wanted,
        attempts=retries + 1,
        timeout=seconds,
        wait_initial=FIRST_PAUSE_SECONDS,
        wait_max=LONGEST_PAUSE_SECONDS,
        wait_jitter=JITTER_SECONDS,
    ):
        with trial:
            if failure is not None:
                first, failure = failure, None
                raise first
            await attempt()
