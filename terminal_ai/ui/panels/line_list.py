"""Lines that change a little, often: only those that changed are painted again."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual


class LineList(ScrollView):
    """Shows the lines it is given, one a row, and scrolls through them.

    No layout is asked for unless their number changes.
    """

    FOCUS_ON_CLICK = False
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Content, ...] = ()
        self._head: int | None = None

    @property
    def lines(self) -> tuple[Content, ...]:
        """What was shown last."""
        return self._lines

    @property
    def width(self) -> int:
        """The cells of a row, 0 before the first layout."""
        return self.scrollable_content_region.width

    def show(self, lines: Sequence[Content], *, head: int | None = None) -> None:
        """Show other lines; that of ``head`` stays in sight while below it is read."""
        before, self._lines = self._lines, tuple(lines)
        old_head, self._head = self._head, head
        if len(before) != len(self._lines) or head != old_head:
            self.virtual_size = Size(0, len(self._lines))
            self.refresh()
            return
        for y in range(self.size.height):
            at = self._at(y)
            if at < len(before) and not before[at].is_same(self._lines[at]):
                self.refresh(Region(0, y, self.size.width, 1))

    def line_at(self, y: int) -> int | None:
        """Return which line is in a row of the widget; None below the last."""
        at = self._at(y)
        return at if 0 <= at < len(self._lines) else None

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        width, at = self.size.width, self._at(y)
        if not width or at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[at].truncate(width)
        strips = Visual.to_strips(self, line, width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip.blank(width, self.rich_style)

    def _at(self, y: int) -> int:
        at = y + self.scroll_offset.y
        if y == 0 and self._head is not None and at > self._head:
            return self._head
        return at
