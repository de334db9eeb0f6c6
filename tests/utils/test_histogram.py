"""Quantiles stay within the promised error of the sorted list."""

import math

from hypothesis import given
from hypothesis import strategies as st

from utils.histogram import LARGEST_VALUE, Histogram, bucket_bounds, bucket_of

RELATIVE_ERROR = 0.0625
VALUES = st.one_of(
    st.integers(0, 100), st.integers(0, 10**7), st.integers(0, LARGEST_VALUE)
)


@given(st.lists(VALUES, min_size=1, max_size=200), st.floats(0, 1))
def test_a_quantile_is_near_the_sorted_lists(values: list[int], part: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)

    exact = sorted(values)[max(math.ceil(len(values) * part), 1) - 1]

    assert abs(histogram.quantile(part) - exact) <= RELATIVE_ERROR * exact


@given(st.lists(VALUES, min_size=1))
def test_sums_and_extremes_are_exact(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)

    assert histogram.count == len(values)
    assert histogram.total == sum(values)
    assert histogram.largest == max(values)
    assert histogram.smallest == min(values)
    assert histogram.quantile(1.0) <= max(values)
    assert histogram.quantile(0.0) >= min(values)


@given(VALUES)
def test_a_value_lies_in_its_bucket(value: int) -> None:
    low, high = bucket_bounds(bucket_of(value))

    assert low <= value <= high
    assert high - low <= RELATIVE_ERROR * value


@given(st.integers(1, 500))
def test_buckets_follow_each_other_without_a_gap(bucket: int) -> None:
    assert bucket_bounds(bucket)[0] == bucket_bounds(bucket - 1)[1] + 1


def test_what_is_out_of_range_counts_at_the_edge() -> None:
    histogram = Histogram()

    histogram.record(-5)
    histogram.record(LARGEST_VALUE * 8)

    assert histogram.smallest == 0
    assert histogram.largest == LARGEST_VALUE


def test_nothing_has_the_quantile_zero() -> None:
    histogram = Histogram()
    histogram.record(7)
    histogram.clear()

    assert histogram.quantile(0.5) == 0
    assert histogram.count == histogram.total == histogram.largest == 0
