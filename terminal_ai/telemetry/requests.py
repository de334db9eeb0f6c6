"""How long requests to the assistant take, and how they end."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from terminal_ai.telemetry.buckets import BucketCounts, BucketFigures
from terminal_ai.telemetry.spans import SpanStatus

BOUNDS_SECONDS = (
    0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0,
)  # fmt: skip
"""The fine ones tell answers from a cache, and a model's first seconds, apart."""
KINDS = ("explain", "ask", "command", "prefetch", "reasons")
OTHER = "other"


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """All requests of one kind that ended in one way."""

    kind: str
    status: SpanStatus
    durations: BucketFigures


class RequestTimes:
    """Times each request; kinds that are not known share a row, so rows are bounded."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._durations: dict[tuple[str, SpanStatus], BucketCounts] = {}
        self.begun = 0

    @contextlib.contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Count the block as a request; one that is left early was cancelled."""
        self.begun += 1
        started = self._clock()
        status = SpanStatus.OK
        try:
            yield
        except Exception:
            status = SpanStatus.ERROR
            raise
        except BaseException:
            status = SpanStatus.CANCELLED
            raise
        finally:
            row = (kind if kind in KINDS else OTHER, status)
            durations = self._durations.get(row)
            if durations is None:
                durations = self._durations[row] = BucketCounts(BOUNDS_SECONDS)
            durations.record(self._clock() - started)

    @property
    def figures(self) -> tuple[RequestFigures, ...]:
        """What ended so far, in a row for each kind and end."""
        return tuple(
            RequestFigures(kind, status, durations.figures)
            for (kind, status), durations in sorted(self._durations.items())
        )
