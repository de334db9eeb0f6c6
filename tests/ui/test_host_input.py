import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.ui.host.host_input import (
    PASTE_END,
    PASTE_PIECE_CHARACTERS,
    PASTE_START,
    SEQUENCE_LIMIT_CHARACTERS,
    HostInput,
    PastedText,
    Sequence,
    Token,
)

KEYS = (
    "a", "한", "\r", "\t", "\x7f", "\x03", "\x1b[A", "\x1bOP", "\x1b[15~", "\x1b[1;5C",
    "\x1b[Z", "\x1b.", "\x1b\r", "\x1b\x7f", "\x1b\x1b[A", "\x1b[97;5u", "\x1b[I",
    "\x1b[<0;10;5M", "\x1b[<65;1;1m", "\x1b[1;5R", "\x1b[[A", "\x1b[?2026;2$y",
    "\x1b[48;24;80;480;800t",
)  # fmt: skip
REPLIES = (
    "\x1b[?62;22c",
    "\x1b[>0;276;0c",
    "\x1b[0n",
    "\x1b[12;40R",
    "\x1b[?12;40R",
    "\x1b[?1u",
    "\x1b[8;24;80t",
    "\x1b]11;rgb:1111/2222/3333\x07",
    "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
)
STREAM_PARTS = st.lists(
    st.sampled_from([*KEYS, *REPLIES, PASTE_START + "x\x1b[31mid\x1b" + PASTE_END]),
    max_size=12,
)


def read(*chunks: str) -> list[Token]:
    host_input = HostInput()
    tokens = [token for chunk in chunks for token in host_input.feed(chunk)]
    return merged([*tokens, *host_input.flush()])


def merged(tokens: list[Token]) -> list[Token]:
    """Join the pieces of one paste, whose cut depends on the reads."""
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else None
        if isinstance(token, PastedText) and isinstance(last, PastedText):
            joined[-1] = PastedText(last.text + token.text)
        else:
            joined.append(token)
    return joined


@given(STREAM_PARTS, st.data())
def test_the_tokens_do_not_depend_on_where_reads_split(
    parts: list[str], data: st.DataObject
) -> None:
    stream = "".join(parts)
    cut = data.draw(st.integers(0, len(stream)))
    assert read(stream) == read(stream[:cut], stream[cut:])
    assert read(stream) == read(*stream)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_raises_or_grows(first: str, second: str) -> None:
    host_input = HostInput()
    tokens = [*host_input.feed(first), *host_input.feed(second), *host_input.flush()]
    total = sum(len(token.text) for token in tokens)
    assert total <= len(first) + len(second)


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_a_key_is_one_token(key: str) -> None:
    assert read(key) == [Sequence(key)]


@pytest.mark.parametrize("reply", REPLIES, ids=repr)
def test_a_reply_of_the_host_is_never_typed(reply: str) -> None:
    assert read("a", reply, "b") == [Sequence("a"), Sequence("b")]


@pytest.mark.parametrize(
    "text",
    ["plain", "a\x1bb", "x\x1b[31my", "\x1b", "\x1b[A", "end\x1b[20", "한글\r\n"],
)
def test_a_paste_is_whole_even_with_escapes_in_it(text: str) -> None:
    assert read(PASTE_START + text + PASTE_END + "z") == [
        PastedText(text),
        Sequence("z"),
    ]


def test_a_paste_whose_end_never_comes_takes_bounded_memory() -> None:
    host_input = HostInput()
    text = "x" * (PASTE_PIECE_CHARACTERS + 10)
    tokens = list(host_input.feed(PASTE_START + text))
    assert len("".join(token.text for token in tokens)) >= PASTE_PIECE_CHARACTERS


@pytest.mark.parametrize(
    ("pending", "tokens"),
    [
        ("\x1b", ["\x1b"]),
        ("\x1b[", ["\x1b["]),
        ("\x1b]", ["\x1b]"]),
        ("\x1bO", ["\x1bO"]),
        ("\x1b\x1b", ["\x1b", "\x1b"]),
        ("\x1b[1;", ["\x1b", "[", "1", ";"]),
    ],
    ids=repr,
)
def test_what_does_not_go_on_in_time_was_typed(pending: str, tokens: list[str]) -> None:
    host_input = HostInput()
    assert list(host_input.feed(pending)) == []
    assert host_input.is_pending
    assert [token.text for token in host_input.flush()] == tokens
    assert not host_input.is_pending


def test_a_reply_without_end_is_given_up() -> None:
    host_input = HostInput()
    assert list(host_input.feed("\x1b]11;" + "x" * SEQUENCE_LIMIT_CHARACTERS)) == []
    assert [token.text for token in host_input.feed("a")] == ["a"]


def test_the_replies_are_what_a_program_would_ask_for() -> None:
    assert all(re.match(r"\x1b[\[\]P_]", reply) for reply in REPLIES)
