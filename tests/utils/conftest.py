import pytest

from utils import profiler

from .profiler_clock import FakeClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """What profilers made in the test read the time from."""
    clock = FakeClock()
    monkeypatch.setattr(profiler, "_clock", clock)
    return clock
