"""One measured figure beside its peer's, and how far chance may have moved it."""

import dataclasses
import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

MIB = 1024 * 1024
LEAST_PAIRS = 6
"""With fewer pairs all may lean to one side by chance: no interval is told."""
RESAMPLES = 2_000
RESAMPLED_VALUES = 400_000
"""Long series are resampled less often, so that no interval takes seconds."""
TAIL = 0.025
BOUNDS = frozenset(("least", "limit", "most"))
"""What a peer is called, at the end of its name, that is no peer but a bound."""

Better = Literal["lower", "higher"]
Sample = TypeVar("Sample")
Statistic = Callable[[Sequence[float]], float]


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its peer's.

    ``better`` says which direction is good; ``low`` and ``high`` bound the ratio in
    95 % of the resampled pairs and are None where too few pairs were taken.
    """

    name: str
    ours: float
    base: float | None
    base_name: str
    unit: str
    better: Better = "lower"
    low: float | None = None
    high: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, None where there is no peer."""
        return self.ours / self.base if self.base else None

    @property
    def is_gain(self) -> bool:
        """Whether ours is better by more than chance may have done."""
        if self.low is None or self.high is None:
            return False
        return self.high < 1 if self.better == "lower" else self.low > 1

    @property
    def is_loss(self) -> bool:
        """Whether ours is worse by more than chance may have done."""
        if self.low is None or self.high is None:
            return False
        return self.low > 1 if self.better == "lower" else self.high < 1

    @property
    def verdict(self) -> str:
        """What the row says, if it says anything.

        Beside a peer ``gain`` or ``loss``, where chance alone cannot have made it;
        beside a bound ``held`` or ``broken``, and nothing where that is not sure.
        """
        if self.base_name.rpartition(", ")[2] not in BOUNDS:
            return "gain" if self.is_gain else "loss" if self.is_loss else ""
        ends = [end for end in (self.low, self.ratio, self.high) if end is not None]
        if not ends:
            return ""
        if self.better == "lower":
            return "held" if max(ends) <= 1 else "broken" if min(ends) > 1 else ""
        return "held" if min(ends) >= 1 else "broken" if max(ends) < 1 else ""

    def as_json(self) -> dict[str, object]:
        """Return every field, and the ratio."""
        return dataclasses.asdict(self) | {"ratio": self.ratio}

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> "Row":
        """Return the row of which ``as_json`` was written."""
        names = {field.name for field in dataclasses.fields(cls)}
        values = {name: value for name, value in found.items() if name in names}
        return cls(**values)  # type: ignore[arg-type]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by the nearest-rank-below rule of ``statistics``."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def at_percent(percent: int) -> Statistic:
    """Return what takes this percentile of a series."""
    return lambda values: percentile(values, percent)


def interleaved(
    takes: Mapping[str, Callable[[], Sample]], rounds: int
) -> dict[str, list[Sample]]:
    """Return ``rounds`` samples of each, taken in turn.

    Every second round runs backwards: who goes first, and what a machine that gets
    slower does to who comes later, cancel out.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in takes}
    for number in range(rounds):
        names = list(takes) if number % 2 == 0 else list(reversed(takes))
        for name in names:
            samples[name].append(takes[name]())
    return samples


def paired(
    ours: Callable[[], Sample], base: Callable[[], Sample], rounds: int
) -> tuple[list[Sample], list[Sample]]:
    """Return samples of two, taken in turn."""
    samples = interleaved({"ours": ours, "base": base}, rounds)
    return samples["ours"], samples["base"]


def compared(
    name: str,
    ours: Sequence[float],
    base: Sequence[float],
    base_name: str,
    unit: str,
    better: Better = "lower",
    *,
    of: Statistic = statistics.median,
) -> Row:
    """Return the row of two series, of which the n-th samples were taken together."""
    low, high = interval(ours, base, of) or (None, None)
    return Row(name, of(ours), of(base), base_name, unit, better, low, high)


def held_to(
    name: str,
    ours: Sequence[float],
    bound: float,
    unit: str,
    better: Better = "lower",
    *,
    of: Statistic = statistics.median,
) -> Row:
    """Return the row of a series beside what it may be at most, or must be at least."""
    base_name = "limit" if better == "lower" else "least"
    bounds = [bound] * len(ours)
    return compared(name, ours, bounds, base_name, unit, better, of=of)


def interval(
    ours: Sequence[float],
    base: Sequence[float],
    of: Statistic = statistics.median,
    *,
    seed: int = 7,
) -> tuple[float, float] | None:
    """Return what bounds 95 % of the ratios when the pairs are drawn again.

    The percentile bootstrap. A pair is drawn as a whole, for what slows a machine down
    slows both of it. None with too few pairs, or where the peer's figure may be 0.
    """
    count = len(ours)
    if count != len(base):
        raise ValueError(f"{count} samples of ours are not paired with {len(base)}")
    if count < LEAST_PAIRS or min(base) < 0:
        return None
    dice, places = random.Random(seed), range(count)
    resamples = max(200, min(RESAMPLES, RESAMPLED_VALUES // count))
    ratios = []
    for _ in range(resamples):
        drawn = dice.choices(places, k=count)
        base_figure = of([base[place] for place in drawn])
        if base_figure <= 0:
            return None
        ratios.append(of([ours[place] for place in drawn]) / base_figure)
    ratios.sort()
    low = ratios[math.floor(TAIL * (resamples - 1))]
    return low, ratios[math.ceil((1 - TAIL) * (resamples - 1))]
