"""Facts of projects for prompts: kept until something changes, never waited for."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cachetools import LRUCache

from terminal_ai.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.project.gathering import gather
from terminal_ai.project.reading import Looking
from utils.async_optimizer import BackgroundThreads

DEADLINE_SECONDS = 0.15
"""What a dead network file system may cost a prompt."""
AGE_LIMIT_SECONDS = 300.0
"""Facts older than this are gathered anew, whatever the files' times say."""
DIRECTORIES_LIMIT = 64
THREADS_LIMIT = 2
"""Of their own: a file system that hangs must not take the threads of others."""


@dataclass(frozen=True, slots=True)
class _Known:
    facts: ProjectFacts
    looking: Looking
    gathered_at: float


class ProjectCollector:
    """Gathers the facts of directories in threads of its own."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        look: Callable[[], Looking] = Looking,
    ) -> None:
        self._environ = environ
        self._home = environ.get("HOME", "")
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._look = look
        self._threads = BackgroundThreads("project-facts", THREADS_LIMIT)
        self._lock = threading.Lock()
        self._known: LRUCache[str, _Known] = LRUCache(DIRECTORIES_LIMIT)
        self._under_way: dict[str, asyncio.Future[ProjectFacts]] = {}

    async def facts_of(self, directory: str) -> ProjectFacts:
        """Return what is known by the deadline: the newest facts, older ones, or none.

        What arrives later is there for the next prompt.
        """
        looking = self._under_way.get(directory) or self._begin(directory)
        if looking is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._deadline_seconds):
                    # Others may wait for it too.
                    return await asyncio.shield(looking)
        return self._newest(directory)

    def close(self) -> None:
        """Look no further."""
        self._threads.close()

    def _begin(self, directory: str) -> "asyncio.Future[ProjectFacts] | None":
        """Send a thread to look, if one is free."""
        if not directory or len(self._under_way) >= THREADS_LIMIT:
            return None
        looking = self._threads.start(self._gather, directory)
        self._under_way[directory] = looking
        looking.add_done_callback(lambda _: self._under_way.pop(directory, None))
        return looking

    def _newest(self, directory: str) -> ProjectFacts:
        with self._lock:
            known = self._known.get(directory)
        return known.facts if known else NO_FACTS

    def _gather(self, directory: str) -> ProjectFacts:
        with self._lock:
            known = self._known.get(directory)
        now = self._clock()
        is_fresh = known is not None and now - known.gathered_at < AGE_LIMIT_SECONDS
        if known is not None and is_fresh and known.looking.is_still_true():
            return known.facts
        looking = self._look()
        facts = gather(looking, directory, home=self._home, environ=self._environ)
        with self._lock:
            self._known[directory] = _Known(facts, looking, now)
        return facts
