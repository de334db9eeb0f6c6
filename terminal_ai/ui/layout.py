"""How the width is shared between the terminal and the panels."""

from dataclasses import dataclass

STATUS_ROWS = 1
LEAST_TERMINAL_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Knows from the width alone whether the panels stand beside or lie over."""

    overlay_below_columns: int
    panel_columns: int

    def is_narrow(self, columns: int) -> bool:
        """Return whether the panels must lie over the terminal."""
        room = columns - self.panel_columns
        return columns < self.overlay_below_columns or room < LEAST_TERMINAL_COLUMNS

    def terminal_size(self, columns: int, rows: int) -> tuple[int, int]:
        """Return the terminal's columns and rows as they will be at start."""
        width = columns if self.is_narrow(columns) else columns - self.panel_columns
        return max(1, width), max(1, rows - STATUS_ROWS)
