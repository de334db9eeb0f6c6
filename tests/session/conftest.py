"""Sessions with each of the shells that announce their commands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.session.driver import Driver, driving


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def drive(shell: str, tmp_path: Path) -> AsyncIterator[Driver]:
    async with driving(shell, tmp_path) as driver:
        yield driver
