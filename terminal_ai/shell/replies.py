"""How much a terminal answers to what programs ask it."""

# A program that asks without end is not answered without end.
REPLY_LIMIT_BYTES_PER_SECOND = 65_536


class ReplyBudget:
    """Admits answers until a second's worth is spent."""

    def __init__(self) -> None:
        self._second = 0
        self._spent_bytes = 0

    def admits(self, size_bytes: int, now: float) -> bool:
        """Spend on one answer, at a time in seconds; False if it must be dropped."""
        if (second := int(now)) != self._second:
            self._second = second
            self._spent_bytes = 0
        self._spent_bytes += size_bytes
        return self._spent_bytes <= REPLY_LIMIT_BYTES_PER_SECOND
