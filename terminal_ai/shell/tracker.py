"""From the emulator's events to exact records of commands.

The machine of states::

    INIT → PROMPT → INPUT → OUTPUT → POST → PROMPT …
           (P, A)   (B)     (C)      (D, N, X)

A mark that did not come from our script changes nothing. A shell whose hooks were
removed still gives C and A: such an A is a provisional end, taken back by D. Of a shell
that gives no marks at all, the session tells when a line was entered (ENTERED) and when
the shell waits again.
"""

import enum
from collections.abc import Callable, Iterable

from terminal_ai.records import CapturedOutput, RunningCommand
from terminal_ai.shell.entered import EnteredLine, LineReader, ReadShown
from terminal_ai.shell.facts import Fact, PromptReady
from terminal_ai.shell.marks import MarkVerifier, TrustedMark
from terminal_ai.shell.open_command import OpenCommand
from terminal_ai.shell.watch import Phase
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Event,
    ForeignMark,
    Output,
    PromptMark,
)


class _State(enum.Enum):
    INIT = enum.auto()
    PROMPT = enum.auto()
    INPUT = enum.auto()
    OUTPUT = enum.auto()
    POST = enum.auto()
    ENTERED = enum.auto()


_PHASES = {
    _State.INIT: Phase.STARTING,
    _State.PROMPT: Phase.PROMPT,
    _State.INPUT: Phase.PROMPT,
    _State.OUTPUT: Phase.RUNNING,
    _State.POST: Phase.ENDED,
    _State.ENTERED: Phase.ENDED,
}

# Marks that only a shell prints which tells how its commands end.
_COMPLETE_KINDS = frozenset("DNX")
# Marks that are no boundary: the script was read, a last line has no end.
_INNER_KINDS = frozenset("IZ")


class CommandTracker:
    """Follows one shell; ``infers_commands`` where the shell cannot announce them.

    ``read_shown`` returns so many lines of the screen from where input began; without
    it they are read from the bytes, which misread what was edited.
    """

    def __init__(
        self,
        verifier: MarkVerifier,
        *,
        session_id: str,
        shell: str,
        cwd: str,
        head_bytes: int,
        tail_bytes: int,
        infers_commands: bool = False,
        read_shown: ReadShown | None = None,
    ) -> None:
        self._verifier = verifier
        self._session_id = session_id
        self._shell = shell
        self._head_bytes = head_bytes
        self._tail_bytes = tail_bytes
        self._infers_commands = infers_commands
        self._state = _State.INIT
        self._sequence = 0
        self._command: OpenCommand | None = None
        self._lines = LineReader(read_shown, shell=shell, nonce=verifier.nonce)
        self._read_line: Callable[[], str] | None = None
        self._suspected: OpenCommand | None = None
        self._is_alternate = False
        self._is_left_alternate = False
        self._facts: list[Fact] = []
        self.cwd = cwd
        self.search_path: str | None = None
        self.genuine_marks = 0
        # Those among them that tell where a prompt or a command begins or ends.
        self.boundary_marks = 0
        # False from the moment the shell was found not to tell how commands end.
        self.is_complete = True

    @property
    def is_at_prompt(self) -> bool:
        """True while the shell's own line editor is in front."""
        if self._state is _State.OUTPUT:
            return self._has_provisional_end
        return self._state in (_State.PROMPT, _State.INPUT)

    @property
    def running(self) -> RunningCommand | None:
        """The command that runs now."""
        if self._command is None or self._command.has_end:
            return None
        return self._command.running

    @property
    def phase(self) -> Phase:
        """What the marks have said last."""
        return Phase.BACK if self._has_provisional_end else _PHASES[self._state]

    @property
    def output_so_far(self) -> CapturedOutput | None:
        """What the running command has printed until now."""
        return self._command.output(self._secret) if self._command else None

    @property
    def foreign_marks(self) -> int:
        """How many marks were refused."""
        return self._verifier.foreign_marks

    def feed(self, events: Iterable[Event], now: float) -> tuple[Fact, ...]:
        """Take events in stream order, at a time in seconds since the epoch."""
        for event in events:
            match event:
                case Output(data, is_alternate):
                    self._take_output(data, is_alternate=is_alternate, now=now)
                case ForeignMark():
                    self._verifier.foreign_marks += 1
                case PromptMark():
                    if mark := self._verifier.verify(event):
                        self.genuine_marks += 1
                        self._take_mark(mark, now)
                case AlternateScreenChanged(is_alternate):
                    self._is_alternate = is_alternate
                    if is_alternate and self._command:
                        self._command.used_alternate_screen = True
                case _:
                    pass
        return self._take_facts()

    def close(self, status: int | None, now: float) -> tuple[Fact, ...]:
        """The shell has ended with this status: so has what ran in it."""
        if self._command:
            self._command.release_end_of_line(now)
        self._finish(status, now)
        self._state = _State.POST
        return self._take_facts()

    # What looks at the shell have found

    def lose(self, now: float, *, prompt: str = "") -> tuple[Fact, ...]:
        """No marks come any more: what ran has ended, nobody knows how.

        ``prompt`` is the text before the cursor, which is not output.
        """
        self.is_complete = False
        if self._command and not self._command.is_held:
            self._command.prompt = prompt
        self._finish(None, now)
        self._state = _State.POST
        return self._take_facts()

    def suspect_end(self, now: float, *, prompt: str = "") -> None:
        """The shell waits for a line: what ran has ended, unless D takes it back.

        A command may ask its own question through the line editor (``read -e``). Then
        the answer, which looks like a command of a lost shell, belongs to it.
        """
        self.is_complete = False
        self._suspected = self._command
        if self._command is None:
            self._state = _State.POST
        elif not self._command.has_end:
            self._command.prompt = prompt
            self._command.end(now)

    @property
    def is_end_suspected(self) -> bool:
        """True until the next line tells whether D takes the suspected end back."""
        return self._suspected is not None

    def confirm_end(self, now: float) -> tuple[Fact, ...]:
        """No D follows the prompt that has come."""
        self.is_complete = self._is_end_known
        self._finish(None, now)
        self._state = _State.INPUT
        return self._take_facts()

    @property
    def is_unmarked(self) -> bool:
        """True while a line that no mark has told is entered, or runs."""
        return self._state is _State.ENTERED or (
            self._command is not None and self._command.is_unmarked
        )

    def expect_line(self, read_line: Callable[[], str], now: float) -> tuple[Fact, ...]:
        """The user has entered a line that no mark will tell.

        At the first new line ``read_line`` returns what the screen shows of it.
        """
        if self._command is not None and self._command is self._suspected:
            self._command = None
        else:
            self._finish(None, now)
        self._state = _State.ENTERED
        self._read_line = read_line
        return self._take_facts()

    def _take_facts(self) -> tuple[Fact, ...]:
        facts = tuple(self._facts)
        self._facts.clear()
        return facts

    # Output

    def _take_output(self, data: bytes, *, is_alternate: bool, now: float) -> None:
        if is_alternate and not self._is_left_alternate:
            if self._command:
                self._command.used_alternate_screen = True
            return
        if self.is_at_prompt:
            self._lines.typed.append(data)
        if self._suspected and self._suspected is not self._command:
            self._suspected.append(data, now)
        if self._command:
            self._command.append(data, now)
        elif self._infers_commands and self._state is _State.INPUT:
            self._infer_command(now)
        elif self._state is _State.ENTERED:
            self._infer_unmarked_command(data, now)

    def _infer_command(self, now: float) -> None:
        """Start a command at the first new line after the prompt."""
        if (entered := self._lines.typed.first_line()) is None:
            return
        text, rest = entered
        self._state = _State.POST
        if text.strip() and not text.endswith("^C"):
            self._start(self._lines.shown(text), now, printed=rest)

    def _infer_unmarked_command(self, data: bytes, now: float) -> None:
        _, new_line, rest = data.partition(b"\n")
        if not new_line or self._read_line is None:
            return
        text, self._read_line = self._read_line(), None
        self._state = _State.POST
        if text.strip():
            line = self._lines.shown(text)
            self._start(line, now, printed=rest, is_unmarked=True)

    # Marks

    def _take_mark(self, mark: TrustedMark, now: float) -> None:
        if mark.kind in _COMPLETE_KINDS:
            self.is_complete = True
        if mark.kind not in _INNER_KINDS:
            self.boundary_marks += 1
        if mark.kind in "PA" and self._command and self._command.is_unmarked:
            # The marks have come back, with the prompt after it.
            self._finish(None, now)
            self._state = _State.POST
        match mark.kind:
            case "P":
                self._take_properties(mark)
            case "A":
                self._lines.prompt_came(mark)
                self._take_prompt_start(mark, now)
            case "B":
                self._lines.typed.clear()
                if self._state is _State.PROMPT:
                    self._state = _State.INPUT
            case "C":
                self._take_start(mark, now)
            case "Z" if self._command:
                self._command.hold_from_end_of_line(now)
            case "D":
                self._take_back_end(now)
                if self._command and mark.flag("private"):
                    self._command.make_private()
                self._finish(mark.status, self._end_time(mark, now))
                self._state = _State.POST
            case "N":
                self._take_late_line(mark)
                self._finish(mark.status, now)
                self._state = _State.POST
            case "X":
                self._take_syntax_error(mark, now)
                self._state = _State.POST
            case _:
                pass

    def _take_back_end(self, now: float) -> None:
        """The command goes on, or has ended only now."""
        if self._suspected:
            self._command, self._suspected = self._suspected, None
            self._command.prompt = ""
        if self._command and self._command.has_end:
            self._command.release(now)

    def _take_properties(self, mark: TrustedMark) -> None:
        self.cwd = mark.path("cwd") or self.cwd
        self.search_path = mark.path("path") or self.search_path
        # Drawn again, as after a resize, the prompt tells again where it is.
        if self._state not in (_State.INPUT, _State.OUTPUT):
            self._start_prompt()
            self._facts.append(PromptReady(self.cwd))

    def _take_prompt_start(self, mark: TrustedMark, now: float) -> None:
        if self._state is _State.OUTPUT and self._command:
            # The user may have removed our hooks, or printed the prompt's own text.
            self._command.release_end_of_line(now)
            self._command.end(now, mark.number("ended"))
            self._lines.typed.clear()
        else:
            self._start_prompt()

    def _start_prompt(self) -> None:
        self._state = _State.PROMPT
        self._lines.typed.clear()
        # A program that was killed left it on: the shell goes on there.
        self._is_left_alternate = self._is_alternate

    def _take_start(self, mark: TrustedMark, now: float) -> None:
        # Of several lines pasted at once, only the last one ends at a prompt.
        status = mark.number("ended")
        if self._command and self._command.is_unmarked:
            # The same line, told after all.
            self._command = None
        elif self._command:
            self.is_complete = self._is_end_known or status is not None
        self._finish(status, now)
        self._start(self._lines.told_at_start(mark), mark.time or now)

    def _take_late_line(self, mark: TrustedMark) -> None:
        """A shell that cannot announce a command may tell at its end what it was."""
        shown = self._command.line if self._command else self._lines.shown("")
        line = self._lines.told_at_end(mark, shown)
        if self._command:
            self._command.tell(line)

    def _take_syntax_error(self, mark: TrustedMark, now: float) -> None:
        """A line that did not parse: a failed command whose output is the error."""
        self._finish(None, now)
        complaint = self._lines.complaint(mark)
        if complaint is not None:
            self._start(self._lines.told_at_start(mark), now, printed=complaint)
            self._finish(mark.status, now)

    # The command

    @property
    def _secret(self) -> bytes:
        return self._verifier.nonce.encode()

    @property
    def _has_provisional_end(self) -> bool:
        return self._command is not None and self._command.has_end

    @property
    def _is_end_known(self) -> bool:
        """True where the prompt that came instead of D has told the status."""
        return self._command is not None and self._command.has_status

    def _start(
        self,
        line: EnteredLine,
        started_at: float,
        *,
        printed: bytes = b"",
        is_unmarked: bool = False,
    ) -> None:
        command = OpenCommand(
            line,
            cwd=self.cwd,
            started_at=started_at,
            head_bytes=self._head_bytes,
            tail_bytes=self._tail_bytes,
            is_unmarked=is_unmarked,
        )
        command.append(printed, started_at)
        self._command = command
        self._state = _State.OUTPUT
        if line.text.strip():
            self._facts.append(command.running)

    def _finish(self, exit_code: int | None, now: float) -> None:
        command, self._command = self._command, None
        suspected, self._suspected = self._suspected, None
        if suspected is not command:
            self._record(suspected, None, now)
        self._record(command, exit_code, now)

    def _record(
        self, command: OpenCommand | None, exit_code: int | None, now: float
    ) -> None:
        if command is None or not command.line.text.strip():
            return
        self._sequence += 1
        self._facts.append(
            command.record(
                exit_code,
                now,
                id=f"{self._session_id}-{self._sequence}",
                shell=self._shell,
                secret=self._secret,
            )
        )

    def _end_time(self, mark: TrustedMark, now: float) -> float:
        """Return when the command ended, by the shell's clock where it has one."""
        if mark.time is not None:
            return mark.time
        milliseconds = mark.number("ms")
        if milliseconds is not None and self._command:
            return self._command.running.started_at + milliseconds / 1000
        return now
