"""Modes: what programs switch on and off, save, restore, ask for and reset."""

from dataclasses import replace

from terminal_ai.terminal import charsets, replies
from terminal_ai.terminal.events import AlternateScreenChanged
from terminal_ai.terminal.modes import (
    ALTERNATE_SCREEN_MODES,
    ANSI_MODES,
    COLUMNS_132_MODE,
    CURSOR_STYLES,
    FIXED_MODES,
    MOUSE_ENCODINGS,
    MOUSE_MODES,
    PRIVATE_MODES,
    REMEMBERED_MODES,
    SAVE_CURSOR_MODE,
    SIDE_MARGINS_MODE,
    CursorShape,
    MouseEncoding,
    MouseTracking,
    ScreenState,
)
from terminal_ai.terminal.replies import ModeState
from terminal_ai.terminal.screen.canvas import SavedCursor
from terminal_ai.terminal.screen.editing import Protection
from terminal_ai.terminal.screen.rectangles import Extent
from terminal_ai.terminal.screen.window import Window
from terminal_ai.terminal.style import DEFAULT_STYLE

LARGEST_LEVEL = 4
"""A VT420."""

LEAST_LEVEL_WITH_SIDE_MARGINS = 4
LEAST_LEVEL_WITH_MODE_REPORTS = 3


class Switching(Window):
    """A canvas whose modes programs can switch."""

    def _restore_defaults(self) -> None:
        self.cursor_shape = CursorShape.BLOCK
        self.level = LARGEST_LEVEL
        self._saved_modes: dict[int, bool] = {}
        super()._restore_defaults()

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
        elif _key(number, is_private) in REMEMBERED_MODES:
            key = frozenset([_key(number, is_private)])
            held = self.modes.remembered - key
            self.change_modes(
                replace(self.modes, remembered=held | key if is_set else held)
            )
        elif is_private:
            self._switch_private_mode(number, is_set)

    def _switch_private_mode(self, number: int, is_set: bool) -> None:
        if number in MOUSE_MODES:
            tracking = MouseTracking(number) if is_set else MouseTracking.OFF
            self.change_modes(replace(self.modes, mouse_tracking=tracking))
        elif number in MOUSE_ENCODINGS:
            self._choose_mouse_encoding(MouseEncoding(number), is_set)
        elif number in ALTERNATE_SCREEN_MODES:
            self._switch_screen(number, is_set)
        elif number == SAVE_CURSOR_MODE:
            (self.save_cursor if is_set else self.restore_cursor)()
        elif number == COLUMNS_132_MODE:
            self._change_columns(is_set)
        elif (
            number == SIDE_MARGINS_MODE and self.level >= LEAST_LEVEL_WITH_SIDE_MARGINS
        ):
            self.change_modes(replace(self.modes, left_right_margins=is_set))
            if not is_set:
                self.set_side_margins(0, self.columns - 1)

    def _choose_mouse_encoding(self, encoding: MouseEncoding, is_set: bool) -> None:
        if is_set:
            self.change_modes(replace(self.modes, mouse_encoding=encoding))
        elif self.modes.mouse_encoding is encoding:
            self.change_modes(replace(self.modes, mouse_encoding=MouseEncoding.BYTES))

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

    def _change_columns(self, is_wide: bool) -> None:
        """DECCOLM: erase and go home, which programs rely on; the width stays.

        A window that changes its width is of use to no program of today.
        """
        self.reset_margins()
        self.erase_in_display(2)
        self.cursor_position()
        if self.modes.changes_columns:
            self.change_modes(replace(self.modes, columns_132=is_wide))

    def set_margins(self, top: int = 0, bottom: int = 0) -> None:
        """DECSTBM: the rows that scroll; the cursor goes home."""
        top, bottom = max(top, 1), min(bottom or self.rows, self.rows)
        if top < bottom:
            self.top, self.bottom = top - 1, bottom - 1
            self.cursor_position()

    def set_left_right_margins(self, left: int = 0, right: int = 0) -> None:
        """DECSLRM; without DECLRMM the same sequence is SCOSC."""
        if not self.modes.left_right_margins:
            self.save_cursor()
            return
        left, right = max(left, 1), min(right or self.columns, self.columns)
        if left < right:
            self.set_side_margins(left - 1, right - 1)
            self.cursor_position()

    # Asking for modes, saving and restoring them.

    def report_mode(self, number: int = 0, private: bool = False) -> None:
        """DECRQM."""
        if self.level >= LEAST_LEVEL_WITH_MODE_REPORTS:
            state = self._mode_state(number, private)
            self.reply(replies.mode_report(number, state, is_private=private))

    def _mode_state(self, number: int, is_private: bool) -> ModeState:
        key = _key(number, is_private)
        if key in FIXED_MODES:
            is_always_set = FIXED_MODES[key]
            return ModeState.ALWAYS_SET if is_always_set else ModeState.ALWAYS_RESET
        is_set = self._is_mode_set(number, is_private)
        if is_set is None:
            return ModeState.UNKNOWN
        return ModeState.SET if is_set else ModeState.RESET

    def _is_mode_set(self, number: int, is_private: bool) -> bool | None:
        """Return None for a mode that is not known."""
        key, modes = _key(number, is_private), self.modes
        if name := (PRIVATE_MODES if is_private else ANSI_MODES).get(number):
            return bool(getattr(modes, name))
        if key in REMEMBERED_MODES:
            return key in modes.remembered
        if not is_private:
            return None
        if number in MOUSE_MODES:
            return modes.mouse_tracking == number
        if number in MOUSE_ENCODINGS:
            return modes.mouse_encoding == number
        if number in ALTERNATE_SCREEN_MODES:
            return self.is_alternate
        return {
            COLUMNS_132_MODE: modes.columns_132,
            SIDE_MARGINS_MODE: modes.left_right_margins,
        }.get(number)

    def save_modes(self, *numbers: int) -> None:
        """XTSAVE."""
        for number in numbers:
            is_set = self._is_mode_set(number, is_private=True)
            if is_set is not None:
                self._saved_modes[number] = is_set

    def restore_modes(self, *numbers: int) -> None:
        """XTRESTORE."""
        for number in numbers:
            if number in self._saved_modes:
                self._switch_mode(number, True, self._saved_modes[number])

    # The whole state, for a host that takes it back from a program that died.

    @property
    def state(self) -> ScreenState:
        """What a program may have switched."""
        return ScreenState(
            modes=self.modes,
            is_alternate=self.is_alternate,
            has_margins=(self.top, self.bottom) != (0, self.rows - 1)
            or not self.is_full_width,
            charsets=(self.sets, self.shift),
        )

    def restore_state(self, state: ScreenState) -> None:
        """Return to a state; the alternate screen and margins are only ever left."""
        if self.is_alternate and not state.is_alternate:
            self.drop_keyboard()
            self._switch_screen(1049, False)
        if not state.modes.kitty_flags:
            self.drop_keyboard()
        flags = self.modes.kitty_flags
        self.change_modes(replace(state.modes, kitty_flags=flags))
        if not state.has_margins:
            self.reset_margins()
        self.set_sets(*state.charsets)

    # Resets.

    def set_level(self, level: int = 0) -> None:
        """DECSCL: obey as an older terminal would, after a soft reset."""
        if 61 <= level <= 65:
            self.soft_reset()
            self.level = min(level - 60, LARGEST_LEVEL)

    def set_cursor_style(self, style: int = 0) -> None:
        """DECSCUSR."""
        if style in CURSOR_STYLES:
            self.cursor_shape, is_blinking = CURSOR_STYLES[style]
            self.change_modes(replace(self.modes, cursor_blinking=is_blinking))

    def set_keypad(self, is_application: bool) -> None:
        """DECKPAM, DECKPNM."""
        self.change_modes(replace(self.modes, application_keypad=is_application))

    def reset(self) -> None:
        """RIS: everything at its default, the scrollback gone."""
        was_alternate = self.is_alternate
        self._restore_defaults()
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
                left_right_margins=False,
                reverse_wrap=False,
                national_sets=False,
            )
        )
        self.reset_margins()
        self.set_style(DEFAULT_STYLE)
        self.protection = Protection.NONE
        self.extent = Extent.DEFAULT
        self.set_sets(charsets.ALL_ASCII, 0)
        self.saved[self.is_alternate] = SavedCursor()


def _key(number: int, is_private: bool) -> str:
    return f"?{number}" if is_private else str(number)
