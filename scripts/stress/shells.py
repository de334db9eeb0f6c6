"""Users at real shells: each types a command, waits for its record, types the next."""

import asyncio
import contextlib
import time
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from stress.accounting import Ledger, Tally
from stress.measuring import until
from stress.work import Command
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.records import Advice, CommandRecord, RunningCommand
from terminal_ai.session import IntegrationState, Session, SessionListener, ShellExit
from terminal_ai.terminal.events import Event

ADVICE_SECONDS = 30.0
INTERRUPT_SECONDS = 0.5
INTERRUPTS_LIMIT = 20

OpenSession = Callable[[SessionListener], Session]


@dataclass(slots=True)
class Times:
    """What was measured of the commands, in milliseconds."""

    commands: "array[float]" = field(default_factory=lambda: array("d"))
    overheads: "array[float]" = field(default_factory=lambda: array("d"))
    """Over the time that the command itself slept."""
    advice: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed command with its advice, when it had ended and when it was advised."""

    record: CommandRecord
    advice: Advice | None
    ended_at: float
    advised_at: float


class ShellUser:
    """One shell and who uses it; also what its session tells.

    The assistant is told the same as by the app's screen.
    """

    def __init__(
        self,
        number: int,
        open_session: OpenSession,
        *,
        cwd: str,
        ledger: Ledger,
        assistant: Assistant,
        times: Times,
        unadvised: Tally,
        patience_seconds: float,
    ) -> None:
        self.number = number
        self.cwd = cwd
        self._ledger = ledger
        self._assistant = assistant
        self._times = times
        self._unadvised = unadvised
        self._patience_seconds = patience_seconds
        self._prompt = asyncio.Event()
        self._records: asyncio.Queue[tuple[CommandRecord, float]] = asyncio.Queue()
        self._advice: asyncio.Queue[tuple[str, Advice | None]] = asyncio.Queue()
        self._telling: set[asyncio.Task[None]] = set()
        self.session = open_session(self)

    # What a user does

    async def run(
        self, command: Command, *, keys_before: bytes = b""
    ) -> Failure | None:
        """Type a command and wait for its record; for a failure, also for advice."""
        await self._at_prompt()
        self._ledger.expect(self.number, command, self.cwd)
        if keys_before:
            for key in keys_before:
                self.session.press(bytes((key,)))
        begun = time.monotonic()
        self.session.press(f"{command.line}\r".encode())
        record, ended_at = await self._taken()
        took = ended_at - begun
        if command.nap_seconds:
            self._times.commands.append(took * 1e3)
            self._times.overheads.append((took - command.nap_seconds) * 1e3)
        if not command.has_failed:
            return None
        return await self._advised(record, ended_at)

    async def interrupt(self, command: Command) -> None:
        """Run a command, and end it with ^C once it has begun."""
        await self._at_prompt()
        self._ledger.expect(self.number, command, self.cwd)
        self.session.press(f"{command.line}\r".encode())
        # Its start is told before it exists: only what it prints shows that it is.
        await until(self._has_printed, seconds=self._patience_seconds)
        self.session.press(b"\x03")
        await self._taken()

    async def press(self, keys: bytes) -> None:
        """Type keys one by one at a prompt."""
        await self._at_prompt()
        for key in keys:
            self.session.press(bytes((key,)))
            await asyncio.sleep(0)

    async def abandon(self, keys: bytes) -> None:
        """Type keys at a prompt and drop the line with ^C; wait for a new prompt.

        A shell that is still getting ready to read takes note of ^C only at the next
        key; then whoever sits there presses it again.
        """
        await self.press(keys)
        self._prompt.clear()
        for _ in range(INTERRUPTS_LIMIT):
            self.session.press(b"\x03")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERRUPT_SECONDS):
                    await self._prompt.wait()
                break
        await self._at_prompt()

    async def close(self) -> None:
        """End the shell and what is still being told of it."""
        await self.session.close()
        await asyncio.gather(*self._telling)

    async def _at_prompt(self) -> None:
        async with asyncio.timeout(self._patience_seconds):
            await self._prompt.wait()
            await until(lambda: self.session.is_at_prompt)

    def _has_printed(self) -> bool:
        so_far = self.session.output_so_far
        return so_far is not None and b"holds" in so_far.head

    async def _taken(self) -> tuple[CommandRecord, float]:
        async with asyncio.timeout(self._patience_seconds):
            return await self._records.get()

    async def _advised(self, record: CommandRecord, ended_at: float) -> Failure:
        try:
            async with asyncio.timeout(min(ADVICE_SECONDS, self._patience_seconds)):
                record_id, advice = await self._advice.get()
                while record_id != record.id:
                    record_id, advice = await self._advice.get()
        except TimeoutError:
            advice = None
        advised_at = time.monotonic()
        self._times.advice.append((advised_at - ended_at) * 1e3)
        if advice is None:
            self._unadvised.add(f"no advice: {record.command_line!r}")
        return Failure(record, advice, ended_at, advised_at)

    # What the session tells

    def screen_changed(self) -> None:
        """Nothing is drawn here."""

    def prompt_ready(self, cwd: str) -> None:
        """The next command may be typed."""
        del cwd
        self._prompt.set()

    def command_started(self, command: RunningCommand) -> None:
        """The user goes on."""
        del command
        self._prompt.clear()
        self._assistant.command_started()

    def command_finished(self, record: CommandRecord) -> None:
        """Account for the record, and hand it to the one who waits for it."""
        ended_at = time.monotonic()
        self._prompt.clear()
        self._ledger.take(self.number, record)
        self._records.put_nowait((record, ended_at))
        self._tell(self._assistant.command_finished(record))

    def advice_ready(self, record: CommandRecord, advice: Advice | None) -> None:
        """Hand the advice over; let the model think ahead, as the app does."""
        self._advice.put_nowait((record.id, advice))
        if self.session.running is None:
            self._assistant.failure_examined(record, advice)

    def terminal_event(self, event: Event) -> None:
        """No titles, no bell."""

    def integration_changed(self, state: IntegrationState) -> None:
        """A shell without marks would show as lost records."""

    def inside_changed(self, name: str) -> None:
        """No program takes the commands."""

    def shell_exited(self, status: ShellExit) -> None:
        """A dead shell would show as lost records."""

    def _tell(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
