"""What goes well, or must not be repeated, costs no more than the attempt itself."""

import asyncio
import sys
from collections.abc import Sequence

import pytest

from terminal_ai.assistant.scheduling.retrying import with_retries
from terminal_ai.errors import ProviderError, ServiceUnavailableError

REFUSED = ServiceUnavailableError("refused", hint="start it")
UNKNOWN = ProviderError("no such model", hint="pull it")


class Attempts:
    """Fails with each of some errors in turn, and then works."""

    def __init__(self, errors: Sequence[BaseException] = ()) -> None:
        self._errors = list(errors)
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1
        if self._errors:
            raise self._errors.pop(0)


@pytest.fixture
def retrying_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stamina", None)


@pytest.mark.usefixtures("retrying_is_missing")
async def test_what_goes_well_loads_nothing() -> None:
    attempts = Attempts()
    await with_retries(attempts, retries=3, may_repeat=lambda: True)
    assert attempts.count == 1


@pytest.mark.usefixtures("retrying_is_missing")
@pytest.mark.parametrize(
    ("error", "retries", "may_repeat"),
    [(UNKNOWN, 3, True), (REFUSED, 0, True), (REFUSED, 3, False)],
)
async def test_what_must_not_be_repeated_fails_at_once(
    error: Exception, retries: int, may_repeat: bool
) -> None:
    attempts = Attempts([error])
    with pytest.raises(type(error)) as told:
        await with_retries(attempts, retries=retries, may_repeat=lambda: may_repeat)
    assert told.value is error
    assert attempts.count == 1


@pytest.mark.parametrize(
    ("failures", "retries", "count"), [(1, 1, 2), (1, 3, 2), (2, 3, 3), (3, 2, 3)]
)
async def test_each_attempt_is_counted_once(
    monkeypatch: pytest.MonkeyPatch, failures: int, retries: int, count: int
) -> None:
    for name in "FIRST_PAUSE_SECONDS", "LONGEST_PAUSE_SECONDS", "JITTER_SECONDS":
        monkeypatch.setattr(f"{with_retries.__module__}.{name}", 0.0)
    attempts = Attempts([REFUSED] * failures)
    call = with_retries(attempts, retries=retries, may_repeat=lambda: True)
    if failures > retries:
        with pytest.raises(ServiceUnavailableError):
            await call
    else:
        await call
    assert attempts.count == count


async def test_a_request_that_is_given_up_is_not_repeated() -> None:
    attempts = Attempts([asyncio.CancelledError()])
    with pytest.raises(asyncio.CancelledError):
        await with_retries(attempts, retries=3, may_repeat=lambda: True)
    assert attempts.count == 1
