"""The widget that shows the emulator and hands every key to the shell."""

from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from terminal_ai.session import Session
from terminal_ai.terminal.colors import NO_CHANGES, ColorChanges
from terminal_ai.terminal.input.keys import encode_focus, encode_key
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.reading.folding import FoldedLines
from terminal_ai.ui.theme import Palette
from terminal_ai.ui.view.cursor import CursorLook, cursor_look
from terminal_ai.ui.view.frames import NOTHING, Frames, Look, row_regions
from terminal_ai.ui.view.immediate import paint_at_once
from terminal_ai.ui.view.mouse_view import MouseView
from terminal_ai.ui.view.strips import (
    changed_base,
    paint_row,
    reversed_strip,
    with_cursor,
    with_selection,
)
from utils.profiler import PerformanceProfiler


class TerminalView(MouseView, can_focus=True):
    """Draws the grid row by row, and forwards keys, pastes and the mouse."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "terminal-view--selection",
        "terminal-view--match",
        "terminal-view--current-match",
        "terminal-view--command",
        "terminal-view--header",
        "terminal-view--running",
        "terminal-view--succeeded",
        "terminal-view--failed",
        "terminal-view--unknown",
    }

    def __init__(
        self,
        palette: Palette,
        *,
        cursor_may_blink: bool,
        profiler: PerformanceProfiler,
        backlog: Callable[[], int],
        id: str,
    ) -> None:
        super().__init__(cursor_may_blink=cursor_may_blink, id=id)
        self._profiler = profiler
        self._palette = palette
        self._shown = NOTHING
        self._frames = Frames(
            self._paint_frame,
            clock=monotonic,
            schedule=self._schedule,
            backlog=backlog,
        )
        self._frame_style: RichStyle | None = None
        self.last_input: events.Event | None = None
        """The key or paste that was handled last: what comes after it is on its way."""

    # -- the session's side ------------------------------------------------------

    def attach(self, session: Session) -> None:
        """Show this session from now on."""
        self._read(session)
        self.fit()
        self.refresh()

    def screen_changed(self, *, waits_a_turn: bool = False) -> None:
        """Go along with the output, and paint it when the next frame is due.

        That is a turn of the event loop away where something is to be seen before it.
        """
        session, terminal, lines = self._session, self._terminal, self._lines
        if session is None or terminal is None or lines is None:
            return
        self._go_along(terminal, lines)
        self._frames.changed(
            is_held=terminal.modes.synchronized_output,
            is_flooded=session.is_flooded,
            waits_a_turn=waits_a_turn,
        )

    def _go_along(self, terminal: Terminal, lines: FoldedLines) -> None:
        """Keep the selection and a view that was scrolled back at their text."""
        if lines.update():
            # A program wrote on what was folded: rows of a selection may be elsewhere.
            self._select(self._selector.clear)
        self._keep_selection(lines)
        if terminal.is_alternate:
            self.leave_command_mode()
            self._follow()
        elif self._scroll.keep_still(lines):
            self.post_message(self.Scrolled(self._scroll.offset))

    def _paint_frame(self) -> None:
        """Have the rows painted that look different from those painted last."""
        lines = self._lines
        if lines is None:
            return
        before, now = self._shown, self._look(lines)
        self._shown = now
        if before.cursor != now.cursor:
            self._wake_cursor()
        # Whatever is painted ends by moving the host's cursor to where it was told.
        self._tell_host_cursor()
        if not now.is_alike(before):
            self.refresh()
            paint_at_once(self)
        else:
            pairs = enumerate(zip(before.rows, now.rows, strict=True))
            changed = {row for row, (old, new) in pairs if old != new}
            if (before.cursor, before.cursor_row) != (now.cursor, now.cursor_row):
                changed |= {before.cursor_row, now.cursor_row} & {*range(len(now.rows))}
            if changed:
                self._paint_rows(changed)
        self._update_marks()

    def _paint_rows(self, rows: set[int]) -> None:
        regions = row_regions(rows, self.size.width)
        # Not ``refresh``, which also forgets styles and sizes: only text has changed.
        self._set_dirty(*regions)
        if not paint_at_once(self):
            self.refresh(*regions)

    def _look(self, lines: FoldedLines) -> Look:
        terminal, offset = lines.terminal, self._scroll.offset
        shown = range(-offset, min(self.size.height, lines.rows) - offset)
        cursor = terminal.cursor
        return Look(
            rows=[(row.id, row.revision) for row in map(lines.line, shown)],
            is_reverse=terminal.modes.reverse_screen,
            changes=self._color_changes(terminal),
            cursor=cursor,
            cursor_row=lines.shown_line(cursor.row) + offset,
        )

    def _color_changes(self, terminal: Terminal) -> ColorChanges:
        """Return the colours that programs have set, unless the user wants none."""
        return NO_CHANGES if self.app.no_color else terminal.color_changes

    def _schedule(self, seconds: float, paint: Callable[[], None]) -> TimerHandle:
        return get_running_loop().call_later(seconds, paint)

    @property
    def _is_host_behind(self) -> bool:
        return self._frames.is_behind

    def _tell_scroll(self) -> None:
        # All of the view is painted now, with whatever is there meanwhile.
        self._shown = NOTHING
        super()._tell_scroll()

    def on_unmount(self) -> None:
        """Paint no more."""
        self._frames.stop()

    # -- painting ----------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the rows that changed, measured as one frame."""
        with self._profiler.profile_block("ui.paint"):
            # Textual works it out anew, from all the styles above, at every look.
            self._frame_style = self._base_style
            try:
                return super().render_lines(crop)
            finally:
                self._frame_style = None
                if self._session is not None:
                    self._session.echo.painted()

    def render_line(self, y: int) -> Strip:
        """Paint one row of the view."""
        if y == 0 and self._header is not None:
            return self._header_strip(self._header)
        lines = self._lines
        line = y - self._scroll.offset
        base = self._frame_style or self._base_style
        if lines is None or line >= lines.rows:
            return Strip.blank(self.size.width, base)
        terminal, row = lines.terminal, lines.line(line)
        changes = self._color_changes(terminal)
        strip = paint_row(row, self._palette, base, self.size.width, changes)
        if terminal.modes.reverse_screen:
            strip = reversed_strip(strip)
        if self._overlays and not lines.is_summary(line):
            strip = self._overlaid(row, strip)
        selection = self._selector.selection
        if selection is not None and (span := selection.span(line)):
            end = min(span[1], self.size.width)
            strip = with_selection(strip, span[0], end, self._selection_style)
        return self._with_cursor(strip, line, terminal)

    @property
    def _base_style(self) -> RichStyle:
        terminal = self._terminal
        if terminal is None:
            return self.rich_style
        return changed_base(self.rich_style, self._color_changes(terminal))

    def _with_cursor(self, strip: Strip, line: int, terminal: Terminal) -> Strip:
        cursor = terminal.cursor
        place = self._cursor_place(cursor)
        if self._copy_mode is not None:
            look = CursorLook.BLOCK if self.has_focus else CursorLook.HOLLOW
        else:
            look = cursor_look(
                cursor,
                has_focus=self.has_focus,
                is_scrolled=self._scroll.offset > 0,
                is_lit=self._blink.is_lit,
            )
        if line != place.line:
            return strip
        column = min(place.column, max(0, self.size.width - 1))
        return with_cursor(strip, column, look, self._color_changes(terminal).cursor)

    @property
    def _selection_style(self) -> RichStyle:
        return self.get_component_rich_style("terminal-view--selection")

    # -- size and focus ----------------------------------------------------------

    def on_resize(self) -> None:
        """Give the pty the size of the view."""
        self.fit()

    def fit(self) -> None:
        """Give session and emulator the size of the view, if they have another."""
        columns, rows = self.content_size
        if self._session is None or not columns or not rows:
            return
        terminal, lines = self._session.terminal, self._lines
        if lines is None:
            return
        if (terminal.columns, terminal.rows) != (columns, rows):
            folded = self._folded_numbers(terminal)
            self._session.resize(columns, rows)
            lines.update()
            found = map(self._session.blocks.numbered, folded)
            self._refold(block for block in found if block is not None)
            self._fit_selection(lines)
            self.screen_changed()

    def on_focus(self) -> None:
        """Tell the program, if it asked, and draw the cursor solid."""
        self._report_focus(is_gained=True)

    def on_blur(self) -> None:
        """Tell the program, if it asked, and draw the cursor hollow."""
        self._report_focus(is_gained=False)

    def _report_focus(self, *, is_gained: bool) -> None:
        terminal = self._terminal
        if self._session is None or terminal is None:
            return
        if report := encode_focus(is_gained, terminal.modes):
            self._session.report_focus(report)
        self._wake_cursor()
        self._refresh_cursor()
        self._tell_host_cursor()

    # -- keyboard ----------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Send the key to the shell at once; only scrolling keys stay here."""
        event.stop()
        event.prevent_default()
        self.last_input = event
        terminal, lines = self._terminal, self._lines
        if self._session is None or terminal is None or lines is None:
            return
        if event.key == "ctrl+shift+c":
            self.post_message(self.CopyWanted(self.selected_text))
            return
        if self._copy_mode is not None:
            self._press_in_copy_mode(self._copy_mode, event)
            return
        if self._command_mode is not None:
            self._press_in_command_mode(self._command_mode, self._key_of(event))
            return
        if not terminal.is_alternate and self._scroll_by_key(event.key, lines):
            return
        raw = getattr(event, "raw", None)
        data = encode_key(event.key, event.character, terminal.modes, raw=raw)
        if data:
            self._before_input()
            self._session.echo.pressed(
                monotonic() - event.time, is_flooded=self._session.is_flooded
            )
            self._session.press(data)

    def on_paste(self, event: events.Paste) -> None:
        """Paste what the host pasted."""
        event.stop()
        self.last_input = event
        if self._session is not None:
            self._before_input()
            self._session.paste(event.text)

    def _before_input(self) -> None:
        self.leave_copy_mode()
        self.leave_command_mode()
        self._follow()
        self._wake_cursor()
        self._select(self._selector.clear)
