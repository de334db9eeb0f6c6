"""A command that has started and not ended, with its output so far."""

import enum
from dataclasses import replace

from terminal_ai.records import CapturedOutput, CommandRecord, RunningCommand
from terminal_ai.shell.capture import BoundedCapture, without_prompt
from terminal_ai.shell.entered import EnteredLine

# Output held back until it is known whether the command had ended before it.
HELD_LIMIT_BYTES = 65_536


class _Held(enum.Enum):
    """Why output is held back."""

    PROVISIONAL_END = enum.auto()
    END_OF_LINE_MARK = enum.auto()


class OpenCommand:
    """Gathers output; ends provisionally with what could be its end, and takes it back.

    What comes after a provisional end, or after the mark for a last line without an
    end, is held: it was output only if the command goes on.
    """

    def __init__(
        self,
        line: EnteredLine,
        *,
        cwd: str,
        started_at: float,
        head_bytes: int,
        tail_bytes: int,
        is_unmarked: bool,
    ) -> None:
        self.line = line
        self.running = RunningCommand(line.text, cwd, started_at)
        self.used_alternate_screen = False
        self.prompt = ""
        """The text of the prompt that followed, which is not output."""
        self.is_unmarked = is_unmarked
        self._capture = BoundedCapture(head_bytes, tail_bytes, started_at=started_at)
        self._held: _Held | None = None
        self._held_bytes = bytearray()
        self._provisional_end = 0.0
        self._provisional_status: int | None = None

    @property
    def has_end(self) -> bool:
        """True while it has ended provisionally."""
        return self._held is _Held.PROVISIONAL_END

    @property
    def has_status(self) -> bool:
        """True while it has ended provisionally with a status that was told."""
        return self.has_end and self._provisional_status is not None

    @property
    def is_held(self) -> bool:
        """True while output is held back."""
        return self._held is not None

    def append(self, data: bytes, now: float) -> None:
        """Add what was printed."""
        if self._held is None:
            self._capture.append(data, now)
            return
        self._held_bytes += data
        if len(self._held_bytes) > HELD_LIMIT_BYTES:
            self.release(now)

    def release(self, now: float) -> None:
        """What was held back was output."""
        self._capture.append(self._held_bytes, now)
        self._held_bytes.clear()
        self._held = None

    def hold_from_end_of_line(self, now: float) -> None:
        """Hold what follows the mark for a last line without an end.

        A second mark: the first one was printed by the command itself. What follows
        the last one is printed by the user's hooks.
        """
        if not self.has_end:
            self.release(now)
            self._held = _Held.END_OF_LINE_MARK

    def release_end_of_line(self, now: float) -> None:
        """What followed the mark for a last line without an end was output."""
        if self._held is _Held.END_OF_LINE_MARK:
            self.release(now)

    def end(self, now: float, status: int | None = None) -> None:
        """End provisionally; a first end stands."""
        if not self.has_end:
            self._held = _Held.PROVISIONAL_END
            self._provisional_end = now
            self._provisional_status = status

    def make_private(self) -> None:
        """Keep it from the disk and from any model."""
        self.line = replace(self.line, is_private=True)

    def tell(self, line: EnteredLine) -> None:
        """Take what the shell told at the end."""
        self.line = line
        self.running = replace(self.running, command_line=line.text)

    def output(self, secret: bytes) -> CapturedOutput:
        """Return the output so far, without a trace of the secret."""
        return self._capture.freeze(secret=secret)

    def record(
        self, exit_code: int | None, now: float, *, id: str, shell: str, secret: bytes
    ) -> CommandRecord:
        """Return the record of an end, or of the provisional one if that stands."""
        if self.has_end:
            exit_code, now = self._provisional_status, self._provisional_end
        started_at = self.running.started_at
        return CommandRecord(
            id=id,
            command_line=self.line.text,
            cwd=self.running.cwd,
            exit_code=exit_code,
            started_at=started_at,
            duration_seconds=max(0.0, now - started_at),
            output=without_prompt(self.output(secret), self.prompt),
            shell=shell,
            is_private=self.line.is_private,
            used_alternate_screen=self.used_alternate_screen,
            source=self.line.source,
        )
