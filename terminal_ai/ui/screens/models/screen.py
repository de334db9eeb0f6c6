"""Choose which model answers; load, unload and download models."""

import asyncio
import json
import time
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from terminal_ai.assistant.providers.base import same_model
from terminal_ai.errors import TerminalAIError
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import ModelInfo, ModelRole
from terminal_ai.ui.needs import ModelChooser
from terminal_ai.ui.panels.question_input import LineInput
from terminal_ai.ui.screens.models.row import ModelFacts, ModelRow, details
from terminal_ai.ui.texts import MUTED, line
from terminal_ai.ui.workers import log_failure

NAME_LIMIT_CHARACTERS = 200
LOOK_SECONDS = 3.0
"""How often the service is asked while the list is open."""
TICK_SECONDS = 1.0
_SETTINGS = {ModelRole.HEAVY: "ai.model", ModelRole.LIGHT: "ai.light_model"}


class ModelsScreen(ModalScreen[str | None]):
    """Returns the name of a model that is to be downloaded."""

    AUTO_FOCUS = "#models-filter"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("ctrl+l", "choose_light", show=False, priority=True),
        Binding("ctrl+o", "load_or_unload", show=False, priority=True),
        Binding("ctrl+y", "copy_setting", show=False, priority=True),
    ]

    class Chosen(Message):
        """Another model answers from now on."""

    def __init__(self, models: ModelChooser) -> None:
        super().__init__()
        self._models = models
        self._all: tuple[ModelInfo, ...] | None = None
        """None before the first look."""
        self._shown: list[ModelInfo] = []
        self._doing: dict[str, str] = {}
        self._setting = ""
        self._is_told = False
        self._filter = LineInput(
            id="models-filter", limit_characters=NAME_LIMIT_CHARACTERS
        )
        self._notes = Static(id="models-notes", markup=False)
        self._list = OptionList(id="models-list", markup=False)
        self._details = Static(id="models-details", markup=False)
        self._keys = Static(id="models-keys", markup=False)
        self._box = Vertical(id="models")

    def compose(self) -> ComposeResult:
        """Lay out the filter over the list and the details."""
        self._filter.placeholder = _("Search, or the name of a model to download")
        self._box.border_title = _("Models")
        self._box.border_subtitle = _("Esc closes")
        with self._box:
            yield self._filter
            yield self._notes
            yield self._list
            yield self._details
            yield self._keys

    def on_mount(self) -> None:
        """Ask the service, and go on asking while the list is open."""
        self._list.can_focus = False
        self._keys.update(_hints())
        self._notes.update(line(_("Asking the service…"), MUTED))
        self._look_again()
        self.set_interval(TICK_SECONDS, self._tick)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    # -- what the service has ----------------------------------------------------

    @work(exclusive=True, group="models-look", exit_on_error=False)
    async def _look_again(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        try:
            self._all = await self._models.all()
        except TerminalAIError as error:
            self._all = ()
            self._show()
            self._notes.update(line(error.told, "$text-warning"))
            self._is_told = False
            return
        self._show()
        if not self._is_told:
            self._tell_roles()

    def _show(self) -> None:
        """Show the models that the filter keeps, with the same one highlighted."""
        before = self._highlighted
        found = [model for model in self._all or () if _fits(model, self._filter.value)]
        self._shown = sorted(found, key=self._order)
        now = time.time()
        rows = [Option(ModelRow(self._facts(model), now)) for model in self._shown]
        if missing := self._missing_name:
            rows.append(Option(_download_row(missing)))
        self._list.set_options(rows)
        if rows:
            names = [model.name for model in self._shown]
            name = before.name if before is not None else ""
            self._list.highlighted = names.index(name) if name in names else 0
        count = len(self._shown)
        title = ngettext("{count} model", "{count} models", count).format(count=count)
        self._box.border_title = f"{_('Models')} · {title}"
        self._show_details()

    def _order(self, model: ModelInfo) -> tuple[bool, str]:
        return not self._roles(model), model.name

    def _tick(self) -> None:
        """Let the time that loaded models have left run."""
        now = time.time()
        for index, model in enumerate(self._shown):
            if model.is_loaded:
                row = ModelRow(self._facts(model), now)
                self._list.replace_option_prompt_at_index(index, row)

    def _facts(self, model: ModelInfo) -> ModelFacts:
        return ModelFacts(
            model,
            roles=self._roles(model),
            refusal=self._models.refusal(model),
            doing=self._doing.get(model.name, ""),
            used=self._models.usage.get(model.name),
        )

    def _roles(self, model: ModelInfo) -> frozenset[ModelRole]:
        return frozenset(
            role
            for role in ModelRole
            if same_model(self._models.name(role), model.name)
        )

    def _tell_roles(self) -> None:
        """Say what there is to know before anything is chosen."""
        if not self._all:
            text = _("No model is installed: type the name of one to download.")
            self._notes.update(line(text, "$text-warning"))
            return
        name = self._models.name(ModelRole.HEAVY)
        self._notes.update(
            line(_("Fixes and questions: {model}").format(model=name), MUTED)
        )

    def _tell(self, text: str, style: str = "bold") -> None:
        self._is_told = True
        self._notes.update(line(text, style))

    # -- the highlighted model ---------------------------------------------------

    @property
    def _highlighted(self) -> ModelInfo | None:
        index = self._list.highlighted
        if index is None or index >= len(self._shown):
            return None
        return self._shown[index]

    @property
    def _missing_name(self) -> str:
        """The typed name, where it is that of no model here."""
        name = self._filter.value.strip()
        is_name = bool(name) and " " not in name and self._all is not None
        is_here = any(same_model(model.name, name) for model in self._all or ())
        return name if is_name and not is_here else ""

    @on(OptionList.OptionHighlighted)
    def _show_details(self) -> None:
        model = self._highlighted
        self._details.update(details(self._facts(model)) if model else Content(""))

    @on(Input.Changed)
    def search_again(self) -> None:
        """Keep what fits, at each letter."""
        if self._all is not None:
            self._show()

    def action_move(self, step: int) -> None:
        """Go through the list without leaving the filter."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    # -- what is done with it ----------------------------------------------------

    @on(Input.Submitted)
    def choose_heavy(self) -> None:
        """Let the highlighted model answer, or download the one that was typed."""
        if self._highlighted is not None:
            self._choose(ModelRole.HEAVY)
        elif name := self._missing_name:
            self.dismiss(name)

    def action_choose_light(self) -> None:
        """Let the highlighted model write the short answers."""
        self._choose(ModelRole.LIGHT)

    def _choose(self, role: ModelRole) -> None:
        model = self._highlighted
        if model is None:
            return
        if refusal := self._models.refusal(model):
            self._tell(refusal, "$text-warning")
            return
        self._models.choose(role, model.name)
        # A YAML reader takes JSON's strings as they are.
        self._setting = f"{_SETTINGS[role]}: {json.dumps(model.name)}"
        self._tell(
            _("Chosen until you quit. To keep it: {setting} (^Y copies)").format(
                setting=self._setting
            )
        )
        self._show()
        self.post_message(self.Chosen())

    def action_copy_setting(self) -> None:
        """Copy what keeps the last choice."""
        if self._setting:
            self.app.copy_to_clipboard(self._setting)
            self._tell(_("Copied: {setting}").format(setting=self._setting))

    @work(group="models-load", exit_on_error=False)
    async def action_load_or_unload(self) -> None:
        """Load the highlighted model, or give its memory back."""
        model = self._highlighted
        if model is None or model.name in self._doing:
            return
        is_loading = not model.is_loaded
        self._doing[model.name] = _("loading…") if is_loading else _("unloading…")
        self._show()
        try:
            if is_loading:
                await self._models.load(model.name)
            else:
                await self._models.unload(model.name)
        except TerminalAIError as error:
            self._tell(error.told, "$text-warning")
        finally:
            del self._doing[model.name]
        await self._look()

    def on_click(self, event: events.Click) -> None:
        """Choose on a double click; close on a click beside the box."""
        if event.widget is self:
            self.dismiss(None)
        elif event.widget is self._list and event.chain == 2:
            self.choose_heavy()

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)


def _fits(model: ModelInfo, text: str) -> bool:
    """Tell whether every word stands somewhere in what is told of the model."""
    facts = (model.name, model.family, model.parameters, model.quantization)
    told = " ".join((*facts, *model.capabilities)).casefold()
    return all(word in told for word in text.casefold().split())


def _download_row(name: str) -> Content:
    arrow = ("↓ ", "$text-accent")
    text = _("download {model}").format(model=name)
    return Content.assemble(arrow, line(text))


def _hints() -> Content:
    hints = (
        ("Enter", _("fixes, questions")),
        ("^L", _("short answers")),
        ("^O", _("load or unload")),
        ("^Y", _("copy setting")),
    )
    return Content("  ").join(
        Content.assemble((key, "bold $text-accent"), (f" {text}", MUTED))
        for key, text in hints
    )
