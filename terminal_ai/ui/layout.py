"""How the width is shared between the terminal and the panels."""

import enum
from dataclasses import dataclass, field
from typing import Literal

STATUS_ROWS = 1
GUTTER_COLUMNS = 1
LEAST_TERMINAL_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Knows from the width alone whether the panels stand beside or lie over."""

    overlay_below_columns: int
    panel_columns: int
    gutter: Literal["auto", "on", "off"] = "off"

    def is_narrow(self, columns: int) -> bool:
        """Return whether the panels must lie over the terminal."""
        room = columns - self.panel_columns
        return columns < self.overlay_below_columns or room < LEAST_TERMINAL_COLUMNS

    def gutter_columns(self, columns: int) -> int:
        """Return the gutter's width: ``auto`` costs a narrow host no column."""
        has_room = self.gutter == "on" or not self.is_narrow(columns)
        return GUTTER_COLUMNS if self.gutter != "off" and has_room else 0

    def terminal_size(self, columns: int, rows: int) -> tuple[int, int]:
        """Return the terminal's columns and rows as they will be at start."""
        width = columns if self.is_narrow(columns) else columns - self.panel_columns
        width -= self.gutter_columns(columns)
        return max(1, width), max(1, rows - STATUS_ROWS)


class Panel(enum.Enum):
    """What can stand beside the terminal, or lie over it."""

    ASSISTANT = "assistant"
    PROFILER = "profiler"


@dataclass(slots=True)
class Panels:
    """Which panels are shown: beside the terminal any, over it one at a time.

    Each width keeps its own choice, so that a narrow moment costs no panel.
    """

    beside: set[Panel]
    over: set[Panel] = field(default_factory=set)
    is_narrow: bool = False

    @property
    def shown(self) -> set[Panel]:
        """The panels that are shown at the present width."""
        return self.over if self.is_narrow else self.beside

    def show(self, panel: Panel) -> None:
        """Show a panel; over the terminal it takes the other one's place."""
        if self.is_narrow:
            self.over = {panel}
        else:
            self.beside.add(panel)

    def hide(self, panel: Panel) -> None:
        """Hide a panel."""
        self.shown.discard(panel)

    def uncover(self) -> None:
        """Take away what lies over the terminal."""
        self.over = set()
