"""What a program and the terminal agree on besides drawing.

Titles, links, colours, and how keys are to be sent. Nothing that a program sent is ever
sent back to it, but for the title where the user permits that.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from terminal_ai.terminal import replies
from terminal_ai.terminal.colors import Colors, ColorTable
from terminal_ai.terminal.events import Event, Reply, TitleChanged
from terminal_ai.terminal.grid.scrollback import ScrollbackLimits
from terminal_ai.terminal.kitty_flags import KittyStack
from terminal_ai.terminal.permissions import NOTHING_PERMITTED, Permissions
from terminal_ai.terminal.screen.rectangles import Rectangles
from terminal_ai.terminal.style import linked
from terminal_ai.terminal.widths import without_invisible

TITLE_LIMIT_CHARACTERS = 256
TITLE_STACK_LIMIT = 10

SET_HEX, REPORT_HEX = 0, 1

OTHER_KEYS = 4
"""The resource number of modifyOtherKeys and formatOtherKeys."""
LARGEST_OTHER_KEYS = 3

_BOTH, _ICON, _WINDOW = 0, 1, 2


class Dialogue(Rectangles):
    """A canvas whose terminal can be asked, told and answered."""

    def __init__(
        self,
        columns: int,
        rows: int,
        limits: ScrollbackLimits,
        emit: Callable[[Event], None],
        permissions: Permissions = NOTHING_PERMITTED,
    ) -> None:
        self._emit = emit
        self.permissions = permissions
        self.title = ""
        self.icon_name = ""
        self.ignored = 0
        self.colors = ColorTable()
        super().__init__(columns, rows, limits)

    def _restore_defaults(self) -> None:
        self._titles: list[tuple[str, str]] = []
        self.title_modes: set[int] = set()
        self._keyboards = {False: KittyStack(), True: KittyStack()}
        self.colors.reset()
        super()._restore_defaults()

    def reply(self, data: bytes) -> None:
        """Answer the program with bytes of our own: never with what it sent."""
        self._emit(Reply(data))

    def ignore_sequence(self) -> None:
        """Count a sequence that nothing here understands."""
        self.ignored += 1

    # Titles.

    def set_title(self, title: str) -> None:
        """OSC 0, OSC 2."""
        self.title = _one_line(title)
        self._emit(TitleChanged(self.title))

    def set_icon_name(self, name: str) -> None:
        """OSC 0, OSC 1: it is only kept."""
        self.icon_name = _one_line(name)

    def switch_title_modes(self, modes: Iterable[int], is_set: bool) -> None:
        """XTSMTITLE, XTRMTITLE: titles are set (0) or reported (1) in hexadecimal."""
        for mode in modes:
            if mode in (SET_HEX, REPORT_HEX):
                (self.title_modes.add if is_set else self.title_modes.discard)(mode)

    def read_label(self, text: str) -> str | None:
        """Return a title as the title modes have it written; None when it is not so."""
        if SET_HEX not in self.title_modes:
            return text
        try:
            return bytes.fromhex(text).decode("utf-8", "replace")
        except ValueError:
            return None

    def push_title(self) -> None:
        """XTPUSHTITLE: ``CSI 22 t``; a deeper push than the limit is refused."""
        if len(self._titles) < TITLE_STACK_LIMIT:
            self._titles.append((self.icon_name, self.title))

    def pop_title(self, which: int = _BOTH) -> None:
        """XTPOPTITLE: ``CSI 23 t``."""
        if self._titles:
            icon_name, title = self._titles.pop()
            if which in (_BOTH, _ICON):
                self.set_icon_name(icon_name)
            if which in (_BOTH, _WINDOW):
                self.set_title(title)

    def report_icon_name(self) -> None:
        """XTWINOPS 20."""
        self.reply(b"\x1b]L%s\x1b\\" % self._permitted(self.icon_name))

    def report_title(self) -> None:
        """XTWINOPS 21."""
        self.reply(b"\x1b]l%s\x1b\\" % self._permitted(self.title))

    def _permitted(self, label: str) -> bytes:
        if not self.permissions.reports_title:
            return b""
        data = label.encode()
        return data.hex().encode() if REPORT_HEX in self.title_modes else data

    # Links.

    def set_link(self, link: str | None) -> None:
        """OSC 8."""
        self.set_style(linked(self.style, link))

    # Colours and size.

    def set_colors(self, colors: Colors) -> None:
        """Take a theme; a program that asked is told when dark and light changed.

        Colours that programs chose to go with another theme are forgotten.
        """
        if colors != self.colors.theme:
            self.colors.reset()
        was_dark, self.colors.theme = self.colors.theme.is_dark, colors
        if self.modes.color_scheme_reports and colors.is_dark != was_dark:
            self.report_color_scheme()

    def report_color_scheme(self) -> None:
        """DSR 996."""
        self.reply(b"\x1b[?997;%dn" % (1 if self.colors.theme.is_dark else 2))

    def report_resize(self) -> None:
        """Mode 2048: tell the size, where a signal would not arrive."""
        if self.modes.resize_reports:
            self.reply(replies.size_report(self.columns, self.rows))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of both screens, and tell a program that asked."""
        before = self.columns, self.rows
        super().resize(columns, rows)
        if before != (self.columns, self.rows):
            self.report_resize()

    # Keys.

    def show_alternate(self, is_shown: bool) -> None:
        """Switch screens: each has its own keyboard."""
        super().show_alternate(is_shown)
        self._take_keyboard()

    def push_keyboard(self, flags: int) -> None:
        """``CSI > flags u`` of the kitty keyboard protocol."""
        self._keyboard.push(flags)
        self._take_keyboard()

    def pop_keyboard(self, count: int) -> None:
        """``CSI < count u``."""
        self._keyboard.pop(count)
        self._take_keyboard()

    def drop_keyboard(self) -> None:
        """Forget all that was pushed on this screen."""
        self._keyboards[self.is_alternate] = KittyStack()
        self._take_keyboard()

    def change_keyboard(self, flags: int, how: int) -> None:
        """``CSI = flags ; how u``."""
        self._keyboard.change(flags, how or 1)
        self._take_keyboard()

    def report_keyboard(self) -> None:
        """``CSI ? u``."""
        self.reply(b"\x1b[?%du" % self._keyboard.flags)

    @property
    def _keyboard(self) -> KittyStack:
        return self._keyboards[self.is_alternate]

    def _take_keyboard(self) -> None:
        self.change_modes(replace(self.modes, kitty_flags=self._keyboard.flags))

    def modify_keys(self, resource: int | None, value: int) -> bool:
        """XTMODKEYS; without a resource all are reset. False for an unknown one."""
        if resource not in (None, OTHER_KEYS):
            return False
        value = min(value, LARGEST_OTHER_KEYS) if resource else 0
        self.change_modes(replace(self.modes, modify_other_keys=value))
        return True

    def format_keys(self, resource: int | None, value: int) -> bool:
        """XTFMTKEYS."""
        if resource not in (None, OTHER_KEYS):
            return False
        is_csi_u = bool(resource and value == 1)
        self.change_modes(replace(self.modes, format_other_keys=is_csi_u))
        return True

    def report_modified_keys(self) -> None:
        """XTQMODKEYS."""
        self.reply(b"\x1b[>%d;%dm" % (OTHER_KEYS, self.modes.modify_other_keys))

    def report_key_format(self) -> None:
        """XTQFMTKEYS."""
        self.reply(b"\x1b[>%d;%df" % (OTHER_KEYS, self.modes.format_other_keys))


def _one_line(text: str) -> str:
    return without_invisible(text)[:TITLE_LIMIT_CHARACTERS]
