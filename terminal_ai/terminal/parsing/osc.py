"""Operating system commands: titles, colours, links, notices, the clipboard.

Each payload is hostile: it is bounded by the scanner, read strictly, and what comes of
it is sanitised. Answers are made of our own colours alone.
"""

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote

from terminal_ai.terminal.colors import (
    PALETTE_COLORS,
    SPECIAL_COLORS,
    color_specification,
    parse_color,
)
from terminal_ai.terminal.events import (
    ClipboardWritten,
    DirectoryReported,
    Event,
    Notification,
)
from terminal_ai.terminal.screen.dialogue import Dialogue
from terminal_ai.terminal.widths import without_invisible

LINK_LIMIT_CHARACTERS = 2083
DIRECTORY_LIMIT_CHARACTERS = 4096
NOTICE_TITLE_LIMIT_CHARACTERS = 128
NOTICE_BODY_LIMIT_CHARACTERS = 1024

_LINK = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_FILE_URL = re.compile(r"file://[^/]*(/.*)", re.DOTALL)
_SELECTIONS = re.compile(r"[cpqs0-7]{0,16}")
# ConEmu's commands share OSC 9 with the notices of iTerm2; 9;4 shows progress.
_CONEMU = re.compile(r"\d{1,2}(?:;|\Z)")
_UNCOPYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_SPECIAL_BASE = PALETTE_COLORS
_INDEXED = range(PALETTE_COLORS + SPECIAL_COLORS)
_DYNAMIC = range(10, 20)
_RESET = 100
_WITHOUT_TEXT = frozenset(b"%d" % (_RESET + code) for code in (4, 5, *_DYNAMIC))


class OperatingSystemCommands:
    """Runs one payload at a time; False tells that it means nothing here."""

    def __init__(self, screen: Dialogue, emit: Callable[[Event], None]) -> None:
        self._screen = screen
        self._colors = screen.colors
        self._permissions = screen.permissions
        self._emit = emit

    def run(self, payload: bytes) -> bool:
        """Obey one command."""
        code, separator, text = payload.partition(b";")
        command = _COMMANDS.get(code.decode("ascii", "replace"))
        if command is None or not (separator or code in _WITHOUT_TEXT):
            return False
        return command(self, text.decode("utf-8", "replace"))

    # Titles and the directory.

    def set_labels(self, text: str, *setters: Callable[[Dialogue, str], None]) -> bool:
        """OSC 0, OSC 1, OSC 2."""
        label = self._screen.read_label(text)
        if label is None:
            return False
        for setter in setters:
            setter(self._screen, label)
        return True

    def report_directory(self, text: str) -> bool:
        """OSC 7."""
        match = _FILE_URL.fullmatch(text)
        if match is None or len(text) > DIRECTORY_LIMIT_CHARACTERS:
            return False
        path = unquote(match[1], errors="replace")
        if without_invisible(path) != path:
            return False
        self._emit(DirectoryReported(path))
        return True

    # Links.

    def set_link(self, text: str) -> bool:
        """OSC 8."""
        _parameters, _, target = text.partition(";")
        is_link = len(target) <= LINK_LIMIT_CHARACTERS and _LINK.fullmatch(target)
        # Cells with one target are one link, which is all that an id could ask for.
        self._screen.set_link(target if is_link else None)
        return bool(is_link) or not target

    # Notices.

    def notify(self, text: str) -> bool:
        """OSC 9."""
        return not _CONEMU.match(text) and self._tell("", text)

    def notify_with_title(self, text: str) -> bool:
        """OSC 777."""
        kind, _, rest = text.partition(";")
        title, _, body = rest.partition(";")
        return kind == "notify" and self._tell(title, body)

    def _tell(self, title: str, body: str) -> bool:
        title = without_invisible(title)[:NOTICE_TITLE_LIMIT_CHARACTERS]
        body = without_invisible(body)[:NOTICE_BODY_LIMIT_CHARACTERS]
        if title or body:
            self._emit(Notification(title, body))
        return bool(title or body)

    # The clipboard.

    def write_clipboard(self, text: str) -> bool:
        """OSC 52."""
        selection, _, data = text.partition(";")
        is_refused = not self._permissions.writes_clipboard or data == "?"
        if is_refused or not _SELECTIONS.fullmatch(selection):
            return False
        try:
            copied = base64.b64decode(data, validate=True).decode()
        except (binascii.Error, ValueError):
            return False
        copied = _UNCOPYABLE.sub("", copied)
        if copied:
            self._emit(ClipboardWritten(selection or "c", copied))
        return bool(copied)

    # Colours.

    def indexed_colors(self, code: int, base: int, text: str) -> bool:
        """OSC 4, OSC 5: read or set colours by their numbers."""
        fields = text.split(";")
        is_understood = len(fields) >= 2
        for number, value in zip(fields[::2], fields[1::2], strict=False):
            index = _index(number)
            if index is None or base + index not in _INDEXED:
                is_understood = False
            elif value == "?":
                color = color_specification(self._colors.indexed(base + index))
                self._reply(b"%d;%d;%s" % (code, index, color))
            elif color_ := parse_color(value):
                self._colors.set_indexed(base + index, color_)
            else:
                is_understood = False
        return is_understood

    def reset_indexed(self, base: int, count: int, text: str) -> bool:
        """OSC 104, OSC 105."""
        if not text:
            self._colors.reset_indexed(range(base, base + count))
            return True
        indexes = [_index(number) for number in text.split(";")]
        for index in indexes:
            if index is not None and base + index in _INDEXED:
                self._colors.reset_indexed(range(base + index, base + index + 1))
        return None not in indexes

    def reset_dynamic(self, code: int) -> bool:
        """OSC 110 to OSC 119."""
        self._colors.reset_dynamic(code)
        return True

    def dynamic_colors(self, first: int, text: str) -> bool:
        """Read or set a colour, and with each further value the next one."""
        is_understood = True
        for code, value in zip(
            range(first, _DYNAMIC.stop), text.split(";"), strict=False
        ):
            if value == "?":
                color = color_specification(self._colors.dynamic(code))
                self._reply(b"%d;%s" % (code, color))
            elif color_ := parse_color(value):
                self._colors.set_dynamic(code, color_)
            elif value:
                is_understood = False
        return is_understood

    def _reply(self, data: bytes) -> None:
        self._screen.reply(b"\x1b]%s\x1b\\" % data)


Command = Callable[[OperatingSystemCommands, str], bool]


def _dynamic_command(first: int) -> Command:
    return lambda commands, text: commands.dynamic_colors(first, text)


def _dynamic_reset(code: int) -> Command:
    return lambda commands, _text: commands.reset_dynamic(code)


# Of all terminals.
_COMMANDS: dict[str, Command] = {
    "0": lambda commands, text: commands.set_labels(
        text, Dialogue.set_icon_name, Dialogue.set_title
    ),
    "1": lambda commands, text: commands.set_labels(text, Dialogue.set_icon_name),
    "2": lambda commands, text: commands.set_labels(text, Dialogue.set_title),
    "4": lambda commands, text: commands.indexed_colors(4, 0, text),
    "5": lambda commands, text: commands.indexed_colors(5, _SPECIAL_BASE, text),
    "7": OperatingSystemCommands.report_directory,
    "8": OperatingSystemCommands.set_link,
    "9": OperatingSystemCommands.notify,
    "52": OperatingSystemCommands.write_clipboard,
    "104": lambda commands, text: commands.reset_indexed(0, PALETTE_COLORS, text),
    "105": lambda commands, text: commands.reset_indexed(
        _SPECIAL_BASE, SPECIAL_COLORS, text
    ),
    "777": OperatingSystemCommands.notify_with_title,
    **{str(code): _dynamic_command(code) for code in _DYNAMIC},
    **{str(_RESET + code): _dynamic_reset(code) for code in _DYNAMIC},
}


def _index(number: str) -> int | None:
    return (
        int(number)
        if number.isascii() and number.isdecimal() and len(number) <= 3
        else None
    )
