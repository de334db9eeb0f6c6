"""How fast the view scrolls while a selection is dragged beyond its edge."""

from dataclasses import dataclass, field

INTERVAL_SECONDS = 0.05
STEP_LIMIT_ROWS = 8
REST_TICKS = 8
"""How long the pointer rests on the first row until that counts as beyond it."""
FASTER_TICKS = 10
"""After so many ticks one row more is scrolled at a time: few hosts have room beyond
the edge to say it with distance."""


@dataclass(slots=True)
class EdgeScroll:
    """Turns the pointer's row into rows to scroll at each tick of a timer."""

    _rows_beyond: int = field(default=0, init=False)
    _is_resting: bool = field(default=False, init=False)
    _ticks: int = field(default=0, init=False)

    @property
    def is_wanted(self) -> bool:
        """True while the pointer is where it scrolls."""
        return self._rows_beyond != 0

    def aim(self, row: int, height: int, *, is_at_screen_top: bool) -> None:
        """Take the pointer's row, counted from the view's first.

        Nothing can be pointed at above a view at the screen's top: there the first
        row itself scrolls, after a rest.
        """
        was_beyond = self._rows_beyond
        self._is_resting = is_at_screen_top and row == 0
        if row < 0 or self._is_resting:
            self._rows_beyond = max(1, -row)
        else:
            self._rows_beyond = min(0, height - 1 - row)
        if (was_beyond > 0, was_beyond < 0) != (
            self._rows_beyond > 0,
            self._rows_beyond < 0,
        ):
            self._ticks = 0

    def stop(self) -> None:
        """The button is up."""
        self._rows_beyond = self._ticks = 0

    def tick(self) -> int:
        """Return how many rows to scroll up now, down if negative."""
        self._ticks += 1
        ticks = self._ticks - (REST_TICKS if self._is_resting else 0)
        if ticks <= 0 or not self._rows_beyond:
            return 0
        step = min(abs(self._rows_beyond) + ticks // FASTER_TICKS, STEP_LIMIT_ROWS)
        return step if self._rows_beyond > 0 else -step
