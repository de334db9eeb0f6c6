"""A row that goes on below where it is too narrow for all that stands in it."""

from textual.geometry import Region, Size
from textual.layout import ArrangeResult
from textual.layouts.horizontal import HorizontalLayout
from textual.widget import Widget

GAP_CELLS = 2


class FlowLayout(HorizontalLayout):
    """Places widgets two cells apart, like words in a line."""

    name = "flow"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Wrap what the horizontal layout has put into one row."""
        placements = []
        column = row = 0
        for placement in super().arrange(parent, children, size, greedy):
            width, height = placement.region.size
            if column and column + width > size.width:
                column, row = 0, row + 1
            region = Region(column, row, min(width, size.width), height)
            placements.append(placement._replace(region=region))
            column += width + GAP_CELLS
        return placements
