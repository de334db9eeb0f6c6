"""Where a profile is written to, and in which form."""

import time
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from terminal_ai.errors import ExportError
from terminal_ai.export import exports_directory
from terminal_ai.messages import gettext as _
from terminal_ai.ui.reading.profiles import (
    ProfileForm,
    TakenProfile,
    default_path,
    write_profile,
)
from terminal_ai.ui.texts import MUTED, line, short_path
from utils.async_optimizer import run_in_thread

_FORM_CELLS = 12


class ProfileExportScreen(ModalScreen[Path | None]):
    """Asks for form and name, and closes with the path of what was written."""

    AUTO_FOCUS = "#profile-export-path"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, profile: TakenProfile, *, home: str) -> None:
        super().__init__()
        self._profile = profile
        self._home = home
        self._now = time.time()
        self._forms = tuple(ProfileForm)
        self._list = OptionList(
            *(Option(_row(form), id=form.value) for form in self._forms),
            id="profile-export-list",
            markup=False,
        )
        self._path = Input(self._proposed(self._forms[0]), id="profile-export-path")
        self._error = Static(markup=False, id="profile-export-error")

    def compose(self) -> ComposeResult:
        """Lay out the forms and the path."""
        with Vertical(id="profile-export") as box:
            box.border_title = _("Export the profile")
            box.border_subtitle = _("↑↓ form · Enter writes · Esc closes")
            yield self._list
            yield self._path
            yield self._error

    def on_mount(self) -> None:
        """Leave the keys to the path."""
        self._list.can_focus = False
        self._list.highlighted = 0

    @property
    def _form(self) -> ProfileForm:
        return self._forms[self._list.highlighted or 0]

    def _proposed(self, form: ProfileForm) -> str:
        path = default_path(exports_directory(), form, self._now)
        return short_path(str(path), self._home)

    @on(OptionList.OptionHighlighted)
    def follow_form(self) -> None:
        """Let the name end as the form wants it."""
        path = self._path.value
        for form in self._forms:
            if path.endswith(form.suffix):
                self._path.value = path.removesuffix(form.suffix) + self._form.suffix
                self._path.cursor_position = len(self._path.value)
                return

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    async def write(self) -> None:
        """Write a new file; say why not where that fails, and stay."""
        text = self._path.value.strip()
        if not text:
            return
        path = _expanded(text, self._home)
        try:
            await run_in_thread(write_profile, self._profile, self._form, path)
        except ExportError as error:
            self._error.update(line(error.told, "$text-warning"))
        else:
            self.dismiss(path)

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Go through the forms without leaving the path."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_close(self) -> None:
        """Go back to the profile."""
        self.dismiss(None)


def _expanded(text: str, home: str) -> Path:
    """Return the path that was typed; ``~`` is the home directory."""
    if home and (text == "~" or text.startswith("~/")):
        return Path(home + text[1:])
    return Path(text)


def _row(form: ProfileForm) -> Content:
    name, use = {
        ProfileForm.SPEEDSCOPE: ("speedscope", _("to look at in speedscope.app")),
        ProfileForm.FOLDED: ("folded", _("stacks for flamegraph.pl")),
        ProfileForm.MARKDOWN: ("Markdown", _("the report: to read, and to show")),
    }[form]
    return Content.assemble(f"  {name:<{_FORM_CELLS}}", (use, MUTED))
