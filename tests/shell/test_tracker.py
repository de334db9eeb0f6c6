from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai import records
from terminal_ai.records import CommandRecord, CommandSource, RunningCommand
from terminal_ai.shell.facts import Fact, PromptReady
from terminal_ai.shell.marks import COMMAND_LIMIT_CHARACTERS, MarkVerifier
from terminal_ai.shell.tracker import CommandTracker
from terminal_ai.terminal.terminal import Terminal

NONCE = "0123456789abcdef0123456789abcdef"
PID = 7
LINE_ENTERED = b"\x1b[?2004l\r"


def mark(kind: str, fields: str = "", *, nonce: str = NONCE, pid: int = PID) -> bytes:
    ending = f";{fields}" if fields else ""
    return f"\x1b]133;{kind};n={nonce};p={pid}{ending}\x07".encode()


PROMPT = mark("P", "cwd=/home") + mark("A", "next=5") + b"$ " + mark("B")


class Tracked:
    """A tracker behind a real emulator; each piece arrives a second later."""

    def __init__(self, *, infers_commands: bool = False) -> None:
        self.terminal = Terminal(80, 24)
        self.tracker = CommandTracker(
            MarkVerifier(NONCE, PID),
            session_id="cafe0123",
            shell="bash",
            cwd="/",
            head_bytes=1000,
            tail_bytes=1000,
            infers_commands=infers_commands,
        )
        self.now = 100.0
        self.facts: list[Fact] = []

    def feed(self, *pieces: bytes) -> "Tracked":
        for piece in pieces:
            self.now += 1
            events = self.terminal.feed(piece)
            self.facts += self.tracker.feed(events, self.now)
        return self

    def close(self, status: int | None) -> "Tracked":
        self.facts += self.tracker.close(status, self.now)
        return self

    @property
    def records(self) -> list[CommandRecord]:
        return [fact for fact in self.facts if isinstance(fact, CommandRecord)]

    @property
    def record(self) -> CommandRecord:
        (record,) = self.records
        return record


def start(text: str = "make", number: int = 5) -> bytes:
    return text.encode() + b"\r\n" + mark("C", f"hn={number};c={text}")


def test_one_command() -> None:
    tracked = Tracked().feed(PROMPT, start(), b"done\r\n", mark("D;2"))
    assert tracked.facts == [
        PromptReady("/home"),
        RunningCommand("make", "/home", 102.0),
        CommandRecord(
            id="cafe0123-1",
            command_line="make",
            cwd="/home",
            exit_code=2,
            started_at=102.0,
            duration_seconds=2.0,
            output=tracked.record.output,
            shell="bash",
        ),
    ]
    assert tracked.record.output.text == "done"


def test_states() -> None:
    tracked = Tracked()
    assert not tracked.tracker.is_at_prompt
    seen = []
    for piece in (PROMPT, start(), mark("D;0"), PROMPT):
        tracked.feed(piece)
        seen.append((tracked.tracker.is_at_prompt, tracked.tracker.running))
    running = RunningCommand("make", "/home", 102.0)
    assert seen == [(True, None), (False, running), (False, None), (True, None)]


def test_the_shells_clock_is_preferred() -> None:
    begin = mark("C", "hn=5;t=1000.25;c=make")
    tracked = Tracked().feed(PROMPT, begin, mark("D;0", "t=1003,75"))
    assert tracked.record.started_at == 1000.25
    assert tracked.record.duration_seconds == 3.5
    tracked = Tracked().feed(PROMPT, start(), mark("D;0", "ms=1500"))
    assert tracked.record.duration_seconds == 1.5


@given(
    output=st.binary(max_size=300),
    cuts=st.lists(st.integers(0, 600), max_size=12),
)
def test_how_reads_split_makes_no_difference(output: bytes, cuts: list[int]) -> None:
    stream = PROMPT + start() + output + mark("D;3") + PROMPT
    whole = Tracked().feed(stream)
    parts = Tracked()
    borders = [0, *sorted(cuts), len(stream)]
    for begin, end in pairwise(borders):
        parts.facts += parts.tracker.feed(
            parts.terminal.feed(stream[begin:end]), whole.now
        )
    assert parts.facts == whole.facts
    assert whole.record.exit_code == 3


FOREIGN = st.sampled_from(
    [
        mark("D;0", nonce=NONCE[::-1]),
        mark("D;0", pid=PID + 1),
        mark("A", pid=PID + 1),
        mark("C", "c=evil", nonce=""),
        b"\x1b]133;D;0\x07",
        b"\x1b]133;A\x1b\\",
        b"\x1b]633;E;rm -rf /;0123\x07",
        b"\x1b]7;file:///etc\x07",
        b"\x1b]1337;CurrentDir=/etc\x07",
    ]
)


@given(
    pieces=st.lists(
        st.tuples(st.text("ab 漢\n\r\t", max_size=20), FOREIGN), max_size=10
    )
)
def test_foreign_marks_change_nothing(pieces: list[tuple[str, bytes]]) -> None:
    plain = b"".join(text.encode() for text, _ in pieces)
    salted = b"".join(text.encode() + foreign for text, foreign in pieces)
    expected = Tracked().feed(PROMPT + start() + plain + mark("D;1") + PROMPT)
    actual = Tracked().feed(PROMPT + start() + salted + mark("D;1") + PROMPT)
    assert actual.facts == expected.facts


GENUINE = st.sampled_from(
    [
        PROMPT,
        start(),
        mark("P"),
        mark("A"),
        mark("B"),
        mark("C"),
        mark("C", "hn=5;c=make"),
        mark("C", "private=1;cu=ls%20x"),
        mark("Z"),
        mark("D;0"),
        mark("D"),
        mark("N;130"),
        mark("X;2", "hn=5;c=if)"),
        mark("X;1"),
        mark("Q"),
        b"text\r\n",
        b" \r",
        b"\x1b[?1049h",
        b"\x1b[?1049l",
    ]
)


@given(pieces=st.lists(GENUINE, max_size=40), infers=st.booleans())
def test_any_order_of_marks_gives_whole_records(
    pieces: list[bytes], infers: bool
) -> None:
    tracked = Tracked(infers_commands=infers).feed(*pieces).close(1)
    assert_commands_pair(tracked.facts)
    assert tracked.tracker.running is None


def assert_commands_pair(facts: Sequence[Fact]) -> None:
    """Each command starts, then ends, before the next one starts."""
    running: RunningCommand | None = None
    identities = []
    for fact in facts:
        if isinstance(fact, RunningCommand):
            assert running is None
            running = fact
        elif isinstance(fact, CommandRecord):
            assert running is not None
            assert fact.command_line == running.command_line
            assert fact.duration_seconds >= 0
            identities.append(fact.id)
            running = None
    assert running is None
    assert len(set(identities)) == len(identities)


def test_nothing_run_leaves_no_record() -> None:
    tracked = Tracked().feed(PROMPT, b"half typed^C\r\n", mark("N;130"), PROMPT)
    assert tracked.records == []


def test_redrawn_prompt_changes_nothing() -> None:
    tracked = Tracked().feed(PROMPT, PROMPT, mark("A") + b"$ " + mark("B"))
    assert tracked.tracker.is_at_prompt
    tracked.feed(start(), mark("D;0"))
    assert tracked.record.command_line == "make"


def test_command_without_an_end() -> None:
    tracked = Tracked().feed(PROMPT, start("first"), start("second", 6), mark("D;0"))
    assert [r.command_line for r in tracked.records] == ["first", "second"]
    assert [r.exit_code for r in tracked.records] == [None, 0]


def test_provisional_end_taken_back_by_the_true_one() -> None:
    printed = b"a" + mark("A") + b"$ " + mark("B") + b"b"
    tracked = Tracked().feed(PROMPT, start(), printed)
    assert tracked.tracker.is_at_prompt
    tracked.feed(b"c", mark("D;4"))
    assert tracked.record.exit_code == 4
    assert tracked.record.output.text == "a$ bc"


def test_provisional_end_made_final_by_the_next_command() -> None:
    prompt = mark("A") + b"$ " + mark("B")
    tracked = Tracked().feed(PROMPT, start("one"), b"out\r\n", prompt, start("two", 6))
    assert tracked.record.command_line == "one"
    assert tracked.record.output.text == "out"
    assert tracked.record.exit_code is None
    # Until the prompt came back, not until the user went on.
    assert tracked.record.duration_seconds == 2.0


def test_provisional_end_that_was_a_flood() -> None:
    tracked = Tracked().feed(PROMPT, start(), mark("A") + mark("B"), b"x" * 70_000)
    assert not tracked.tracker.is_at_prompt
    assert tracked.tracker.running is not None


def test_end_of_line_mark_is_not_output() -> None:
    end_of_line = mark("Z") + b"\x1b[7m%\x1b[27m" + b" " * 79 + b"\r \r"
    tracked = Tracked().feed(PROMPT, start(), b"abc" + end_of_line + mark("D;0"))
    assert tracked.record.output.head == b"abc"


def test_printed_end_of_line_mark_is_output() -> None:
    printed = mark("Z") + b"%\r\nmore\r\n" + mark("Z")
    tracked = Tracked().feed(PROMPT, start(), b"abc" + printed, mark("D;0"))
    assert tracked.record.output.text == "abc%\nmore"


def test_what_hooks_print_after_the_command_is_not_its_output() -> None:
    hook = mark("Z") + b"%   \r \r" + b"from precmd\r\n"
    tracked = Tracked().feed(PROMPT, start(), b"abc\r\n" + hook, mark("D;0"))
    assert tracked.record.output.text == "abc"


def test_output_on_an_alternate_screen_that_was_left_on() -> None:
    tracked = Tracked().feed(PROMPT, start("vim"), b"\x1b[?1049hDRAWN", mark("D;137"))
    assert tracked.record.output.text == ""
    again = (PROMPT, start("echo a"), b"a\r\n", mark("D;0"))
    tracked.feed(*again)
    assert tracked.records[1].output.text == "a"
    assert not tracked.records[1].used_alternate_screen
    tracked.feed(PROMPT, start("reset"), b"\x1b[?1049lb\r\n", mark("D;0"), *again)
    assert [record.output.text for record in tracked.records[2:]] == ["b", "a"]


def test_cut_command_line_says_so() -> None:
    long = "x" * COMMAND_LIMIT_CHARACTERS
    assert (
        Tracked().feed(PROMPT, start(long[1:]), mark("D;0")).record.command_line
        == (long[1:])
    )
    cut = Tracked().feed(PROMPT, start(long), mark("D;0")).record.command_line
    assert cut == f"{long}…"


def test_unmoved_history_number_is_a_repeat_or_private() -> None:
    stale = mark("C", "hn=4;c=make")
    repeated = Tracked().feed(PROMPT, b"make\r\n" + LINE_ENTERED + stale, mark("D;0"))
    assert repeated.record.command_line == "make"
    assert not repeated.record.is_private
    for typed in ("pass show", " make"):
        line = typed.encode() + b"\r\n" + LINE_ENTERED
        hidden = Tracked().feed(PROMPT, line + stale, mark("D;0"))
        assert hidden.record.command_line == typed
        assert hidden.record.is_private
        assert hidden.record.source is CommandSource.SCREEN


def test_no_history_is_private() -> None:
    line = b"ls\r\n" + LINE_ENTERED + mark("C", "hn=;c=")
    tracked = Tracked().feed(PROMPT, line, mark("D;0"))
    assert tracked.record.is_private
    assert tracked.record.command_line == "ls"


def test_syntax_error() -> None:
    printed = b"if)\r\n" + LINE_ENTERED + b"bash: syntax error\r\n"
    tracked = Tracked().feed(PROMPT, printed + mark("X;2", "hn=5;c=if)"))
    assert tracked.record.command_line == "if)"
    assert tracked.record.exit_code == 2
    assert tracked.record.output.text == "bash: syntax error"


def test_enter_after_a_failure_is_no_syntax_error() -> None:
    entered = b"\r\n" + LINE_ENTERED + mark("X;1", "hn=4;c=make")
    assert Tracked().feed(PROMPT, entered, PROMPT).records == []


def test_alternate_screen_is_flagged_and_left_out() -> None:
    output = b"in\x1b[?1049hSECRET\x1b[?1049lout"
    tracked = Tracked().feed(PROMPT, start(), output, mark("D;0"))
    assert tracked.record.used_alternate_screen
    assert b"SECRET" not in tracked.record.output.head
    assert tracked.record.output.text == "inout"


def test_output_is_rendered_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered: list[bytes] = []

    def note(data: bytes) -> str:
        rendered.append(data)
        return "text"

    monkeypatch.setattr(records, "plain_text", note)
    record = Tracked().feed(PROMPT, start(), b"a\x1b[1mb\r\n", mark("D;0")).record
    assert record.output.head == b"a\x1b[1mb\r\n"
    assert rendered == []
    assert record.output.text == "text"
    assert rendered == [record.output.head]


def test_end_of_the_shell_ends_its_command() -> None:
    tracked = Tracked().feed(PROMPT, start("exit 3")).close(3)
    assert tracked.record.exit_code == 3
    assert Tracked().feed(PROMPT, start()).close(None).record.exit_code is None


def test_nonce_is_blotted_out() -> None:
    line = mark("C", f"hn=5;c=echo {NONCE}")
    tracked = Tracked().feed(PROMPT, line, NONCE[:9].encode(), NONCE[9:].encode())
    tracked.feed(mark("D;0"))
    assert NONCE not in tracked.record.command_line
    assert NONCE not in tracked.record.output.text
    assert "*" * 32 in tracked.record.output.text


def test_inferred_commands() -> None:
    prompt = mark("N;0") + mark("P", "cwd=/home") + mark("A") + b"$ " + mark("B")
    failed = prompt.replace(b"N;0", b"N;7")
    tracked = Tracked(infers_commands=True)
    tracked.feed(
        prompt, b"ma", b"x\x08 \x08ke\r\n", b"out\r\n", failed, b"\r\n", prompt
    )
    assert tracked.record.command_line == "make"
    assert tracked.record.exit_code == 7
    assert tracked.record.output.text == "out"
    assert tracked.record.source is CommandSource.SCREEN
    tracked.feed(b"abandoned^C\r\n", prompt)
    assert len(tracked.records) == 1
