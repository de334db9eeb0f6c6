"""A shell in a terminal: what its user does, what it does, and its life."""

import asyncio
import dataclasses
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from terminal_ai.advising import AdviceDesk
from terminal_ai.advisor import Advisor
from terminal_ai.config import Settings
from terminal_ai.history import History
from terminal_ai.records import (
    CapturedOutput,
    CommandCounts,
    CommandRecord,
    RunningCommand,
)
from terminal_ai.session.background import Background
from terminal_ai.session.placing import line_to_place
from terminal_ai.session.preparing import prepare_in_thread
from terminal_ai.session.typed_ahead import TypedAhead
from terminal_ai.session.typed_line import TypedLine
from terminal_ai.shell.blocks import Blocks
from terminal_ai.shell.facts import Fact, PromptReady
from terminal_ai.shell.integration_watch import IntegrationWatch
from terminal_ai.shell.launch import Launch
from terminal_ai.shell.leftovers import FRESH_START, Leftovers
from terminal_ai.shell.listener import SessionListener
from terminal_ai.shell.marks import MarkVerifier
from terminal_ai.shell.policy import leaves, wants_answer
from terminal_ai.shell.pty import PtyMaster, ShellExit
from terminal_ai.shell.replies import ReplyBudget
from terminal_ai.shell.resources import ResourceMeter
from terminal_ai.shell.shown import shown_from
from terminal_ai.shell.states import IntegrationState
from terminal_ai.shell.stream import IsOver, PtyStream
from terminal_ai.shell.surroundings import SurroundingsCollector
from terminal_ai.shell.tracker import CommandTracker
from terminal_ai.shell.watch import Phase
from terminal_ai.telemetry.echo import KeyEcho
from terminal_ai.telemetry.names import ADVICE, FAILURE
from terminal_ai.telemetry.spans import NO_SPAN, SpanStatus, Tracer, status_of
from terminal_ai.terminal.colors import Colors
from terminal_ai.terminal.events import (
    AlternateScreenChanged,
    Bell,
    ClipboardWritten,
    DirectoryReported,
    Event,
    Notification,
    PromptMark,
    Reply,
    SizeRequested,
    TitleChanged,
)
from terminal_ai.terminal.input.keys import encode_paste
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.user_rules import UserRules

if TYPE_CHECKING:
    from utils.profiler import PerformanceProfiler

_FOR_LISTENER = (
    AlternateScreenChanged,
    Bell,
    ClipboardWritten,
    DirectoryReported,
    Notification,
    SizeRequested,
    TitleChanged,
)

# Carriage return and line feed: what a line editor takes as the end of a line.
_LINE_ENDS = frozenset(b"\r\n")


class Session:
    """A shell in a terminal, with its commands captured and its failures advised."""

    def __init__(
        self,
        settings: Settings,
        *,
        columns: int,
        rows: int,
        listener: SessionListener,
        history: History | None,
        advisor: Advisor | None,
        user_rules: UserRules | None = None,
        profiler: "PerformanceProfiler | None" = None,
        tracer: Tracer | None = None,
        environ: Mapping[str, str] | None = None,
        files_directory: Path | None = None,
        prepared: Launch | None = None,
    ) -> None:
        """``prepared`` is used by the first start; its files are the session's then."""
        self.terminal = Terminal(
            columns,
            rows,
            scrollback_rows=settings.terminal.scrollback_rows,
            scrollback_limit_bytes=settings.terminal.scrollback_limit_bytes,
            permissions=Permissions(
                writes_clipboard=settings.terminal.clipboard_writes,
                resizes_window=settings.terminal.resize_requests,
            ),
            parser=settings.terminal.parser,
        )
        self.blocks = Blocks(self.terminal)
        self.last_failure: CommandRecord | None = None
        self._settings = settings
        self._listener = listener
        self._history = history
        self._advisor = advisor
        self._user_rules = user_rules
        self._profiler = profiler
        self._tracer = tracer = tracer or Tracer(is_enabled=False)
        self.echo = KeyEcho(tracer)
        """Where the key that was typed last is on its way."""
        self._environ = dict(os.environ if environ is None else environ)
        self._files_directory = files_directory
        self._prepared = prepared
        self.session_id = ""
        """Begins the ids of this shell's records; empty before it starts."""
        self._cwd = self._environ.get("PWD") or str(Path.cwd())
        self._launch: Launch | None = None
        self._master: PtyMaster | None = None
        self._stream: PtyStream | None = None
        self._typed_ahead: TypedAhead | None = None
        self._typed_line = TypedLine(self.terminal)
        self._tracker: CommandTracker | None = None
        self._meter: ResourceMeter | None = None
        self._desk: AdviceDesk | None = None
        self._watch: IntegrationWatch | None = None
        self._exit_watch: asyncio.Task[object] | None = None
        self._releasing = asyncio.Lock()
        self._background = Background()
        self._newest: CommandRecord | None = None
        self.commands = CommandCounts()
        """The commands that have ended, of all shells of this session."""
        self._parsed_before = (0, 0.0)
        self._reply_budget = ReplyBudget()
        self._leftovers = Leftovers()

    # What a listener may ask

    @property
    def cwd(self) -> str:
        """The shell's directory, as it told at its last prompt."""
        return self._tracker.cwd if self._tracker else self._cwd

    @property
    def parsed(self) -> tuple[int, float]:
        """How many bytes of output the emulator has read, and the seconds it took."""
        parsed_bytes, parsed_seconds = self._parsed_before
        if self._stream is not None:
            speed = self._stream.speed
            parsed_bytes += speed.parsed_bytes
            parsed_seconds += speed.parsed_seconds
        return parsed_bytes, parsed_seconds

    @property
    def shell_name(self) -> str:
        """The shell's name, for people."""
        return self._launch.shell_name if self._launch else ""

    @property
    def notice(self) -> str:
        """One line about how the shell was started, or nothing."""
        return self._launch.notice if self._launch else ""

    @property
    def pid(self) -> int | None:
        """The shell's process id; None when none runs."""
        return self._master.pid if self._master else None

    @property
    def integration(self) -> IntegrationState:
        """How exactly commands are captured."""
        return self._watch.state if self._watch else IntegrationState.WAITING

    @property
    def inside(self) -> str:
        """The program that takes the commands instead of the shell ("ssh"), or ""."""
        return self._watch.inside if self._watch else ""

    @property
    def is_at_prompt(self) -> bool:
        """True while text can be placed."""
        return (
            self._master is not None
            and self._tracker is not None
            and self._tracker.is_at_prompt
            and not self.terminal.is_alternate
        )

    @property
    def is_line_empty(self) -> bool:
        """True only while it is certain that nothing stands at the shell's prompt.

        What a key did to the line is not known: after any key but ^C and ^L it is False
        until the next prompt, also after Ctrl+U and after the history was looked at.
        """
        tracker = self._tracker
        is_ours = self.integration is IntegrationState.ACTIVE and not self.inside
        if tracker is None or not is_ours or not self.is_at_prompt:
            return False
        return tracker.phase is Phase.PROMPT and self._typed_line.is_empty(
            self.blocks.input, time.monotonic()
        )

    @property
    def running(self) -> RunningCommand | None:
        """The command that runs now."""
        return self._tracker.running if self._tracker else None

    @property
    def output_so_far(self) -> CapturedOutput | None:
        """What the running command has printed until now."""
        return self._tracker.output_so_far if self._tracker else None

    @property
    def is_flooded(self) -> bool:
        """True while the program prints faster than it can be parsed."""
        return self._stream is not None and self._stream.is_flooded

    @property
    def foreign_marks(self) -> int:
        """How many prompt marks were refused because they were not our shell's."""
        return self._tracker.foreign_marks if self._tracker else 0

    def record(self, record_id: str) -> CommandRecord | None:
        """Return a finished command that is still in memory; the disk is not asked."""
        if self._newest is not None and self._newest.id == record_id:
            return self._newest
        return self._history.remembered(record_id) if self._history else None

    # Life

    async def start(self) -> None:
        """Start the shell. Raises ShellError if it cannot be started.

        What is typed meanwhile is for the shell, as in any terminal.
        """
        typed_ahead = self._typed_ahead = self._typed_ahead or TypedAhead()
        try:
            await self._start()
            self._send(typed_ahead.data)
        finally:
            self._typed_ahead = None

    async def _start(self) -> None:
        launch, self._prepared = self._prepared, None
        if launch is None:
            launch = await prepare_in_thread(
                self._settings.shell, self._environ, self._files_directory
            )
        try:
            master = PtyMaster.spawn(
                launch.argv,
                environ={**launch.environ, "PWD": self._cwd},
                cwd=_existing(self._cwd),
                columns=self.terminal.columns,
                rows=self.terminal.rows,
            )
        except BaseException:
            launch.discard_files()
            raise
        self._launch = launch
        self._master = master
        self._leftovers = Leftovers()
        self.session_id = secrets.token_hex(4)
        self._tracker = CommandTracker(
            MarkVerifier(launch.nonce, master.pid),
            session_id=self.session_id,
            shell=launch.shell_name,
            cwd=self._cwd,
            head_bytes=self._settings.history.output_head_bytes,
            tail_bytes=self._settings.history.output_tail_bytes,
            infers_commands=launch.kind.is_limited,
            read_shown=self._read_shown,
        )
        self._meter = ResourceMeter(
            master.pid,
            interval_seconds=self._settings.shell.resource_interval_seconds,
            foreground_group=lambda: master.foreground_group,
        )
        if self._advisor and self._settings.advisor.enabled:
            collector = SurroundingsCollector(
                shell=launch.shell_name, home=self._environ.get("HOME", "")
            )
            self._desk = AdviceDesk(
                self._advisor,
                collector,
                self._history,
                self._measure,
                self._user_rules,
                tracer=self._tracer,
            )
        was_told = self.integration
        self._watch = IntegrationWatch(
            master,
            self._tracker,
            self.terminal,
            self._listener,
            is_integrated=launch.is_integrated,
            is_limited=launch.kind.is_limited,
            is_wanted=self._settings.shell.integration,
            take_facts=self._take_facts,
        )
        if self.integration is not was_told:
            self._listener.integration_changed(self.integration)
        self._stream = PtyStream(
            master,
            chunk_bytes=self._settings.performance.read_chunk_bytes,
            slice_seconds=self._settings.terminal.read_slice_milliseconds / 1000,
            on_data=self._take_data,
            on_slice_end=self._end_slice,
            on_end=lambda: None,
            measure=self._measure,
        )
        self._stream.start()
        self._exit_watch = asyncio.create_task(self._watch_exit(master))

    async def restart(self) -> None:
        """End the shell if it still runs, and start another in the same directory."""
        self._cwd = self.cwd
        self._typed_ahead = TypedAhead()
        self._typed_line = TypedLine(self.terminal)
        try:
            await self.close()
            self.terminal.feed(FRESH_START)
            await self.start()
        finally:
            self._typed_ahead = None
        self._listener.screen_changed()

    async def close(self) -> None:
        """End the shell and all that holds its terminal; nothing is left behind."""
        watch, self._exit_watch = self._exit_watch, None
        await self._background.stop(watch)
        await self._release(None)
        if self._prepared:
            self._prepared.discard_files()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # What a user does

    def press(self, data: bytes) -> None:
        """Send encoded keys to the program in front."""
        self._typed_line.pressed(data, time.monotonic(), is_at_prompt=self.is_at_prompt)
        if self._meter and self.is_at_prompt and not _LINE_ENDS.isdisjoint(data):
            self._meter.line_entered()
        if self._watch:
            self._watch.take_keys(data)
        is_lost = self.integration is IntegrationState.LOST
        if is_lost and self._launch and not _LINE_ENDS.isdisjoint(data):
            # What is started now could read the nonce there, and fake marks.
            self._launch.discard_files()
        if self._typed_ahead is not None:
            self._typed_ahead.append(data)
        else:
            self._send(data)
            self.echo.written()

    def _send(self, data: bytes) -> None:
        if self._stream:
            self._stream.write(data)

    def report_focus(self, data: bytes) -> None:
        """Tell the program in front, which asked for it, who has the focus now."""
        self._send(data)

    def paste(self, text: str) -> None:
        """Send text as a paste, with everything that could act removed."""
        self.press(encode_paste(text, self.terminal.modes))

    def place(self, command_line: str) -> None:
        """Write one printable line at the prompt; the user presses Enter, or not."""
        self.paste(
            line_to_place(
                command_line,
                is_told=self.integration is not IntegrationState.LOST,
                is_at_prompt=self.is_at_prompt,
            )
        )

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal, and then the program in front, a new size."""
        with self.blocks.resizing():
            events = self.terminal.resize(columns, rows)
        if self._master:
            self._master.resize(columns, rows)
        self._answer(events)

    def set_colors(self, colors: Colors) -> None:
        """Give programs that ask the colours of the theme in force."""
        self._answer(self.terminal.set_colors(colors))

    def _answer(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, Reply):
                self._reply(event.data)

    def _reply(self, answer: bytes) -> None:
        if self._reply_budget.admits(len(answer), time.monotonic()):
            self._send(answer)

    # What the shell does

    def _end_slice(self) -> None:
        self.echo.fed()
        self._listener.screen_changed()

    def _take_data(self, data: bytes, is_over: IsOver) -> bytes:
        self.echo.arrived()
        while data:
            with self._measure("terminal.feed"):
                events, data = self.terminal.feed_until(is_over, data)
            if self._tracker is not None:
                self._take_events(events, self._tracker)
            if is_over():
                break
        return data

    def _take_events(self, events: tuple[Event, ...], tracker: CommandTracker) -> None:
        marks = tracker.genuine_marks
        with self._measure("tracker.feed"):
            facts = tracker.feed(events, time.time())
        events += self._clean_up(tracker, facts)
        for event in events:
            if isinstance(event, Reply):
                self._reply(event.data)
            elif isinstance(event, _FOR_LISTENER):
                self._listener.terminal_event(event)
        self._take_facts(facts)
        if self._watch and not all(map(_is_greeting, events)):
            self._watch.follow(facts)
        # The emulator stops at each mark: the cursor is still where this one came.
        if tracker.genuine_marks > marks:
            if not marks and self._launch:
                # The shell has read them.
                self._launch.discard_files()
            for event in events:
                if isinstance(event, PromptMark):
                    self.blocks.take_mark(event.kind)

    def _read_shown(self, line_count: int) -> str | None:
        start = self.blocks.input
        return shown_from(self.terminal, start, line_count) if start else None

    def _clean_up(
        self, tracker: CommandTracker, facts: tuple[Fact, ...]
    ) -> tuple[Event, ...]:
        """Take back what a command that failed has left, before the prompt is drawn."""
        state = self._leftovers.follow(tracker.running, facts, self.terminal.state)
        if state is None:
            return ()
        events = self.terminal.restore(state)
        tracker.feed(events, time.time())
        return events

    def _take_facts(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self._take_fact(fact)

    def _take_fact(self, fact: Fact) -> None:
        match fact:
            case PromptReady(cwd):
                self._typed_line.prompt_came(time.monotonic())
                if self._meter:
                    # For what was typed ahead.
                    self._meter.line_entered()
                self._listener.prompt_ready(cwd)
                if self._desk:
                    self._background.start(self._desk.prepare(self._search_path, cwd))
            case RunningCommand():
                self.blocks.command_started(fact, is_inferred=self._is_limited)
                if self._meter:
                    self._meter.start()
                self._listener.command_started(fact)
            case CommandRecord():
                self._take_record(fact)

    def _take_record(self, record: CommandRecord) -> None:
        if self._meter:
            record = dataclasses.replace(
                record,
                resources=self._meter.stop(),
                columns=self.terminal.columns,
                rows=self.terminal.rows,
            )
        self._newest = record
        self.commands = self.commands.with_one(record)
        self.blocks.command_finished(record)
        if self._history:
            self._history.add(record)
        # What ended with its shell (``exit 3``) is not a failure to explain.
        is_wanted = self._master is not None and wants_answer(record)
        if is_wanted:
            self.last_failure = record
            self._tracer.bind(record.id, self._tracer.start(FAILURE))
        self._listener.command_finished(record)
        if is_wanted:
            self._background.start(self._advise(record))

    @property
    def _search_path(self) -> str:
        """The PATH of the shell, or ours until it has told."""
        told = self._tracker.search_path if self._tracker else None
        return self._environ.get("PATH", "") if told is None else told

    async def _advise(self, record: CommandRecord) -> None:
        desk, tracer = self._desk, self._tracer
        failure = tracer.bound(record.id) or NO_SPAN
        try:
            with tracer.span(ADVICE, parent=failure) as span:
                advice = await desk.advise(record, self._search_path) if desk else None
                span.tag("is_silent", advice is None)
        except BaseException as error:
            tracer.end(failure, status_of(error))
            raise
        if record is not self._newest:
            tracer.end(failure, SpanStatus.CANCELLED)
            return
        if advice is None:
            # There is no card to wait for.
            tracer.end(failure)
        self._listener.advice_ready(record, advice)

    async def _watch_exit(self, master: PtyMaster) -> None:
        status = await master.wait()
        # What the shell printed last is still in the kernel's buffer.
        if self._stream:
            self._stream.drain()
        self._exit_watch = None
        if status.signal is None:
            status = dataclasses.replace(status, is_wanted=self._is_being_left)
        await self._release(status)
        self._listener.shell_exited(status)

    @property
    def _is_being_left(self) -> bool:
        """True if the shell ends because the user wants to."""
        tracker = self._tracker
        if tracker is None or tracker.is_at_prompt:
            return tracker is not None
        # fish tells the end of ``exit`` before it ends itself.
        last = tracker.running or self._newest
        return last is not None and leaves(last.command_line)

    async def _release(self, status: ShellExit | None) -> None:
        """Give back everything that belongs to one shell.

        The shell may end while it is being closed: who comes second waits.
        """
        async with self._releasing:
            await self._release_shell(status)

    async def _release_shell(self, status: ShellExit | None) -> None:
        if self._watch:
            self._watch.stop()
        if self._stream:
            self._parsed_before = self.parsed
            self._stream.stop()
            self._stream = None
        master, self._master = self._master, None
        tracker = self._tracker
        if self._launch:
            self._launch.discard_files()
        if master:
            await master.close()
            status = status or master.poll()
        if tracker:
            self._cwd = tracker.cwd
            self._take_facts(
                tracker.close(status.status if status else None, time.time())
            )
        if self._meter:
            self._meter.stop()
            self._meter = None

    # Details

    @property
    def _is_limited(self) -> bool:
        return self._launch is not None and self._launch.kind.is_limited

    def _measure(self, name: str) -> AbstractContextManager[object]:
        return self._profiler.profile_block(name) if self._profiler else nullcontext()


def _is_greeting(event: Event) -> bool:
    """Tell the mark that the shell has read our script: it says nothing of prompts."""
    return isinstance(event, PromptMark) and event.kind == "I"


def _existing(directory: str) -> str | None:
    """Return the directory unless it has gone; then the shell starts in ours."""
    return directory if Path(directory).is_dir() else None
