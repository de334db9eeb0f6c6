"""Many terminals in one process: each for itself, and none of them dear."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.events import Event
from terminal_ai.terminal.terminal import Parser, Terminal
from tests.terminal.streams import byte_streams, merged, picture

BYTES_LIMIT = 32_768
"""Of one that nothing was printed on: 5,000 of them take less than 200 MB."""
MANY = 40


@given(
    st.lists(st.tuples(st.booleans(), byte_streams), max_size=6),
    st.sampled_from(("fast", "pyte")),
)
def test_what_one_reads_changes_no_other(
    feeds: list[tuple[bool, bytes]], parser: Parser
) -> None:
    together = {which: Terminal(12, 5, parser=parser) for which in (True, False)}
    events: dict[bool, list[Event]] = {True: [], False: []}
    for which, data in feeds:
        events[which] += together[which].feed(data)
    for which, terminal in together.items():
        alone = Terminal(12, 5, parser=parser)
        heard = [e for to, data in feeds if to is which for e in alone.feed(data)]
        assert picture(terminal) == picture(alone)
        assert merged(tuple(events[which])) == merged(tuple(heard))
        assert terminal.ignored_sequences == alone.ignored_sequences


@pytest.mark.parametrize("parser", ["fast", "pyte"])
def test_an_empty_one_takes_little_memory(parser: Parser) -> None:
    Terminal(80, 24, parser=parser)
    tracemalloc.start()
    try:
        kept = [Terminal(80, 24, parser=parser) for _ in range(MANY)]
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken / len(kept) < BYTES_LIMIT
