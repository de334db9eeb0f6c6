"""One queue for all that is asked of a model service."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Self

from terminal_ai.assistant.scheduling.breaker import BreakerState, CircuitBreaker
from terminal_ai.assistant.scheduling.flight import Flight
from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.retrying import (
    is_failure_of_service,
    is_refusal,
    with_retries,
)
from terminal_ai.assistant.scheduling.turns import TurnQueue
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError, RequestDroppedError
from terminal_ai.messages import gettext as _
from terminal_ai.records import AnswerPhase, AnswerUpdate
from utils.async_optimizer import AsyncThrottler

Work = Callable[[], AsyncGenerator[AnswerUpdate, None]]
"""Starts one generation; closing it stops the service."""
LookUp = Callable[[], Awaitable[AnswerUpdate | None]]
"""Finds the last update of a generation that ended before."""

GENERATION_SECONDS = 900.0
"""No generation takes longer than this, all its attempts together."""


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
    """Runs one generation a key, in the order of their priorities.

    One task owns each generation, and ends when nobody wants it any more. Everybody
    who asks for the same key follows the same one, its failure too.
    """

    def __init__(
        self,
        *,
        requests_at_once: int = 1,
        waiting_limit: int = 32,
        retries: int = 0,
        throttle: AsyncThrottler | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._turns = TurnQueue(
            at_once=requests_at_once, waiting_limit=waiting_limit, throttle=throttle
        )
        self._retries = retries
        self._breaker = breaker
        self._flights: dict[str, Flight] = {}
        self._alive: set[Flight] = set()
        self._looking_up: Counter[str] = Counter()
        self._is_closed = False
        self._started = self._joined = self._cancelled = self._failed = 0

    @classmethod
    def of(cls, settings: AiSettings) -> Self:
        """Return the scheduler that these settings ask for."""
        return cls(
            requests_at_once=settings.requests_at_once,
            waiting_limit=settings.waiting_limit,
            retries=settings.retries,
            throttle=AsyncThrottler(
                settings.throttle_requests, settings.throttle_seconds
            ),
            breaker=CircuitBreaker(settings.breaker_failures, settings.breaker_seconds),
        )

    async def run(
        self, key: str, priority: Priority, work: Work, *, look_up: LookUp | None = None
    ) -> AsyncGenerator[AnswerUpdate, None]:
        """Join the generation of this key, or queue a new one; yield its updates.

        Where none is under way, ``look_up`` may know the answer already.
        """
        found: AnswerUpdate | None = None
        with self._kept(key):
            flight = self._flights.get(key)
            if flight is None and look_up is not None:
                found = await look_up()
                flight = self._flights.get(key)
            if found is None:
                if flight is None:
                    flight = self._start(key, priority, work)
                else:
                    self._joined += 1
                self._join(flight, priority)
        if found is not None or flight is None:
            if found is not None:
                yield found
            return
        try:
            version = 0
            while True:
                if flight.latest is not None and flight.version > version:
                    version = flight.version
                    yield flight.latest
                elif flight.is_over:
                    flight.raise_error()
                    return
                else:
                    await flight.change()
        finally:
            await self._leave(flight, priority)

    @property
    def figures(self) -> SchedulerFigures:
        """What the queue does now, and has done so far."""
        return SchedulerFigures(
            waiting=self._turns.waiting,
            running=self._turns.running,
            started=self._started,
            joined=self._joined,
            cancelled=self._cancelled,
            failed=self._failed,
            breaker=str(self._breaker.state) if self._breaker else "closed",
        )

    @property
    def leaves_service_alone(self) -> bool:
        """True while the service failed so often that it is not asked."""
        return self._breaker is not None and self._breaker.state is BreakerState.OPEN

    async def close(self) -> None:
        """Stop everything, and refuse what comes later."""
        self._is_closed = True
        self._turns.close()
        tasks = [flight.task for flight in self._alive]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    @contextlib.contextmanager
    def _kept(self, key: str) -> Iterator[None]:
        """Keep a generation that ends meanwhile, for whoever just failed to find it."""
        self._looking_up[key] += 1
        try:
            yield
        finally:
            self._looking_up[key] -= 1
            if not self._looking_up[key]:
                del self._looking_up[key]
                flight = self._flights.get(key)
                if flight is not None and flight.is_over:
                    del self._flights[key]

    def _start(self, key: str, priority: Priority, work: Work) -> Flight:
        if self._is_closed:
            raise _dropped()
        flight = Flight(key)
        if self._breaker is not None:
            is_users = priority is Priority.INTERACTIVE
            flight.is_probe = self._breaker.admit(key, is_users=is_users)
        try:
            flight.turn = self._turns.join(priority, lambda: self._give_way(flight))
        except ProviderError:
            self._release(flight)
            raise
        if not flight.turn.granted.is_set():
            flight.publish(AnswerUpdate(AnswerPhase.WAITING))
        self._flights[key] = flight
        self._alive.add(flight)
        flight.task = asyncio.create_task(self._fly(flight, work))
        # Also of one that is cancelled before its first step.
        flight.task.add_done_callback(lambda _task: self._end(flight, _dropped()))
        return flight

    def _join(self, flight: Flight, priority: Priority) -> None:
        flight.join(priority)
        self._weigh(flight)

    async def _leave(self, flight: Flight, priority: Priority) -> None:
        flight.leave(priority)
        self._weigh(flight)
        if flight.priority is None and not flight.is_over:
            self._give_way(flight)
            await asyncio.wait((flight.task,))

    def _weigh(self, flight: Flight) -> None:
        if flight.priority is not None and not flight.is_over:
            self._turns.change(flight.turn, flight.priority)

    def _give_way(self, flight: Flight) -> None:
        """Stop a generation; whoever asks for its key from now on starts another."""
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if not flight.is_over:
            # Nobody starts beside a request that is still closing.
            flight.turn.is_leaving = True
            flight.task.cancel()

    async def _fly(self, flight: Flight, work: Work) -> None:
        async def attempt() -> None:
            async with contextlib.aclosing(work()) as updates:
                async for update in updates:
                    flight.publish(update)

        try:
            await flight.turn.granted.wait()
            self._started += 1
            if self._breaker is not None and not flight.is_probe:
                # It may have opened while this one waited.
                is_users = flight.priority is Priority.INTERACTIVE
                flight.is_probe = self._breaker.admit(flight.key, is_users=is_users)
            async with asyncio.timeout(GENERATION_SECONDS):
                await with_retries(
                    attempt,
                    retries=self._retries,
                    may_repeat=lambda: not flight.has_begun,
                )
        except TimeoutError as error:
            late = ProviderError(
                _("The answer took longer than {minutes:.0f} minutes").format(
                    minutes=GENERATION_SECONDS / 60
                ),
                hint=_("a smaller model answers sooner"),
            )
            late.__cause__ = error
            self._fail(flight, late)
        except Exception as error:  # noqa: BLE001 - it is its followers'
            self._fail(flight, error)
        else:
            if self._breaker is not None:
                self._breaker.succeeded()
                flight.is_probe = False
            self._end(flight, None)

    def _fail(self, flight: Flight, error: Exception) -> None:
        self._failed += 1
        if self._breaker is not None and is_failure_of_service(error):
            assert isinstance(error, ProviderError)
            self._breaker.failed(error, is_probe=flight.is_probe)
            flight.is_probe = False
        elif self._breaker is not None and is_refusal(error):
            self._breaker.succeeded()
            flight.is_probe = False
        self._end(flight, error)

    def _end(self, flight: Flight, error: Exception | None) -> None:
        """Tell the followers, free the key and the turn; only the first time counts."""
        if flight.is_over:
            return
        if isinstance(error, RequestDroppedError):
            self._cancelled += 1
        self._release(flight)
        has_answer = error is None and flight.latest is not None
        is_current = self._flights.get(flight.key) is flight
        if is_current and not (has_answer and self._looking_up[flight.key]):
            del self._flights[flight.key]
        self._alive.discard(flight)
        flight.finish(error)
        self._turns.leave(flight.turn)

    def _release(self, flight: Flight) -> None:
        if flight.is_probe and self._breaker is not None:
            self._breaker.released()
            flight.is_probe = False


def _dropped() -> RequestDroppedError:
    return RequestDroppedError(
        _("The request gave way to another."), hint=_("ask again")
    )
