"""One fuzzed session: streams cut anywhere, resizes between, and what must hold."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from rich.cells import cell_len

from terminal_ai.terminal.events import Event, Output, PromptMark, Reply
from terminal_ai.terminal.parsing.scanner import (
    CLIPBOARD_PAYLOAD_LIMIT_BYTES,
    CSI_LIMIT_BYTES,
)
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.screen.dialogue import (
    TITLE_LIMIT_CHARACTERS,
    TITLE_STACK_LIMIT,
)
from terminal_ai.terminal.terminal import REPLIES_LIMIT_BYTES, Parser, Terminal
from tests.fuzz import streams
from tests.fuzz.choices import Choices
from tests.terminal.streams import merged, picture

SCROLLBACK_ROWS = 15
STREAMS_PER_SESSION = 8
COLUMNS_CHOICES = 24
ROWS_CHOICES = 8
CUTS_LIMIT = 6
ONE_BYTE_READS_LIMIT = 1000

PERMISSIONS = Permissions(writes_clipboard=True, resizes_window=True)
"""What reaches more code; a permitted title report would return what was sent."""

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
        if choices.below(4) or len(data) > ONE_BYTE_READS_LIMIT:
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
    """Terminals fed the same: whole streams, pieces of them, and through pyte."""

    def __init__(self) -> None:
        self._whole = _new("fast")
        self._others = {
            "in pieces": _new("fast"),
            "through pyte": _new("pyte"),
        }

    def run(self, step: Step) -> None:
        """Feed one stream; raise AssertionError where something does not hold."""
        events = self._whole.feed(step.data)
        check_events(events)
        expected = merged(events)
        for name, terminal in self._others.items():
            found: list[Event] = []
            for read in step.reads():
                found += terminal.feed(read)
            assert merged(tuple(found)) == expected, f"other events {name}"
        self._compare()
        if step.size:
            told = self._whole.resize(*step.size)
            check_events(told)
            for name, terminal in self._others.items():
                assert terminal.resize(*step.size) == told, f"other events {name}"
            self._compare()

    def _compare(self) -> None:
        check_grid(self._whole)
        check_bounds(self._whole)
        expected = picture(self._whole)
        ignored = self._whole.ignored_sequences
        for name, terminal in self._others.items():
            assert picture(terminal) == expected, f"another grid {name}"
            assert terminal.ignored_sequences == ignored, f"others ignored {name}"
            check_bounds(terminal)


def _new(parser: Parser) -> Terminal:
    return Terminal(
        12,
        5,
        scrollback_rows=SCROLLBACK_ROWS,
        permissions=PERMISSIONS,
        parser=parser,
    )


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
        elif not isinstance(event, Reply | PromptMark):
            texts = [getattr(event, item.name) for item in fields(event)]
            assert all(is_clean(text) for text in texts if isinstance(text, str))


def is_clean(text: str) -> bool:
    """True without C0 and C1 controls, but for the line ends of a copied text."""
    return not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in text if c not in "\n\t"
    )


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
    assert sorted(ids[:above]) == ids[:above], "ids in the scrollback do not grow"
    for row in rows:
        assert len(row) <= terminal.columns
        assert cell_len(row.text) == len(row)
        assert "".join([text for text, _ in row.runs]) == row.text
        assert row.text.isprintable() or is_clean(row.text)


def check_bounds(terminal: Terminal) -> None:
    """What waits for more bytes, and what is remembered, stays bounded."""
    scanner = terminal._scanner
    assert len(scanner._carry) <= CSI_LIMIT_BYTES
    assert len(scanner._payload) <= CLIPBOARD_PAYLOAD_LIMIT_BYTES + 1
    assert len(terminal.title) <= TITLE_LIMIT_CHARACTERS
    assert len(terminal._screen._titles) <= TITLE_STACK_LIMIT
