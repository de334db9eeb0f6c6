"""Search in finished commands: find, read the output, place again, copy, ask."""

import enum
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerError

from terminal_ai.errors import TerminalAIError
from terminal_ai.export import (
    RECORDS_LIMIT,
    ExportForm,
    bounded,
    export_records,
    exports_directory,
    markdown,
)
from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.needs import Records
from terminal_ai.ui.panels.question_input import LineInput
from terminal_ai.ui.reading.history_query import (
    HistoryPlace,
    parse,
    written,
)
from terminal_ai.ui.screens.export import (
    ExportChoice,
    ExportScreen,
    ExportSource,
    write_export,
)
from terminal_ai.ui.screens.history.finder import Finder
from terminal_ai.ui.screens.history.header import record_header
from terminal_ai.ui.screens.history.keys import (
    all_keys,
    record_hints,
    search_hints,
    shown_hints,
)
from terminal_ai.ui.screens.history.labels import chips, nothing_found
from terminal_ai.ui.screens.history.preview import RecordPreview
from terminal_ai.ui.screens.history.row import RecordList, RecordRow, RowContext
from terminal_ai.ui.texts import line, short_path
from terminal_ai.ui.workers import log_failure
from utils.async_optimizer import run_in_thread

_KEYS_SHOWN = "-keys"
AHEAD_RECORDS = 50
"""More are fetched when the highlight comes this near to the end."""
SEARCH_LIMIT_CHARACTERS = 1_000
DOOMED_CHARACTERS = 30
"""Of a command that is to be deleted: enough to know it."""


class HistoryUse(enum.Enum):
    """What a record was chosen for."""

    PLACE = "place"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class HistoryChoice:
    """The record chosen, and what for."""

    record: CommandRecord
    use: HistoryUse


class HistoryScreen(ModalScreen[HistoryChoice | None]):
    """Returns the record whose command is to be placed, or to be asked about."""

    AUTO_FOCUS = "#history-filter"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pageup", "preview(-1)", show=False),
        Binding("pagedown", "preview(1)", show=False),
        Binding("ctrl+t", "toggle_failed", show=False),
        Binding("ctrl+o", "toggle_here", show=False),
        Binding("ctrl+r", "toggle_session", show=False),
        Binding("ctrl+s", "next_order", show=False),
        Binding("f1", "all_keys", show=False),
        Binding("shift+delete", "delete('Shift+Del')", show=False, priority=True),
        Binding("ctrl+y", "copy", show=False, priority=True),
    ]

    def __init__(self, history: Records, place: HistoryPlace) -> None:
        super().__init__()
        self._history = history
        self._place = place
        self._finder = Finder(history, place)
        self._searching: Worker[None] | None = None
        self._doomed = ""
        """The id of the record that the user was asked about deleting."""
        self._filter = LineInput(
            id="history-filter", limit_characters=SEARCH_LIMIT_CHARACTERS
        )
        self._notes = Static(id="history-notes", markup=False)
        self._list = RecordList(id="history-list", markup=False)
        self._preview = RecordPreview(id="history-preview")
        self._keys = Static(id="history-keys", markup=False)
        self._box = Vertical(id="history")

    def compose(self) -> ComposeResult:
        """Lay out the filter over the list and the preview."""
        self._filter.placeholder = _("Search commands and output")
        self._box.border_title = _("History")
        with self._box:
            yield self._filter
            yield self._notes
            with Container(id="history-body"):
                yield self._list
                yield self._preview
            yield self._keys

    def on_mount(self) -> None:
        """Show the newest commands."""
        self._list.can_focus = False
        self._show_keys()
        self._search("")

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _show_keys(self) -> None:
        is_reading = self.focused is self._preview
        hints = record_hints() if is_reading else search_hints()
        self.set_class(is_reading, "-reading")
        self._keys.update(shown_hints(hints))
        if self.has_class(_KEYS_SHOWN):
            self._box.border_subtitle = _("PgDn: more · Esc: back to the commands")
        elif is_reading:
            self._box.border_subtitle = _("F1 keys · Esc: back to the search")
        else:
            self._box.border_subtitle = _("F1 keys · Esc closes")

    # -- searching -----------------------------------------------------------------

    @on(Input.Changed)
    def search_again(self, event: Input.Changed) -> None:
        """Search at each letter; an older search still running is dropped."""
        self._take_keys_away()
        self._searching = self._search(event.value)

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _search(self, text: str) -> None:
        finder = self._finder
        await finder.search(text)
        self._list.clear_options()
        self._show_notes()
        self._add(finder.found)
        if finder.found:
            self._list.highlighted = 0
            return
        query, place = finder.query, self._place
        self._preview.show_nothing(nothing_found(query, place, ()))
        excluding = await finder.excluding()
        self._preview.show_nothing(nothing_found(query, place, excluding))

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _search_further(self) -> None:
        self._add(await self._finder.search_further())

    def _add(self, found: Sequence[CommandRecord]) -> None:
        order, pattern = self._finder.query.order, self._finder.pattern
        context = RowContext(self._place.home, time.time(), order, pattern)
        self._list.add_options(Option(RecordRow(record, context)) for record in found)
        self._show_count()

    def _show_count(self) -> None:
        count = len(self._finder.found)
        shown = f"{count:,}" + ("+" if self._finder.has_more else "")
        title = ngettext("{count} command", "{count} commands", count)
        self._box.border_title = f"{_('History')} · {title.format(count=shown)}"

    def _show_notes(self) -> None:
        self._doomed = ""
        parts = [chips(self._finder.query, self._place)]
        parts += [line(error, "$text-warning") for error in self._finder.errors]
        if notice := self._history.notice:
            parts.append(line(notice, "$text-warning"))
        self._notes.update(Content("  ").join(part for part in parts if part))

    def tell(self, text: str) -> None:
        """Say something in place of the filters, until the next search."""
        self._doomed = ""
        self._notes.update(line(text, "bold"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    # -- the highlighted record ------------------------------------------------------

    @property
    def _highlighted(self) -> CommandRecord | None:
        index = self._list.highlighted
        if index is None or index >= len(self._finder.found):
            return None
        return self._finder.found[index]

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        if (
            self._finder.has_more
            and event.option_index >= len(self._finder.found) - AHEAD_RECORDS
        ):
            self._search_further()
        if (record := self._highlighted) is not None:
            if self._doomed not in ("", record.id):
                self._show_notes()
            self._take_keys_away()
            self._show_record(record)

    @work(exclusive=True, group="history-preview", exit_on_error=False)
    async def _show_record(self, record: CommandRecord) -> None:
        pattern = self._finder.pattern
        whole, output = await run_in_thread(self._load, record)
        if not self.has_class(_KEYS_SHOWN):
            header = record_header(whole, self._place)
            self._preview.show_record(header, output, pattern)

    def _load(self, record: CommandRecord) -> tuple[CommandRecord, str]:
        """Return a record with its output; one deleted meanwhile is as it was."""
        whole = self._history.record(record.id) or record
        return whole, whole.output.text

    # -- keys ------------------------------------------------------------------------

    @on(Input.Submitted)
    @work(exclusive=True, group="history-place", exit_on_error=False)
    async def action_place(self) -> None:
        """Close with the highlighted command; first find what was typed last."""
        if self._searching is not None:
            with suppress(WorkerError):
                await self._searching.wait()
        record = self._highlighted
        choice = HistoryChoice(record, HistoryUse.PLACE) if record else None
        self.dismiss(choice)

    def on_click(self, event: events.Click) -> None:
        """Place on a double click; the first one highlights."""
        if event.widget is self._list and event.chain == 2:
            self.action_place()

    def action_move(self, step: int) -> None:
        """Go through the list without leaving the filter."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_preview(self, step: int) -> None:
        """Scroll the output by a page."""
        self._preview.scroll_pages(step)

    def action_toggle_failed(self) -> None:
        """Show only failed commands, or all again."""
        self._filter_by(
            replace(self._typed, failed=None if self._typed.failed else True)
        )

    def action_toggle_here(self) -> None:
        """Show only commands of the shell's directory and below, or all again."""
        here, query = self._place.cwd, self._typed
        if here:
            self._filter_by(replace(query, cwd="" if query.cwd == here else here))
        else:
            self.tell(_("The shell has not told its directory."))

    def action_toggle_session(self) -> None:
        """Show only commands of the session that runs, or all again."""
        this, query = self._place.session_id, self._typed
        if this:
            session_id = "" if query.session_id == this else this
            self._filter_by(replace(query, session_id=session_id))
        else:
            self.tell(_("No shell has started yet."))

    def action_next_order(self) -> None:
        """Sort by the next figure."""
        orders = list(RecordOrder)
        order = orders[(orders.index(self._typed.order) + 1) % len(orders)]
        self._filter_by(replace(self._typed, order=order))

    @property
    def _typed(self) -> HistoryQuery:
        return parse(self._filter.value, self._place).query

    def _filter_by(self, query: HistoryQuery) -> None:
        """Write the filters into the search line, where they can be edited."""
        text = written(query, self._place)
        # Ready for the first word.
        self._filter.value = text if query.text or not text else text + " "
        self._filter.cursor_position = len(self._filter.value)

    def action_copy(self) -> None:
        """Copy the highlighted command."""
        if (record := self._highlighted) is not None:
            self.app.copy_to_clipboard(record.command_line)

    @work(exclusive=True, group="history-copy", exit_on_error=False)
    async def action_copy_output(self) -> None:
        """Copy the highlighted command's output."""
        if (record := self._highlighted) is not None:
            _whole, output = await run_in_thread(self._load, record)
            self.app.copy_to_clipboard(output)

    @work(exclusive=True, group="history-copy", exit_on_error=False)
    async def action_copy_markdown(self) -> None:
        """Copy the command, what is known of it and its output, for other people."""
        if (record := self._highlighted) is not None:
            whole, _output = await run_in_thread(self._load, record)
            self.app.copy_to_clipboard(await run_in_thread(markdown, [whole]))

    @work(group="history-export", exit_on_error=False)
    async def action_export(self, form: str) -> None:
        """Write the highlighted record to a file, without what is secret in it."""
        if (record := self._highlighted) is None:
            return
        try:
            path = await run_in_thread(self._export, record, ExportForm(form))
        except TerminalAIError as error:
            self.tell(error.told)
        else:
            shown = short_path(str(path), self._place.home)
            self.tell(_("Exported to {path}").format(path=shown))

    def _export(self, record: CommandRecord, form: ExportForm) -> Path:
        whole, _output = self._load(record)
        return export_records([whole], form, exports_directory())

    def action_choose_export(self) -> None:
        """Offer the highlighted command and all that the search finds, in any form."""
        if (record := self._highlighted) is None:
            return
        finder = self._finder
        sources = [ExportSource(_("This command"), lambda: [self._load(record)[0]])]
        if (count := len(finder.found)) > 1:
            label = ngettext(
                "The {count} command listed", "The {count} commands listed", count
            )
            shown = f"{count:,}" + ("+" if finder.has_more else "")
            query = finder.whole_query(RECORDS_LIMIT + 1)
            sources.append(
                ExportSource(label.format(count=shown), lambda: self._all_of(query))
            )
        self.app.push_screen(ExportScreen(sources), self._use_choice)

    def _all_of(self, query: HistoryQuery) -> Sequence[CommandRecord]:
        hint = _("one more word or filter makes them fewer")
        return bounded(self._history.search(query), hint=hint)

    def _use_choice(self, choice: ExportChoice | None) -> None:
        if choice is not None:
            self._write_chosen(choice)

    @work(group="history-export", exit_on_error=False)
    async def _write_chosen(self, choice: ExportChoice) -> None:
        cells = self._notes.size.width
        try:
            self.tell(await write_export(choice, home=self._place.home, cells=cells))
        except TerminalAIError as error:
            self.tell(error.told)

    @work(exclusive=True, group="history-ask", exit_on_error=False)
    async def action_ask(self) -> None:
        """Close and ask the assistant about the highlighted command."""
        if (record := self._highlighted) is None:
            return
        if record.is_private:
            self.tell(_("Private commands are never sent to a model."))
            return
        whole, _output = await run_in_thread(self._load, record)
        self.dismiss(HistoryChoice(whole, HistoryUse.ASK))

    def action_all_keys(self) -> None:
        """List the keys in place of commands and output; a second time, no longer."""
        if self.has_class(_KEYS_SHOWN):
            self._hide_all_keys()
        else:
            self.add_class(_KEYS_SHOWN)
            self._show_keys()
            self._preview.show_nothing(all_keys())

    def _take_keys_away(self) -> None:
        self.remove_class(_KEYS_SHOWN)
        self._show_keys()

    def _hide_all_keys(self) -> None:
        self._take_keys_away()
        if (record := self._highlighted) is not None:
            self._show_record(record)
        else:
            self._search(self._filter.value)

    def action_delete(self, key: str) -> None:
        """Ask once, then delete the highlighted record for good."""
        if (record := self._highlighted) is None:
            return
        if self._doomed == record.id:
            self._delete(record)
            return
        command = single_line(record.command_line, DOOMED_CHARACTERS)
        question = _("{key} again deletes “{command}” for good; Esc keeps it.")
        self.tell(question.format(key=key, command=command))
        self._doomed = record.id

    @work(group="history-delete", exit_on_error=False)
    async def _delete(self, record: CommandRecord) -> None:
        self._show_notes()
        is_gone = await run_in_thread(self._history.delete, [record.id])
        if record in self._finder.found:
            index = self._finder.found.index(record)
            del self._finder.found[index]
            self._list.remove_option_at_index(index)
            self._show_count()
        self._hide_all_keys()
        self.tell(
            _("Deleted.")
            if is_gone
            else _("Deleted here, but the history file cannot be written now.")
        )

    def action_search(self) -> None:
        """Go back to the search line."""
        self._filter.focus()

    def action_leave(self) -> None:
        """Go back to the search, or from there to the terminal."""
        if self._doomed:
            self._show_notes()
        elif self.has_class(_KEYS_SHOWN):
            self._hide_all_keys()
        elif self.focused is self._preview:
            self._filter.focus()
        else:
            self.dismiss(None)
