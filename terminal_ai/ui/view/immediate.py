"""Painting a widget in the turn of the loop in which it changed."""

import itertools

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from textual._compositor import CompositorUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from terminal_ai.ui.view.frames import row_regions


class RowsUpdate(CompositorUpdate):
    """Rows of one widget that nothing lies over, each with its place on the screen."""

    def __init__(self, rows: list[tuple[int, int, Strip]]) -> None:
        self._rows = rows
        """Column, line and content of each."""

    def __rich_console__(
        self, _console: Console, _options: ConsoleOptions
    ) -> RenderResult:
        for column, line, strip in self._rows:
            yield _move_to(column, line)
            yield from strip

    def render_segments(self, console: Console) -> str:
        """Return what draws the rows."""
        return "".join(
            _move_to(column, line).text + strip.render(console)
            for column, line, strip in self._rows
        )


def paint_at_once(widget: Widget) -> bool:
    """Paint what a widget has marked as changed; False if that must wait for a frame.

    Textual's own way leads through the queues of the widget and of the screen to the
    next tick of a clock: 17 ms away if anything else was painted just now, and behind
    the layout of the whole screen if one is due. Then it asks every widget for what it
    looks like. Here a widget that lies bare is asked for the rows that changed.
    """
    screen = widget.screen if widget.is_attached else None
    place = _bare_place(widget, screen) if screen is not None else None
    if screen is None or place is None:
        return False
    try:
        screen.app._display(screen, RowsUpdate(_changed_rows(widget, place)))
    except Exception as error:  # noqa: BLE001 - as its timer does: the app tells it
        screen.app._handle_exception(error)
    # Nothing is left for the frame that was asked for.
    widget._repaint_required = False
    return True


def _bare_place(widget: Widget, screen: Screen[object]) -> Region | None:
    """Return where the widget is, if all of it is seen and nothing lies over it."""
    # One that another screen lies over is current as well, for Textual.
    if not screen.is_active or screen.app._batch_count:
        return None
    visible = screen._compositor.visible_widgets
    if widget not in visible:
        return None
    place, clip = visible[widget]
    if not clip.contains_region(place):
        return None
    # They are in order, from the front to the back.
    for other, (region, other_clip) in visible.items():
        if other is widget:
            return place
        if region.intersection(other_clip).overlaps(place):
            return None
    return None


def _changed_rows(widget: Widget, place: Region) -> list[tuple[int, int, Strip]]:
    marked = (region.line_range for region in widget._exchange_repaint_regions())
    lines = sorted(set(itertools.chain.from_iterable(marked)) & {*range(place.height)})
    rows = []
    for region in row_regions(lines, place.width):
        strips = widget.render_lines(region)
        rows += [
            (place.x, place.y + line, strip)
            for line, strip in zip(region.line_range, strips, strict=True)
        ]
    return rows


def _move_to(column: int, line: int) -> Segment:
    return Control.move_to(column, line).segment
