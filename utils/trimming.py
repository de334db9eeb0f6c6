"""The small protocol of whatever holds memory that it can do without."""

from typing import NamedTuple, Protocol


class Freed(NamedTuple):
    """What was dropped; ``bytes`` by the holder's own count, 0 if it keeps none."""

    entries: int
    bytes: int


class Trimmable(Protocol):
    """Something that can be told to hold less."""

    def size(self) -> int:
        """Return how many entries are held."""

    def trim(self, share: float) -> Freed:
        """Drop what has expired, then what is beyond a share of the own bound.

        A share of 1.0 drops only what has expired.
        """
