"""The emulator's front: bytes in, events out, and a grid to look at."""

from collections.abc import Callable, Iterable
from typing import Literal

from terminal_ai.terminal.colors import ColorChanges, Colors
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Event,
    Output,
    PromptMark,
    Reply,
)
from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.grid.scrollback import (
    SCROLLBACK_LIMIT_BYTES,
    SCROLLBACK_ROWS,
    ScrollbackLimits,
)
from terminal_ai.terminal.modes import Cursor, Modes, ScreenState
from terminal_ai.terminal.parsing.fast_parser import FastParser
from terminal_ai.terminal.parsing.interpreter import Interpreter
from terminal_ai.terminal.parsing.scanner import Scanner
from terminal_ai.terminal.permissions import NOTHING_PERMITTED, Permissions
from terminal_ai.terminal.screen.canvas import COLUMNS_LIMIT, ROWS_LIMIT
from terminal_ai.terminal.screen.screen import Screen

Parser = Literal["pyte", "fast"]
"""Who reads the sequences; both give the same grid."""

REPLIES_LIMIT_BYTES = 4096
"""What one feed may answer: a flood of queries is not worth a flood of replies."""


class Terminal:
    """A terminal emulator without a host: no I/O, no clock.

    ``feed`` never raises, and how the bytes are split makes no difference.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        *,
        scrollback_rows: int = SCROLLBACK_ROWS,
        scrollback_limit_bytes: int = SCROLLBACK_LIMIT_BYTES,
        permissions: Permissions = NOTHING_PERMITTED,
        parser: Parser = "pyte",
    ) -> None:
        self._events: list[Event] = []
        self._reply_bytes = 0
        self._was_alternate = False
        self._is_at_mark = False
        self._screen = Screen(
            min(columns, COLUMNS_LIMIT),
            min(rows, ROWS_LIMIT),
            ScrollbackLimits(scrollback_rows, scrollback_limit_bytes),
            self._emit,
            permissions,
        )
        self._scanner = self._make_scanner(parser)

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return self._screen.columns

    @property
    def rows(self) -> int:
        """Rows in the viewport."""
        return self._screen.rows

    @property
    def title(self) -> str:
        """The title the program set, sanitised."""
        return self._screen.title

    @property
    def is_alternate(self) -> bool:
        """True while the alternate screen is shown."""
        return self._screen.is_alternate

    @property
    def modes(self) -> Modes:
        """The modes as the program left them."""
        return self._screen.modes

    @property
    def state(self) -> ScreenState:
        """What programs have switched, modes and all else, to ``restore``."""
        return self._screen.state

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is, and how it looks."""
        screen = self._screen
        return Cursor(
            row=screen.row,
            column=screen.settled_column,
            is_visible=screen.modes.cursor_visible,
            shape=screen.cursor_shape,
            is_blinking=screen.modes.cursor_blinking,
        )

    @property
    def scrollback_length(self) -> int:
        """Rows above the viewport; none while the alternate screen is shown."""
        return len(self._screen.grid.scrollback)

    @property
    def ignored_sequences(self) -> int:
        """Sequences that were swallowed because nothing here understands them."""
        return self._scanner.stripped + self._screen.ignored

    @property
    def colors(self) -> Colors:
        """The theme with the colours that programs have changed."""
        return self._screen.colors.current

    @property
    def color_changes(self) -> ColorChanges:
        """The colours that programs have changed, and only those."""
        return self._screen.colors.changes

    def feed(self, data: bytes) -> tuple[Event, ...]:
        """Consume output of the program; return what happened, in stream order."""
        return self.feed_until(None, data)[0]

    def feed_until(
        self, is_over: Callable[[], bool] | None, data: bytes
    ) -> tuple[tuple[Event, ...], bytes]:
        """Consume output until told to stop; return what happened, and the rest.

        A few bytes can ask for much work: their number tells nothing of the time. Who
        may say stop also gets each mark at its moment: nothing after it is read yet.
        """
        self._reply_bytes = 0
        self._is_at_mark = False
        rest = self._scanner.feed(
            data, is_over and (lambda: self._is_at_mark or is_over())
        )
        return self._take_events(), rest

    def _take_events(self) -> tuple[Event, ...]:
        events, self._events = tuple(self._events), []
        return events

    def resize(self, columns: int, rows: int) -> tuple[Event, ...]:
        """Change the size; return what a program wanted to be told besides a signal."""
        self._reply_bytes = 0
        self._screen.resize(min(columns, COLUMNS_LIMIT), min(rows, ROWS_LIMIT))
        return self._take_events()

    def set_colors(self, colors: Colors) -> tuple[Event, ...]:
        """Take the theme that programs may ask for; return what they are told."""
        self._reply_bytes = 0
        self._screen.set_colors(colors)
        return self._take_events()

    def restore(self, state: ScreenState) -> tuple[Event, ...]:
        """Return to a state because a program died; return what happened.

        The alternate screen and margins are only ever left.
        """
        self._reply_bytes = 0
        self._screen.restore_state(state)
        return self._take_events()

    def line(self, index: int) -> Row:
        """Return a row: 0 is the viewport's first, -1 the newest of the scrollback."""
        grid = self._screen.grid
        return grid.rows[index] if index >= 0 else grid.scrollback[index]

    def row_id(self, index: int) -> int:
        """Return the id of ``line(index)``, at no cost where nobody has looked."""
        grid = self._screen.grid
        return grid.rows[index].id if index >= 0 else grid.scrollback.row_id(index)

    def anchor(self) -> Anchor | None:
        """Return the cursor's place, to be found again; the alternate screen has none.

        Ids survive scrolling. Another width gives each row a new one: only an anchor
        knows which.
        """
        screen = self._screen
        if screen.is_alternate:
            return None
        return screen.grid.anchor(screen.row, screen.column)

    def anchor_below(self, anchor: Anchor) -> Anchor | None:
        """Return the start of the line after the one that an anchor stands in."""
        return self._screen.primary.anchor_below(anchor)

    def is_cursor_at(self, anchor: Anchor) -> bool:
        """Tell whether the cursor stands exactly where an anchor was taken."""
        screen = self._screen
        if screen.is_alternate or anchor.is_lost:
            return False
        at = screen.primary.place(anchor.row_id)
        return (at, anchor.column) == (screen.row, screen.column)

    def unwrap(self, anchor: Anchor) -> None:
        """Let an anchor after the last column go to where the next character went."""
        self._screen.primary.unwrap(anchor)

    def let_rest(self, anchors: Iterable[Anchor]) -> bool:
        """Let anchors go from rows that have left the screen; True if all have.

        They stay where they are: only the row, with its cells, is no longer kept.
        """
        return self._screen.primary.let_rest(anchors)

    def find(self, anchor: Anchor) -> tuple[int, Row] | None:
        """Return an anchor's line and row on the primary screen, None if it is gone."""
        grid = self._screen.primary
        at = grid.place(anchor.row_id)
        if at is None:
            return None
        # Looking into the scrollback would unpack a page of it.
        return at, grid.row(at) if anchor.row is None else anchor.row

    @property
    def oldest_row_id(self) -> int:
        """The id of the first row that the primary screen still has above or on it."""
        grid = self._screen.primary
        length = len(grid.scrollback)
        return grid.scrollback.row_id(-length) if length else grid.rows[0].id

    @property
    def first_number(self) -> int:
        """The number of the viewport's first row: how many rows came before it.

        A row that scrolls off keeps its number, until ``numbering`` changes.
        """
        return self._screen.grid.scrollback.next_number

    @property
    def numbering(self) -> int:
        """Changes when rows are numbered anew: resized, cleared, another screen."""
        return self._screen.grid.scrollback.numbering

    def is_settled(self, index: int) -> bool:
        """Tell whether a row has left the viewport: it never changes again."""
        return index < 0

    def text(self) -> str:
        """Return the viewport as lines of text."""
        return "\n".join(row.text.rstrip() for row in self._screen.grid.rows)

    def _make_scanner(self, parser: Parser) -> Scanner:
        if parser == "pyte":
            from terminal_ai.terminal.parsing.pyte_parser import PyteInterpreter

            return Scanner(PyteInterpreter(self._screen, self._emit, self._take_raw))
        interpreter = Interpreter(self._screen, self._emit, self._take_raw)
        return Scanner(interpreter, FastParser(self._screen, interpreter).sweep)

    def _emit(self, event: Event) -> None:
        if isinstance(event, Reply):
            self._reply_bytes += len(event.data)
            if self._reply_bytes > REPLIES_LIMIT_BYTES:
                return
        self._scanner.flush_raw()
        if isinstance(event, AlternateScreenChanged):
            self._was_alternate = event.is_alternate
        elif isinstance(event, PromptMark):
            self._is_at_mark = True
        self._events.append(event)

    def _take_raw(self, data: bytes) -> None:
        last = self._events[-1] if self._events else None
        if isinstance(last, Output) and last.is_alternate == self._was_alternate:
            self._events[-1] = Output(last.data + data, last.is_alternate)
        else:
            self._events.append(Output(data, self._was_alternate))
