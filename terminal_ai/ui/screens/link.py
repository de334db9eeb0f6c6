"""Where a link leads, shown before it is opened or copied."""

import enum
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from terminal_ai.messages import gettext as _
from terminal_ai.safety.links import TARGET_LIMIT_CHARACTERS, WebAddress, web_address
from terminal_ai.ui.reading.links import Link
from terminal_ai.ui.texts import MUTED, line

_LABEL_LIMIT = 200


class LinkUse(enum.Enum):
    """What the user wants of a link."""

    OPEN = "open"
    COPY = "copy"


class LinkScreen(ModalScreen[LinkUse | None]):
    """Asks; where something could mislead, Enter alone does not open."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "choose('')", show=False),
        Binding("o", "choose('open')", show=False),
        Binding("c", "choose('copy')", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("left", "app.focus_previous", show=False),
    ]

    def __init__(self, link: Link, address: WebAddress) -> None:
        super().__init__()
        self._link = link
        self._address = address

    def compose(self) -> ComposeResult:
        """Lay out target, warnings and buttons."""
        with Vertical(id="link") as box:
            box.border_title = _("Open this link?")
            yield Static(self._target(), markup=False)
            if facts := self._facts():
                yield Static(Content("\n").join(facts), markup=False)
            with Horizontal():
                yield Button(Content(_("Open (o)")), id="open", compact=True)
                yield Button(Content(_("Copy (c)")), id="copy", compact=True)
                yield Button(Content(_("Cancel (Esc)")), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Make the safe choice the easy one."""
        first = "#cancel" if self._address.is_suspicious else "#open"
        self.query_one(first, Button).focus()

    def _target(self) -> Content:
        """The whole address; the part that says whose it is stands out."""
        before, host, after = self._address.url.partition(self._address.host)
        return Content.assemble(
            line(before, MUTED),
            line(host, "bold $text-accent"),
            line(after, limit=TARGET_LIMIT_CHARACTERS * 3),
        )

    def _facts(self) -> list[Content]:
        address = self._address
        facts = []
        if address.readable_host != address.host:
            name = line(address.readable_host, "bold")
            facts.append(Content.assemble((_("read as") + " ", MUTED), name))
        if self._link.label != self._link.target:
            label = line(self._link.label, "bold", _LABEL_LIMIT)
            facts.append(Content.assemble((_("its text") + " ", MUTED), label))
        facts += [
            Content.assemble(("⚠ ", "$text-warning"), line(warning, "$text-warning"))
            for warning in address.warnings
        ]
        return facts

    @on(Button.Pressed)
    def press(self, event: Button.Pressed) -> None:
        """Close with what the button says."""
        self.action_choose("" if event.button.id == "cancel" else event.button.id or "")

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_choose(self, use: str) -> None:
        """Close with the user's choice."""
        self.dismiss(LinkUse(use) if use else None)


class LinksScreen(ModalScreen[Link | None]):
    """Lists the links in view; returns the chosen one, which is still to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, links: Sequence[Link]) -> None:
        super().__init__()
        self._links = links
        self._list = OptionList(
            *(Option(_row(link)) for link in links), id="links-list", markup=False
        )

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(id="link") as box:
            box.border_title = _("Links in view")
            box.border_subtitle = _("Enter shows where it leads · Esc closes")
            yield self._list

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Close with a link."""
        self.dismiss(self._links[event.option_index])

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)


def _row(link: Link) -> Content:
    """The true target, and the text in front of it where that differs."""
    address = web_address(link.target, link.label)
    shown = line(link.target if address is None else address.url)
    if link.label == link.target:
        return shown
    return Content.assemble(shown, "  ", line(link.label, MUTED, _LABEL_LIMIT))
