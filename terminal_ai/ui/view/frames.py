"""When the terminal is painted: at once, but not more often than anyone can see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from textual.geometry import Region

from terminal_ai.terminal.colors import NO_CHANGES, ColorChanges
from terminal_ai.terminal.modes import Cursor

FRAME_SECONDS = 1 / 60
"""On average; after a rest two may come together: the echo, and what it brought."""
FLOOD_FRAME_SECONDS = 1 / 20
"""While output never stops, nobody can read it: the time goes into parsing."""
HOLD_LIMIT_SECONDS = 0.15
"""A program that never ends its synchronized output (2026) is painted anyway."""
BACKLOG_LIMIT_WRITES = 6
"""While a slow host has yet to take so many writes, about two frames, none is added."""


class Handle(Protocol):
    """A call that was asked for and can be taken back."""

    def cancel(self) -> None:
        """Take it back."""


class Frames:
    """Calls ``paint`` for every change, several at once where they come too fast.

    The last change is always painted. ``schedule`` calls back after some seconds, and
    ``backlog`` counts the writes that wait for the host.
    """

    def __init__(
        self,
        paint: Callable[[], None],
        *,
        clock: Callable[[], float],
        schedule: Callable[[float, Callable[[], None]], Handle],
        backlog: Callable[[], int],
    ) -> None:
        self._paint = paint
        self._clock = clock
        self._schedule = schedule
        self._backlog = backlog
        self._last = self._free_at = float("-inf")
        self._held_since: float | None = None
        self._pending: Handle | None = None
        self._due = 0.0

    @property
    def is_behind(self) -> bool:
        """True while the host does not take what was painted."""
        return self._backlog() > BACKLOG_LIMIT_WRITES

    def changed(
        self,
        *,
        is_held: bool = False,
        is_flooded: bool = False,
        waits_a_turn: bool = False,
    ) -> None:
        """Tell that there is something new.

        ``is_held`` tells that it is not yet complete, and ``waits_a_turn`` that what is
        under way in the event loop is to be seen before it.
        """
        now = self._clock()
        if is_held:
            self._held_since = now if self._held_since is None else self._held_since
            due = self._held_since + HOLD_LIMIT_SECONDS
        else:
            self._held_since = None
            due = self._last + FLOOD_FRAME_SECONDS if is_flooded else self._free_at
        if due <= now and not waits_a_turn:
            self._run()
        elif self._pending is None or due < self._due or is_held:
            self._arm(max(due, now), now)

    def stop(self) -> None:
        """Forget what was not painted yet."""
        self._held_since = None
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _arm(self, due: float, now: float) -> None:
        if self._pending is not None:
            if due == self._due:
                return
            self._pending.cancel()
        self._due = due
        self._pending = self._schedule(due - now, self._run)

    def _run(self) -> None:
        self._last = self._clock()
        if self.is_behind:
            self._arm(self._last + FRAME_SECONDS, self._last)
            return
        self.stop()
        self._free_at = max(self._free_at + FRAME_SECONDS, self._last)
        self._paint()


@dataclass(frozen=True, slots=True)
class Look:
    """What the view showed in one frame: id and revision of each row, and the cursor.

    Rows that are equal in two looks that are alike need no painting.
    """

    rows: list[tuple[int, int]] = field(default_factory=list)
    is_reverse: bool = False
    changes: ColorChanges = NO_CHANGES
    cursor: Cursor | None = None
    cursor_row: int = -1

    def is_alike(self, other: "Look") -> bool:
        """Return whether one can come from the other by painting rows."""
        return (
            len(self.rows) == len(other.rows)
            and self.is_reverse == other.is_reverse
            and self.changes is other.changes
        )


NOTHING = Look()


def row_regions(rows: Iterable[int], width: int) -> list[Region]:
    """Return the regions of these rows, one for each stretch without a gap."""
    regions: list[Region] = []
    for row in sorted(rows):
        if regions and regions[-1].bottom == row:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, row, width, 1))
    return regions
