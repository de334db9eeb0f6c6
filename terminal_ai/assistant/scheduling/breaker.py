"""Leaving a service alone that failed again and again.

Our own, since a request that gives way must not count as a failure, and one probe must
go ahead of the others; see docs/decisions/020.
"""

import enum
import random
import time
from collections.abc import Callable

from terminal_ai.errors import CircuitOpenError, ProviderError
from terminal_ai.messages import gettext as _

JITTER_SHARE = 0.25
"""Of the pause at most so much is added, so that several users do not knock at once."""


class BreakerState(enum.StrEnum):
    """Whether the service is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Opens after some failures in a row; then one probe at a time may find out."""

    def __init__(
        self,
        failures: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._failures_limit = failures
        self._seconds = seconds
        self._clock = clock
        self._jitter = jitter
        self._failures = 0
        self._opens_until: float | None = None
        self._is_probing = False
        self._last_error: ProviderError | None = None
        self._refused_key = ""

    @property
    def state(self) -> BreakerState:
        """Whether requests go through now."""
        if self._opens_until is None:
            return BreakerState.CLOSED
        if self._is_probing or self._clock() >= self._opens_until:
            return BreakerState.HALF_OPEN
        return BreakerState.OPEN

    def admit(self, key: str, *, is_users: bool) -> bool:
        """Let a request through, or raise ``CircuitOpenError``.

        Return True for a probe: its outcome must be told, or ``released``. A user who
        asks the same again after being refused wants it tried now.
        """
        if self._opens_until is None:
            return False
        is_retry = is_users and key == self._refused_key
        is_due = self._clock() >= self._opens_until
        if self._is_probing or not (is_due or is_retry):
            if is_users:
                self._refused_key = key
            raise self._refusal()
        self._is_probing = True
        self._refused_key = ""
        return True

    def succeeded(self) -> None:
        """The service answered."""
        self._failures = 0
        self._opens_until = None
        self._is_probing = False
        self._refused_key = ""

    def failed(self, error: ProviderError, *, is_probe: bool) -> None:
        """The service did not do what it is there for."""
        self._failures += 1
        self._last_error = error
        if is_probe:
            self._is_probing = False
        if is_probe or (
            self._opens_until is None and self._failures >= self._failures_limit
        ):
            pause = self._seconds * (1 + JITTER_SHARE * self._jitter())
            self._opens_until = self._clock() + pause

    def released(self) -> None:
        """The probe ended without telling anything: another may be one."""
        self._is_probing = False

    def _refusal(self) -> CircuitOpenError:
        assert self._opens_until is not None
        sentence = self._last_error.message if self._last_error else ""
        seconds = self._opens_until - self._clock()
        if self._is_probing or seconds <= 0:
            return CircuitOpenError(sentence, hint=_("it is being tried right now"))
        return CircuitOpenError(
            sentence,
            hint=_(
                "it is left alone for {seconds:.0f} more seconds; "
                "ask again to try it now"
            ).format(seconds=max(seconds, 1.0)),
        )
