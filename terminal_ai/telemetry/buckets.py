"""Counts of durations below fixed bounds: the shape that Prometheus adds up."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BucketFigures:
    """``counts[i]`` durations took at most ``bounds[i]`` seconds, and no bound below.

    The last count, for which there is no bound, is of all that took longer.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total_seconds: float


class BucketCounts:
    """Counts durations; ``bounds`` are in seconds, in rising order."""

    __slots__ = ("_bounds", "_counts", "_total_seconds")

    def __init__(self, bounds: Sequence[float]) -> None:
        if list(bounds) != sorted(set(bounds)):
            raise ValueError("bounds must rise")
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._total_seconds = 0.0

    def record(self, seconds: float) -> None:
        """Count one duration; a negative one counts as 0."""
        seconds = max(0.0, seconds)
        self._counts[bisect.bisect_left(self._bounds, seconds)] += 1
        self._total_seconds += seconds

    @property
    def figures(self) -> BucketFigures:
        """What was counted so far."""
        return BucketFigures(self._bounds, tuple(self._counts), self._total_seconds)
