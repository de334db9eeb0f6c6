"""One measured figure beside its peer's."""

import dataclasses
import statistics
from collections.abc import Sequence

MIB = 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its peer's; ``better`` says which direction is good."""

    name: str
    ours: float
    base: float | None
    base_name: str
    unit: str
    better: str = "lower"

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, None where there is no peer."""
        return self.ours / self.base if self.base else None


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by the nearest-rank-below rule of ``statistics``."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
