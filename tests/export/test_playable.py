"""What is played draws as the original did, and asks and changes nothing else."""

import itertools
import re

from hypothesis import assume, example, given
from hypothesis import strategies as st

from terminal_ai.export.playable import playable
from terminal_ai.terminal.events import Output
from terminal_ai.terminal.terminal import Terminal
from tests.terminal.streams import byte_streams

# Modes whose switching moves or clears something besides what they are for, and LNM,
# which changes what the Enter key sends.
UNPLAYED = re.compile(rb"1047|1049|2026|20[hl]|20;")


def cells(terminal: Terminal) -> object:
    """Return what is seen of a terminal."""
    indices = range(-terminal.scrollback_length, terminal.rows)
    rows = [terminal.line(index) for index in indices]
    return [(row.runs, row.wraps) for row in rows], terminal.cursor


def shown(data: bytes) -> Terminal:
    terminal = Terminal(20, 6)
    terminal.feed(data)
    return terminal


@given(data=byte_streams, cuts=st.lists(st.integers(0, 200), max_size=5))
@example(data="é世".encode(), cuts=[1, 2, 3, 4])
@example(data=b"a\x1b[31mb", cuts=[2, 3, 4])
def test_the_pieces_join_to_the_same_text(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    played = playable(pieces)
    assert len(played) == len(pieces)
    assert "".join(played) == "".join(playable([data]))


@given(data=byte_streams)
def test_it_draws_the_same_cells(data: bytes) -> None:
    assume(not UNPLAYED.search(data))
    original = shown(data)
    assume(not original.is_alternate)
    (played,) = playable([data])
    assert cells(shown(played.encode())) == cells(original)


@given(data=byte_streams)
def test_playing_is_answered_by_nothing_and_changes_no_mode(data: bytes) -> None:
    (played,) = playable([data])
    terminal = Terminal(20, 6)
    events = terminal.feed(played.encode())
    assert {type(event).__name__ for event in events} <= {"Output", "Bell"}
    assert not terminal.is_alternate
    assert terminal.title == ""
    assert not any(isinstance(e, Output) and e.is_alternate for e in events)
    again = playable([played.encode()])
    assert again == [played]


def test_what_is_dropped_joins_nothing() -> None:
    (played,) = playable([b"\xc2\x1b[6n\x9b31m\xe2\x82\x1b[c\xac \x1b\x1b]x\x07[6n"])
    assert "\x9b" not in played
    assert "€" not in played
    assert "\x1b" not in played
