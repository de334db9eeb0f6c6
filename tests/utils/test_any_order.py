"""Whoever comes, leaves and fails, in any order: nobody is lost, none is doubled."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.virtual_time import VirtualLoop
from utils.async_optimizer import (
    AsyncBatcher,
    AsyncCache,
    AsyncPool,
    AsyncThrottler,
    BatcherFullError,
    Priority,
)

PERIOD = 1.0
SECONDS = st.sampled_from([0.0, 0.05, 0.3, 1.0, 4.0])
EXAMPLES = settings(max_examples=80, stateful_step_count=30)


class OddError(Exception):
    """What work fails with."""


class Crowd(RuleBasedStateMachine):
    """Callers in virtual time, each of whom may be cancelled at any moment."""

    is_set_up = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.tasks: list[asyncio.Task[Any]] = []
        self.cancelled: set[int] = set()
        self.complaints: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, told: self.complaints.append(told))

    def come(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(self.loop.create_task(coroutine))

    @rule(data=st.data())
    @precondition(lambda self: self.tasks)
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.tasks) - 1))
        self.tasks[number].cancel()
        self.cancelled.add(number)

    @rule(seconds=SECONDS)
    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @rule()
    def let_one_step_pass(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))

    def teardown(self) -> None:
        try:
            if self.is_set_up:
                self._finish()
            assert not self.loop.left_behind()
        finally:
            self.tasks.clear()
            self.loop.end()
        # Such as an error that nobody looked at, or a callback that failed.
        assert not self.complaints

    def _finish(self) -> None:
        outcomes = self.loop.run_until_complete(self._everybody())
        for number, outcome in enumerate(outcomes):
            if isinstance(outcome, asyncio.CancelledError):
                assert number in self.cancelled
            else:
                self.check(number, outcome)
        self.loop.run_until_complete(self.use_it_again())

    async def _everybody(self) -> list[Any]:
        # Nobody is stranded: all end without any help but time's.
        async with asyncio.timeout(10_000):
            return await asyncio.gather(*self.tasks, return_exceptions=True)

    def check(self, number: int, outcome: object) -> None:
        """Fail unless this is what the caller of that number had to get."""
        raise NotImplementedError

    async def use_it_again(self) -> None:
        """Fail unless it works after all that."""
        raise NotImplementedError


class AnyCallers(Crowd):
    """A throttler, some of whose callers also stay inside."""

    @initialize(limit=st.integers(1, 4), at_once=st.none() | st.integers(1, 3))
    def begin(self, limit: int, at_once: int | None) -> None:
        self.is_set_up = True
        self.limit, self.at_once = limit, at_once
        self.throttler = AsyncThrottler(
            limit, PERIOD, at_once=at_once, clock=self.loop.time
        )
        self.starts: list[float] = []
        self.order: list[int] = []
        self.inside = 0

    @rule(seconds=SECONDS)
    def enter(self, seconds: float) -> None:
        number = len(self.tasks)

        async def stay() -> int:
            async with self.throttler:
                self.starts.append(self.loop.time())
                self.order.append(number)
                self.inside += 1
                try:
                    await asyncio.sleep(seconds)
                finally:
                    self.inside -= 1
            return number

        self.come(stay())

    @invariant()
    def no_span_has_too_many_starts(self) -> None:
        if self.is_set_up:
            for first, later in zip(
                self.starts, self.starts[self.limit :], strict=False
            ):
                assert later - first >= PERIOD - 1e-6

    @invariant()
    def no_more_are_inside_than_may(self) -> None:
        assert not self.is_set_up or self.inside <= (self.at_once or 10_000)

    def check(self, number: int, outcome: object) -> None:
        assert outcome == number
        assert self.order == sorted(self.order), "who came first is served first"

    async def use_it_again(self) -> None:
        self.no_span_has_too_many_starts()
        assert self.inside == 0
        # Nobody took a place along: all that there are can be taken side by side.
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(self.at_once or 1):
                async with asyncio.timeout(PERIOD + 0.001):
                    await stack.enter_async_context(self.throttler)


@dataclass(frozen=True)
class Item:
    """What one caller submits."""

    number: int
    fails: bool


class AnyBatches(Crowd):
    """A batcher whose calls also fail, are stopped, and return too little."""

    @initialize(
        size=st.integers(1, 4),
        at_once=st.integers(1, 3),
        pending=st.integers(1, 8),
        rejects=st.booleans(),
        target_seconds=st.none() | st.just(0.1),
    )
    def begin(
        self,
        size: int,
        at_once: int,
        pending: int,
        rejects: bool,
        target_seconds: float | None,
    ) -> None:
        self.is_set_up = True
        self.size, self.at_once, self.pending = size, at_once, pending
        self.rejects = rejects
        self.batcher: AsyncBatcher[Item, int] = AsyncBatcher(
            self._call,
            size_limit=size,
            batches_at_once=at_once,
            pending_limit=pending,
            when_full="reject" if rejects else "wait",
            target_seconds=target_seconds,
        )
        self.seen: Counter[int] = Counter()
        self.deadlines: dict[int, float | None] = {}
        self.inside = 0
        self.behaviour = "good"
        self.has_misbehaved = False

    async def _call(self, items: Sequence[Item]) -> Sequence[int | Exception]:
        assert 1 <= len(items) <= self.size
        self.inside += 1
        assert self.inside <= self.at_once
        try:
            await asyncio.sleep(0.3)
        finally:
            self.inside -= 1
        if self.behaviour == "bad":
            raise OddError
        if self.behaviour == "stopped":
            raise asyncio.CancelledError
        # What ended well is done, and must not be done again.
        self.seen.update(item.number for item in items)
        results = [OddError() if item.fails else item.number * 2 for item in items]
        return results[1:] if self.behaviour == "short" else results

    @rule(
        priority=st.sampled_from(Priority),
        deadline=st.none() | st.sampled_from([0.0, 0.1, 1.0]),
        fails=st.booleans(),
    )
    def submit(self, priority: Priority, deadline: float | None, fails: bool) -> None:
        number = len(self.tasks)
        self.deadlines[number] = deadline
        item = Item(number, fails)
        self.come(
            self.batcher.submit(item, priority=priority, deadline_seconds=deadline)
        )

    @rule(behaviour=st.sampled_from(["good", "good", "bad", "stopped", "short"]))
    def behave(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.has_misbehaved |= behaviour in ("stopped", "short")

    @invariant()
    def no_more_are_pending_than_may(self) -> None:
        if self.is_set_up:
            figures = self.batcher.figures
            assert figures.running <= min(self.pending, self.size * self.at_once)
            if self.rejects:
                assert figures.running + figures.waiting <= self.pending

    @invariant()
    def nothing_is_done_twice(self) -> None:
        assert not self.is_set_up or all(n == 1 for n in self.seen.values())

    def check(self, number: int, outcome: object) -> None:
        if isinstance(outcome, BatcherFullError):
            assert self.rejects
        elif isinstance(outcome, TimeoutError):
            assert self.deadlines[number] is not None
        elif isinstance(outcome, RuntimeError):
            assert self.has_misbehaved, "one who leaves stops nobody else's call"
        elif not isinstance(outcome, OddError):
            assert outcome == number * 2
            assert self.seen[number] == 1

    async def use_it_again(self) -> None:
        self.nothing_is_done_twice()
        self.behaviour = "good"
        assert await self.batcher.submit(Item(1_000, fails=False)) == 2_000
        figures = self.batcher.figures
        assert (figures.waiting, figures.running, self.inside) == (0, 0, 0)
        await self.batcher.close()


@dataclass(frozen=True)
class Computed:
    """What was computed, when it was done, and for how manieth forgetting."""

    key: str
    age: int
    done_at: float


class AnyQuestions(Crowd):
    """A cache whose computations fail, and that is told to forget meanwhile."""

    TTL = 2.0
    KEYS = st.sampled_from("abc")

    @initialize(entries=st.integers(0, 3))
    def begin(self, entries: int) -> None:
        self.is_set_up = True
        self.entries = entries
        self.cache: AsyncCache[str, Computed] = AsyncCache(
            self.TTL, entries, clock=self.loop.time
        )
        self.ages: Counter[str] = Counter()
        self.running: Counter[tuple[str, int]] = Counter()
        self.fails = False

    async def _compute(self, key: str) -> Computed:
        mark = key, self.ages[key]
        self.running[mark] += 1
        assert self.running[mark] == 1, "once for all who ask"
        try:
            await asyncio.sleep(0.3)
        finally:
            self.running[mark] -= 1
        if self.fails:
            raise OddError
        return Computed(*mark, self.loop.time())

    async def _ask(self, key: str) -> Computed:
        asked_at, age = self.loop.time(), self.ages[key]
        computed = await self.cache.get_or_compute(key, lambda: self._compute(key))
        assert computed.key == key
        assert computed.age >= age, "begun before all was forgotten"
        assert asked_at - computed.done_at < self.TTL
        return computed

    @rule(key=KEYS)
    def ask(self, key: str) -> None:
        self.come(self._ask(key))

    @rule(key=KEYS)
    def forget(self, key: str) -> None:
        self.cache.remove(key)
        self.ages[key] += 1

    @rule()
    def forget_all(self) -> None:
        self.cache.clear()
        for key in "abc":
            self.ages[key] += 1

    @rule(fails=st.booleans())
    def break_or_mend(self, fails: bool) -> None:
        self.fails = fails

    @invariant()
    def it_is_within_its_bound(self) -> None:
        assert not self.is_set_up or len(self.cache) <= self.entries

    def check(self, number: int, outcome: object) -> None:
        assert isinstance(outcome, Computed | OddError), (number, outcome)

    async def use_it_again(self) -> None:
        assert not +self.running, "nobody waits for these any more"
        assert not self.cache._flights
        self.fails = False
        assert (await self._ask("a")).key == "a"
        await asyncio.sleep(self.TTL)
        assert len(self.cache) == 0


class Page:
    """Something that remembers what was written on it, and may resist wiping."""

    def __init__(self) -> None:
        self.text = ""

    def reset(self) -> None:
        if self.text == "indelible":
            raise OddError
        self.text = ""


class AnyBorrowers(Crowd):
    """A pool of pages; some borrowers fail, and some spoil their page."""

    @initialize(limit=st.integers(1, 3))
    def begin(self, limit: int) -> None:
        self.is_set_up = True
        self.limit = limit
        self.pool = AsyncPool(Page, limit)
        self.owned: list[Page] = []
        self.order: list[int] = []

    @rule(
        seconds=SECONDS,
        text=st.sampled_from(["note", "indelible"]),
        fails=st.booleans(),
    )
    def borrow(self, seconds: float, text: str, fails: bool) -> None:
        number = len(self.tasks)

        async def write() -> int:
            async with self.pool.lend() as page:
                self.order.append(number)
                assert page.text == ""
                assert page not in self.owned
                page.text = text
                self.owned.append(page)
                try:
                    await asyncio.sleep(seconds)
                    if fails:
                        raise OddError
                finally:
                    self.owned.remove(page)
            return number

        self.come(write())

    @invariant()
    def no_more_are_lent_than_may(self) -> None:
        if self.is_set_up:
            assert len(self.owned) <= self.pool.lent <= self.limit

    def check(self, number: int, outcome: object) -> None:
        assert outcome == number or isinstance(outcome, OddError)
        assert self.order == sorted(self.order), "who came first is served first"

    async def use_it_again(self) -> None:
        assert self.pool.lent == 0
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(self.limit):
                async with asyncio.timeout(0.001):
                    await stack.enter_async_context(self.pool.lend())


AnyCallers.TestCase.settings = EXAMPLES
TestAnyCallers = AnyCallers.TestCase
AnyBatches.TestCase.settings = EXAMPLES
TestAnyBatches = AnyBatches.TestCase
AnyQuestions.TestCase.settings = EXAMPLES
TestAnyQuestions = AnyQuestions.TestCase
AnyBorrowers.TestCase.settings = EXAMPLES
TestAnyBorrowers = AnyBorrowers.TestCase
