"""What a program may ask the terminal: the answers are made from our own state."""

import re
from collections.abc import Callable, Iterable

from terminal_ai.terminal import charsets, replies
from terminal_ai.terminal.modes import CURSOR_STYLES
from terminal_ai.terminal.screen.switching import Switching

CAPABILITIES = {"TN": "xterm-256color", "Co": "256", "colors": "256", "RGB": "8/8/8"}
"""What XTGETTCAP knows; everything else is unknown."""

CAPABILITIES_LIMIT = 16
"""Names answered in one request."""

_HEXADECIMAL = re.compile("(?:[0-9A-Fa-f]{2})+")


class Reports(Switching):
    """A canvas that tells what state it is in."""

    def report_device_attributes(self, mode: int = 0, private: bool = False) -> None:
        """DA1."""
        if mode == 0 and not private:
            self.reply(replies.PRIMARY_ATTRIBUTES)

    def report_device_status(
        self, mode: int = 0, request: int = 0, private: bool = False
    ) -> None:
        """DSR, CPR, DECXCPR and DEC's device reports."""
        top, left = self.home
        if mode == 6:
            row, column = self.row - top, self.settled_column - left
            self.reply(replies.cursor_position(row, column, is_private=private))
        elif not private:
            if mode == 5:
                self.reply(replies.STATUS_OK)
        elif mode == 63:
            # The checksum of the macros, of which there are none.
            self.reply(replies.checksum(request, 0))
        elif mode == 996:
            self.report_color_scheme()
        elif mode in replies.DEVICE_STATUS:
            self.reply(replies.DEVICE_STATUS[mode])

    def report_checksum(self, request: int = 0, _: int = 0, *edges: int) -> None:
        """DECRQCRA: of a rectangle on the only page."""
        top, left, bottom, right = (*edges, 0, 0, 0, 0)[:4]
        self.reply(
            replies.checksum(request, self.checksum_of(top, left, bottom, right))
        )

    def report_presentation(self, what: int = 0) -> None:
        """DECRQPSR."""
        if what == 1:
            self.reply(replies.cursor_state(self._cursor_fields()))
        elif what == 2:
            self.reply(replies.tab_stops(sorted(self.tab_stops)))

    def _cursor_fields(self) -> str:
        style, modes = self.style, self.modes
        top, left = self.home
        looks = (style.bold, bool(style.underline), style.blink, style.reverse)
        flags = (modes.origin, self.shift_waits == 2, self.shift_waits == 3)
        pending = self.column == self.columns
        names = "".join(name.removesuffix("96") for name in self.sets)
        sizes = [name == charsets.LATIN_1 for name in self.sets]
        return ";".join(
            (
                str(self.row - top + 1),
                str(self.settled_column - left + 1),
                "1",
                _bits(looks),
                _bits((style.is_protected,)),
                _bits((*flags, pending)),
                str(self.shift),
                "2",
                _bits(sizes),
                names,
            )
        )

    def report_setting(self, setting: str) -> None:
        """DECRQSS: ``setting`` is what follows the parameters of a control function."""
        if parameters := _SETTINGS.get(setting):
            self.reply(replies.setting(parameters(self) + setting))
        else:
            self.reply(replies.UNKNOWN_SETTING)

    def report_capabilities(self, names: str) -> None:
        """XTGETTCAP: the names in hexadecimal, up to the first that is unknown."""
        for encoded in names.split(";")[:CAPABILITIES_LIMIT]:
            name = ""
            if _HEXADECIMAL.fullmatch(encoded):
                name = bytes.fromhex(encoded).decode("ascii", "replace")
            if name not in CAPABILITIES:
                self.reply(replies.UNKNOWN_CAPABILITY)
                return
            self.reply(replies.capability(name, CAPABILITIES[name]))


def _bits(flags: Iterable[bool]) -> str:
    return chr(0x40 + sum(flag << at for at, flag in enumerate(flags)))


def _cursor_style(screen: Switching) -> str:
    styles = {look: number for number, look in CURSOR_STYLES.items() if number}
    return str(styles[screen.cursor_shape, screen.modes.cursor_blinking])


_SETTINGS: dict[str, Callable[[Switching], str]] = {
    "m": lambda screen: replies.graphics(screen.style),
    "r": lambda screen: f"{screen.top + 1};{screen.bottom + 1}",
    "s": lambda screen: f"{screen.left + 1};{screen.right + 1}",
    "t": lambda screen: str(screen.rows),
    " q": _cursor_style,
    '"p': lambda screen: f"6{screen.level};1",
    '"q': lambda screen: "1" if screen.style.is_protected else "2",
    "$|": lambda screen: str(screen.columns),
    "$}": lambda _: "0",
    "$~": lambda _: "0",
    "*x": lambda screen: str(int(screen.extent)),
    "*|": lambda screen: str(screen.rows),
}
"""How each setting that DECRQSS knows is written; there is no status line."""
