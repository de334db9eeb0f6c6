"""A flame view in text: each row a depth of calls, each box as wide as its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.panels.line_list import LineList
from utils.stack_profile import FlameNode

EDGE = "▏"
"""Where a box begins; without it colours alone would part neighbours."""
DEPTH_LIMIT = 200
OURS = ("terminal_ai/", "utils/")
"""Where the files of our own code lie."""
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Box:
    """A call on the screen: from ``start`` to before ``end``, in cells."""

    node: FlameNode
    parent: "Box | None"
    depth: int
    start: int
    end: int


def boxes(top: FlameNode, width: int) -> list[list[Box]]:
    """Return the rows of a flame whose top fills the width.

    A call stands below its caller. What is narrower than a cell is left out.
    """
    if width <= 0 or top.seconds <= 0:
        return []
    rows = [[Box(top, None, 0, 0, width)]]
    while len(rows) < DEPTH_LIMIT:
        row = [below for box in rows[-1] for below in _below(box, top, width)]
        if not row:
            break
        rows.append(row)
    return rows


def _below(box: Box, top: FlameNode, width: int) -> list[Box]:
    """Return the boxes of the calls that one made, side by side."""
    found = []
    scale = width / top.seconds
    start, seconds = box.start, 0.0
    for child in box.node.children:
        seconds += child.seconds
        end = min(box.end, box.start + round(seconds * scale))
        if end > start:
            found.append(Box(child, box, box.depth + 1, start, end))
        start = max(start, end)
    return found


def is_ours(node: FlameNode) -> bool:
    """Tell whether a call is of our own code."""
    return node.file.startswith(OURS)


class FlameView(LineList, can_focus=True):
    """Shows where the time went; keys and mouse go through the calls."""

    FOCUS_ON_CLICK = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "out", show=False),
        Binding("down", "into", show=False),
        Binding("left", "beside(-1)", show=False),
        Binding("right", "beside(1)", show=False),
        Binding("enter", "zoom", show=False),
        Binding("backspace", "zoom_out", show=False),
    ]

    class Chosen(Message):
        """Another call is chosen, or looked at more closely."""

        def __init__(self, node: FlameNode, path: Sequence[FlameNode]) -> None:
            super().__init__()
            self.node = node
            self.path = tuple(path)
            """The callers that are zoomed away."""

    def __init__(self, root: FlameNode, *, id: str) -> None:
        super().__init__(id=id)
        # What the event loop always passes through stands above, in the path.
        self._path = [root]
        while len(only := self._path[-1].children) == 1:
            self._path += only
        self._rows: list[list[Box]] = []
        self._chosen: Box | None = None

    @property
    def chosen(self) -> FlameNode:
        """The call that the keys are at."""
        return self._chosen.node if self._chosen else self._path[-1]

    def on_resize(self) -> None:
        """Fit the boxes to the width."""
        self._lay_out(self.chosen)

    def on_click(self, event: events.Click) -> None:
        """Choose a call, or look closer at the one that is chosen."""
        at = self.line_at(event.y)
        if at is None:
            return
        for box in self._rows[at]:
            if box.start <= event.x < box.end:
                if box is self._chosen:
                    self.action_zoom()
                else:
                    self._choose(box)

    def action_out(self) -> None:
        """Go to the caller."""
        if self._chosen is not None and self._chosen.parent is not None:
            self._choose(self._chosen.parent)
        else:
            self.action_zoom_out()

    def action_into(self) -> None:
        """Go to the call that took most."""
        box = self._chosen
        if box is not None and box.depth + 1 < len(self._rows):
            below = [each for each in self._rows[box.depth + 1] if each.parent is box]
            if below:
                self._choose(max(below, key=lambda each: each.node.seconds))

    def action_beside(self, step: int) -> None:
        """Go to the next call of the same depth."""
        if self._chosen is not None:
            row = self._rows[self._chosen.depth]
            at = row.index(self._chosen) + step
            if 0 <= at < len(row):
                self._choose(row[at])

    def action_zoom(self) -> None:
        """Let the chosen call fill the width."""
        box, above = self._chosen, []
        while box is not None and box.parent is not None:
            above.append(box.node)
            box = box.parent
        self._path += reversed(above)
        self._lay_out(self._path[-1])

    def action_zoom_out(self) -> None:
        """See the callers again."""
        if len(self._path) > 1:
            self._lay_out(self._path.pop())

    def _lay_out(self, node: FlameNode) -> None:
        """Draw all from the zoomed call on, and choose a call that is seen."""
        self._rows = boxes(self._path[-1], self.width)
        seen = [box for row in self._rows for box in row]
        self._chosen = next((box for box in seen if box.node is node), None)
        if self._chosen is None and seen:
            self._chosen = seen[0]
        self._draw()

    def _choose(self, box: Box) -> None:
        self._chosen = box
        self._draw()

    def _draw(self) -> None:
        self.show([self._line(row) for row in self._rows])
        box = self._chosen
        if box is not None:
            first, height = self.scroll_offset.y, max(1, self.size.height)
            if not first <= box.depth < first + height:
                target = box.depth - height + 1 if box.depth > first else box.depth
                self.scroll_to(y=max(0, target), animate=False)
            self.post_message(self.Chosen(box.node, self._path[:-1]))

    def _line(self, row: Sequence[Box]) -> Content:
        parts: list[Content] = []
        end = 0
        for box in row:
            parts.append(Content(" " * (box.start - end)))
            name = single_line(box.node.name, _NAME_LIMIT) or _("all")
            style = "bold $primary" if is_ours(box.node) else ""
            if box is self._chosen:
                style = f"{style} reverse".strip()
            cells = box.end - box.start
            fitted = Content(EDGE + name).truncate(cells, ellipsis=cells > 2, pad=True)
            parts.append(fitted.stylize(style))
            end = box.end
        return Content("").join(parts)
