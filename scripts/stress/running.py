"""One preset's run: everything built as the app builds it, used, and given back."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from stress.accounting import Ledger, Tally
from stress.asking import Asker
from stress.measuring import Held, LoopLag, MemoryGrowth, percentiles, settled, until
from stress.model import MODEL, ModelProcess
from stress.phases import USUAL_SIZE, Keys, Resizing, flood_command
from stress.report import Outcome
from stress.shells import ShellUser, Times
from stress.work import (
    FAILING_EVERY,
    Command,
    command_of,
    failures_among,
    going_to,
    prepare_home,
)
from terminal_ai.advisor import Advisor
from terminal_ai.assistant.assistant import Assistant
from terminal_ai.bootstrap.assistance import build_assistant
from terminal_ai.bootstrap.log_file import FILE_NAME, close_log, open_log
from terminal_ai.bootstrap.maintenance import QuietCollector
from terminal_ai.bootstrap.telemetry import build_telemetry
from terminal_ai.config import Settings, load_settings
from terminal_ai.history.history import History
from terminal_ai.safety.redact import Redactor
from terminal_ai.session import Session, SessionListener
from terminal_ai.user_rules import UserRules
from utils.async_optimizer import run_in_thread
from utils.memory_optimizer import MemoryManager
from utils.profiler import PerformanceProfiler

MEMORY_RECORDS = 200
SCROLLBACK_ROWS = 500
"""Small, so that both are full after the warm-up: what grows then is a leak."""
BREAKER_SECONDS = 1.0
OUTAGE_FROM, OUTAGE_TO = 1 / 3, 2 / 3
"""The shares of the commands between which there is no model."""
OUTAGE_LEAST_COMMANDS = 20
"""With fewer, nothing fails between the two."""
RESIZED_SHELLS = 2
KEY_ROUNDS_SHARE, KEY_ROUNDS_LEAST, KEY_ROUNDS_LIMIT = 50, 5, 200
SETTLE_SECONDS = 5.0
WARNINGS_SHOWN = 3
KEPT_VARIABLES = ("USER", "LOGNAME", "TMPDIR")

SessionType = Callable[..., Session]


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of a run."""

    commands: int
    shells: int
    shell: str
    flood_megabytes: float
    patience_seconds: float
    """For one command; then its record counts as lost."""
    deadline_seconds: float
    """For all of it; then the rest counts as lost."""


@dataclass(slots=True)
class _Parts:
    """What one run is made of."""

    assistant: Assistant
    model: ModelProcess
    workers: list[ShellUser]
    flooder: ShellUser
    typist: ShellUser
    ledger: Ledger
    asker: Asker
    growth: MemoryGrowth
    times: Times = field(default_factory=Times)
    unadvised: Tally = field(default_factory=Tally)

    @property
    def users(self) -> list[ShellUser]:
        """Everybody who has a shell."""
        return [*self.workers, self.flooder, self.typist]


async def run_preset(
    preset: str,
    options: Options,
    home: Path,
    *,
    session_type: SessionType = Session,
    tell: Callable[[int], object],
) -> Outcome:
    """Run all commands of one preset in an empty home and account for them.

    ``tell`` hears how many are done.
    """
    outcome = Outcome(preset, options.shell, options.shells, options.commands)
    outcome.errors_expected = failures_among(options.commands)
    prepare_home(home, options.shell, options.shells + 2)
    before = Held.now()
    lag = LoopLag()
    run = _Run(preset, options, home, session_type, outcome, tell)
    lag.start()
    try:
        await run.run()
    finally:
        lag.stop()
    _, _, outcome.loop_lag_p99_ms = percentiles(lag.milliseconds)
    outcome.loop_lag_max_ms = max(lag.milliseconds, default=0.0)
    _, _, outcome.loop_lag_own_p99_ms = percentiles(lag.own_milliseconds)
    outcome.loop_lag_own_max_ms = max(lag.own_milliseconds, default=0.0)
    after = await settled(before, SETTLE_SECONDS)
    for name in ("descriptors", "tasks", "threads", "children"):
        setattr(outcome, f"{name}_start", getattr(before, name))
        setattr(outcome, f"{name}_end", getattr(after, name))
    return outcome


class _Run:
    def __init__(
        self,
        preset: str,
        options: Options,
        home: Path,
        session_type: SessionType,
        outcome: Outcome,
        tell: Callable[[int], object],
    ) -> None:
        self._preset = preset
        self._options = options
        self._home = home
        self._session_type = session_type
        self._outcome = outcome
        self._tell = tell
        self._done = 0
        self._working = 0
        self._may_go_on = asyncio.Event()
        self._numbers: Iterator[int] = iter(range(options.commands))

    async def run(self) -> None:
        """Build, work, close, account."""
        path = self._home / "history.sqlite3"
        directories: dict[str, str] = {}
        async with self._built(path) as parts:
            await self._work_until_deadline(parts)
            for user in parts.users:
                directories[user.session.session_id] = user.cwd
        parts.ledger.close()
        await asyncio.to_thread(parts.ledger.check_stored, path, directories)
        log = (self._home / FILE_NAME).read_text(errors="replace").splitlines()
        warnings = [line for line in log if " WARNING " in line or " ERROR " in line]
        # What waits before trying again says so.
        warnings = [line for line in warnings if "retry_scheduled" not in line]
        self._outcome.warnings = len(warnings)
        self._outcome.first_warnings = warnings[:WARNINGS_SHOWN]
        self._report(parts)

    async def _work_until_deadline(self, parts: _Parts) -> None:
        outcome, growth = self._outcome, parts.growth
        outcome.rss_start_bytes = growth.now()
        begun, used = time.perf_counter(), time.process_time()
        try:
            async with asyncio.timeout(self._options.deadline_seconds):
                await self._work(parts)
            outcome.is_complete = True
        except TimeoutError:
            outcome.troubles.append(
                f"not done after {self._options.deadline_seconds:.0f} s"
            )
        outcome.duration_seconds = time.perf_counter() - begun
        used = time.process_time() - used
        outcome.cpu_ms_per_command = used * 1e3 / self._options.commands
        outcome.rss_end_bytes = growth.now()
        outcome.slope_bytes_per_command = growth.slope

    async def _work(self, parts: _Parts) -> None:
        """Do all at once: commands, flood, keys, resizes, outage."""
        options, ledger = self._options, parts.ledger
        number = await self._enter_directories(parts)
        settings = self._settings("").history
        flood = flood_command(
            number,
            options.flood_megabytes,
            (settings.output_head_bytes, settings.output_tail_bytes),
        )
        ledger.add_extra(flood)
        rounds = options.commands // KEY_ROUNDS_SHARE
        rounds = min(max(rounds, KEY_ROUNDS_LEAST), KEY_ROUNDS_LIMIT)
        keys = Keys(parts.typist, ledger, seed=options.commands)
        storm = Resizing(parts.workers[:RESIZED_SHELLS])
        typed = keys.commands(number + 1, rounds)
        beside = [
            asyncio.create_task(work) for work in (parts.asker.run(), storm.run())
        ]
        try:
            await asyncio.gather(
                *(self._work_in(user, parts) for user in parts.workers),
                self._guarded(parts.flooder.run(flood)),
                self._guarded(keys.run(typed)),
                self._outage(parts),
            )
        finally:
            for task in beside:
                task.cancel()
            done = await asyncio.gather(*beside, return_exceptions=True)
            self._outcome.troubles += [
                f"broke: {each!r}" for each in done if isinstance(each, Exception)
            ]
        self._outcome.flood_bytes = parts.flooder.session.parsed[0]
        self._outcome.resizes, self._outcome.keys = storm.count, keys.count

    async def _enter_directories(self, parts: _Parts) -> int:
        """Let each shell go to a directory of its own; return the next free number."""
        number = self._options.commands
        for at, user in enumerate(parts.users):
            directory = str(self._home / f"shell-{at}")
            command = going_to(number + at, directory, from_directory=user.cwd)
            parts.ledger.add_extra(command)
            await self._guarded(user.run(command))
            user.cwd = directory
        return number + len(parts.users)

    async def _work_in(self, user: ShellUser, parts: _Parts) -> None:
        self._working += 1
        try:
            await self._run_commands(user, parts)
        finally:
            self._working -= 1

    async def _run_commands(self, user: ShellUser, parts: _Parts) -> None:
        """Take one command after the other until none is left, or one is lost."""
        # The first failure, to ask about, comes before it.
        gate = max(int(self._options.commands * OUTAGE_TO), FAILING_EVERY)
        for number in self._numbers:
            if number >= gate:
                await self._may_go_on.wait()
            command: Command = command_of(number)
            try:
                failure = await user.run(command)
            except TimeoutError:
                # What stands in that shell now is anybody's guess.
                self._outcome.troubles.append(f"given up after {command.line!r}")
                return
            self._done += 1
            parts.growth.note(self._done)
            self._tell(self._done)
            if failure is not None:
                parts.asker.note(failure)

    async def _outage(self, parts: _Parts) -> None:
        """Have no model in the middle of the run."""
        if self._options.commands < OUTAGE_LEAST_COMMANDS:
            self._may_go_on.set()
            return
        begins = int(self._options.commands * OUTAGE_FROM)
        asked = parts.asker.asked
        try:
            await until(
                lambda: (
                    not self._working
                    or (
                        self._done >= begins
                        and (asked.answered or asked.unanswered.count)
                    )
                )
            )
            # Nobody is left who could fail: too few commands, or all were given up.
            if self._working:
                if not parts.asker.has_question:
                    # Only those who wait for its end can still fail.
                    self._may_go_on.set()
                await parts.asker.outage()
        finally:
            self._may_go_on.set()

    async def _guarded(self, work: "asyncio._CoroutineLike[object]") -> None:
        """Do a phase's work; one that gets stuck shows as a lost record."""
        try:
            await work
        except TimeoutError:
            self._outcome.troubles.append("a phase got stuck")

    # Building, as the application does

    @contextlib.asynccontextmanager
    async def _built(self, path: Path) -> AsyncIterator[_Parts]:
        async with contextlib.AsyncExitStack() as stack:
            model = await stack.enter_async_context(ModelProcess())
            settings = self._settings(model.url)
            environ = self._environ()
            redactor = Redactor(environ)
            telemetry = build_telemetry(settings, self._home)
            stack.callback(telemetry.close)
            history = History(
                settings.history,
                path,
                redact=lambda text: redactor.redact(text).text,
                tracer=telemetry.tracer,
            )
            stack.callback(history.close)
            stack.push_async_callback(asyncio.to_thread, history.flush)
            open_log(self._home, level=settings.logging.level, redact=str)
            stack.callback(close_log)
            advisor = Advisor()
            # The app does so while its user types the first command.
            await run_in_thread(advisor.prepare)
            assistant = build_assistant(
                settings,
                environ,
                redactor,
                directory=self._home,
                another_seconds=0.0,
                tracer=telemetry.tracer,
            )
            stack.push_async_callback(assistant.close)
            open_session = partial(
                self._session_type,
                settings,
                columns=USUAL_SIZE[0],
                rows=USUAL_SIZE[1],
                history=history,
                advisor=advisor,
                user_rules=UserRules(self._home / "rules", print),
                profiler=PerformanceProfiler(enabled=settings.profiler.enabled),
                tracer=telemetry.tracer,
                environ=environ,
                files_directory=self._home,
            )
            # So does the app at its first prompt.
            await assistant.status()
            assistant.warm_up()
            parts = self._parts(assistant, model, open_session)
            for user in parts.users:
                stack.push_async_callback(user.close)
                await user.session.start()
            stack.callback(sys.setswitchinterval, sys.getswitchinterval())
            milliseconds = settings.performance.thread_switch_milliseconds
            sys.setswitchinterval(milliseconds / 1000)
            if settings.performance.gc_freeze:
                sessions = [user.session for user in parts.users]
                collecting = QuietCollector(MemoryManager()).run(
                    lambda: [session.parsed for session in sessions]
                )
                stack.push_async_callback(_end, asyncio.create_task(collecting))
            yield parts

    def _parts(
        self,
        assistant: Assistant,
        model: ModelProcess,
        open_session: Callable[..., Session],
    ) -> _Parts:
        ledger = Ledger(self._options.commands)
        times, unadvised = Times(), Tally()

        def user(number: int) -> ShellUser:
            def opened(listener: SessionListener) -> Session:
                return open_session(listener=listener)

            return ShellUser(
                number,
                opened,
                cwd=str(self._home),
                ledger=ledger,
                assistant=assistant,
                times=times,
                unadvised=unadvised,
                patience_seconds=self._options.patience_seconds,
            )

        *workers, flooder, typist = (user(at) for at in range(self._options.shells + 2))
        return _Parts(
            assistant,
            model,
            workers,
            flooder,
            typist,
            ledger,
            Asker(assistant, model),
            MemoryGrowth(self._options.commands),
            times,
            unadvised,
        )

    def _settings(self, model_url: str) -> Settings:
        nothing = self._home / "config.yaml"
        nothing.touch()
        return load_settings(
            file=nothing,
            environ={},
            preset=self._preset,
            flags={
                "shell.command": self._options.shell,
                "history.memory_records": MEMORY_RECORDS,
                "terminal.scrollback_rows": SCROLLBACK_ROWS,
                "ai.model": MODEL,
                "ai.breaker_seconds": BREAKER_SECONDS,
                **({"ai.host": model_url} if model_url else {}),
            },
        ).settings

    def _environ(self) -> Mapping[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        path = os.pathsep.join((str(self._home / "bin"), os.environ.get("PATH", "")))
        home = str(self._home)
        return {**kept, "PATH": path, "HOME": home, "PWD": home, "LC_ALL": "C.UTF-8"}

    def _report(self, parts: _Parts) -> None:
        outcome, ledger, asked = self._outcome, parts.ledger, parts.asker.asked
        outcome.lost, outcome.wrong = ledger.lost.count, ledger.wrong.count
        outcome.doubled = ledger.doubled.count
        outcome.errors_captured = ledger.errors_captured
        outcome.unadvised = parts.unadvised.count
        outcome.unanswered = asked.unanswered.count
        for name in ("questions", "answered", "cache_hits", "refused"):
            setattr(outcome, name, getattr(asked, name))
        outcome.breaker_opened = asked.has_breaker_opened
        outcome.breaker_closed = asked.has_breaker_closed
        for prefix, values in (
            ("", parts.times.commands),
            ("overhead_", parts.times.overheads),
        ):
            for name, value in zip(
                ("p50", "p95", "p99"), percentiles(values), strict=True
            ):
                setattr(outcome, f"{prefix}{name}_ms", value)
        outcome.advice_p95_ms = percentiles(parts.times.advice)[1]
        outcome.request_p95_ms = percentiles(asked.to_request)[1]
        outcome.answer_p50_ms = percentiles(asked.to_answer)[0]
        tallies = (ledger.lost, ledger.wrong, ledger.doubled, parts.unadvised)
        for tally in (*tallies, asked.unanswered):
            outcome.troubles += tally.shown


async def _end(task: asyncio.Task[object]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    await asyncio.wait((task,))
