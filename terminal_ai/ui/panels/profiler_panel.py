"""The app's own cost, the shell's, what the assistant does, and each function."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.function_table import (
    Order,
    alert_names,
    column_at,
    table_lines,
    table_rows,
)
from terminal_ai.ui.panels.line_list import LineList
from terminal_ai.ui.panels.pipeline_block import pipeline_lines
from terminal_ai.ui.panels.vital_lines import Trend, vital_lines
from terminal_ai.vitals import Vitals, VitalsReader


class VitalsView(LineList, can_focus=True):
    """The figures and the table below them, in one scrolling list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "order_by(-1)", show=False),
        Binding("right", "order_by(1)", show=False),
        Binding("enter", "turn", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._order = Order()
        self._head_at = 0
        self._vitals: Vitals | None = None
        self._trend = Trend()

    def take(self, vitals: Vitals) -> None:
        """Show a reading, as one more moment of the sparklines."""
        self._trend.take(vitals)
        self._vitals = vitals
        self.draw()

    def draw(self) -> None:
        """Draw the newest reading in the present width and order."""
        vitals, width = self._vitals, self.width
        if vitals is None or not width:
            return
        above = [
            *vital_lines(vitals, self._trend, width),
            *pipeline_lines(vitals, width),
            Content(""),
        ]
        self._head_at = len(above)
        table = table_lines(
            table_rows(vitals), width, self._order, alerts=alert_names(vitals)
        )
        self.show([*above, *table], head=self._head_at)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Sort by the column whose head was clicked."""
        if self.line_at(event.y) == self._head_at:
            event.stop()
            self._sort(self._order.by(column_at(event.x, self.width, self._order)))

    def action_order_by(self, step: int) -> None:
        """Sort by the next column."""
        self._sort(self._order.moved(step))

    def action_turn(self) -> None:
        """Turn the order round."""
        self._sort(self._order.by(self._order.column))

    def _sort(self, order: Order) -> None:
        self._order = order
        self.draw()


class ProfilerPanel(Vertical):
    """Draws a reading at each interval, only while it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class Left(Message):
        """The user goes back to the shell."""

    def __init__(
        self,
        *,
        vitals: VitalsReader,
        interval_seconds: float,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._vitals = vitals
        self._interval_seconds = interval_seconds
        self._view = VitalsView()
        self._timer: Timer | None = None
        self._is_measuring = False

    def compose(self) -> ComposeResult:
        """Lay out the one list."""
        self.border_title = _("Profiler")
        yield self._view

    def on_mount(self) -> None:
        """Begin to sample, if there is a reader."""
        self._timer = self.set_interval(
            self._interval_seconds, self.show_sample, pause=True
        )
        self.set_shown(is_shown=self.display)

    def set_shown(self, *, is_shown: bool) -> None:
        """Measure while there is a reader, beginning now; else cost nothing.

        Textual's Show and Hide do not come in pairs when a panel is toggled quickly.
        """
        self.display = is_shown
        if self._timer is None or is_shown == self._is_measuring:
            return
        self._is_measuring = is_shown
        if is_shown:
            # The widths are known after the layout.
            self.call_after_refresh(self.show_sample)
            self._timer.resume()
        else:
            self._timer.pause()

    def show_sample(self) -> None:
        """Take one reading and draw it."""
        self._view.take(self._vitals.read())

    def focus_table(self) -> None:
        """Let the keys sort and scroll the table."""
        self._view.focus()

    def on_descendant_focus(self) -> None:
        """Tell the keys while they are ours."""
        self.border_title = _("Profiler  ←→ sort · Enter turns · Esc")

    def on_descendant_blur(self) -> None:
        """The keys are the shell's again."""
        self.border_title = _("Profiler")

    def action_leave(self) -> None:
        """Go back to the shell."""
        self.post_message(self.Left())
