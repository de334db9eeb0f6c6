"""A view whose painted rows others may change."""

from collections.abc import Callable

from textual.strip import Strip

from terminal_ai.terminal.grid.rows import Row
from terminal_ai.ui.view.folding_view import FoldingView

Overlay = Callable[[Row, Strip], Strip]
"""Changes how a row is painted, never its width."""


class OverlaidView(FoldingView):
    """Keeps the overlays by name, and lays them over each row in that order."""

    def __init__(self, *, cursor_may_blink: bool, id: str) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._overlays: dict[str, Overlay] = {}

    def set_overlay(self, name: str, overlay: Overlay | None) -> None:
        """Have each painted row changed by ``overlay``, or by it no more."""
        self._overlays.pop(name, None)
        if overlay is not None:
            self._overlays[name] = overlay
        self.refresh()

    def _overlaid(self, row: Row, strip: Strip) -> Strip:
        for overlay in self._overlays.values():
            strip = overlay(row, strip)
        return strip
