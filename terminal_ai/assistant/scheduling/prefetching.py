"""Asking about a failure before the user does, and loading the model before that."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.scheduling.machine import Machine
from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.scheduler import Scheduler
from terminal_ai.config import AiSettings
from terminal_ai.errors import RequestDroppedError, TerminalAIError
from terminal_ai.records import (
    AnswerPhase,
    AnswerUpdate,
    CommandRecord,
    PrefetchState,
)
from utils.async_optimizer import run_in_thread

Ask = Callable[[Inquiry], Awaitable[bool]]
"""Has a question answered; tells whether the answer was kept for the user."""
Tell = Callable[[str, PrefetchState], None]
"""Hears of the state of a prefetch, by its record's id."""

REMEMBERED_LIMIT = 64
"""Prefetched questions that may still turn out to be of use."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrefetchFigures:
    """What thinking ahead was good for.

    ``started`` counts requests, not what the cache knew; ``used`` those the user came
    to ask, ``wasted`` those gone by without. ``held_back`` are failures that nothing
    was asked about because the machine had no time or power to spare.
    """

    started: int = 0
    used: int = 0
    wasted: int = 0
    held_back: int = 0


class Prefetcher:
    """Asks about the newest failure, one at a time, until the user goes on.

    The first failure is asked about at once; one that follows another too soon waits,
    and only the last of such a series is asked about.
    """

    def __init__(
        self,
        settings: AiSettings,
        ask: Ask,
        *,
        machine: Machine,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.tell: Tell = _tell_nobody
        self._mode = settings.prefetch if settings.enabled else "off"
        self._pause_seconds = settings.prefetch_pause_milliseconds / 1000
        self._ask = ask
        self._machine = machine
        self._clock = clock
        self._sleep = sleep
        self._task: asyncio.Task[bool] | None = None
        self._tasks: set[asyncio.Task[bool]] = set()
        self._failed_at: float | None = None
        self._unasked: dict[str, None] = {}
        self._newest_key = ""
        self._started = self._used = self._held_back = 0

    @property
    def figures(self) -> PrefetchFigures:
        """What thinking ahead was good for until now."""
        pending = 1 if self._newest_key in self._unasked else 0
        return PrefetchFigures(
            started=self._started,
            used=self._used,
            wasted=self._started - self._used - pending,
            held_back=self._held_back,
        )

    def wants(self, record: CommandRecord) -> bool:
        """Tell whether a failure may be asked about."""
        return self._mode != "off" and not record.is_private

    def begin(self, inquiry: Inquiry) -> None:
        """Ask about a failure, now or soon, unless that is not wanted."""
        record = inquiry.record
        if record is None or not self.wants(record):
            return
        self.stop()
        now = self._clock()
        before, self._failed_at = self._failed_at, now
        delay = 0.0 if before is None else before + self._pause_seconds - now
        task = asyncio.create_task(self._think(inquiry, max(0.0, delay)))
        self._task = task
        self._tasks.add(task)
        # Also of one that is cancelled before its first step.
        task.add_done_callback(lambda task: self._ended(record.id, task))
        self.tell(record.id, PrefetchState.ASKING)

    def stop(self) -> None:
        """Drop what is under way, unless a user waits for the same answer by now."""
        self._newest_key = ""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def note_request(self, key: str) -> None:
        """A prefetch was not answered from the cache."""
        self._started += 1
        self._newest_key = key
        self._unasked.pop(key, None)
        self._unasked[key] = None
        if len(self._unasked) > REMEMBERED_LIMIT:
            del self._unasked[next(iter(self._unasked))]

    def note_question(self, key: str) -> bool:
        """The user asks: perhaps what was prefetched; tell whether it was."""
        is_prefetched = key in self._unasked
        if is_prefetched:
            del self._unasked[key]
            self._used += 1
        return is_prefetched

    async def close(self) -> None:
        """Stop, and wait for the end."""
        self.stop()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _ended(self, record_id: str, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        is_ready = not task.cancelled() and task.result()
        state = PrefetchState.READY if is_ready else PrefetchState.GIVEN_UP
        self.tell(record_id, state)

    async def _think(self, inquiry: Inquiry, delay_seconds: float) -> bool:
        try:
            if delay_seconds:
                await self._sleep(delay_seconds)
            if self._mode == "auto" and await run_in_thread(self._machine.is_strained):
                self._held_back += 1
                return False
            return await self._ask(inquiry)
        except RequestDroppedError:
            return False
        except TerminalAIError as error:
            # Whoever asks is told; nobody did.
            _logger.info("prefetching: %s", error.told)
        except Exception:
            _logger.exception("prefetching failed")
        return False


class WarmUp:
    """Loads a model while nothing else is asked for."""

    def __init__(
        self,
        settings: AiSettings,
        load: Callable[[str], Awaitable[object]],
        scheduler: Scheduler,
        *,
        machine: Machine,
    ) -> None:
        self._is_wanted = settings.enabled and settings.warm_up
        self._looks = settings.prefetch != "on"
        self._load = load
        self._scheduler = scheduler
        self._machine = machine
        self._task: asyncio.Task[None] | None = None

    def begin(self, model: str) -> None:
        """Load the model as soon as nobody wants anything else."""
        if self._is_wanted and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._warm_up(model))

    async def close(self) -> None:
        """Stop, and wait for the end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _warm_up(self, model: str) -> None:
        async def work() -> AsyncGenerator[AnswerUpdate, None]:
            yield AnswerUpdate(AnswerPhase.LOADING)
            await self._load(model)

        try:
            if self._looks and await run_in_thread(self._machine.is_strained):
                return
            updates = self._scheduler.run(f"load {model}", Priority.WARM_UP, work)
            async with contextlib.aclosing(updates):
                async for _update in updates:
                    pass
        except TerminalAIError as error:
            _logger.info("warming up: %s", error.told)
        except Exception:
            _logger.exception("warming up failed")


def _tell_nobody(_record_id: str, _state: PrefetchState) -> None:
    """Stand in until somebody watches."""
