"""The terminal behind the interface that terminal conformance suites drive."""

from terminal_ai.terminal.events import Bell, PromptMark, Reply
from terminal_ai.terminal.keys import encode_key, encode_paste
from terminal_ai.terminal.modes import CURSOR_STYLES
from terminal_ai.terminal.rows import Row
from terminal_ai.terminal.style import Color, Style, Underline
from terminal_ai.terminal.terminal import Terminal

CellView = tuple[str, int, Color, Color, frozenset[str], Color, None]

_FLAGS = ("bold", "dim", "italic", "blink", "reverse", "hidden", "strike", "overline")


class TerminalCore:
    """One terminal, with everything the suites ask for."""

    def __init__(self, columns: int, rows: int, scrollback: int) -> None:
        self.terminal = Terminal(columns, rows, scrollback_rows=scrollback)
        self._replies = b""
        self._events: list[tuple[str, ...]] = []

    def feed(self, data: bytes) -> None:
        for event in self.terminal.feed(data):
            if isinstance(event, Reply):
                self._replies += event.data
            elif isinstance(event, Bell):
                self._events.append(("bell",))
            elif isinstance(event, PromptMark):
                self._events.append(("prompt", event.kind))

    def resize(self, columns: int, rows: int) -> None:
        self.terminal.resize(columns, rows)

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
        return text, width, foreground, background, flags, underline_color, None

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
            "mouse_sgr": modes.mouse_sgr,
            "focus": modes.focus_events,
            "app_cursor": modes.application_cursor,
            "app_keypad": modes.application_keypad,
            "sync": modes.synchronized_output,
            "alt_scroll": modes.alternate_scroll,
        }

    def key(self, name: str, modifiers: set[str]) -> bytes:
        base = {" ": "space"}.get(name, name if len(name) == 1 else name.lower())
        return encode_key(
            "+".join([*sorted(modifiers), base]), None, self.terminal.modes
        )

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
    """Build a terminal of the given size."""
    return TerminalCore(columns, rows, scrollback)
