"""A screen that is laid out once for what changes together."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from textual._compositor import Compositor, ReflowResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static


class _Frame(NamedTuple):
    """What of a widget a second layout could depend on, beside its content."""

    is_waiting: bool
    """It had asked for a layout before this one."""
    container: Size
    has_vertical_bar: bool
    has_horizontal_bar: bool


class _ArrangedOnce(Compositor):
    """Keeps the places of all widgets that a layout has found.

    Textual takes every widget that is new, or out of sight, for a sign that the places
    are not known, also those of the layout that has just put it there: then all is
    arranged a second time.
    """

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Arrange all widgets."""
        result = super().reflow(parent, size)
        self._full_map_invalidated = False
        return result

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Take what is to be painted; a layout will put in sight what is not yet."""
        super().update_widgets(widgets & self.visible_widgets.keys())


class LaidOutOnce(Screen[None], inherit_bindings=False):
    """Puts layouts off while a change is not complete, and saves those for nothing.

    A layout of the screen takes ten to fifty milliseconds, in which no key is echoed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = _ArrangedOnce()
        self._changes = 0
        self.layouts = 0
        """How often the widgets were laid out."""

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Lay out nothing until all of a change is there; paint on meanwhile."""
        self._changes += 1
        try:
            yield
        finally:
            self._changes -= 1
            self.check_idle()

    def _on_timer_update(self) -> None:
        is_delayed = self._layout_required and bool(self._changes)
        if is_delayed:
            self._layout_required = False
        try:
            super()._on_timer_update()
        finally:
            self._layout_required |= is_delayed

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lay out, without a second layout where the first has changed nothing.

        Textual takes every change of a widget's inner size for a reason to lay out
        again. It is one only where a scroll bar has come or gone, or where a widget
        that scrolls has got another size itself.
        """
        self.layouts += 1
        before = {widget: _frame(widget) for widget in self.walk_children(Widget)}
        super()._refresh_layout(size, scroll)
        for widget in self.walk_children(Widget):
            if widget._layout_required and not _must_repeat(widget, before):
                widget._layout_required = False


def _frame(widget: Widget) -> _Frame:
    return _Frame(
        widget._layout_required,
        widget._container_size,
        widget.show_vertical_scrollbar,
        widget.show_horizontal_scrollbar,
    )


def _must_repeat(widget: Widget, before: dict[Widget, _Frame]) -> bool:
    was, now = before.get(widget), _frame(widget)
    if was is None or was.is_waiting:
        return True
    if was[2:] != now[2:]:
        return True
    return was.container != now.container and (
        widget.allow_vertical_scroll or widget.allow_horizontal_scroll
    )


def show_text(static: Static, text: Content) -> None:
    """Show another text; the screen is laid out only if it takes another size."""
    static.update(text, layout=False)
    container, viewport = static.container_size, static.app.size
    width, height = static.content_size
    wanted = width
    if static.styles.is_auto_width:
        wanted = static.get_content_width(container, viewport)
    needed = static.get_content_height(container, viewport, width)
    if not width or wanted != width or needed != height:
        static.refresh(layout=True)


@contextlib.contextmanager
def changing(widget: Widget) -> Iterator[None]:
    """Have the widget's screen laid out once for all that changes inside the block."""
    screen = widget.screen if widget.is_attached else None
    if isinstance(screen, LaidOutOnce):
        with screen.changing():
            yield
    else:
        yield
