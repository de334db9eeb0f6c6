"""Sessions with each of the shells that announce their commands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from terminal_ai import advising
from tests.session.driver import DEADLINE_SECONDS, Driver, driving


@pytest.fixture(autouse=True)
def patient_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the advisor take the time that a loaded machine makes it take."""
    monkeypatch.setattr(advising, "TIMEOUT_SECONDS", DEADLINE_SECONDS)


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def drive(shell: str, tmp_path: Path) -> AsyncIterator[Driver]:
    async with driving(shell, tmp_path) as driver:
        yield driver
