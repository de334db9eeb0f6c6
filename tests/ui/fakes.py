"""Stand-ins for everything the screen shows, scripted and recorded."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from terminal_ai.assistant.caching.answers import TierFigures
from terminal_ai.assistant.context.choice import RecordChoice
from terminal_ai.assistant.context.composer import PromptComposer
from terminal_ai.assistant.context.parts import ComposedPrompt
from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.scheduling.prefetching import PrefetchFigures
from terminal_ai.assistant.scheduling.scheduler import SchedulerFigures
from terminal_ai.config import Settings
from terminal_ai.errors import PlacementError, ProviderError
from terminal_ai.history.matching import ended_at, is_wanted, ordered
from terminal_ai.history.query import HistoryQuery
from terminal_ai.records import (
    Advice,
    Answer,
    AnswerFigures,
    AnswerPhase,
    AnswerUpdate,
    CapturedOutput,
    CommandCounts,
    CommandRecord,
    ModelInfo,
    ModelRole,
    ModelState,
    ModelStatus,
    ModelUsage,
    PrefetchState,
    PullProgress,
    Risk,
    RunningCommand,
    Suggestion,
)
from terminal_ai.safety.redact import redact
from terminal_ai.session import IntegrationState, SessionListener, ShellExit
from terminal_ai.shell.blocks import Blocks
from terminal_ai.shell.process_tree import TreeSample
from terminal_ai.telemetry.echo import KeyEcho
from terminal_ai.telemetry.requests import RequestTimes
from terminal_ai.telemetry.spans import Tracer
from terminal_ai.telemetry.telemetry import Telemetry
from terminal_ai.terminal.colors import Colors
from terminal_ai.terminal.events import Event, Reply
from terminal_ai.terminal.input.keys import encode_paste
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.ui.app import TerminalApp
from terminal_ai.ui.view.terminal_view import TerminalView
from terminal_ai.vitals import VitalsReader
from utils.profiler import PerformanceProfiler
from utils.resources import ResourceSample

EPOCH = 1_700_000_000.0
MODEL = "qwen2.5-coder:3b"


def record(
    command_line: str = "gti status",
    exit_code: int = 127,
    output: str = "",
    number: int = 1,
) -> CommandRecord:
    return CommandRecord(
        id=f"r{number}",
        command_line=command_line,
        cwd="/home/ada/project",
        exit_code=exit_code,
        started_at=EPOCH + number,
        duration_seconds=0.012,
        output=CapturedOutput(output.encode()),
        shell="bash",
    )


ADVICE = Advice(
    what="gti was not found",
    why="No program of this name is on PATH. git is close to it.",
    evidence="bash: gti: command not found",
    rule="not-found",
    suggestions=(
        Suggestion("git status", Risk.SAFE, "git is one letter away", 0.9),
        Suggestion("sudo apt install gti", Risk.CAUTION, "installs a package", 0.3),
        Suggestion("rm -rf ~/gti", Risk.DANGER, "deletes a directory", 0.1),
    ),
)

ANSWER = Answer(
    explanation="You typed `gti`; the program is **git**.\n\n- check the spelling\n",
    suggestion=Suggestion("git status --short", Risk.SAFE, "shows what changed", 0.8),
    model=MODEL,
    thinking="gti looks like git",
    figures=AnswerFigures(total_seconds=1.25, tokens_per_second=34.2),
)


class FakeSession:
    """A session without a shell: output is fed by hand, input is kept."""

    def __init__(
        self, listener: SessionListener, columns: int, rows: int, greeting: bytes
    ) -> None:
        self.listener = listener
        self.terminal = Terminal(columns, rows)
        self.blocks = Blocks(self.terminal)
        self.pressed: list[bytes] = []
        self.pasted: list[str] = []
        self.placed: list[str] = []
        self.sizes: list[tuple[int, int]] = [(columns, rows)]
        self.starts = 0
        self.last_failure: CommandRecord | None = None
        self.integration = IntegrationState.ACTIVE
        self.cwd = "/home/ada/project"
        self.session_id = "s1"
        self.shell_name = "bash"
        self.is_at_prompt = True
        self.notice = ""
        self.inside = ""
        self.is_flooded = False
        self.running: RunningCommand | None = None
        self.output_so_far: CapturedOutput | None = None
        self.pid = 4711
        self.parsed = (0, 0.0)
        self.echo = KeyEcho(Tracer())
        self.commands = CommandCounts()
        self._number = 0
        self._records: dict[str, CommandRecord] = {}
        self._greeting = greeting

    async def start(self) -> None:
        self.starts += 1
        self.listener.integration_changed(self.integration)
        self.output(self._greeting)
        self.listener.prompt_ready(self.cwd)

    async def restart(self) -> None:
        await self.start()

    async def close(self) -> None:
        pass

    def press(self, data: bytes) -> None:
        self.pressed.append(data)

    @property
    def is_line_empty(self) -> bool:
        return self.is_at_prompt and not self.pressed and not self.placed

    def report_focus(self, data: bytes) -> None:
        self.pressed.append(data)

    def paste(self, text: str) -> None:
        self.pasted.append(text)
        self.press(encode_paste(text, self.terminal.modes))

    def place(self, command_line: str) -> None:
        if not self.is_at_prompt:
            raise PlacementError("the shell is not at its prompt", hint="wait for it")
        self.placed.append(command_line)

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))
        with self.blocks.resizing():
            self.terminal.resize(columns, rows)

    def set_colors(self, colors: Colors) -> None:
        self.pressed += [
            event.data
            for event in self.terminal.set_colors(colors)
            if isinstance(event, Reply)
        ]

    def record(self, record_id: str) -> CommandRecord | None:
        return self._records.get(record_id)

    # What a test makes happen

    def output(self, data: bytes) -> tuple[Event, ...]:
        events = self.terminal.feed(data)
        self.listener.screen_changed()
        return events

    def run(
        self, command: str, output: bytes = b"", *, exit_code: int | None = 0
    ) -> None:
        """Type a command at a prompt and let it end; None leaves it running."""
        self._number += 1
        self.blocks.take_mark("A")
        self.terminal.feed(b"$ ")
        self.blocks.take_mark("B")
        self.terminal.feed(command.encode() + b"\r\n")
        self.running = RunningCommand(command, self.cwd, EPOCH)
        self.output_so_far = CapturedOutput(output)
        self.blocks.command_started(self.running, is_inferred=False)
        if exit_code is None:
            self.output(output)
        else:
            self.finish(output, exit_code=exit_code)

    def finish(self, output: bytes, *, exit_code: int) -> None:
        """Let the running command print its last, and end."""
        assert self.running is not None
        self.terminal.feed(output)
        command, self.running = self.running.command_line, None
        self.output_so_far = None
        finished = record(command, exit_code, output.decode(), self._number)
        self._records[finished.id] = finished
        self.blocks.command_finished(finished)
        self.listener.screen_changed()

    def fail(self, failed: CommandRecord, advice: Advice | None = None) -> None:
        self.last_failure = failed
        self.listener.command_finished(failed)
        self.listener.advice_ready(failed, advice)

    def end(self, status: ShellExit) -> None:
        self.listener.shell_exited(status)

    @property
    def sent(self) -> bytes:
        return b"".join(self.pressed)


@dataclass
class FakeModels:
    """A service's models in a list."""

    listed: list[ModelInfo] = field(default_factory=list)
    names: dict[ModelRole, str] = field(
        default_factory=lambda: {ModelRole.HEAVY: MODEL, ModelRole.LIGHT: ""}
    )
    usage: dict[str, ModelUsage] = field(default_factory=dict)
    error: ProviderError | None = None
    gate: asyncio.Event | None = None
    """Loading waits for it."""
    looks: int = 0

    def name(self, role: ModelRole) -> str:
        return self.names[role] or self.names[ModelRole.HEAVY]

    def choose(self, role: ModelRole, name: str) -> None:
        self.names[role] = name

    def refusal(self, model: ModelInfo) -> str:
        return f"{model.name} runs in the cloud" if model.remote_host else ""

    async def all(self) -> tuple[ModelInfo, ...]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return tuple(self.listed)

    async def load(self, name: str) -> None:
        await self._become(name, is_loaded=True)

    async def unload(self, name: str) -> None:
        await self._become(name, is_loaded=False)

    async def _become(self, name: str, *, is_loaded: bool) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.listed = [
            replace(model, is_loaded=is_loaded) if model.name == name else model
            for model in self.listed
        ]


@dataclass
class ScriptedAnswerer:
    """Yields a prepared stream, waiting at each gate until the test opens it."""

    updates: Sequence[AnswerUpdate] = ()
    error: Exception | None = None
    steps: Sequence[PullProgress] = ()
    states: list[ModelStatus] = field(
        default_factory=lambda: [ModelStatus(ModelState.READY, MODEL, is_loaded=True)]
    )
    models: "FakeModels" = field(default_factory=lambda: FakeModels())
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    holds_at: int | None = None
    asked: list[object] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    tell_prefetch: Callable[[str, PrefetchState], None] = lambda _id, _state: None
    closed: int = 0
    status_calls: int = 0
    thinks_ahead: bool = False
    told: list[object] = field(default_factory=list)
    """What happened in the terminal: starts, ends and examined failures."""
    choice: RecordChoice = field(default_factory=RecordChoice)
    last_sent: ComposedPrompt | None = None
    figures: SchedulerFigures = field(default_factory=SchedulerFigures)
    prefetches: PrefetchFigures = field(default_factory=PrefetchFigures)
    cache_figures: tuple[TierFigures, ...] = ()
    requests: RequestTimes = field(default_factory=RequestTimes)

    async def _stream(self) -> AsyncIterator[AnswerUpdate]:
        try:
            for number, update in enumerate(self.updates):
                if number == self.holds_at:
                    await self.gate.wait()
                yield update
            if self.error is not None:
                raise self.error
            if self.holds_at == len(self.updates):
                await self.gate.wait()
        finally:
            self.closed += 1

    def answer(self, inquiry: Inquiry) -> AsyncIterator[AnswerUpdate]:
        self.asked.append(inquiry)
        return self._stream()

    async def preview(self, inquiry: Inquiry) -> ComposedPrompt:
        composer = PromptComposer(redact=redact, language="en", shell="bash")
        return composer.compose(
            self.choice.applied(inquiry), window_tokens=4_096, answer_tokens=768
        )

    def model_name(self, role: ModelRole) -> str:
        del role
        return MODEL

    def watch_prefetch(self, tell: Callable[[str, PrefetchState], None]) -> None:
        self.tell_prefetch = tell

    def restore(self, command: str) -> str:
        return self.secrets.get(command, command)

    async def pull(self, model: str) -> AsyncIterator[PullProgress]:
        self.asked.append(model)
        try:
            for number, step in enumerate(self.steps):
                if number == self.holds_at:
                    await self.gate.wait()
                yield step
            if self.error is not None:
                raise self.error
        finally:
            self.closed += 1

    def warm_up(self) -> None:
        self.told.append("warm up")

    def command_started(self) -> None:
        self.told.append("started")

    def thinks_ahead_of(self, record: CommandRecord) -> bool:
        return self.thinks_ahead and not record.is_private

    def failure_examined(self, record: CommandRecord, advice: Advice | None) -> None:
        self.told.append((record, advice))

    async def command_finished(self, record: CommandRecord) -> None:
        self.told.append(record)

    async def status(self) -> ModelStatus:
        self.status_calls += 1
        return self.states[min(self.status_calls, len(self.states)) - 1]


def answer_updates(answer: Answer = ANSWER) -> tuple[AnswerUpdate, ...]:
    """The steps of a usual answer: wait, read, write in pieces, done."""
    text = answer.explanation
    pieces = [text[:end] for end in range(8, len(text), 8)]
    return (
        AnswerUpdate(AnswerPhase.CONNECTING),
        AnswerUpdate(AnswerPhase.LOADING),
        AnswerUpdate(AnswerPhase.READING),
        AnswerUpdate(AnswerPhase.THINKING, thinking=answer.thinking),
        *(
            AnswerUpdate(AnswerPhase.WRITING, piece, answer.thinking)
            for piece in pieces
        ),
        AnswerUpdate(AnswerPhase.DONE, text, answer.thinking, answer),
    )


class FakeRecords:
    """A history in a list."""

    def __init__(self, kept: Sequence[CommandRecord] = ()) -> None:
        self.kept = list(kept)
        self.notice = ""
        self.deletes = True
        self.searches: list[HistoryQuery] = []

    def records(self, limit: int) -> Sequence[CommandRecord]:
        return self.kept[:limit]

    def search(self, query: HistoryQuery) -> Sequence[CommandRecord]:
        self.searches.append(query)
        last = self.record(query.last_id)
        found = [
            kept
            for kept in self.kept
            if is_wanted(kept, query)
            and (last is None or ended_at(kept) <= ended_at(last))
        ]
        return ordered(found, query.order)[: query.limit]

    def record(self, record_id: str) -> CommandRecord | None:
        return next((kept for kept in self.kept if kept.id == record_id), None)

    def delete(self, ids: Collection[str]) -> bool:
        self.kept = [kept for kept in self.kept if kept.id not in ids]
        return self.deletes

    def session(self, session_id: str) -> Sequence[CommandRecord]:
        return [kept for kept in self.kept[::-1] if kept.session_id == session_id]


class FakeSampler:
    """Figures that do not move."""

    samples = 0

    def sample(self) -> ResourceSample:
        self.samples += 1
        return ResourceSample(
            cpu_percent=2.5,
            rss_bytes=50 << 20,
            threads=4,
            file_descriptors=21,
            uptime_seconds=62.0,
        )


class FakeTree:
    """A shell that waits at its prompt."""

    def sample(self, pid: int | None) -> TreeSample | None:
        return TreeSample(0.0, 5 << 20, 1) if pid is not None else None


class AppUnderTest(TerminalApp):
    """The app with its fakes at hand."""

    fake: FakeSession
    answerer: ScriptedAnswerer
    records: FakeRecords
    sampler: FakeSampler
    telemetry: Telemetry
    vitals: VitalsReader

    @property
    def view(self) -> TerminalView:
        return self.query_one(TerminalView)


def make_app(
    settings: Settings | None = None,
    *,
    answerer: ScriptedAnswerer | None = None,
    kept: Sequence[CommandRecord] = (),
    greeting: bytes = b"ada@host:~/project$ ",
    environ: dict[str, str] | None = None,
    prepare: Callable[[FakeSession], None] | None = None,
    notices: Sequence[str] = (),
    kind: type[AppUnderTest] = AppUnderTest,
) -> AppUnderTest:
    sessions: list[FakeSession] = []

    def open_session(listener: SessionListener, columns: int, rows: int) -> FakeSession:
        session = FakeSession(listener, columns, rows, greeting)
        if prepare is not None:
            prepare(session)
        sessions.append(session)
        app.fake = session
        return session

    answerer = answerer or ScriptedAnswerer()
    records = FakeRecords(kept)
    sampler, telemetry = FakeSampler(), Telemetry()
    profiler = PerformanceProfiler(enabled=False)
    vitals = VitalsReader(
        sampler=sampler,
        timings=profiler,
        telemetry=telemetry,
        assistant=answerer,
        session=lambda: sessions[-1] if sessions else None,
        tree=FakeTree(),
    )
    app = kind(
        settings or Settings(),
        session_factory=open_session,  # type: ignore[arg-type]
        assistant=answerer,
        history=records,
        profiler=profiler,
        vitals=vitals,
        tracer=telemetry.tracer,
        environ=environ if environ is not None else {"HOME": "/home/ada"},
        notices=notices,
    )
    app.answerer = answerer
    app.sampler = sampler
    app.telemetry = telemetry
    app.vitals = vitals
    app.records = records
    return app
