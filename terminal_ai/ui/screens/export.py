"""What is to be exported, and in which form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from terminal_ai.export import ExportForm, exported, exports_directory
from terminal_ai.export.files import write_named
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.ui.texts import MUTED, short_path
from utils.async_optimizer import run_in_thread

LEAST_PATH_CELLS = 24
"""So much of a file's path is said even where the whole sentence does not fit."""
_FORM_CELLS = 12


@dataclass(frozen=True, slots=True)
class ExportSource:
    """Commands under one name; ``read`` blocks, and may raise ExportError."""

    label: str
    read: Callable[[], Sequence[CommandRecord]]


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What is to be exported, and how."""

    source: ExportSource
    form: ExportForm


class ExportScreen(ModalScreen[ExportChoice | None]):
    """Offers each of the sources in each form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", show=False)]

    def __init__(self, sources: Sequence[ExportSource]) -> None:
        super().__init__()
        self._choices = {
            f"{form}-{number}": ExportChoice(source, form)
            for number, source in enumerate(sources)
            for form in ExportForm
        }

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        options: list[Option] = []
        label = ""
        for name, choice in self._choices.items():
            if choice.source.label != label:
                label = choice.source.label
                options.append(Option(Content.styled(label, "bold"), disabled=True))
            options.append(Option(_row(choice.form), id=name))
        with Vertical(id="export") as box:
            box.border_title = _("Export to a file")
            box.border_subtitle = _("Enter exports · Esc closes")
            yield OptionList(*options, id="export-list", markup=False)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Close with what is to be exported."""
        event.stop()
        self.dismiss(self._choices.get(event.option_id or ""))

    def on_click(self, event: events.Click) -> None:
        """Close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        """Go back without exporting."""
        self.dismiss(None)


async def write_export(
    choice: ExportChoice,
    *,
    redact: Callable[[str], str] | None = None,
    home: str,
    cells: int,
) -> str:
    """Write a new file in a thread; return what to say of it, in ``cells`` if it fits.

    Raises ExportError.
    """

    def write() -> tuple[str, str]:
        made = exported(choice.source.read(), choice.form, redact=redact)
        path = write_named(exports_directory(), made.form.suffix, made.text)
        return str(path), made.remark

    path, remark = await run_in_thread(write)
    told = f"{remark} {_('Exported to {path}')}".lstrip()
    room = cells - cell_len(told.format(path=""))
    return told.format(path=short_path(path, home, max(room, LEAST_PATH_CELLS)))


def _row(form: ExportForm) -> Content:
    name, use = {
        ExportForm.MARKDOWN: ("Markdown", _("to read, and to show to others")),
        ExportForm.JSON: ("JSON", _("for programs: one object a line")),
        ExportForm.ASCIICAST: ("asciicast", _("to play with asciinema")),
    }[form]
    return Content.assemble(f"  {name:<{_FORM_CELLS}}", (use, MUTED))
