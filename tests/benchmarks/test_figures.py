"""Rows, pairs and the bootstrap interval of a ratio."""

import functools
import random
import statistics

import pytest
from benchmarks.figures import (
    LEAST_PAIRS,
    Better,
    Row,
    compared,
    held_to,
    interleaved,
    interval,
    paired,
    percentile,
)
from hypothesis import given, settings
from hypothesis import strategies as st

TRIALS = 120
PAIRS = 15


def _noisy_pairs(
    dice: random.Random, ratio: float, count: int
) -> tuple[list[float], list[float]]:
    """Return samples of a machine that gets slower and faster, as a whole."""
    weather = [dice.uniform(0.5, 3.0) for _ in range(count)]
    base = [w * dice.lognormvariate(0, 0.1) for w in weather]
    ours = [w * ratio * dice.lognormvariate(0, 0.1) for w in weather]
    return ours, base


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_the_interval_covers_the_true_ratio_about_as_often_as_it_says(
    ratio: float,
) -> None:
    dice = random.Random(3)
    covered = 0
    for _ in range(TRIALS):
        ours, base = _noisy_pairs(dice, ratio, PAIRS)
        bounds = interval(ours, base)
        assert bounds is not None
        covered += bounds[0] <= ratio <= bounds[1]
    assert covered / TRIALS >= 0.88


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_the_interval_is_no_wider_than_a_difference_of_two(ratio: float) -> None:
    dice = random.Random(4)
    widths = []
    for _ in range(20):
        ours, base = _noisy_pairs(dice, ratio, PAIRS)
        low, high = interval(ours, base) or (0.0, 99.0)
        widths.append(high / low)
    assert statistics.median(widths) < 2


positive = st.floats(0.001, 1_000)


@given(
    st.lists(st.tuples(positive, positive), min_size=LEAST_PAIRS, max_size=20),
    st.floats(0.1, 10),
)
@settings(max_examples=40, deadline=None)
def test_the_interval_scales_with_ours(
    pairs: list[tuple[float, float]], factor: float
) -> None:
    ours, base = [one for one, _ in pairs], [other for _, other in pairs]
    low, high = interval(ours, base) or (0.0, 0.0)
    scaled = interval([value * factor for value in ours], base)
    assert scaled == pytest.approx((low * factor, high * factor))
    ratios = [one / other for one, other in pairs]
    assert low <= high
    if len(set(ratios)) == 1:
        assert low == pytest.approx(ratios[0]) == high


def test_a_machine_that_drifts_does_not_hide_a_small_gain() -> None:
    base = [float(2**number) for number in range(PAIRS)]
    row = compared("x", [value * 0.9 for value in base], base, "base", "s")
    assert (row.low, row.high) == pytest.approx((0.9, 0.9))
    assert row.is_gain


def test_too_few_pairs_claim_nothing() -> None:
    few = [1.0] * (LEAST_PAIRS - 1)
    row = compared("x", few, [2.0] * len(few), "base", "s")
    assert row.ratio == 0.5
    assert (row.low, row.high) == (None, None)
    assert not row.is_gain
    assert not row.is_loss


def test_a_peer_that_is_mostly_nothing_has_no_interval() -> None:
    nothing = [0.0] * 12
    assert interval([1.0] * 12, nothing) is None
    # Of what happens now and then the mean says something, the median nothing.
    now_and_then = [0.0, 1.0] * 30
    low, high = interval([1.0] * 60, now_and_then, statistics.fmean) or (0.0, 0.0)
    assert low < 2 < high


def test_a_series_is_held_to_a_bound_with_its_own_interval() -> None:
    row = held_to("lag", [14.0, 15.0, 16.0] * 3, 20.0, "ms")
    assert (row.base, row.base_name, row.verdict) == (20.0, "limit", "held")
    assert (row.low, row.high) == pytest.approx((0.7, 0.8))
    least = held_to("speed-up", [2.0] * 6, 3.0, "x", "higher")
    assert (least.base_name, least.verdict) == ("least", "broken")


def test_samples_that_are_not_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="7 samples of ours"):
        interval([1.0] * 7, [1.0] * 8)


@pytest.mark.parametrize(
    ("better", "factor", "expected"),
    [
        ("lower", 0.5, (True, False)),
        ("lower", 2.0, (False, True)),
        ("higher", 0.5, (False, True)),
        ("higher", 2.0, (True, False)),
        ("lower", 1.0, (False, False)),
        ("higher", 1.0, (False, False)),
    ],
)
def test_the_direction_decides_what_a_gain_is(
    better: Better, factor: float, expected: tuple[bool, bool]
) -> None:
    base = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98]
    row = compared("x", [value * factor for value in base], base, "b", "s", better)
    assert (row.is_gain, row.is_loss) == expected


def test_samples_are_taken_in_turn_and_every_second_round_backwards() -> None:
    order: list[str] = []

    def take(name: str) -> float:
        order.append(name)
        return float(len(order))

    samples = interleaved({n: functools.partial(take, n) for n in "abc"}, 3)
    assert "".join(order) == "abccbaabc"
    assert samples == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


def test_a_pair_is_one_of_each() -> None:
    ours, base = paired(lambda: 1.0, lambda: 2.0, 4)
    assert (ours, base) == ([1.0] * 4, [2.0] * 4)


def test_another_statistic_is_compared_as_itself() -> None:
    base = [float(value) for value in range(1, 101)]
    row = compared("x", base, base, "b", "ms", of=lambda values: percentile(values, 95))
    assert row.ours == pytest.approx(95.05)
    assert row.ratio == 1


def test_a_row_survives_json() -> None:
    row = Row("x", 1.0, 4.0, "tmux", "s", "higher", 0.2, 0.3)
    found = row.as_json()
    assert found["ratio"] == 0.25
    assert Row.from_json(found) == row
    assert Row("y", 1.0, None, "", "s").as_json()["ratio"] is None
