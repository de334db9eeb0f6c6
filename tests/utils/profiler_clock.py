"""A clock that only moves when told."""

SECOND = 1_000_000_000


class FakeClock:
    """Nanoseconds, as ``perf_counter_ns`` tells them."""

    def __init__(self) -> None:
        self.now = SECOND

    def __call__(self) -> int:
        # Each reading is a number of its own, as the real clock's are.
        return int(str(self.now))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)
