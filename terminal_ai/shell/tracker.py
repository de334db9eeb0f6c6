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
from dataclasses import dataclass, replace

from terminal_ai.records import (
    CapturedOutput,
    CommandRecord,
    CommandSource,
    RunningCommand,
)
from terminal_ai.shell.capture import BoundedCapture, without_prompt
from terminal_ai.shell.marks import (
    COMMAND_LIMIT_CHARACTERS,
    MarkVerifier,
    TrustedMark,
)
from terminal_ai.shell.typed import TypedText, is_repeated
from terminal_ai.shell.watch import Phase
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Event,
    ForeignMark,
    Output,
    PromptMark,
)

# Output held back until it is known whether the command had ended before it.
HELD_LIMIT_BYTES = 65_536


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


class _Held(enum.Enum):
    """Why output is held back."""

    PROVISIONAL_END = enum.auto()
    END_OF_LINE_MARK = enum.auto()


@dataclass(frozen=True, slots=True)
class PromptReady:
    """The shell waits for a command in this directory."""

    cwd: str


ReadShown = Callable[[int], str | None]
Fact = RunningCommand | CommandRecord | PromptReady


@dataclass(slots=True)
class _Block:
    """A command that has started and not ended."""

    running: RunningCommand
    capture: BoundedCapture
    is_private: bool
    source: CommandSource
    used_alternate_screen: bool = False
    prompt: str = ""
    is_unmarked: bool = False


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
        self._read_shown = read_shown
        self._state = _State.INIT
        self._sequence = 0
        self._block: _Block | None = None
        self._typed = TypedText()
        self._read_line: Callable[[], str] | None = None
        self._held: _Held | None = None
        self._held_bytes = bytearray()
        self._provisional_end = 0.0
        self._provisional_status: int | None = None
        self._is_suspected = False
        self._history_number: int | None = None
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
            return self._held is _Held.PROVISIONAL_END
        return self._state in (_State.PROMPT, _State.INPUT)

    @property
    def running(self) -> RunningCommand | None:
        """The command that runs now."""
        if self._block is None or self._held is _Held.PROVISIONAL_END:
            return None
        return self._block.running

    @property
    def phase(self) -> Phase:
        """What the marks have said last."""
        if self._held is _Held.PROVISIONAL_END:
            return Phase.BACK
        return _PHASES[self._state]

    @property
    def output_so_far(self) -> CapturedOutput | None:
        """What the running command has printed until now."""
        if self._block is None:
            return None
        return self._block.capture.freeze(secret=self._verifier.nonce.encode())

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
                    if is_alternate and self._block:
                        self._block.used_alternate_screen = True
                case _:
                    pass
        return self._take_facts()

    def close(self, status: int | None, now: float) -> tuple[Fact, ...]:
        """The shell has ended with this status: so has what ran in it."""
        if self._held is _Held.END_OF_LINE_MARK:
            self._release(now)
        self._finish(None if self._held else status, now)
        self._state = _State.POST
        return self._take_facts()

    # What looks at the shell have found

    @property
    def _is_end_known(self) -> bool:
        """True where the prompt that came instead of D has told the status."""
        return (
            self._held is _Held.PROVISIONAL_END and self._provisional_status is not None
        )

    def lose(self, now: float, *, prompt: str = "") -> tuple[Fact, ...]:
        """No marks come any more: what ran has ended, nobody knows how.

        ``prompt`` is the text before the cursor, which is not output.
        """
        self.is_complete = False
        if self._block and not self._held:
            self._block.prompt = prompt
        self._finish(None, now)
        self._state = _State.POST
        return self._take_facts()

    def suspect_end(self, now: float, *, prompt: str = "") -> None:
        """The shell waits for a line: what ran has ended, unless D takes it back."""
        self.is_complete = False
        self._is_suspected = self._block is not None
        if self._block and self._held is not _Held.PROVISIONAL_END:
            self._block.prompt = prompt
            self._held = _Held.PROVISIONAL_END
            self._provisional_end = now
            self._provisional_status = None
        elif not self._block:
            self._state = _State.POST

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
            self._block is not None and self._block.is_unmarked
        )

    def expect_line(self, read_line: Callable[[], str], now: float) -> tuple[Fact, ...]:
        """The user has entered a line that no mark will tell.

        At the first new line ``read_line`` returns what the screen shows of it.
        """
        self._finish(None, now)
        self._state = _State.ENTERED
        self._read_line = read_line
        return self._take_facts()

    def _infer_unmarked_command(self, data: bytes, now: float) -> None:
        _, new_line, rest = data.partition(b"\n")
        if not new_line or self._read_line is None:
            return
        text, self._read_line = self._read_line(), None
        self._state = _State.POST
        if text.strip():
            is_private = text.startswith(" ")
            self._start(text, now, is_private=is_private, source=CommandSource.SCREEN)
            if self._block:
                self._block.is_unmarked = True
            self._take_output(rest, is_alternate=False, now=now)

    def _take_facts(self) -> tuple[Fact, ...]:
        facts = tuple(self._facts)
        self._facts.clear()
        return facts

    # Output

    def _take_output(self, data: bytes, *, is_alternate: bool, now: float) -> None:
        if is_alternate and not self._is_left_alternate:
            if self._block:
                self._block.used_alternate_screen = True
            return
        if self.is_at_prompt:
            self._typed.append(data)
        if self._block and self._held:
            self._hold(data, now)
        elif self._block:
            self._block.capture.append(data, now)
        elif self._infers_commands and self._state is _State.INPUT:
            self._infer_command(now)
        elif self._state is _State.ENTERED:
            self._infer_unmarked_command(data, now)

    def _hold(self, data: bytes, now: float) -> None:
        self._held_bytes += data
        if len(self._held_bytes) > HELD_LIMIT_BYTES:
            self._release(now)

    def _release(self, now: float) -> None:
        """What was held back was output."""
        if self._block:
            self._block.capture.append(self._held_bytes, now)
        self._drop_held()

    def _drop_held(self) -> None:
        self._held = None
        self._held_bytes.clear()

    def _infer_command(self, now: float) -> None:
        """Start a command at the first new line after the prompt."""
        if (entered := self._typed.first_line()) is None:
            return
        text, rest = entered
        self._state = _State.POST
        if not text.strip() or text.endswith("^C"):
            return
        is_private = text.startswith(" ")
        self._start(text, now, is_private=is_private, source=CommandSource.SCREEN)
        if self._block and rest:
            self._block.capture.append(rest, now)

    # Marks

    def _take_mark(self, mark: TrustedMark, now: float) -> None:
        if mark.kind in _COMPLETE_KINDS:
            self.is_complete = True
        if mark.kind != "Z":
            self.boundary_marks += 1
        if mark.kind in "PA" and self._block and self._block.is_unmarked:
            # The marks have come back, with the prompt after it.
            self._finish(None, now)
            self._state = _State.POST
        match mark.kind:
            case "P":
                self._take_properties(mark)
            case "A":
                if (number := mark.number("next")) is not None:
                    self._history_number = number - 1
                self._take_prompt_start(mark, now)
            case "B":
                self._typed.clear()
                if self._state is _State.PROMPT:
                    self._state = _State.INPUT
            case "C":
                self._take_start(mark, now)
            case "Z" if self._block and self._held is not _Held.PROVISIONAL_END:
                # A second mark: the first one was printed by the command itself. What
                # follows the last one is printed by the user's hooks.
                self._release(now)
                self._held = _Held.END_OF_LINE_MARK
            case "D":
                if self._held is _Held.PROVISIONAL_END:
                    self._release(now)
                if self._is_suspected and self._block and self._block.is_unmarked:
                    # It was an answer to the command that did not end until now.
                    self._drop_block()
                self._is_suspected = False
                self._finish(mark.status, self._end_time(mark, now))
                self._state = _State.POST
            case "N":
                self._take_late_command_line(mark)
                self._finish(mark.status, now)
                self._state = _State.POST
            case "X":
                self._take_syntax_error(mark, now)
                self._state = _State.POST
            case _:
                pass

    def _take_properties(self, mark: TrustedMark) -> None:
        self.cwd = mark.path("cwd") or self.cwd
        self.search_path = mark.path("path") or self.search_path
        # Drawn again, as after a resize, the prompt tells again where it is.
        if self._state not in (_State.INPUT, _State.OUTPUT):
            self._start_prompt()
            self._facts.append(PromptReady(self.cwd))

    def _take_prompt_start(self, mark: TrustedMark, now: float) -> None:
        if self._state is _State.OUTPUT:
            # The user may have removed our hooks, or printed the prompt's own text.
            if self._held is _Held.END_OF_LINE_MARK:
                self._release(now)
            if self._held is None:
                self._held = _Held.PROVISIONAL_END
                self._provisional_end = now
                self._provisional_status = mark.number("ended")
            self._typed.clear()
        else:
            self._start_prompt()

    def _start_prompt(self) -> None:
        self._state = _State.PROMPT
        self._typed.clear()
        # A program that was killed left it on: the shell goes on there.
        self._is_left_alternate = self._is_alternate

    def _take_start(self, mark: TrustedMark, now: float) -> None:
        # Of several lines pasted at once, only the last one ends at a prompt.
        status = mark.number("ended")
        if self._block and self._block.is_unmarked:
            # The same line, told after all.
            self._drop_block()
        elif self._block:
            self.is_complete = self._is_end_known or status is not None
        self._finish(status, now)
        text, is_private, source = self._command_line(mark)
        self._start(text, mark.time or now, is_private=is_private, source=source)

    def _take_syntax_error(self, mark: TrustedMark, now: float) -> None:
        """A line that did not parse: a failed command whose output is the error."""
        self._finish(None, now)
        printed = self._typed.printed_after_line
        is_old = mark.flag("old") or not self._has_history_moved(mark)
        complaint = self._complaint_in(printed)
        if is_old and not complaint:
            # Nothing, while the status of an earlier command still stands.
            return
        text, is_private, source = self._command_line(mark)
        self._start(text, now, is_private=is_private, source=source)
        if self._block:
            # A theme may draw its prompt anew before the shell complains.
            self._block.capture.append(complaint or printed, now)
        self._finish(mark.status, now)

    def _command_line(self, mark: TrustedMark) -> tuple[str, bool, CommandSource]:
        """Return the command line, whether it is private, and where it was read.

        A history number that did not move means that the newest history entry is not
        this command: either it repeats that entry, or it was kept out of the history,
        which is how users say that it is private.
        """
        told = mark.text("c")
        if told is not None and len(told) >= COMMAND_LIMIT_CHARACTERS:
            # The script has cut it.
            told += "…"
        is_private = mark.flag("private")
        has_moved = self._has_history_moved(mark)
        if (number := mark.number("hn")) is not None:
            self._history_number = number
        if told is not None and has_moved:
            return told.rstrip("\n"), is_private, CommandSource.SHELL
        shown = self._shown_line(told or "")
        if told is not None and is_repeated(shown, told):
            return told.rstrip("\n"), is_private, CommandSource.SHELL
        return shown, True, CommandSource.SCREEN

    def _shown_line(self, told: str) -> str:
        """Return the entered line as it was shown, with as many lines as are told."""
        line_count = told.rstrip("\n").count("\n") + 1
        shown = self._read_shown(line_count) if self._read_shown else None
        if shown is not None and is_repeated(shown, told):
            return shown
        typed = self._typed.line
        # How many lines were entered can be seen only where each has ended.
        if shown is None or "\n" in typed or is_repeated(typed, told):
            return typed
        return shown.partition("\n")[0]

    def _take_late_command_line(self, mark: TrustedMark) -> None:
        """A shell that cannot announce a command may tell at its end what it was."""
        told = mark.text("c")
        has_moved = self._has_history_moved(mark)
        if (number := mark.number("hn")) is not None:
            self._history_number = number
        block = self._block
        if told is None or block is None:
            return
        is_kept = has_moved or is_repeated(block.running.command_line, told)
        block.is_private = mark.flag("private") or not is_kept
        if is_kept:
            text = self._without_nonce(told.rstrip("\n"))
            block.running = replace(block.running, command_line=text)
            block.source = CommandSource.SHELL

    def _has_history_moved(self, mark: TrustedMark) -> bool:
        """Tell whether the newest history entry is new; shells without numbers: yes."""
        if mark.text("hn") is None:
            return True
        return mark.number("hn") not in (None, self._history_number)

    def _complaint_in(self, printed: bytes) -> bytes:
        """Return the shell's own error, without what jobs printed before it."""
        start = (b"\n" + printed).find(f"\n{self._shell}: ".encode())
        return printed[start:] if start >= 0 else b""

    # Blocks

    def _start(
        self,
        command_line: str,
        started_at: float,
        *,
        is_private: bool,
        source: CommandSource,
    ) -> None:
        text = self._without_nonce(command_line)
        running = RunningCommand(text, self.cwd, started_at)
        capture = BoundedCapture(
            self._head_bytes, self._tail_bytes, started_at=started_at
        )
        self._block = _Block(running, capture, is_private, source)
        self._state = _State.OUTPUT
        if text.strip():
            self._facts.append(running)

    def _without_nonce(self, text: str) -> str:
        nonce = self._verifier.nonce
        return text.replace(nonce, "*" * len(nonce)) if nonce else text

    def _drop_block(self) -> None:
        self._block = None
        self._drop_held()

    def _finish(self, exit_code: int | None, now: float) -> None:
        block = self._block
        if self._held is _Held.PROVISIONAL_END:
            now = self._provisional_end
            exit_code = self._provisional_status
        self._drop_block()
        if block is None or not block.running.command_line.strip():
            return
        self._sequence += 1
        self._facts.append(
            CommandRecord(
                id=f"{self._session_id}-{self._sequence}",
                command_line=block.running.command_line,
                cwd=block.running.cwd,
                exit_code=exit_code,
                started_at=block.running.started_at,
                duration_seconds=max(0.0, now - block.running.started_at),
                output=without_prompt(
                    block.capture.freeze(secret=self._verifier.nonce.encode()),
                    block.prompt,
                ),
                shell=self._shell,
                is_private=block.is_private,
                used_alternate_screen=block.used_alternate_screen,
                source=block.source,
            )
        )

    def _end_time(self, mark: TrustedMark, now: float) -> float:
        """Return when the command ended, by the shell's clock where it has one."""
        if mark.time is not None:
            return mark.time
        milliseconds = mark.number("ms")
        if milliseconds is not None and self._block:
            return self._block.running.started_at + milliseconds / 1000
        return now
