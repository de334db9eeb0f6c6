"""Search in finished commands: find, look at the output, place again, copy."""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from terminal_ai.history.query import HistoryQuery
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.ui.needs import Records
from terminal_ai.ui.texts import MUTED, duration, line, literal, short_path
from terminal_ai.ui.workers import log_failure
from utils.async_optimizer import run_in_thread

FOUND_LIMIT = 200
PREVIEW_LIMIT_CHARACTERS = 20_000


class HistoryScreen(ModalScreen[CommandRecord | None]):
    """Returns the record whose command is to be placed at the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pageup", "preview(-1)", show=False),
        Binding("pagedown", "preview(1)", show=False),
        Binding("ctrl+t", "toggle_failed", show=False),
        Binding("ctrl+y", "copy", show=False, priority=True),
    ]

    def __init__(self, history: Records, *, home: str) -> None:
        super().__init__()
        self._history = history
        self._home = home
        self._found: Sequence[CommandRecord] = ()
        self._only_failed = False
        self._filter = Input(id="history-filter")
        self._list = OptionList(id="history-list", markup=False)
        self._preview = Static(id="history-preview", markup=False)
        self._keys = Static(id="history-keys", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the filter over the list and the preview."""
        self._filter.placeholder = _("Search commands and output")
        with Vertical(id="history") as box:
            box.border_title = _("History")
            yield self._filter
            with Horizontal(id="history-body"):
                yield self._list
                with VerticalScroll(id="history-scroll", can_focus=False):
                    yield self._preview
            yield self._keys

    def on_mount(self) -> None:
        """Show the newest commands."""
        self._list.can_focus = False
        self._show_keys()
        self._search("")

    def _show_keys(self) -> None:
        failed = _("all commands") if self._only_failed else _("failed only")
        hints = (
            ("Enter", _("place")),
            ("^T", failed),
            ("^Y", _("copy")),
            ("PgUp/PgDn", _("output")),
            ("Esc", _("close")),
        )
        self._keys.update(
            Content("  ").join(
                Content.assemble((key, "bold $text-accent"), (f" {text}", MUTED))
                for key, text in hints
            )
        )

    @on(Input.Changed)
    def search_again(self, event: Input.Changed) -> None:
        """Search at each letter; an older search still running is dropped."""
        self._search(event.value)

    @work(exclusive=True, group="history", exit_on_error=False)
    async def _search(self, text: str) -> None:
        failed = True if self._only_failed else None
        query = HistoryQuery(text, failed=failed, limit=FOUND_LIMIT)
        self._found = await run_in_thread(self._history.search, query)
        self._list.clear_options()
        self._list.add_options(Option(self._row(record)) for record in self._found)
        if self._found:
            self._list.highlighted = 0
        self._show_preview()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    def _row(self, record: CommandRecord) -> Content:
        mark = ("✗ ", "$text-error") if record.has_failed else ("✓ ", "$text-success")
        if record.exit_code is None:
            mark = ("· ", MUTED)
        return Content.assemble(mark, line(record.command_line))

    @on(OptionList.OptionHighlighted)
    def _show_preview(self) -> None:
        record = self._highlighted
        if record is None:
            self._preview.update(Content.styled(_("Nothing found."), MUTED))
            return
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.started_at))
        code = "?" if record.exit_code is None else str(record.exit_code)
        facts = " · ".join(
            (
                started,
                _("exit {code}").format(code=code),
                duration(record.duration_seconds),
                short_path(record.cwd, self._home),
            )
        )
        self._preview.update(
            Content("\n").join(
                (
                    literal(record.command_line, "bold"),
                    line(facts, MUTED),
                    Content(""),
                    literal(record.output.text[:PREVIEW_LIMIT_CHARACTERS]),
                )
            )
        )

    @property
    def _highlighted(self) -> CommandRecord | None:
        index = self._list.highlighted
        if index is None or index >= len(self._found):
            return None
        return self._found[index]

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def choose(self) -> None:
        """Close with the highlighted command."""
        self.dismiss(self._highlighted)

    def action_move(self, step: int) -> None:
        """Go through the list without leaving the filter."""
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_preview(self, step: int) -> None:
        """Scroll the output by a page."""
        scroll = self.query_one("#history-scroll", VerticalScroll)
        scroll.scroll_relative(y=step * scroll.size.height, animate=False)

    def action_toggle_failed(self) -> None:
        """Show only failed commands, or all again."""
        self._only_failed = not self._only_failed
        self._show_keys()
        self._search(self._filter.value)

    def action_copy(self) -> None:
        """Copy the highlighted command."""
        record = self._highlighted
        if record is not None:
            self.app.copy_to_clipboard(record.command_line)

    def action_close(self) -> None:
        """Go back to the terminal."""
        self.dismiss(None)
