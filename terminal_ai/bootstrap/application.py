"""The objects of the running app, each built once and passed in."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path

from terminal_ai.advisor import Advisor
from terminal_ai.bootstrap.assistance import build_assistant
from terminal_ai.bootstrap.host_terminal import EndingSignals, HostTerminal
from terminal_ai.bootstrap.log_file import close_log, open_log
from terminal_ai.bootstrap.maintenance import Maintenance, QuietCollector
from terminal_ai.bootstrap.metrics import MetricsServer
from terminal_ai.bootstrap.reporting import Reporter, tell
from terminal_ai.bootstrap.sampling import PeriodicSampling
from terminal_ai.bootstrap.secret_environment import with_named_secrets
from terminal_ai.bootstrap.telemetry import build_telemetry
from terminal_ai.config import (
    Resolved,
    Settings,
    state_directory,
    stored_rules_file,
)
from terminal_ai.errors import (
    ConfigError,
    HistoryError,
    MetricsError,
    ShellError,
    TerminalAIError,
)
from terminal_ai.history.files import FILE_NAME
from terminal_ai.history.history import History
from terminal_ai.reports import Report, Upkeep
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.sanitize import single_line
from terminal_ai.session import Launch, Session, SessionListener, prepare_now
from terminal_ai.telemetry.watching import Watchman
from terminal_ai.ui.app import TerminalApp
from terminal_ai.user_rules import UserRules, rules_directory
from terminal_ai.vitals import VitalsReader
from utils.memory_optimizer import MemoryManager
from utils.profiler import PerformanceProfiler
from utils.resources import ResourceSampler

CLOSE_SECONDS = 2.0
NOTICE_LIMIT_CHARACTERS = 300
FORCED_REPORT_SECONDS = 1.0
"""A forced end waits no longer for the report."""

_logger = logging.getLogger(__name__)


def run(resolved: Resolved, environ: Mapping[str, str]) -> int:
    """Run the app in this process's terminal and return the exit code."""
    settings = resolved.settings
    redactor = Redactor(with_named_secrets(settings, environ))
    directory: Path | None = None
    notices: list[str] = []
    # A full or read-only disk must not keep the shell away.
    try:
        directory = state_directory()
        open_log(
            directory,
            level=settings.logging.level,
            redact=lambda text: redactor.redact(text).text,
        )
    except ConfigError as error:
        notices.append(error.told)
    except OSError:
        pass  # the history says what is wrong with the directory
    host = HostTerminal()
    application: Application | None = None
    try:
        with host.kept():
            application = Application(settings, environ, directory, host, notices)
            try:
                return asyncio.run(application.run())
            finally:
                application.signals.settle()
    finally:
        # The screen is the user's again.
        if application is not None:
            application.tell_end()
        close_log()


class Application:
    """Builds the parts, runs the app, and closes what it opened."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        directory: Path | None,
        host: HostTerminal,
        notices: list[str],
    ) -> None:
        redactor = Redactor(with_named_secrets(settings, environ))
        self._settings = settings
        self._environ = environ
        self._host = host
        self._sessions: list[Session] = []
        self._redact = lambda text: redactor.redact(text).text
        self._notices = notices
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telemetry = build_telemetry(settings, directory)
        self._history = self._open_history(directory)
        self._profiler = PerformanceProfiler(
            enabled=settings.profiler.enabled,
            slow_seconds=settings.telemetry.slow_seconds,
        )
        self._advisor = (
            Advisor(stored_rules=stored_rules_file())
            if settings.advisor.enabled
            else None
        )
        self._user_rules = UserRules(rules_directory(), self._notify_from_thread)
        self._memory = MemoryManager()
        # What is said before there is a screen waits for it.
        tell: Callable[[str], object] = notices.append
        self._assistant = build_assistant(
            settings,
            environ,
            redactor,
            directory=directory,
            memory=self._memory,
            tell=lambda text: tell(text),
            tracer=self._telemetry.tracer,
        )
        self._vitals = VitalsReader(
            sampler=ResourceSampler(),
            timings=self._profiler,
            telemetry=self._telemetry,
            assistant=self._assistant,
            session=lambda: self._sessions[-1] if self._sessions else None,
        )
        self._app = TerminalApp(
            settings,
            session_factory=self._open_session,
            assistant=self._assistant,
            history=self._history,
            profiler=self._profiler,
            vitals=self._vitals,
            tracer=self._telemetry.tracer,
            notices=self._notices,
            redact=self._redact,
        )
        tell = self._notify
        self._reporter = Reporter(
            self._vitals.read,
            directory,
            preset=settings.performance.preset,
            memory=self._memory,
        )
        self._report: Report | None = None
        self._prepared: Launch | None = None
        self._maintenance = Maintenance(
            self._tidy,
            interval_seconds=settings.telemetry.maintenance_seconds,
            activity=self._activity,
        )
        self.signals = EndingSignals(end=self._app.exit, force=self._end_by_force)

    async def run(self) -> int:
        """Run until the user leaves or a signal ends it; return the exit code.

        An exception that nobody expected is raised after everything was closed.
        """
        self._loop = asyncio.get_running_loop()
        self._prepared = self._prepare_shell()
        performance = self._settings.performance
        with (
            self.signals.installed(),
            _threads_switched_after(performance.thread_switch_milliseconds / 1000),
        ):
            try:
                async with self._companions():
                    await self._app.run_async()
            finally:
                await self._close()
                self._end_report()
        if self._app.crash is not None:
            raise self._app.crash
        return self.signals.exit_code or self._app.return_code or 0

    @contextlib.asynccontextmanager
    async def _companions(self) -> AsyncIterator[None]:
        """Run beside the app what has no screen of its own; end it with the app."""
        watchman = Watchman(self._telemetry, sampler=ResourceSampler())
        tasks = [
            asyncio.create_task(watchman.watch()),
            asyncio.create_task(self._maintenance.run()),
        ]
        if self._settings.performance.gc_freeze:
            collecting = QuietCollector(self._memory).run(self._activity)
            tasks.append(asyncio.create_task(collecting))
        profiler = self._settings.profiler
        if profiler.sampling_every_seconds and profiler.sampling_seconds:
            sampling = PeriodicSampling(
                every_seconds=profiler.sampling_every_seconds,
                seconds=profiler.sampling_seconds,
                tell=self._reporter.take_profile,
            )
            tasks.append(asyncio.create_task(sampling.run()))
        if port := self._settings.telemetry.metrics_port:
            server = MetricsServer(self._vitals.read, port)
            tasks.append(asyncio.create_task(self._serve(server)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _serve(self, server: MetricsServer) -> None:
        """Serve metrics until cancelled; the app goes on where that is impossible."""
        try:
            await server.start()
        except MetricsError as error:
            _logger.warning("%s", error.told)
            self._tell(error.told)
            return
        try:
            await asyncio.Event().wait()
        finally:
            await server.close()

    def _open_session(
        self, listener: SessionListener, columns: int, rows: int
    ) -> Session:
        prepared, self._prepared = self._prepared, None
        session = Session(
            self._settings,
            columns=columns,
            rows=rows,
            listener=listener,
            history=self._history,
            advisor=self._advisor,
            user_rules=self._user_rules,
            profiler=self._profiler,
            tracer=self._telemetry.tracer,
            environ=self._environ,
            prepared=prepared,
        )
        self._sessions.append(session)
        return session

    def _prepare_shell(self) -> Launch | None:
        """Prepare the shell while the loop has nothing else to do yet."""
        try:
            return prepare_now(self._settings.shell, self._environ)
        except ShellError:
            return None  # the session finds out, and says it where it is read

    def _open_history(self, directory: Path | None) -> History:
        settings, tracer = self._settings.history, self._telemetry.tracer
        path = directory / FILE_NAME if directory and settings.persist else None
        try:
            return History(settings, path, redact=self._redact, tracer=tracer)
        except HistoryError as error:
            _logger.warning("history stays in memory: %s (%s)", error, error.hint)
            self._notices.append(error.told)
            return History(settings, None, redact=self._redact, tracer=tracer)

    # -- upkeep and the report ---------------------------------------------------

    def _activity(self) -> object:
        """Return what changes with every input and every output."""
        session = self._sessions[-1] if self._sessions else None
        return self._app.inputs, session.parsed if session else None

    async def _tidy(self) -> None:
        """Clean up in memory, and write the report, while nobody waits for us."""
        cleaned = self._memory.cleanup()
        _logger.info("clean-up: %s", cleaned)
        self._reporter.upkeep = Upkeep(
            runs=self._maintenance.runs + 1,
            failures=self._maintenance.failures,
            freed_bytes=self._reporter.upkeep.freed_bytes + cleaned.freed_bytes,
        )
        await self._reporter.update()

    def _end_report(self) -> None:
        """Write the report of a run that has ended, or is made to."""
        received = self.signals.received
        has_crashed = self._app.crash is not None or sys.exception() is not None
        ending = "exception" if has_crashed else "quit"
        # It is the least of all; nothing that is wrong with it may change the end.
        try:
            report = self._reporter.report(received.name if received else ending)
            self._reporter.write(report)
        except Exception:
            _logger.exception("the report cannot be made")
        else:
            self._report = report

    def tell_end(self) -> None:
        """Print what the user wants to know of the run, once the screen is theirs."""
        if self._report is not None:
            tell(self._report, self._settings.profiler.exit_report)

    def _report_by_force(self) -> None:
        self._end_report()
        self.tell_end()

    def _tell(self, text: str) -> None:
        """Tell it now, or with the first prompt."""
        if self._app.is_running:
            self._notify(text)
        else:
            self._notices.append(text)

    def _notify(self, text: str) -> None:
        if self._app.is_running:
            self._app.notify(single_line(text, NOTICE_LIMIT_CHARACTERS), markup=False)

    def _notify_from_thread(self, text: str) -> None:
        if self._loop is not None:
            # After the end nobody listens any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._notify, text)

    async def _close(self) -> None:
        for session in self._sessions:
            await _finish(session.close())
        if self._prepared:
            self._prepared.discard_files()
        await _finish(self._assistant.close())
        self._history.close()
        self._telemetry.close()

    def _end_by_force(self) -> None:
        """Leave nothing behind when the event loop cannot be trusted any more."""
        self._host.restore()
        for session in self._sessions:
            if session.pid is not None:
                with contextlib.suppress(OSError):
                    os.killpg(session.pid, signal.SIGHUP)
        # What hangs may hold what the figures need.
        reporting = threading.Thread(target=self._report_by_force, daemon=True)
        reporting.start()
        reporting.join(FORCED_REPORT_SECONDS)


@contextlib.contextmanager
def _threads_switched_after(seconds: float) -> Iterator[None]:
    """Have threads at work give way so soon.

    Whenever the event loop has read, written or polled, it may wait so long for one:
    a key on its way to the screen does several times.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


async def _finish(closing: Awaitable[None]) -> None:
    """Wait for one part to close; a part that fails must not keep the others open."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
    except (OSError, TimeoutError, TerminalAIError):
        _logger.exception("closing failed")
