"""Search in finished commands: find, read the output, place again, copy, ask."""

import enum
import re
import time
from collections.abc import Sequence
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
from textual.worker import Worker

from terminal_ai.errors import TerminalAIError
from terminal_ai.export import ExportForm, export_records, exports_directory, markdown
from terminal_ai.history.query import HistoryQuery, RecordOrder
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.ui.needs import Records
from terminal_ai.ui.panels.question_input import LineInput
from terminal_ai.ui.reading.history_query import (
    HistoryPlace,
    filters_of,
    parse,
    without,
    written,
)
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

PAGE_RECORDS = 200
SHOWN_LIMIT_RECORDS = 25_600
"""Who scrolls further than this is better served by one more word."""
AHEAD_RECORDS = 50
"""More are fetched when the highlight comes this near to the end."""
SEARCH_LIMIT_CHARACTERS = 1_000


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
        Binding("ctrl+y", "copy", show=False, priority=True),
    ]

    def __init__(self, history: Records, place: HistoryPlace) -> None:
        super().__init__()
        self._history = history
        self._place = place
        self._query = HistoryQuery()
        self._found: list[CommandRecord] = []
        self._has_more = False
        self._pattern: re.Pattern[str] | None = None
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
        self._box.border_subtitle = (
            _("F1 keys · Esc: back to the search")
            if is_reading
            else _("F1 keys · Esc closes")
        )

    # -- searching -----------------------------------------------------------------

    @on(Input.Changed)
    def search_again(self, event: Input.Changed) -> None:
        """Search at each letter; an older search still running is dropped."""
        self._search(event.value)

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _search(self, text: str) -> None:
        parsed = parse(text, self._place)
        query = replace(parsed.query, limit=PAGE_RECORDS, output_limit_bytes=0)
        found = await run_in_thread(self._history.search, query)
        self._query = query
        self._pattern = _pattern_of(query)
        self._found.clear()
        self._list.clear_options()
        self._show_notes(parsed.errors)
        self._add(found)
        if found:
            self._list.highlighted = 0
            return
        self._preview.show_nothing(nothing_found(query, self._place, ()))
        await self._say_what_excludes(query)

    async def _say_what_excludes(self, query: HistoryQuery) -> None:
        """Try the query without each filter, and without any."""
        excluding = [
            kind
            for kind in filters_of(query)
            if await self._finds(without(query, kind))
        ]
        bare = HistoryQuery(text=query.text)
        if not excluding and filters_of(query) and await self._finds(bare):
            excluding = list(filters_of(query))
        self._preview.show_nothing(nothing_found(query, self._place, excluding))

    async def _finds(self, query: HistoryQuery) -> bool:
        query = replace(query, limit=1, output_limit_bytes=0)
        return bool(await run_in_thread(self._history.search, query))

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _search_further(self) -> None:
        """Find more of the same; what came to be known meanwhile is left out."""
        query = replace(self._query, limit=2 * self._query.limit)
        found = await run_in_thread(self._history.search, query)
        self._query = query
        known = {record.id for record in self._found}
        self._add([record for record in found if record.id not in known])

    def _add(self, found: Sequence[CommandRecord]) -> None:
        self._found += found
        limit = self._query.limit
        self._has_more = limit <= len(self._found) and limit < SHOWN_LIMIT_RECORDS
        context = RowContext(
            self._place.home, time.time(), self._query.order, self._pattern
        )
        self._list.add_options(Option(RecordRow(record, context)) for record in found)
        self._show_count()

    def _show_count(self) -> None:
        count = len(self._found)
        shown = f"{count:,}" + ("+" if self._has_more else "")
        title = ngettext("{count} command", "{count} commands", count)
        self._box.border_title = f"{_('History')} · {title.format(count=shown)}"

    def _show_notes(self, errors: Sequence[str]) -> None:
        parts = [chips(self._query, self._place)]
        parts += [line(error, "$text-warning") for error in errors]
        if notice := self._history.notice:
            parts.append(line(notice, "$text-warning"))
        self._notes.update(Content("  ").join(part for part in parts if part))

    def tell(self, text: str) -> None:
        """Say something in place of the filters, until the next search."""
        self._notes.update(line(text, "bold"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    # -- the highlighted record ------------------------------------------------------

    @property
    def _highlighted(self) -> CommandRecord | None:
        index = self._list.highlighted
        if index is None or index >= len(self._found):
            return None
        return self._found[index]

    @on(OptionList.OptionHighlighted)
    def _highlight(self, event: OptionList.OptionHighlighted) -> None:
        if self._has_more and event.option_index >= len(self._found) - AHEAD_RECORDS:
            self._search_further()
        if (record := self._highlighted) is not None:
            self._show_record(record, self._pattern)

    @work(exclusive=True, group="history-preview", exit_on_error=False)
    async def _show_record(
        self, record: CommandRecord, pattern: re.Pattern[str] | None
    ) -> None:
        whole, output = await run_in_thread(self._load, record)
        header = record_header(whole, self._place)
        self._preview.show_record(header, output, pattern)

    def _load(self, record: CommandRecord) -> tuple[CommandRecord, str]:
        """Return a record with its output; one deleted meanwhile is as it was."""
        whole = self._history.record(record.id) or record
        return whole, whole.output.text

    # -- keys ------------------------------------------------------------------------

    @on(Input.Submitted)
    def action_place(self) -> None:
        """Close with the highlighted command."""
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
            self.tell(
                f"{error.message} – {error.hint}" if error.hint else error.message
            )
        else:
            shown = short_path(str(path), self._place.home)
            self.tell(_("Written to {path}").format(path=shown))

    def _export(self, record: CommandRecord, form: ExportForm) -> Path:
        whole, _output = self._load(record)
        return export_records([whole], form, exports_directory())

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
        """List the keys in place of the output, until another record is shown."""
        self._preview.show_nothing(all_keys())

    def action_search(self) -> None:
        """Go back to the search line."""
        self._filter.focus()

    def action_leave(self) -> None:
        """Go back to the search, or from there to the terminal."""
        if self.focused is self._preview:
            self._filter.focus()
        else:
            self.dismiss(None)


def _pattern_of(query: HistoryQuery) -> re.Pattern[str] | None:
    """Return what finds the words in a text that is shown."""
    # Of two words that begin alike the longer one is marked.
    words = sorted(set(query.text.split()), key=len, reverse=True)
    if not words:
        return None
    return re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
