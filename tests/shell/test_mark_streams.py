"""Whatever a program prints between two genuine marks: same record, no exception."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.records import CommandRecord, CommandSource
from terminal_ai.shell.capture import BoundedCapture
from terminal_ai.shell.facts import Fact, PromptReady
from tests.shell.test_tracker import NONCE, PID, PROMPT, Tracked, mark, start

KINDS = st.sampled_from("ABCDNXPZFGIQ")
FIELDS = st.sampled_from(["", "hn=5;c=evil", "c=\\x1b", "cwd=/evil", "private=1", ";;"])
STATUSES = st.sampled_from(["", ";0", ";1", ";999999999999", ";²"])
TRUE_MARK = mark("D;0")


@st.composite
def almost_genuine(draw: st.DrawFn) -> bytes:
    """A mark that is right but for the nonce or the process id."""
    at = draw(st.integers(0, len(NONCE) - 1))
    wrong = draw(
        st.sampled_from(
            [
                NONCE[:at] + "g" + NONCE[at + 1 :],
                NONCE[:at] + NONCE[at + 1 :],
                NONCE.upper().replace("A", "G"),
                NONCE + "0",
                "",
            ]
        )
    )
    is_wrong_nonce = draw(st.booleans())
    pids = [PID + 1, -PID, 0, PID * 10] if not is_wrong_nonce else [PID]
    return mark(
        draw(KINDS) + draw(STATUSES),
        draw(FIELDS),
        nonce=wrong if is_wrong_nonce else NONCE,
        pid=draw(st.sampled_from(pids)),
    )


@st.composite
def cut_short(draw: st.DrawFn) -> bytes:
    """The beginning of a genuine mark, without the whole nonce."""
    end = TRUE_MARK.index(NONCE.encode()) + len(NONCE) - 1
    return TRUE_MARK[: draw(st.integers(0, end))]


def inner(data: bytes) -> bytes:
    return data.removeprefix(b"\x1b]").removesuffix(b"\x07")


# The true nonce and the true process id, in forms that are no mark of ours: where a
# program has learnt them, it still cannot use these.
DISGUISED = st.sampled_from(
    [
        b"\x9d" + inner(TRUE_MARK) + b"\x07",
        b"\xc2\x9d" + inner(TRUE_MARK) + b"\xc2\x9c",
        b"\x1b_" + inner(TRUE_MARK) + b"\x1b\\",
        b"\x1b^" + inner(TRUE_MARK) + b"\x1b\\",
        b"\x1bX" + inner(TRUE_MARK) + b"\x1b\\",
        b"\x1bP" + inner(TRUE_MARK) + b"\x1b\\",
        b"\x1b]" + inner(TRUE_MARK) + b"\x18",
        b"\x1b]" + inner(TRUE_MARK) + b"\x1a",
        b"\x1b]" + inner(TRUE_MARK) + b"\x1b[m",
        b"\x1b]" + inner(TRUE_MARK).replace(b"133", b"1337") + b"\x07",
        b"\x1b]" + inner(TRUE_MARK).replace(b"133", b"7") + b"\x07",
        b"\x1b]" + inner(TRUE_MARK).replace(b"133", b"52") + b"\x07",
        b"\x1b]" + inner(TRUE_MARK).replace(b"133", b"0133") + b"\x07",
        b"\x1b ]" + inner(TRUE_MARK) + b"\x07",
    ]
)
OTHERS = st.sampled_from(
    [
        b"\x1b]633;E;rm -rf /;0123\x07",
        b"\x1b]633;D;0\x1b\\",
        b"\x1b]1337;CurrentDir=/evil\x07",
        b"\x1b]7;file://host/evil\x07",
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]0;title\x07",
        b"\x1bPtmux;\x1b\x1b]133;D;0\x07\x1b\\",
        b"\x1bP$q",
        b"\x1b]",
        b"\x1b",
        b"\x1b[",
        b"\x18",
        b"\x1a",
        b"\x1b[2J\x1b[3J\x1b[H",
        b"\x1bc",
        b"\x1b[!p",
        b"\x1b[?1049h",
        b"\x1b[?1049l",
        b"\x1b[?1047h\x1b[?1049h",
        b"\x1b[?2004l",
        b"\r\n",
    ]
)
HOSTILE = st.lists(
    almost_genuine() | cut_short() | DISGUISED | OTHERS | st.binary(max_size=12),
    max_size=25,
).map(b"".join)
CUTS = st.lists(st.integers(0, 2000), max_size=12)


def told(stream: bytes, cuts: Sequence[int] = ()) -> list[Fact]:
    """Return the facts of a stream that arrives in pieces, all at one time."""
    tracked = Tracked()
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    facts: list[Fact] = []
    for begin, end in pairwise(borders):
        facts += tracked.tracker.feed(tracked.terminal.feed(stream[begin:end]), 100.0)
    return facts


@given(body=HOSTILE, cuts=CUTS)
def test_between_two_genuine_marks_there_is_one_record(
    body: bytes, cuts: list[int]
) -> None:
    stream = PROMPT + start() + body + mark("D;3") + PROMPT
    facts = told(stream, cuts)
    # Bytes that a mark cuts in two are told when the rest comes: no sooner or later.
    assert facts == told(stream)
    (record,) = (fact for fact in facts if isinstance(fact, CommandRecord))
    assert (record.command_line, record.exit_code) == ("make", 3)
    assert (record.cwd, record.source) == ("/home", CommandSource.SHELL)
    assert not record.is_private
    assert NONCE not in record.output.text
    assert [f.cwd for f in facts if isinstance(f, PromptReady)] == ["/home", "/home"]


@given(body=HOSTILE, cuts=CUTS)
def test_the_next_command_is_told_whatever_was_printed(
    body: bytes, cuts: list[int]
) -> None:
    next_one = start("ls", 6) + b"a\r\n" + mark("D;0")
    stream = PROMPT + start() + body + mark("D;3") + PROMPT + next_one
    records = [f for f in told(stream, cuts) if isinstance(f, CommandRecord)]
    assert [(r.command_line, r.exit_code) for r in records] == [("make", 3), ("ls", 0)]


@given(typed=HOSTILE.filter(lambda body: b"\x1b[?2004l" not in body), cuts=CUTS)
def test_what_is_printed_at_the_prompt_starts_nothing(
    typed: bytes, cuts: list[int]
) -> None:
    facts = told(PROMPT + typed, cuts)
    assert facts == [PromptReady("/home")]


@given(pieces=st.lists(almost_genuine(), max_size=8), text=st.text("ab漢 ", max_size=9))
def test_foreign_marks_are_counted_and_not_shown(
    pieces: list[bytes], text: str
) -> None:
    tracked = Tracked().feed(PROMPT, start())
    for piece in pieces:
        tracked.feed(text.encode(), piece)
    tracked.feed(mark("D;0"))
    assert tracked.tracker.foreign_marks == len(pieces)
    assert tracked.record.output.head == text.encode() * len(pieces)


@given(
    before=st.binary(max_size=30),
    after=st.binary(max_size=30),
    cuts=st.lists(st.integers(0, 100), max_size=5),
    limits=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_the_nonce_is_blotted_out_wherever_it_is_split(
    before: bytes, after: bytes, cuts: list[int], limits: tuple[int, int]
) -> None:
    # No part of it repeats itself, as in a true one.
    secret = b"8c1f04b7e29d3a56fedcba9071638245"
    whole = before + secret + after + secret
    capture = BoundedCapture(*limits)
    borders = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    for begin, end in pairwise(borders):
        capture.append(whole[begin:end], 0.0)
    frozen = capture.freeze(secret=secret)
    assert secret not in frozen.head + frozen.tail
    for start_at in range(len(secret) - 9):
        assert secret[start_at : start_at + 10] not in frozen.head + b"|" + frozen.tail
