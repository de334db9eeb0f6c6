"""Whatever is asked, joined, promoted, cancelled and failed, in any order."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass

# Loaded by hand: virtual time does not wait for the thread that would load it.
import stamina  # noqa: F401
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from terminal_ai.assistant.scheduling.breaker import CircuitBreaker
from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.scheduler import Scheduler
from terminal_ai.errors import CircuitOpenError, ProviderError, ServiceUnavailableError
from terminal_ai.records import Answer, AnswerPhase, AnswerUpdate
from tests.virtual_time import VirtualLoop
from utils.async_optimizer import AsyncThrottler

KEYS = ("a", "b", "c", "d")
THROTTLE = (3, 5.0)
BREAKER = (3, 20.0)


@dataclass
class Asked:
    """One asker, and how it ended: an answer, an error, or by being cancelled."""

    key: str
    priority: Priority
    task: asyncio.Task[str]


class AnyOrder(RuleBasedStateMachine):
    """A scheduler with all its parts, in virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.running: Counter[str] = Counter()
        self.starts: list[float] = []
        self.asked: list[Asked] = []
        self.fails = False

    @initialize(at_once=st.integers(1, 3), limit=st.integers(1, 4))
    def begin(self, at_once: int, limit: int) -> None:
        self.at_once = at_once
        self.limit = limit
        self.scheduler = Scheduler(
            requests_at_once=at_once,
            waiting_limit=limit,
            retries=1,
            throttle=AsyncThrottler(*THROTTLE, clock=self.loop.time),
            breaker=CircuitBreaker(*BREAKER, clock=self.loop.time),
        )

    @rule(key=st.sampled_from(KEYS), priority=st.sampled_from(list(Priority)))
    def ask(self, key: str, priority: Priority) -> None:
        task = self.loop.create_task(self._ask(key, priority))
        self.asked.append(Asked(key, priority, task))

    @rule(data=st.data())
    @precondition(lambda self: self.asked)
    def cancel(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.asked)).task.cancel()

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.5, 3.0, 30.0]))
    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @rule(fails=st.booleans())
    def break_or_mend(self, fails: bool) -> None:
        self.fails = fails

    @invariant()
    def each_key_runs_once(self) -> None:
        assert all(count <= 1 for count in self.running.values())

    @invariant()
    def no_span_has_too_many_starts(self) -> None:
        limit, period = THROTTLE
        for first, later in zip(self.starts, self.starts[limit:], strict=False):
            assert later - first >= period - 1e-6

    def teardown(self) -> None:
        self.fails = False
        if hasattr(self, "scheduler"):
            # Nobody is stranded: everyone ends without any help but time's.
            ends = self.loop.run_until_complete(self._everybody())
            for one, end in zip(self.asked, ends, strict=True):
                assert end == f"{one.key}." or isinstance(
                    end, ProviderError | asyncio.CancelledError
                )
            assert not self.loop.left_behind()
            figures = self.scheduler.figures
            assert (figures.waiting, figures.running) == (0, 0)
            assert not +self.running
            assert not self.scheduler._flights
            # And the queue still works, once the service is let alone no more.
            self.loop.run_until_complete(asyncio.sleep(60))
            last = self.loop.run_until_complete(self._ask("z", Priority.INTERACTIVE))
            assert last == "z."
            self.loop.run_until_complete(self.scheduler.close())
        assert not self.loop.left_behind()
        self.loop.end()

    async def _everybody(self) -> list[str | BaseException]:
        async with asyncio.timeout(10_000):
            tasks = (one.task for one in self.asked)
            return await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, key: str, priority: Priority) -> str:
        last = None
        updates = self.scheduler.run(key, priority, lambda: self._work(key))
        async with contextlib.aclosing(updates):
            async for update in updates:
                last = update
        assert last is not None
        assert last.answer is not None
        return last.explanation

    async def _work(self, key: str) -> AsyncGenerator[AnswerUpdate, None]:
        self.running[key] += 1
        if self.scheduler.figures.started > len(self.starts):
            # Attempts of one request count once.
            self.starts.append(self.loop.time())
        figures = self.scheduler.figures
        assert figures.running <= self.at_once + 1, "a warm-up may run besides"
        assert figures.waiting <= self.limit
        try:
            yield AnswerUpdate(AnswerPhase.READING)
            await asyncio.sleep(0.4)
            if self.fails:
                raise ServiceUnavailableError("away")
            yield AnswerUpdate(AnswerPhase.WRITING, key)
            await asyncio.sleep(0.4)
            answer = Answer(f"{key}.", None, "tiny")
            yield AnswerUpdate(AnswerPhase.DONE, f"{key}.", answer=answer)
        finally:
            try:
                await asyncio.sleep(0.1)
            finally:
                # Closing may be cut short: its own is cancelled, too.
                self.running[key] -= 1


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestAnyOrder = AnyOrder.TestCase


class AnyOutcome(RuleBasedStateMachine):
    """A breaker beside the plainest account of one."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = CircuitBreaker(
            3, 10.0, clock=lambda: self.now, jitter=lambda: 0.5
        )
        self.failures = 0
        self.opened_at: float | None = None
        self.probes = 0

    @rule(seconds=st.sampled_from([0.5, 5.0, 11.0, 12.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(outcome=st.sampled_from(["good", "bad", "gone", "still"]), key=st.text("ab"))
    def ask(self, outcome: str, key: str) -> None:
        try:
            is_probe = self.breaker.admit(key, is_users=False)
        except CircuitOpenError:
            assert self.opened_at is not None
            assert self.probes or self.now < self.opened_at + 11.25
            return
        assert is_probe is (self.opened_at is not None)
        if is_probe:
            assert self.now >= (self.opened_at or 0.0) + 11.25
            assert not self.probes, "one at a time"
        if outcome == "still" and is_probe:
            self.probes = 1
        elif outcome == "good":
            self.breaker.succeeded()
            self.failures, self.opened_at = 0, None
        elif outcome == "bad":
            self.breaker.failed(ServiceUnavailableError("away"), is_probe=is_probe)
            self.failures += 1
            if is_probe or self.failures >= 3:
                self.opened_at = self.now
        elif is_probe:
            self.breaker.released()

    @rule(is_good=st.booleans())
    @precondition(lambda self: self.probes)
    def end_probe(self, is_good: bool) -> None:
        self.probes = 0
        if is_good:
            self.breaker.succeeded()
            self.failures, self.opened_at = 0, None
        else:
            self.breaker.failed(ServiceUnavailableError("away"), is_probe=True)
            self.opened_at = self.now

    @invariant()
    def it_is_open_when_it_should_be(self) -> None:
        assert (self.breaker.state == "closed") is (self.opened_at is None)


AnyOutcome.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestAnyOutcome = AnyOutcome.TestCase
