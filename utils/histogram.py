"""A bounded histogram of whole numbers with quantiles of known error."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

_SUB_BUCKET_BITS = 4
_SUB_BUCKETS = 1 << _SUB_BUCKET_BITS
LARGEST_VALUE = (1 << 50) - 1
"""Larger values count as this one: 13 days in nanoseconds."""
_BUCKETS = _SUB_BUCKETS * (LARGEST_VALUE.bit_length() - _SUB_BUCKET_BITS + 1)


def bucket_of(value: int) -> int:
    """Return the bucket of a value from 0 to ``LARGEST_VALUE``.

    Below 32 each value has its own bucket; above, each power of two has sixteen.
    """
    shift = value.bit_length() - _SUB_BUCKET_BITS - 1
    return (shift << _SUB_BUCKET_BITS) + (value >> shift) if shift > 0 else value


def bucket_bounds(bucket: int) -> tuple[int, int]:
    """Return the smallest and the largest value of a bucket."""
    shift = max((bucket >> _SUB_BUCKET_BITS) - 1, 0)
    low = (bucket - (shift << _SUB_BUCKET_BITS)) << shift
    return low, low + (1 << shift) - 1


class Histogram:
    """Log-linear counts: 16 buckets a power of two, so 6.25 % relative error at most.

    Not locked: two threads recording at the same instant may lose one of the two.
    """

    __slots__ = ("_buckets", "count", "largest", "smallest", "total")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all values."""
        self._buckets = [0] * _BUCKETS
        self.count = 0
        self.total = 0
        self.largest = 0
        self.smallest = 0

    def record(self, value: int) -> None:
        """Count one value; negative ones count as 0."""
        self.record_counts({value: 1})

    def record_counts(self, counts: Mapping[int, int]) -> None:
        """Count values, each as often as it was seen."""
        if not counts:
            return
        smallest, largest = min(counts), max(counts)
        if smallest < 0 or largest > LARGEST_VALUE:
            clamped: Counter[int] = Counter()
            for value, times in counts.items():
                clamped[min(max(value, 0), LARGEST_VALUE)] += times
            self.record_counts(clamped)
            return
        buckets, total = self._buckets, 0
        for value, times in counts.items():
            # As bucket_of does it; a call would double what this costs.
            shift = value.bit_length() - 1 - _SUB_BUCKET_BITS
            bucket = (
                (shift << _SUB_BUCKET_BITS) + (value >> shift) if shift > 0 else value
            )
            buckets[bucket] += times
            total += value * times
        self.largest = max(self.largest, largest)
        self.smallest = min(self.smallest, smallest) if self.count else smallest
        self.count += sum(counts.values())
        self.total += total

    def quantile(self, fraction: float) -> float:
        """Return the value at a fraction (0 to 1) of all values; 0 for none."""
        return self.quantiles((fraction,))[0]

    def quantiles(self, fractions: Sequence[float]) -> tuple[float, ...]:
        """Return the values at some fractions of all values, counted up only once."""
        # A list of its own, since another thread may record meanwhile.
        counted = list(accumulate(self._buckets))
        if not counted[-1]:
            return (0.0,) * len(fractions)
        found = []
        for fraction in fractions:
            rank = max(1, -int(-(counted[-1] * fraction) // 1))
            low, high = bucket_bounds(bisect_left(counted, rank))
            found.append(min(max((low + high) / 2, self.smallest), self.largest))
        return tuple(found)
