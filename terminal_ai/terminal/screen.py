"""The control functions: pyte's event vocabulary and what pyte does not dispatch.

``pyte.Stream`` calls the methods named in ``Stream.events``; the others are called by
``interpreter``. Parameters arrive as numbers where 0 stands for "not given".
"""

from collections.abc import Callable
from dataclasses import replace

from terminal_ai.terminal import charsets, replies
from terminal_ai.terminal.canvas import SavedCursor
from terminal_ai.terminal.dialogue import Dialogue
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Bell,
    Event,
)
from terminal_ai.terminal.modes import (
    ALTERNATE_SCREEN_MODES,
    ANSI_MODES,
    COLUMNS_132_MODE,
    CURSOR_STYLES,
    MOUSE_ENCODINGS,
    MOUSE_MODES,
    PRIVATE_MODES,
    SAVE_CURSOR_MODE,
    CursorShape,
    MouseEncoding,
    MouseTracking,
)
from terminal_ai.terminal.permissions import NOTHING_PERMITTED, Permissions
from terminal_ai.terminal.style import DEFAULT_STYLE, apply_sgr, protect


class Screen(Dialogue):
    """A canvas that obeys control functions and tells its host what matters to it."""

    def __init__(
        self,
        columns: int,
        rows: int,
        scrollback_rows: int,
        emit: Callable[[Event], None],
        permissions: Permissions = NOTHING_PERMITTED,
    ) -> None:
        self.cursor_shape = CursorShape.BLOCK
        self.ignored = 0
        super().__init__(columns, rows, scrollback_rows, emit, permissions)

    # Controls.

    def bell(self) -> None:
        """BEL."""
        self._emit(Bell())

    def shift_out(self) -> None:
        """SO: G1 is in use."""
        self.set_sets(self.sets, 1)

    def shift_in(self) -> None:
        """SI: G0 is in use."""
        self.set_sets(self.sets, 0)

    def define_charset(self, code: str, mode: str) -> None:
        """SCS: designate a character set as G0 (``mode`` "(") or G1 (")")."""
        first, second = self.sets
        self.set_sets((code, second) if mode == "(" else (first, code), self.shift)

    def set_cursor_style(self, style: int = 0) -> None:
        """DECSCUSR."""
        if style in CURSOR_STYLES:
            self.cursor_shape, is_blinking = CURSOR_STYLES[style]
            self.modes = replace(self.modes, cursor_blinking=is_blinking)

    # Erasing and editing.

    def erase_in_display(self, how: int = 0, private: bool = False) -> None:
        """ED, DECSED; 3 erases only the scrollback."""
        grid, last = self.grid, self.rows - 1
        if private:
            self._erase_unprotected_rows(how)
        elif how == 0:
            self.erase_in_line(0)
            grid.clear(self.row + 1, last, self.blank)
        elif how == 1:
            grid.clear(0, self.row - 1, self.blank)
            self.erase_in_line(1)
        elif how == 2:
            grid.clear(0, last, self.blank)
        elif how == 3:
            self.primary.scrollback.clear()

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL, DECSEL."""
        # After the last column was written nothing is right of the cursor.
        column = self.column if how == 0 else self.settled_column
        start, stop = {
            0: (column, self.columns),
            1: (0, column + 1),
            2: (0, self.columns),
        }.get(how, (0, 0))
        if start < stop:
            row = self.current_row
            (row.erase_unprotected if private else row.erase)(start, stop, self.blank)
        if stop == self.columns:
            self.current_row.wraps = False

    def _erase_unprotected_rows(self, how: int) -> None:
        first = 0 if how else self.row + 1
        last = self.row - 1 if how == 1 else self.rows - 1
        if how in (0, 1, 2):
            for row in self.grid.rows[first : last + 1]:
                row.erase_unprotected(0, self.columns, self.blank)
        if how in (0, 1):
            self.erase_in_line(how, private=True)

    def set_protection(self, how: int = 0) -> None:
        """DECSCA."""
        if how in (0, 1, 2):
            self.set_style(protect(self.style, how == 1))

    def erase_characters(self, count: int = 1) -> None:
        """ECH."""
        column = self.settled_column
        stop = min(column + max(count, 1), self.columns)
        self.current_row.erase(column, stop, self.blank)

    def insert_characters(self, count: int = 1) -> None:
        """ICH."""
        self.column = self.settled_column
        self.current_row.insert(self.column, max(count, 1), self.columns, self.blank)

    def delete_characters(self, count: int = 1) -> None:
        """DCH."""
        self.column = self.settled_column
        self.current_row.delete(self.column, max(count, 1), self.columns, self.blank)

    def insert_lines(self, count: int = 1) -> None:
        """IL; only inside the margins."""
        if self.top <= self.row <= self.bottom:
            self.grid.scroll_down(self.row, self.bottom, max(count, 1), self.blank)
            self.column = 0

    def delete_lines(self, count: int = 1) -> None:
        """DL; only inside the margins."""
        if self.top <= self.row <= self.bottom:
            self.grid.delete_rows(self.row, self.bottom, max(count, 1), self.blank)
            self.column = 0

    def scroll_up(self, count: int = 1) -> None:
        """SU."""
        self.grid.scroll_up(self.top, self.bottom, max(count, 1), self.blank)

    def scroll_down(self, count: int = 1) -> None:
        """SD."""
        self.grid.scroll_down(self.top, self.bottom, max(count, 1), self.blank)

    def repeat_character(self, count: int = 1) -> None:
        """REP: draw the last character again, at most a screenful of times."""
        if self.last_character:
            self.draw(
                self.last_character * min(max(count, 1), self.columns * self.rows)
            )

    def alignment_display(self) -> None:
        """DECALN: fill the screen with E, margins reset, cursor home."""
        self.top, self.bottom = 0, self.rows - 1
        self.row = self.column = 0
        self.grid.clear(0, self.rows - 1, DEFAULT_STYLE)
        for row in self.grid.rows:
            row.write(0, "E" * self.columns, DEFAULT_STYLE)

    def set_margins(self, top: int = 0, bottom: int = 0) -> None:
        """DECSTBM: the rows that scroll; the cursor goes home."""
        top, bottom = max(top, 1), min(bottom or self.rows, self.rows)
        if top < bottom:
            self.top, self.bottom = top - 1, bottom - 1
            self.cursor_position()

    # Look and modes.

    def select_graphic_rendition(self, *parameters: int) -> None:
        """SGR with plain numbers, as ``pyte.Stream`` gives it."""
        self.set_graphics(";".join(map(str, parameters)))

    def set_graphics(self, parameters: str) -> None:
        """SGR as it was written, with sub-parameters."""
        self.set_style(apply_sgr(self.style, parameters))

    def set_mode(self, *numbers: int, private: bool = False) -> None:
        """SM, DECSET."""
        for number in numbers:
            self._switch_mode(number, private, True)

    def reset_mode(self, *numbers: int, private: bool = False) -> None:
        """RM, DECRST."""
        for number in numbers:
            self._switch_mode(number, private, False)

    def _switch_mode(self, number: int, is_private: bool, is_set: bool) -> None:
        if name := (PRIVATE_MODES if is_private else ANSI_MODES).get(number):
            self.change_modes(self.modes.switched(name, is_set))
            if name == "origin":
                self.cursor_position()
            elif name == "resize_reports":
                self.report_resize()
        elif not is_private:
            return
        elif number in MOUSE_MODES:
            tracking = MouseTracking(number) if is_set else MouseTracking.OFF
            self.modes = replace(self.modes, mouse_tracking=tracking)
        elif number in MOUSE_ENCODINGS:
            self._choose_mouse_encoding(MouseEncoding(number), is_set)
        elif number in ALTERNATE_SCREEN_MODES:
            self._switch_screen(number, is_set)
        elif number == SAVE_CURSOR_MODE:
            (self.save_cursor if is_set else self.restore_cursor)()
        elif number == COLUMNS_132_MODE:
            # The width is the host's to choose; the side effects are relied upon.
            self.top, self.bottom = 0, self.rows - 1
            self.erase_in_display(2)
            self.cursor_position()

    def _choose_mouse_encoding(self, encoding: MouseEncoding, is_set: bool) -> None:
        if is_set:
            self.modes = replace(self.modes, mouse_encoding=encoding)
        elif self.modes.mouse_encoding is encoding:
            self.modes = replace(self.modes, mouse_encoding=MouseEncoding.BYTES)

    def _switch_screen(self, number: int, is_alternate: bool) -> None:
        if is_alternate == self.is_alternate:
            return
        if number == 1049 and is_alternate:
            self.save_cursor()
        if number in (1047, 1049) and not is_alternate:
            self.grid.clear(0, self.rows - 1, DEFAULT_STYLE)
        self.show_alternate(is_alternate)
        if number == 1049:
            if is_alternate:
                self.grid.clear(0, self.rows - 1, self.blank)
            else:
                self.restore_cursor()
        self._emit(AlternateScreenChanged(is_alternate))

    def set_keypad(self, is_application: bool) -> None:
        """DECKPAM, DECKPNM."""
        self.modes = replace(self.modes, application_keypad=is_application)

    def reset(self) -> None:
        """RIS: everything at its default, the scrollback gone."""
        was_alternate = self.is_alternate
        self._restore_defaults()
        self.cursor_shape = CursorShape.BLOCK
        if was_alternate:
            self._emit(AlternateScreenChanged(False))

    def soft_reset(self) -> None:
        """DECSTR: modes, margins, pen and character sets; the text stays."""
        self.change_modes(
            replace(
                self.modes,
                application_cursor=False,
                application_keypad=False,
                autowrap=True,
                insert=False,
                origin=False,
                cursor_visible=True,
            )
        )
        self.top, self.bottom = 0, self.rows - 1
        self.set_style(DEFAULT_STYLE)
        self.set_sets((charsets.ASCII, charsets.ASCII), 0)
        self.saved[self.is_alternate] = SavedCursor()

    # What the host is told.

    def report_device_attributes(self, mode: int = 0, private: bool = False) -> None:
        """DA1."""
        if mode == 0 and not private:
            self.reply(replies.PRIMARY_ATTRIBUTES)

    def report_device_status(self, mode: int = 0, private: bool = False) -> None:
        """DSR 5 and 6, and DECXCPR."""
        row = self.row - (self.top if self.modes.origin else 0)
        column = self.settled_column
        if mode == 5 and not private:
            self.reply(replies.STATUS_OK)
        elif mode == 6:
            self.reply(replies.cursor_position(row, column, is_private=private))
        elif mode == 996 and private:
            self.report_color_scheme()

    def report_mode(self, number: int, private: bool = False) -> None:
        """DECRQM."""
        self.reply(replies.mode_state(self.modes, number, private, self.is_alternate))

    def window_operation(self, operation: int, which: int = 0) -> None:
        """XTWINOPS: the size of the text area, the titles and their stack."""
        if operation == 18:
            self.report_size()
        elif operation == 20:
            self.report_icon_name()
        elif operation == 21:
            self.report_title()
        elif operation == 22:
            self.push_title()
        elif operation == 23:
            self.pop_title(which)
        else:
            self.ignore_sequence()

    def report_size(self) -> None:
        """XTWINOPS 18: the size in cells."""
        self.reply(replies.size(self.columns, self.rows))

    def ignore_sequence(self) -> None:
        """Count a sequence that nothing here understands."""
        self.ignored += 1

    def debug(self, *_: object, **__: object) -> None:
        """Ignore what ``pyte.Stream`` could not dispatch."""
