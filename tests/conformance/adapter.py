"""The terminal behind the interface that terminal conformance suites drive."""

from terminal_ai.terminal.colors import LIGHT_COLORS
from terminal_ai.terminal.events import (
    Bell,
    ClipboardWritten,
    DirectoryReported,
    Event,
    Notification,
    PromptMark,
    Reply,
)
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.input.keys import encode_focus, encode_key, encode_paste
from terminal_ai.terminal.input.mouse import (
    MouseAction,
    MouseButton,
    MouseInput,
    encode_mouse,
)
from terminal_ai.terminal.modes import CURSOR_STYLES, MouseEncoding
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.style import Color, Style, Underline
from terminal_ai.terminal.terminal import Parser, Terminal

CellView = tuple[str, int, Color, Color, frozenset[str], Color, str | None]

# The suites were written for an xterm with everything allowed. What we refuse by
# default is refused here only where no suite could tell the difference.
PERMISSIONS = Permissions(
    reports_title=True, writes_clipboard=True, resizes_window=True
)

_FLAGS = ("bold", "dim", "italic", "blink", "reverse", "hidden", "strike", "overline")


class TerminalCore:
    """One terminal, with everything the suites ask for."""

    def __init__(
        self, columns: int, rows: int, scrollback: int, parser: Parser
    ) -> None:
        self.terminal = Terminal(
            columns,
            rows,
            scrollback_rows=scrollback,
            permissions=PERMISSIONS,
            parser=parser,
        )
        # An xterm as it comes is black on white.
        self.terminal.set_colors(LIGHT_COLORS)
        self._replies = b""
        self._events: list[tuple[str, ...]] = []
        self._directory = ""

    def feed(self, data: bytes) -> None:
        self._take(self.terminal.feed(data))

    def resize(self, columns: int, rows: int) -> None:
        self._take(self.terminal.resize(columns, rows))

    def _take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            match event:
                case Reply(data):
                    self._replies += data
                case Bell():
                    self._events.append(("bell",))
                case PromptMark(kind=kind):
                    self._events.append(("prompt", kind))
                case Notification(title, body):
                    self._events.append(("notify", body, title))
                case ClipboardWritten(selection, text):
                    self._events.append(("clipboard", selection, text))
                case DirectoryReported(path):
                    self._directory = path

    @property
    def display(self) -> list[str]:
        return [self.terminal.line(at).text for at in range(self.terminal.rows)]

    @property
    def history(self) -> list[str]:
        return [
            self.terminal.line(at).text
            for at in range(-self.terminal.scrollback_length, 0)
        ]

    @property
    def cursor(self) -> tuple[int, int]:
        return self.terminal.cursor.column, self.terminal.cursor.row

    def replies(self) -> bytes:
        replies, self._replies = self._replies, b""
        return replies

    def events(self) -> list[tuple[str, ...]]:
        events, self._events = self._events, []
        return events

    def cell(self, column: int, row: int) -> CellView:
        line: Row = self.terminal.line(row)
        text, style = line.cell(column)
        width = 2 if line.is_wide(column) else 1 if text else 0
        foreground, background, flags, underline_color = _look(style)
        if self.terminal.modes.reverse_screen:
            flags ^= {"reverse"}
        return text, width, foreground, background, flags, underline_color, style.link

    def wrapped(self, row: int) -> bool:
        return self.terminal.line(row).wraps

    def pen(self) -> tuple[Color, Color, frozenset[str], Color]:
        return _look(self.terminal._screen.style)

    @property
    def state(self) -> dict[str, object]:
        modes, cursor = self.terminal.modes, self.terminal.cursor
        styles = {look: number for number, look in CURSOR_STYLES.items() if number}
        return {
            "alt": self.terminal.is_alternate,
            "title": self.terminal.title,
            "cursor_visible": cursor.is_visible,
            "cursor_style": styles[cursor.shape, cursor.is_blinking],
            "bracketed_paste": modes.bracketed_paste,
            "mouse": int(modes.mouse_tracking),
            "mouse_sgr": modes.mouse_encoding is MouseEncoding.SGR,
            "focus": modes.focus_events,
            "app_cursor": modes.application_cursor,
            "app_keypad": modes.application_keypad,
            "sync": modes.synchronized_output,
            "alt_scroll": modes.alternate_scroll,
            "cwd": self._directory,
            "kitty_flags": int(modes.kitty_flags),
        }

    def key(self, name: str, modifiers: set[str]) -> bytes:
        base = {" ": "space"}.get(name, name if len(name) == 1 else name.lower())
        return encode_key(
            "+".join([*sorted(modifiers), base]), None, self.terminal.modes
        )

    def mouse(
        self, kind: str, button: int, modifiers: set[str], column: int, row: int
    ) -> bytes:
        event = MouseInput(
            MouseAction[kind.upper()],
            MouseButton(button),
            column,
            row,
            shift="shift" in modifiers,
            alt="alt" in modifiers,
            ctrl="ctrl" in modifiers,
        )
        return encode_mouse(event, self.terminal.modes)

    def focus(self, is_gained: bool) -> bytes:
        return encode_focus(is_gained, self.terminal.modes)

    def paste(self, is_start: bool) -> bytes:
        bracketed = encode_paste("", self.terminal.modes)
        half = len(bracketed) // 2
        return bracketed[:half] if is_start else bracketed[half:]


def _look(style: Style) -> tuple[Color, Color, frozenset[str], Color]:
    flags = {name for name in _FLAGS if getattr(style, name)}
    if style.underline is Underline.SINGLE:
        flags.add("underline")
    elif style.underline:
        flags.add(style.underline.value)
    return (
        style.foreground,
        style.background,
        frozenset(flags),
        style.underline_color,
    )


def make_core(columns: int, rows: int, scrollback: int) -> TerminalCore:
    """Build a terminal of the given size, with the fast parser."""
    return TerminalCore(columns, rows, scrollback, "fast")


def make_pyte_core(columns: int, rows: int, scrollback: int) -> TerminalCore:
    """Build a terminal of the given size, with pyte's parser."""
    return TerminalCore(columns, rows, scrollback, "pyte")
