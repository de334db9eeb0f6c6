"""What the app did while it was looked at: a flame of calls, and the hottest lines."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from terminal_ai.messages import gettext as _
from terminal_ai.ui.panels.flame import FlameView
from terminal_ai.ui.panels.line_list import LineList
from terminal_ai.ui.reading.profiles import HotLine, TakenProfile, summary
from terminal_ai.ui.texts import MUTED, end_of, line, short_time
from utils.stack_profile import FlameNode

_RANK_CELLS = 3
_SHARE_CELLS = 8
_FUNCTION_CELLS = 24
_CRUMB = " › "


class ProfileScreen(ModalScreen[None]):
    """Shows one profile; its paths are short already."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", show=False),
        Binding("e", "export", show=False),
        Binding("tab,shift+tab", "app.focus_next", show=False),
    ]

    class ExportWanted(Message):
        """The user wants the profile in a file."""

        def __init__(self, profile: TakenProfile) -> None:
            super().__init__()
            self.profile = profile

    def __init__(self, profile: TakenProfile) -> None:
        super().__init__()
        self._profile = profile
        self._busy_seconds = profile.stacks.busy_seconds
        self._crumbs = Static(markup=False, id="profile-path")
        self._flame = FlameView(profile.stacks.tree(), id="profile-flame")
        self._chosen = Static(markup=False, id="profile-chosen")
        self._list = HotLines(profile.hottest, id="profile-lines")

    def compose(self) -> ComposeResult:
        """Lay out the flame, what is chosen in it, and the hottest lines."""
        with Vertical(id="profile") as box:
            box.border_title = _("Profile") + " · " + summary(self._profile.stacks)
            box.border_subtitle = _(
                "arrows choose · Enter, ⌫ zoom · e exports · Esc closes"
            )
            if not self._profile.stacks.stacks:
                yield Static(_("Nothing was busy meanwhile."), markup=False)
                return
            yield self._crumbs
            yield self._flame
            yield self._chosen
            yield self._list

    @on(FlameView.Chosen)
    def show_chosen(self, message: FlameView.Chosen) -> None:
        """Tell of the call that the keys are at, and of its callers out of sight."""
        message.stop()
        self._crumbs.update(_crumbs(message.path, self.size.width))
        self._chosen.update(self._facts(message.node))

    def _facts(self, node: FlameNode) -> Content:
        busy = self._busy_seconds or 1.0
        share = _(
            "{percent:.1f} % with its calls ({time}) · {own:.1f} % itself"
        ).format(
            percent=node.seconds / busy * 100,
            time=short_time(node.seconds),
            own=node.self_seconds / busy * 100,
        )
        place = f"{node.file}:{node.line}" if node.file else ""
        name = Content.assemble(
            line(node.name or _("all"), "bold"), "  ", line(place, MUTED)
        )
        return Content("\n").join([name, Content(share)])

    def action_export(self) -> None:
        """Have it written to a file."""
        if self._profile.stacks.stacks:
            self.post_message(self.ExportWanted(self._profile))

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)


class HotLines(LineList, can_focus=True):
    """The lines where most time was spent, the hottest first."""

    def __init__(self, hot: Sequence[HotLine], *, id: str) -> None:
        super().__init__(id=id)
        self._hot = hot

    def on_resize(self) -> None:
        """Fit the rows to the width."""
        self.show(hot_rows(self._hot, self.width), head=0)


def hot_rows(hot: Sequence[HotLine], width: int) -> list[Content]:
    """Return a head and a row a line: score, share, place and function."""
    shares = 2 * _SHARE_CELLS
    room = max(0, width - _RANK_CELLS - shares - 2)
    longest = max((cell_len(each.place) for each in hot), default=0)
    # Where both have no room the place stays: the flame has the functions' names.
    has_both = room >= 2 * _FUNCTION_CELLS
    place_cells = min(longest, room - _FUNCTION_CELLS if has_both else room)
    heads = (_("score"), _("self"))
    rows = [
        Content.styled(
            " " * _RANK_CELLS
            + "".join(" " * (_SHARE_CELLS - cell_len(head)) + head for head in heads)
            + "  "
            + _("line and function"),
            MUTED,
        )
    ]
    for number, each in enumerate(hot, 1):
        place = line(end_of(each.place, place_cells))
        gap = " " * (place_cells - place.cell_length + 2)
        rows.append(
            Content.assemble(
                f"{number:>{_RANK_CELLS - 1}}.",
                f"{each.score:>{_SHARE_CELLS}.0f}",
                f"{each.self_percent:>{_SHARE_CELLS - 2}.1f} %  ",
                place,
                *((gap, line(each.function, MUTED)) if has_both else ()),
            )
        )
    return [row.truncate(width, ellipsis=True) for row in rows]


def _crumbs(path: Sequence[FlameNode], width: int) -> Content:
    """Return the callers that are zoomed away, the nearest in sight."""
    text = _CRUMB.join(node.name or _("all") for node in path)
    while cell_len(text) > max(1, width - 4) and _CRUMB in text:
        text = "… " + text.partition(_CRUMB)[2].removeprefix("… ")
    return line(text, MUTED)
