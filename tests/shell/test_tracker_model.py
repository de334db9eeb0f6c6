"""The tracker against a simple model of a shell that does anything in any order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from terminal_ai.records import CommandRecord
from tests.shell.test_tracker import NONCE, PID, Tracked, mark

TEXT = st.text("abc 漢\t", max_size=12).map(str.encode)
STATUS = st.integers(0, 255)


class Shell(RuleBasedStateMachine):
    """Prints what a shell prints, and keeps what its commands must be told as."""

    def __init__(self) -> None:
        super().__init__()
        self.tracked = Tracked()
        self.expected: list[tuple[str, int | None, bytes, bool]] = []
        self.is_at_prompt = False
        self.command: str | None = None
        self.output = b""
        self.used_alternate = False
        self.is_alternate = False
        self.number = 0

    def end(self, status: int | None) -> None:
        if self.command is not None:
            told = (self.command, status, self.output, self.used_alternate)
            self.expected.append(told)
        self.command = None

    @precondition(lambda self: self.command is None)
    @rule()
    def prompt(self) -> None:
        """Shown for the first time, again, or drawn anew: all the same."""
        self.tracked.feed(mark("P", "cwd=/home"), mark("A"), b"$ ", mark("B"))
        self.is_at_prompt = True

    @precondition(lambda self: self.is_at_prompt and self.command is None)
    @rule()
    def redraw(self) -> None:
        self.tracked.terminal.resize(40 + self.number % 80, 10)
        self.tracked.feed(b"\r", mark("A"), b"$ ", mark("B"), b"\x1b[K")

    @precondition(lambda self: self.is_at_prompt and self.command is None)
    @rule(typed=TEXT)
    def type(self, typed: bytes) -> None:
        self.tracked.feed(typed)

    @precondition(lambda self: self.is_at_prompt and self.command is None)
    @rule()
    def abandon(self) -> None:
        self.tracked.feed(b"^C\r\n", mark("N;130"))
        self.is_at_prompt = False

    @rule()
    def begin(self) -> None:
        """After a prompt or without one: what ran before has an unknown end."""
        if self.command is None:
            self.tracked.feed(b"\r\n")
        self.end(None)
        self.number += 1
        self.command = f"make {self.number}"
        self.output, self.used_alternate = b"", self.is_alternate
        self.tracked.feed(mark("C", f"hn={self.number};c={self.command}"))
        self.used_alternate = False
        self.is_at_prompt = False

    @precondition(lambda self: self.command is not None and not self.is_alternate)
    @rule(text=TEXT)
    def print(self, text: bytes) -> None:
        self.output += text
        self.tracked.feed(text)

    @precondition(lambda self: self.command is not None)
    @rule(mode=st.sampled_from([b"47", b"1047", b"1049"]), text=TEXT)
    def full_screen(self, mode: bytes, text: bytes) -> None:
        opening, closing = (b"\x1b[?%b%b" % (mode, end) for end in (b"h", b"l"))
        # What opens it is still printed on the primary screen.
        self.output += opening
        # Nested: the inner one changes nothing, whichever it is.
        body = text + b"\x1b[?1049h" + text + mark("A", nonce="")
        self.tracked.feed(opening + body, closing)
        self.used_alternate = True

    @rule(
        kind=st.sampled_from(["A", "B", "C", "D;0", "N;0", "X;1", "Z", "P"]),
        nonce=st.sampled_from([NONCE, NONCE[::-1], ""]),
    )
    def foreign(self, kind: str, nonce: str) -> None:
        pid = PID + 1 if nonce == NONCE else PID
        self.tracked.feed(mark(kind, "hn=9;c=evil", nonce=nonce, pid=pid))

    @precondition(lambda self: self.command is not None)
    @rule(status=STATUS, has_end_of_line=st.integers(0, 2))
    def finish(self, status: int, has_end_of_line: int) -> None:
        if has_end_of_line:
            self.tracked.feed(*[mark("Z")] * has_end_of_line, b"%   \r \r")
        self.tracked.feed(mark(f"D;{status}"))
        self.end(status)

    @precondition(lambda self: self.command is None)
    @rule(status=STATUS)
    def finish_nothing(self, status: int) -> None:
        self.tracked.feed(mark(f"D;{status}"))
        self.is_at_prompt = False

    @precondition(lambda self: self.command is not None)
    @rule(status=STATUS, is_held=st.booleans())
    def come_back_without_an_end(self, status: int, is_held: bool) -> None:
        """A prompt, then the end after all: the prompt was printed by the command."""
        self.tracked.feed(mark("A"), b"$ ", mark("B"))
        if is_held:
            self.tracked.feed(b"x")
        self.tracked.feed(mark(f"D;{status}"))
        self.output += b"$ x" if is_held else b"$ "
        self.end(status)

    @precondition(lambda self: self.command is not None)
    @rule()
    def lose(self) -> None:
        self.tracked.facts += self.tracked.tracker.lose(self.tracked.now)
        self.end(None)
        self.is_at_prompt = False

    @invariant()
    def tells_what_happened(self) -> None:
        told = [
            (r.command_line, r.exit_code, r.output.head, r.used_alternate_screen)
            for r in self.tracked.facts
            if isinstance(r, CommandRecord)
        ]
        assert told == self.expected
        running = self.tracked.tracker.running
        assert (running.command_line if running else None) == self.command

    def teardown(self) -> None:
        command = self.command
        self.tracked.close(9)
        self.end(9)
        if command is not None:
            last = self.tracked.records[-1]
            assert (last.command_line, last.exit_code) == (command, 9)
        assert len(self.tracked.records) == len(self.expected)


TestShell = Shell.TestCase
TestShell.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
