"""From a failed command to advice, off the event loop and within a deadline."""

import asyncio
import time
from contextlib import AbstractContextManager
from typing import Protocol

from terminal_ai.advisor import Advisor
from terminal_ai.history import History
from terminal_ai.records import Advice, CommandRecord
from terminal_ai.shell.surroundings import SurroundingsCollector
from terminal_ai.telemetry.names import DIAGNOSE
from terminal_ai.telemetry.spans import Tracer
from terminal_ai.user_rules import UserRules
from utils.async_optimizer import run_in_thread

TIMEOUT_SECONDS = 2.0
KNOWN_COMMANDS_LIMIT = 500
PAINT_SECONDS = 0.1
"""So long the prompt may take to the screen before its advisor is loaded."""


class Measure(Protocol):
    """Times a block under a name."""

    def __call__(self, name: str) -> AbstractContextManager[object]:
        """Return the block's context manager."""


class AdviceDesk:
    """Looks around on the advisor's behalf and asks it, in a background thread.

    The advisor itself does no I/O; PATH and directories are read here. A file system
    that does not answer costs the advice, never the terminal.
    """

    def __init__(
        self,
        advisor: Advisor,
        collector: SurroundingsCollector,
        history: History | None,
        measure: Measure,
        user_rules: UserRules | None = None,
        *,
        tracer: Tracer | None = None,
    ) -> None:
        self._tracer = tracer or Tracer(is_enabled=False)
        self._user_rules = user_rules
        self._advisor = advisor
        self._collector = collector
        self._history = history
        self._measure = measure
        self._listed_path: str | None = None
        self._is_loaded = False

    async def prepare(self, search_path: str, cwd: str) -> None:
        """Load the rules and list PATH while the user still types."""
        if search_path != self._listed_path:
            self._listed_path = search_path
            await asyncio.sleep(PAINT_SECONDS)
            await run_in_thread(self._prepare, search_path, cwd)

    async def advise(self, record: CommandRecord, search_path: str) -> Advice | None:
        """Return what the advisor says; None if it is silent or time runs out.

        The time is for file systems that do not answer. Loading our own rules does not
        count: on a busy machine the first failure would go without advice.
        """
        if not self._is_loaded:
            await run_in_thread(self._load)
            self._is_loaded = True
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await run_in_thread(self._examine, record, search_path)
        except TimeoutError:
            return None

    def _load(self) -> None:
        # A thread that computes gives the interpreter away every 5 ms, unasked; keys
        # that are typed meanwhile would wait for that at each turn of the loop.
        self._advisor.prepare(breathe=lambda: time.sleep(0))

    def _prepare(self, search_path: str, cwd: str) -> None:
        self._load()
        if self._user_rules is not None:
            self._user_rules.look()
            self._user_rules.tell_news()
        self._collector.programs(search_path, cwd)
        self._collector.manual_pages(search_path)

    def _examine(self, record: CommandRecord, search_path: str) -> Advice | None:
        known = (
            self._history.known_commands(KNOWN_COMMANDS_LIMIT) if self._history else ()
        )
        aftermaths = (
            self._history.aftermaths(record.command_line)
            if self._history and not record.is_private
            else ()
        )
        wanted = self._advisor.wanted(record.command_line)
        surroundings = self._collector.gather(
            search_path=search_path,
            cwd=record.cwd,
            directories=wanted.directories,
            nearby=wanted.nearby,
            names=wanted.names,
            known_commands=known,
            aftermaths=aftermaths,
        )
        if self._user_rules is None:
            with self._measure(DIAGNOSE), self._tracer.span(DIAGNOSE):
                return self._advisor.diagnose(record, surroundings)
        own = self._user_rules.look()
        with self._measure(DIAGNOSE), self._tracer.span(DIAGNOSE):
            advice = self._advisor.diagnose(record, surroundings, own)
        self._user_rules.tell_news()
        return advice
