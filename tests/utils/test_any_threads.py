"""Calls in threads, started, finished, cancelled and closed in any order."""

import asyncio
import threading
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from utils.async_optimizer import BackgroundThreads

GUARD_SECONDS = 60.0
"""A test that hangs ends after this; nothing is measured by it."""


class OddError(Exception):
    """What a call fails with."""


@dataclass
class Job:
    """A call that ends when it is told to."""

    number: int
    fails: bool
    gate: threading.Event = field(default_factory=threading.Event)
    ran: int = 0
    is_cancelled: bool = False


class AnyJobs(RuleBasedStateMachine):
    """A pool of threads on a real loop: each job's end is in the test's hand."""

    @initialize(limit=st.integers(1, 3))
    def begin(self, limit: int) -> None:
        self.limit = limit
        self.loop = asyncio.new_event_loop()
        self.pool = BackgroundThreads("any", limit)
        self.lock = threading.Lock()
        self.inside = self.most = 0
        self.jobs: list[Job] = []
        self.tasks: list[asyncio.Task[int]] = []

    def work(self, job: Job) -> int:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            job.ran += 1
        assert job.gate.wait(GUARD_SECONDS)
        with self.lock:
            self.inside -= 1
        if job.fails:
            raise OddError
        return job.number

    @rule(fails=st.booleans())
    def start(self, fails: bool) -> None:
        job = Job(len(self.jobs), fails)
        self.jobs.append(job)
        self.tasks.append(self.loop.create_task(self.pool.run(self.work, job)))

    @rule(data=st.data())
    @precondition(lambda self: self.jobs)
    def finish(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.jobs)).gate.set()

    @rule(data=st.data())
    @precondition(lambda self: self.jobs)
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.jobs) - 1))
        self.tasks[number].cancel()
        self.jobs[number].is_cancelled = True

    @rule(steps=st.integers(1, 3))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.loop.run_until_complete(asyncio.sleep(0))

    @invariant()
    def no_more_run_than_may(self) -> None:
        if hasattr(self, "loop"):
            assert self.most <= self.limit

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        for job in self.jobs:
            job.gate.set()
        outcomes = self.loop.run_until_complete(self._everybody())
        for job, outcome in zip(self.jobs, outcomes, strict=True):
            assert job.ran <= 1
            if isinstance(outcome, asyncio.CancelledError):
                assert job.is_cancelled
            elif job.fails:
                assert isinstance(outcome, OddError)
            else:
                assert outcome == job.number
        threads = [one for one in threading.enumerate() if one.name.startswith("any-")]
        self.pool.close()
        for thread in threads:
            thread.join(GUARD_SECONDS)
            assert not thread.is_alive()
        assert self.most <= self.limit
        assert self.inside == 0
        self.loop.close()

    async def _everybody(self) -> list[int | BaseException]:
        async with asyncio.timeout(GUARD_SECONDS):
            return await asyncio.gather(*self.tasks, return_exceptions=True)


AnyJobs.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None
)
TestAnyJobs = AnyJobs.TestCase
