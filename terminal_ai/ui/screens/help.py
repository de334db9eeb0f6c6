"""Help and palette in one: every command with its keys, found by typing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from terminal_ai.messages import gettext as _
from terminal_ai.ui.keymap import Action, Keymap, action_description, key_label
from terminal_ai.ui.texts import MUTED

_KEY_CELLS = 8
_LEADER_CELLS = 12
_ROWS_AROUND_LIST = 4
"""The frame, and the filter with the empty row below it."""
_NOTES_ROWS = 10
"""The empty row above them, and the last one in two."""
_LEAST_LIST_ROWS = 10


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """One line of the list."""

    action: Action
    text: str
    key: str
    leader_keys: str


def help_entries(keymap: Keymap) -> tuple[HelpEntry, ...]:
    """Return every action with the keys that start it."""
    return tuple(
        HelpEntry(
            action=action,
            text=action_description(action),
            key=keymap.key_of(action),
            leader_keys=keymap.leader_keys_of(action),
        )
        for action in Action
        if action is not Action.HELP
    )


class HelpScreen(ModalScreen[Action | None]):
    """Shows the keys; Enter starts the chosen command."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._entries = help_entries(keymap)
        self._list = OptionList(id="help-list", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the filter, the commands, and what else the terminal does."""
        with Vertical(id="help") as box:
            box.border_title = _("Help")
            box.border_subtitle = _("Enter runs · Esc closes")
            yield Input(id="help-filter", placeholder=_("Type to find a command"))
            yield self._list
            yield Static(self._notes(), id="help-notes", markup=False)

    def on_mount(self) -> None:
        """List everything."""
        self._list.can_focus = False
        self._fill(self._entries)

    def on_resize(self, event: events.Resize) -> None:
        """Give the list a height that typing does not change.

        Where it does not fit it scrolls; on a small screen the notes below it are cut.
        """
        room = event.size.height - _ROWS_AROUND_LIST
        room = max(room - _NOTES_ROWS, min(_LEAST_LIST_ROWS, room), 1)
        self._list.styles.height = min(len(self._entries), room)

    def _notes(self) -> Content:
        leader = key_label(self._keymap.leader)
        rows: Sequence[tuple[str, str]] = (
            (f"{leader} {leader}", _("sends it to the program")),
            ("(Shift+)drag", _("selects; 2x: words, 3x: lines, Alt: a block")),
            (f"{leader} v", _("selects by keys: v V Ctrl+V, y copies, q leaves")),
            ("Ctrl+click", _("opens a link, once you have seen where it leads")),
            ("Shift+PgUp/PgDn", _("scrolls; so do the wheel and Shift+Home/End")),
            ("Esc", _("assistant: stop, then back to the shell")),
            ("Tab", _("assistant: next suggestion; Enter places it")),
        )
        notes = [
            Content.assemble((f"{key:<20}", "$text-accent"), (text, MUTED))
            for key, text in rows
        ]
        last = Content.styled(
            _(
                "All other keys belong to the shell. In a full-screen program, {leader}"
                " is the only key of ours."
            ).format(leader=leader),
            MUTED,
        )
        return Content("\n").join([*notes, last])

    def _fill(self, entries: Sequence[HelpEntry]) -> None:
        self._list.clear_options()
        self._list.add_options(
            Option(
                Content.assemble(
                    (f"{entry.key:<{_KEY_CELLS}}", "bold $text-accent"),
                    (f"{entry.leader_keys:<{_LEADER_CELLS}}", MUTED),
                    entry.text,
                ),
                id=entry.action.value,
            )
            for entry in entries
        )
        if entries:
            self._list.highlighted = 0

    @on(Input.Changed)
    def filter_entries(self, event: Input.Changed) -> None:
        """Keep what matches, best first."""
        query = event.value.strip()
        if not query:
            self._fill(self._entries)
            return
        matcher = Matcher(query)
        scored = [(matcher.match(entry.text), entry) for entry in self._entries]
        found = [pair for pair in scored if pair[0] > 0]
        found.sort(key=lambda pair: -pair[0])
        self._fill([entry for _score, entry in found])

    @on(Input.Submitted)
    def run_highlighted(self) -> None:
        """Start the highlighted command."""
        self._list.action_select()

    @on(OptionList.OptionSelected)
    def run_selected(self, event: OptionList.OptionSelected) -> None:
        """Start a command."""
        event.stop()
        self.dismiss(Action(event.option.id or Action.HELP))

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Go through the list without leaving the filter."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)
