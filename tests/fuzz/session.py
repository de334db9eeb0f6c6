"""One fuzzed session: streams cut anywhere, resizes between, and what must hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from terminal_ai.terminal import style
from terminal_ai.terminal.events import Event, Output, Reply, TitleChanged
from terminal_ai.terminal.scanner import CSI_LIMIT_BYTES, MARK_PAYLOAD_LIMIT_BYTES
from terminal_ai.terminal.screen import TITLE_LIMIT_CHARACTERS
from terminal_ai.terminal.terminal import REPLIES_LIMIT_BYTES, Terminal
from tests.fuzz import streams
from tests.fuzz.choices import Choices
from tests.terminal.streams import merged, picture

SCROLLBACK_ROWS = 15
STREAMS_PER_SESSION = 8
COLUMNS_CHOICES = 24
ROWS_CHOICES = 8
CUTS_LIMIT = 6

_PRINTABLE = frozenset(b"\x07\x1b") | frozenset(range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class Step:
    """A stream, the places where reads split it, and the size after it, if new."""

    data: bytes
    cuts: tuple[int, ...] | None
    """None: one byte a read."""

    size: tuple[int, int] | None = None

    def reads(self) -> Iterator[bytes]:
        """Yield the stream in pieces."""
        places = range(1, len(self.data)) if self.cuts is None else self.cuts
        start = 0
        for place in places:
            yield self.data[start:place]
            start = place
        yield self.data[start:]


def steps(choices: Choices, count: int = STREAMS_PER_SESSION) -> Iterator[Step]:
    """Yield the steps of a session."""
    for _ in range(count):
        data = streams.stream(choices)
        cuts = None
        if choices.below(4):
            cuts = tuple(
                sorted(
                    choices.below(len(data) + 1)
                    for _ in range(1 + choices.below(CUTS_LIMIT))
                )
            )
        size = None
        if choices.below(4) == 0:
            size = 1 + choices.below(COLUMNS_CHOICES), 1 + choices.below(ROWS_CHOICES)
        yield Step(data, cuts, size)


class Session:
    """Two terminals that are fed the same: one whole streams, one in pieces."""

    def __init__(self) -> None:
        self._whole = Terminal(12, 5, scrollback_rows=SCROLLBACK_ROWS)
        self._parts = Terminal(12, 5, scrollback_rows=SCROLLBACK_ROWS)
        self._all_parts: list[Event] = []

    def run(self, step: Step) -> None:
        """Feed one stream; raise AssertionError where something does not hold."""
        events = self._whole.feed(step.data)
        parts: list[Event] = []
        for read in step.reads():
            parts += self._parts.feed(read)
        assert merged(tuple(parts)) == merged(events), "events depend on the splits"
        check_events(events)
        self._compare()
        if step.size:
            self._whole.resize(*step.size)
            self._parts.resize(*step.size)
            self._compare()

    def _compare(self) -> None:
        assert picture(self._parts) == picture(self._whole), "the grids differ"
        check_grid(self._whole)
        check_bounds(self._whole)
        check_bounds(self._parts)


def check_events(events: tuple[Event, ...]) -> None:
    """Replies are short, printable and never hold what a program sent."""
    replies = b"".join(event.data for event in events if isinstance(event, Reply))
    assert len(replies) <= REPLIES_LIMIT_BYTES
    assert _PRINTABLE.issuperset(replies), replies
    assert streams.TAINT not in replies
    assert streams.TAINT.hex().encode() not in replies.lower()
    for event in events:
        if isinstance(event, Output):
            assert event.data
        elif isinstance(event, TitleChanged):
            assert len(event.title) <= TITLE_LIMIT_CHARACTERS
            assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in event.title)


def check_grid(terminal: Terminal) -> None:
    """The cursor is inside; every row is sound and has an id of its own."""
    cursor = terminal.cursor
    assert 0 <= cursor.row < terminal.rows
    assert 0 <= cursor.column < terminal.columns
    above = terminal.scrollback_length
    assert above <= SCROLLBACK_ROWS
    rows = [terminal.line(at) for at in range(-above, terminal.rows)]
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids), "row ids are not unique"
    for row in rows:
        assert len(row) <= terminal.columns
        assert cell_len(row.text) == len(row)
        assert "".join([text for text, _ in row.runs]) == row.text
        assert row.text.isprintable() or not any(
            ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in row.text
        )


def check_bounds(terminal: Terminal) -> None:
    """What waits for more bytes, and what is remembered, stays bounded."""
    scanner = terminal._scanner
    assert len(scanner._carry) <= CSI_LIMIT_BYTES
    assert len(scanner._payload) <= MARK_PAYLOAD_LIMIT_BYTES + 1
    assert len(style._interned) <= style.STYLE_CACHE_ENTRIES
