"""One queue for all that is asked of a model service."""

import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.records import AnswerUpdate

Work = Callable[[], AsyncGenerator[AnswerUpdate, None]]
"""Starts one generation; closing it stops the service."""


@dataclass(frozen=True, slots=True)
class SchedulerFigures:
    """What the queue does now, and has done so far."""

    waiting: int = 0
    running: int = 0
    started: int = 0
    joined: int = 0
    cancelled: int = 0
    failed: int = 0
    breaker: str = "closed"


class Scheduler:
    """Runs one generation a key, in the order of their priorities."""

    async def run(
        self, key: str, priority: Priority, work: Work
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Join the generation of this key, or queue a new one; yield its updates."""
        del key, priority
        async with contextlib.aclosing(work()) as updates:
            async for update in updates:
                yield update

    def cancel_prefetches(self) -> None:
        """Stop what no user waits for."""

    @property
    def figures(self) -> SchedulerFigures:
        """What the queue does now, and has done so far."""
        return SchedulerFigures()

    async def close(self) -> None:
        """Stop everything, and refuse what comes later."""
