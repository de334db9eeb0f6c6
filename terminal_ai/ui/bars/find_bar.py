"""The search in the terminal: a line in place of the status bar, and its matches."""

import asyncio
import time

from rich.cells import cell_len
from rich.style import Style as RichStyle
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Static
from textual.worker import Worker

from terminal_ai.messages import gettext as _
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.ui.bars.find_input import FindInput
from terminal_ai.ui.bars.parts import leaving_banner
from terminal_ai.ui.reading.finding import Finding, Match, search
from terminal_ai.ui.reading.lines import line_of
from terminal_ai.ui.reading.query import Pattern, Query, QueryError
from terminal_ai.ui.texts import MUTED, line
from terminal_ai.ui.view.strips import with_selection
from terminal_ai.ui.view.terminal_view import TerminalView
from terminal_ai.ui.workers import log_failure
from utils.async_optimizer import run_in_thread

LOOK_SECONDS = 0.05
"""How often rows that may still change are searched again."""
ERROR_LIMIT_CHARACTERS = 60
_OVERLAY = "find"
_AROUND_CELLS, _LEAST_INPUT_CELLS = 18, 12
"""What the hints leave for label and count, and for the text, or they are not shown."""


class FindBar(Horizontal):
    """Finds what is typed, marks it in the view, and goes from match to match."""

    class Closed(Message):
        """The search is over."""

    def __init__(self, view: TerminalView, *, id: str) -> None:
        super().__init__(id=id)
        self._view = view
        self._label = Static(id="find-label", markup=False)
        self._input = FindInput(id="find-input")
        self._status = Static(id="find-status", markup=False)
        self._hints = Static(id="find-hints", markup=False)
        self._banner = Static(id="find-banner", markup=False)
        self._remote_host = ""
        self._is_regex = False
        self._finding: Finding | None = None
        self._current: Match | None = None
        self._origin: int | None = None
        self._is_placed = False
        self._shown_spans: list[object] = []

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield self._label
        yield self._input
        yield self._status
        yield self._hints
        yield self._banner

    @property
    def is_open(self) -> bool:
        """True from opening to closing."""
        return self.display

    def open(self) -> None:
        """Begin a search from where the view is, or go on with the one that is open."""
        if not self.is_open:
            self.display = True
            self._origin = self._view_place()
            self._input.is_kept = False
            self._input.select_all()
            self._view.set_overlay(_OVERLAY, self._mark)
            self._start()
        self._input.focus()
        self._show_hints()

    def close(self) -> None:
        """End the search; the view stays where it was unless the place was kept."""
        if not self._input.is_kept:
            self._return()
        self.display = False
        self.workers.cancel_node(self)
        self._forget()
        self._view.set_overlay(_OVERLAY, None)
        self.post_message(self.Closed())

    def show_leaving(self, remote_host: str) -> None:
        """Show, as the status bar does, where questions leave this machine for."""
        self._remote_host = remote_host
        self._show_hints()

    # -- what is typed -----------------------------------------------------------

    @on(Input.Changed)
    def search_anew(self) -> None:
        """Search for what stands there now, from where the search was opened."""
        self._input.is_kept = False
        if self.is_open:
            self._start()

    @on(FindInput.RegexToggled)
    def toggle_regex(self) -> None:
        """Take the text for a regular expression, or literally again."""
        self._is_regex = not self._is_regex
        self._start()

    @on(FindInput.Kept)
    def keep_place(self) -> None:
        """Closing returns no more."""
        self._show_hints()

    @on(FindInput.Left)
    def leave(self) -> None:
        """Close."""
        self.close()

    def on_resize(self) -> None:
        """Show as much help as there is room for."""
        self._show_hints()

    def _start(self) -> None:
        self._forget()
        self._show_hints()
        terminal = self._view.terminal
        query = Query(self._input.value, self._is_regex)
        if not query.text or terminal is None:
            self.workers.cancel_node(self)
            self._return()
            self._status.update("")
            self._view.refresh()
            return
        try:
            pattern = query.compiled()
        except QueryError as error:
            self.workers.cancel_node(self)
            self._show_error(error)
            return
        self._finding = Finding(terminal)
        self._search(self._finding, pattern)

    def _forget(self) -> None:
        self._finding = None
        self._current = None
        self._is_placed = False
        self._shown_spans = []

    @work(exclusive=True, group="find", exit_on_error=False)
    async def _search(self, finding: Finding, pattern: Pattern) -> None:
        looked = time.monotonic()
        while True:
            read = finding.read()
            if read is None:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                try:
                    found = await run_in_thread(search, pattern, read.lines)
                except QueryError as error:
                    self._show_error(error)
                    return
                finding.add(read, found)
                self._show_found(finding)
            if (now := time.monotonic()) >= looked + LOOK_SECONDS:
                looked = now
                finding.look_again()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Log what nobody foresaw."""
        log_failure(event)

    # -- going from match to match -----------------------------------------------

    @on(FindInput.Stepped)
    def go_on(self, message: FindInput.Stepped) -> None:
        """Go to the next older or newer match, around the ends."""
        matches = self._finding.matches if self._finding is not None else []
        if self._finding is None or not matches:
            return
        current = self._current
        if current is None or current not in matches:
            current = self._nearest(matches)
        at = matches.index(current) + message.step
        if at == len(matches) and not self._finding.is_complete:
            return
        self._go_to(matches[at % len(matches)])
        self._show_count(self._finding, matches)

    def _show_found(self, finding: Finding) -> None:
        """Show new matches; the first is gone to as soon as it is known."""
        matches = finding.matches
        if not self._is_placed:
            self._go_to_first(matches, finding)
        elif matches and finding.is_complete and self._current not in matches:
            self._current = self._nearest(matches)
        self._show_count(finding, matches)
        spans = self._visible_spans(finding)
        if spans != self._shown_spans:
            self._shown_spans = spans
            self._view.refresh()

    def _go_to_first(self, matches: list[Match], finding: Finding) -> None:
        if (match := self._first(matches, finding)) is not None:
            self._is_placed = True
            self._go_to(match)
        elif finding.is_complete:
            self._is_placed = True
            self._return()

    def _first(self, matches: list[Match], finding: Finding) -> Match | None:
        """Return the match nearest above the view's bottom as it was at the start."""
        lines = self._view.lines
        if lines is None or not matches:
            return None
        place = None if self._origin is None else line_of(self._origin, lines, near=0)
        if place is None:
            return matches[0]
        bottom = min(place + lines.rows, lines.rows) - 1
        newest = lines.row_id(bottom)
        above = (match for match in matches if match.spans[0].row_id <= newest)
        return next(above, matches[0] if finding.is_complete else None)

    def _nearest(self, matches: list[Match]) -> Match:
        """Return the match next to one that is gone."""
        gone = self._current.spans[0].row_id if self._current is not None else 0
        older = (match for match in matches if match.spans[0].row_id <= gone)
        return next(older, matches[0])

    def _go_to(self, match: Match) -> None:
        self._current = match
        self._view.show_row(match.spans[0].row_id)
        self._view.refresh()

    def _view_place(self) -> int | None:
        """Return the id of the view's first row, None at the bottom."""
        lines = self._view.lines
        if lines is None or not self._view.rows_up:
            return None
        return lines.row_id(-self._view.rows_up)

    def _return(self) -> None:
        """Put the view where it was when the search was opened."""
        lines = self._view.lines
        if lines is not None:
            place = (
                None if self._origin is None else line_of(self._origin, lines, near=0)
            )
            self._view.scroll_rows_up(-place if place is not None else 0)

    # -- showing -----------------------------------------------------------------

    def _mark(self, row: Row, strip: Strip) -> Strip:
        """Paint a row's matches, the current one differently."""
        if self._finding is None:
            return strip
        for span, match in self._finding.spans(row.id):
            look = "current-match" if match == self._current else "match"
            strip = with_selection(strip, span.start, span.end, self._style(look))
        return strip

    def _style(self, look: str) -> RichStyle:
        return self._view.get_component_rich_style(f"terminal-view--{look}")

    def _visible_spans(self, finding: Finding) -> list[object]:
        lines = self._view.lines
        if lines is None:
            return []
        top = -min(self._view.rows_up, lines.scrollback_length)
        ids = (lines.row_id(at) for at in range(top, top + lines.rows))
        return [self._current, *((key, *finding.spans(key)) for key in ids)]

    def _show_count(self, finding: Finding, matches: list[Match]) -> None:
        if not matches:
            text = _("no match") if finding.is_complete else "…"
            self._status.update(Content.styled(text, "$text-warning"))
            return
        more = "+" if finding.is_limited else "" if finding.is_complete else "…"
        current = self._current
        is_there = current is not None and current in matches
        at = str(matches.index(current) + 1) if current and is_there else "–"
        self._status.update(Content(f"{at}/{len(matches)}{more}"))

    def _show_error(self, error: QueryError) -> None:
        self._finding = None
        self._status.update(line(str(error), "$text-error", ERROR_LIMIT_CHARACTERS))
        self._show_hints()
        self._view.refresh()

    def _show_hints(self) -> None:
        """Show what the keys do now."""
        mark = (" .*", "bold $text-warning") if self._is_regex else ""
        self._label.update(Content.assemble((_("Find"), "bold $text-accent"), mark))
        is_kept = self._input.is_kept
        hints = [
            ("n/N" if is_kept else "↑/↓", _("go on")),
            ("Alt+R", _("literal") if self._is_regex else _("regex")),
            *([] if is_kept else [("Enter", _("stay"))]),
            ("Esc", _("close") if is_kept else _("back")),
        ]
        shown = Content("  ").join(
            Content.assemble((key, "bold $text-accent"), (f" {text}", MUTED))
            for key, text in hints
        )
        self._hints.update(shown)
        typed = max(_LEAST_INPUT_CELLS, cell_len(self._input.value) + 3)
        banner = leaving_banner(self._remote_host, self.size.width)
        self._banner.update(banner)
        self._banner.display = bool(banner)
        needed = shown.cell_length + banner.cell_length + _AROUND_CELLS + typed
        self._hints.display = self.size.width >= needed
