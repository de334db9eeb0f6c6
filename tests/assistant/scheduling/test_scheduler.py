"""The queue: order, shared flights, giving way, and nothing left behind."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

# Loaded by hand: virtual time does not wait for the thread that would load it.
import stamina  # noqa: F401

from terminal_ai.assistant.scheduling.breaker import CircuitBreaker
from terminal_ai.assistant.scheduling.priority import Priority
from terminal_ai.assistant.scheduling.scheduler import Scheduler, Work
from terminal_ai.errors import (
    CircuitOpenError,
    IncompleteAnswerError,
    ProviderError,
    QueueFullError,
    RequestDroppedError,
    ServiceUnavailableError,
)
from terminal_ai.records import Answer, AnswerPhase, AnswerUpdate
from tests.virtual_time import VirtualLoop, run_virtually
from utils.async_optimizer import AsyncThrottler

USERS, PREFETCH, WARM_UP = Priority


@dataclass
class Service:
    """Counts what it works on; every answer is three updates, a second apart."""

    loop: VirtualLoop
    log: list[str] = field(default_factory=list)
    inside: int = 0
    most: int = 0
    closing_seconds: float = 0.0
    errors: list[Exception] = field(default_factory=list)
    fails_after: int = 0

    def work(self, name: str) -> Work:
        return lambda: self._answer(name)

    async def _answer(self, name: str) -> AsyncGenerator[AnswerUpdate, None]:
        self.log.append(f"{name} begins")
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            yield AnswerUpdate(AnswerPhase.READING)
            await asyncio.sleep(1)
            if self.errors and not self.fails_after:
                raise self.errors.pop(0)
            yield AnswerUpdate(AnswerPhase.WRITING, f"{name}…")
            await asyncio.sleep(1)
            if self.errors:
                raise self.errors.pop(0)
            answer = Answer(f"{name}.", None, "tiny")
            yield AnswerUpdate(AnswerPhase.DONE, f"{name}.", answer=answer)
        finally:
            if self.closing_seconds:
                await asyncio.sleep(self.closing_seconds)
            self.inside -= 1
            self.log.append(f"{name} ends")


@dataclass
class Asker:
    """One who asks; what it saw, and how it ended."""

    seen: list[AnswerUpdate] = field(default_factory=list)
    error: Exception | None = None

    async def ask(
        self,
        scheduler: Scheduler,
        key: str,
        priority: Priority,
        work: Work,
        pause: float = 0.0,
    ) -> None:
        try:
            async with contextlib.aclosing(
                scheduler.run(key, priority, work)
            ) as updates:
                async for update in updates:
                    self.seen.append(update)
                    await asyncio.sleep(pause)
        except ProviderError as error:
            self.error = error

    @property
    def answer(self) -> str:
        """What was answered, or nothing."""
        last = self.seen[-1].answer if self.seen else None
        return last.explanation if last else ""


@dataclass
class Stage:
    """A scheduler, a service, and those who ask."""

    loop: VirtualLoop
    scheduler: Scheduler
    service: Service
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def ask(
        self, key: str, priority: Priority = USERS, *, pause: float = 0.0
    ) -> tuple[Asker, asyncio.Task[None]]:
        asker = Asker()
        work = self.service.work(key)
        asking = asker.ask(self.scheduler, key, priority, work, pause)
        task = asyncio.create_task(asking)
        self.tasks.append(task)
        return asker, task

    async def end(self) -> None:
        await asyncio.gather(*self.tasks, return_exceptions=True)


def on_stage(
    play: Callable[[Stage], Coroutine[Any, Any, None]],
    *,
    closing_seconds: float = 0.0,
    errors: tuple[Exception, ...] = (),
    fails_after: int = 0,
    **options: Any,
) -> Stage:
    """Play a scene in virtual time; nothing may be left behind."""

    async def main(loop: VirtualLoop) -> Stage:
        if isinstance(limits := options.pop("throttle", None), tuple):
            options["throttle"] = AsyncThrottler(*limits, clock=loop.time)
        if isinstance(limits := options.pop("breaker", None), tuple):
            options["breaker"] = CircuitBreaker(
                *limits, clock=loop.time, jitter=lambda: 0.0
            )
        service = Service(
            loop,
            closing_seconds=closing_seconds,
            errors=list(errors),
            fails_after=fails_after,
        )
        stage = Stage(loop, Scheduler(**options), service)
        await play(stage)
        await stage.end()
        assert service.inside == 0
        assert stage.scheduler._flights == {}
        assert stage.scheduler._alive == set()
        assert stage.scheduler.figures.running == 0
        await stage.scheduler.close()
        return stage

    return run_virtually(main)


def test_a_hundred_askers_of_one_question_make_one_request() -> None:
    askers: list[Asker] = []

    async def play(stage: Stage) -> None:
        for _ in range(100):
            askers.append(stage.ask("same")[0])
            await asyncio.sleep(0.015)

    stage = on_stage(play)
    assert stage.service.log == ["same begins", "same ends"]
    assert {asker.answer for asker in askers} == {"same."}
    assert stage.scheduler.figures.started == 1
    assert stage.scheduler.figures.joined == 99


def test_who_comes_late_gets_the_newest_at_once_and_then_all_that_follows() -> None:
    async def play(stage: Stage) -> None:
        stage.ask("same")
        await asyncio.sleep(1.5)
        late, _task = stage.ask("same")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [update.explanation for update in late.seen] == ["same…"]
        await stage.end()
        assert [update.explanation for update in late.seen] == ["same…", "same."]

    on_stage(play)


def test_a_slow_reader_holds_nobody_up_and_gets_the_end() -> None:
    async def play(stage: Stage) -> None:
        slow, _ = stage.ask("same", pause=60.0)
        quick, task = stage.ask("same")
        begun = stage.loop.time()
        await task
        assert stage.loop.time() - begun < 3
        await stage.end()
        assert slow.answer == quick.answer == "same."

    on_stage(play)


def test_a_failure_reaches_all_and_the_key_is_free_again() -> None:
    async def play(stage: Stage) -> None:
        askers = [stage.ask("same")[0] for _ in range(8)]
        await stage.end()
        assert all(isinstance(one.error, IncompleteAnswerError) for one in askers)
        assert {str(one.error) for one in askers} == {"broke"}
        assert {one.error.hint for one in askers if one.error} == {"why"}  # type: ignore[attr-defined]
        again, task = stage.ask("same")
        await task
        assert again.answer == "same."

    stage = on_stage(play, errors=(IncompleteAnswerError("broke", hint="why"),))
    assert stage.service.log.count("same begins") == 2
    assert stage.scheduler.figures.failed == 1


def test_a_bug_in_the_work_reaches_who_asked() -> None:
    async def play(stage: Stage) -> None:
        _asker, task = stage.ask("same")
        with pytest.raises(ZeroDivisionError):
            await task

    on_stage(play, errors=(ZeroDivisionError("bug"),))


@pytest.mark.parametrize("at_once", [1, 2])
def test_users_go_first_and_in_their_order(at_once: int) -> None:
    async def play(stage: Stage) -> None:
        stage.ask("u1")
        await asyncio.sleep(0.1)
        for name, priority in (
            ("w", WARM_UP), ("p", PREFETCH), ("u2", USERS), ("u3", USERS),
        ):  # fmt: skip
            waiting, _ = stage.ask(name, priority)
            await asyncio.sleep(0.01)
            if at_once == 1:
                assert waiting.seen[0].phase is AnswerPhase.WAITING

    stage = on_stage(play, requests_at_once=at_once)
    begins = [line.split()[0] for line in stage.service.log if "begins" in line]
    assert begins == ["u1", "u2", "u3", "p", "w"]
    assert stage.service.most == at_once


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_prefetch_gives_way_and_only_its_close_is_waited_for(at_once: int) -> None:
    async def play(stage: Stage) -> None:
        unasked, _ = stage.ask("p", PREFETCH)
        await asyncio.sleep(0.5)
        asked_at = stage.loop.time()
        _, task = stage.ask("u")
        await task
        assert stage.loop.time() - asked_at == pytest.approx(0.25 + 2 + 0.25)
        assert isinstance(unasked.error, RequestDroppedError)

    stage = on_stage(play, requests_at_once=at_once, closing_seconds=0.25)
    assert stage.service.log == ["p begins", "p ends", "u begins", "u ends"]
    assert stage.service.most == 1
    assert stage.scheduler.figures.cancelled == 1


def test_a_prefetch_that_the_user_asks_for_goes_on_as_the_users() -> None:
    async def play(stage: Stage) -> None:
        prefetch, prefetching = stage.ask("same", PREFETCH)
        await asyncio.sleep(0.5)
        stage.ask("same")
        await asyncio.sleep(0.1)
        prefetching.cancel()
        other, _ = stage.ask("other")
        await asyncio.sleep(0.1)
        assert other.seen[0].phase is AnswerPhase.WAITING
        assert not prefetch.answer

    stage = on_stage(play)
    assert stage.service.log[:2] == ["same begins", "same ends"]
    assert stage.scheduler.figures.cancelled == 0


def test_a_user_who_leaves_leaves_the_prefetch_as_it_was() -> None:
    async def play(stage: Stage) -> None:
        prefetch, _ = stage.ask("same", PREFETCH)
        _, asking = stage.ask("same")
        await asyncio.sleep(0.5)
        asking.cancel()
        await asyncio.sleep(0.5)
        assert prefetch.error is None
        stage.ask("other")
        await asyncio.sleep(0.1)
        assert isinstance(prefetch.error, RequestDroppedError)

    on_stage(play)


def test_a_waiting_prefetch_that_is_promoted_overtakes() -> None:
    async def play(stage: Stage) -> None:
        stage.ask("u")
        await asyncio.sleep(0.1)
        for name in ("p1", "p2"):
            stage.ask(name, PREFETCH)
        await asyncio.sleep(0.1)
        stage.ask("p2")

    stage = on_stage(play)
    begins = [line.split()[0] for line in stage.service.log if "begins" in line]
    assert begins == ["u", "p2", "p1"]


def test_the_last_who_leaves_stops_the_work_before_it_is_gone() -> None:
    async def play(stage: Stage) -> None:
        tasks = [stage.ask("same")[1] for _ in range(3)]
        await asyncio.sleep(0.5)
        for left in (2, 1, 0):
            task = tasks[left]
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert stage.service.inside == (1 if left else 0)

    on_stage(play, closing_seconds=0.5)


def test_a_warm_up_is_not_in_a_users_way() -> None:
    async def play(stage: Stage) -> None:
        warm, _ = stage.ask("w", WARM_UP)
        await asyncio.sleep(0.5)
        _, task = stage.ask("u")
        await asyncio.sleep(0.1)
        assert stage.service.inside == 2
        await task
        assert warm.error is None

    on_stage(play)


def test_a_full_queue_drops_the_oldest_prefetch_and_refuses_a_user() -> None:
    async def play(stage: Stage) -> None:
        stage.ask("u0")
        await asyncio.sleep(0.1)
        prefetches = [stage.ask(f"p{number}", PREFETCH)[0] for number in range(3)]
        await asyncio.sleep(0.1)
        assert [one.error is None for one in prefetches] == [False, True, True]
        users = [stage.ask(f"u{number}")[0] for number in (1, 2, 3)]
        await asyncio.sleep(0.1)
        assert not any(one.error is None for one in prefetches)
        assert isinstance(users[2].error, QueueFullError)
        assert users[2].error.hint
        late, _ = stage.ask("p9", PREFETCH)
        await asyncio.sleep(0.1)
        assert isinstance(late.error, QueueFullError)
        await stage.end()
        assert [one.answer for one in users] == ["u1.", "u2.", ""]

    on_stage(play, waiting_limit=2)


def test_the_throttle_delays_starts_and_a_joiner_spends_nothing() -> None:
    begun: list[float] = []

    async def play(stage: Stage) -> None:
        for number in range(6):
            stage.ask(f"u{number}")
            stage.ask(f"u{number}")
        while len(begun) < 6:
            starts = sum("begins" in line for line in stage.service.log)
            begun.extend([stage.loop.time() - 1_000.0] * (starts - len(begun)))
            await asyncio.sleep(0.5)

    on_stage(play, requests_at_once=9, throttle=(2, 10.0))
    assert [round(time, 1) for time in begun] == [0.5, 0.5, 10.0, 10.0, 20.0, 20.0]


def test_a_throttled_request_that_is_cancelled_gives_its_place_to_the_next() -> None:
    async def play(stage: Stage) -> None:
        stage.ask("u0")
        await asyncio.sleep(0.1)
        _, waiting = stage.ask("u1")
        next_one, _ = stage.ask("u2")
        await asyncio.sleep(3)
        waiting.cancel()
        await stage.end()
        assert next_one.answer == "u2."
        assert stage.loop.time() == pytest.approx(1_012.0)

    on_stage(play, throttle=(1, 10.0))


REFUSED = ServiceUnavailableError("away", hint="start it")
BUSY = ProviderError("busy", status_code=503)


@pytest.mark.parametrize("error", [REFUSED, BUSY, ProviderError("", status_code=502)])
def test_what_cannot_have_begun_is_tried_again(error: Exception) -> None:
    async def play(stage: Stage) -> None:
        asker, task = stage.ask("same")
        await task
        assert asker.answer == "same."

    stage = on_stage(play, retries=2, errors=(error, error))
    assert stage.service.log.count("same begins") == 3
    assert stage.scheduler.figures.failed == 0


@pytest.mark.parametrize(
    "error",
    [
        ProviderError("bad", status_code=400),
        ProviderError("gone", status_code=404),
        ProviderError("no", status_code=403),
        ProviderError("memory", status_code=500),
        IncompleteAnswerError("no done"),
        ProviderError("not this machine"),
    ],
)
def test_nothing_else_is_tried_again(error: Exception) -> None:
    async def play(stage: Stage) -> None:
        asker, task = stage.ask("same")
        await task
        assert str(asker.error) == str(error)

    stage = on_stage(play, retries=2, errors=(error,))
    assert stage.service.log.count("same begins") == 1


def test_after_the_first_word_nothing_is_tried_again() -> None:
    async def play(stage: Stage) -> None:
        asker, task = stage.ask("same")
        await task
        assert isinstance(asker.error, ServiceUnavailableError)
        assert asker.seen[-1].explanation == "same…"

    stage = on_stage(play, retries=2, errors=(REFUSED,), fails_after=1)
    assert stage.service.log.count("same begins") == 1


def test_retries_end() -> None:
    async def play(stage: Stage) -> None:
        asker, task = stage.ask("same")
        await task
        assert asker.error is not None
        assert asker.error.args == REFUSED.args

    stage = on_stage(play, retries=2, errors=(REFUSED,) * 9)
    assert stage.service.log.count("same begins") == 3


@pytest.mark.parametrize("moment", [0.5, 1.05])
def test_cancelling_ends_the_trying_at_once(moment: float) -> None:
    async def play(stage: Stage) -> None:
        _, task = stage.ask("same")
        await asyncio.sleep(moment)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stage.loop.time() == 1_000.0 + moment

    stage = on_stage(play, retries=2, errors=(REFUSED,) * 9)
    assert stage.service.log == ["same begins", "same ends"]


def test_a_service_that_fails_is_left_alone_and_one_probe_brings_it_back() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(2):
            await stage.ask("same")[1]
        assert stage.scheduler.figures.breaker == "open"
        refused, task = stage.ask("other")
        await task
        assert isinstance(refused.error, CircuitOpenError)
        assert str(refused.error) == "away"
        assert "15" in refused.error.hint
        begun = stage.service.log.count("same begins")
        assert begun == 2
        await asyncio.sleep(15)
        assert stage.scheduler.figures.breaker == "half_open"
        probe, probing = stage.ask("probe")
        beside, _ = stage.ask("beside")
        await asyncio.sleep(0.1)
        assert isinstance(beside.error, CircuitOpenError)
        await probing
        assert probe.answer == "probe."
        assert stage.scheduler.figures.breaker == "closed"

    on_stage(play, errors=(REFUSED, REFUSED), breaker=(2, 15.0))


def test_asking_again_is_a_probe_and_a_prefetch_never_is_before_its_time() -> None:
    async def play(stage: Stage) -> None:
        await stage.ask("same")[1]
        for _ in range(2):
            unasked, task = stage.ask("p", PREFETCH)
            await task
            assert isinstance(unasked.error, CircuitOpenError)
        first, task = stage.ask("same")
        await task
        assert isinstance(first.error, CircuitOpenError)
        second, task = stage.ask("same")
        await task
        assert second.answer == "same."

    on_stage(play, errors=(REFUSED,), breaker=(1, 15.0))


def test_a_cancelled_probe_makes_room_for_another() -> None:
    async def play(stage: Stage) -> None:
        await stage.ask("same")[1]
        await asyncio.sleep(15)
        _, probing = stage.ask("probe")
        await asyncio.sleep(0.5)
        probing.cancel()
        await asyncio.sleep(0.1)
        assert stage.scheduler.figures.breaker == "half_open"
        another, task = stage.ask("another")
        await task
        assert another.answer == "another."

    on_stage(play, errors=(REFUSED,), breaker=(1, 15.0))


def test_giving_way_is_no_failure() -> None:
    async def play(stage: Stage) -> None:
        for number in range(5):
            stage.ask(f"p{number}", PREFETCH)
            await asyncio.sleep(0.5)
            stage.ask(f"u{number}")
            await stage.end()
        assert stage.scheduler.figures.breaker == "closed"
        assert stage.scheduler.figures.cancelled == 5

    on_stage(play, breaker=(1, 15.0))


def test_a_refusal_shows_that_the_service_works() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(3):
            await stage.ask("same")[1]
        assert stage.scheduler.figures.breaker == "closed"

    refusal = ProviderError("no", status_code=404)
    on_stage(play, errors=(REFUSED, refusal, REFUSED), breaker=(2, 15.0))


def test_no_generation_lasts_for_ever() -> None:
    async def play(stage: Stage) -> None:
        async def hang() -> AsyncGenerator[AnswerUpdate, None]:
            yield AnswerUpdate(AnswerPhase.READING)
            await asyncio.sleep(1e6)

        asker = Asker()
        await asker.ask(stage.scheduler, "slow", USERS, hang)
        assert isinstance(asker.error, ProviderError)
        assert asker.error.hint

    on_stage(play, retries=2)


def test_what_ends_while_others_look_for_it_is_theirs_too() -> None:
    """Between a cache that did not know and the queue, the answer may have come."""

    async def play(stage: Stage) -> None:
        looked_up: list[AnswerUpdate] = []

        async def look_up() -> AnswerUpdate | None:
            await asyncio.sleep(3)
            return None

        async def look_first() -> None:
            # It is not under way yet when this one looks.
            updates = stage.scheduler.run(
                "same", USERS, stage.service.work("same"), look_up=look_up
            )
            async with contextlib.aclosing(updates):
                async for update in updates:
                    looked_up.append(update)

        looking = [asyncio.create_task(look_first()) for _ in range(2)]
        await asyncio.sleep(0)
        stage.ask("same")
        await asyncio.gather(*looking)
        assert looked_up[-1].explanation == "same."

    stage = on_stage(play)
    assert stage.service.log == ["same begins", "same ends"]


def test_what_was_looked_up_starts_nothing() -> None:
    async def play(stage: Stage) -> None:
        known = AnswerUpdate(AnswerPhase.DONE, "known")

        async def look_up() -> AnswerUpdate | None:
            return known

        work = stage.service.work("same")
        updates = stage.scheduler.run("same", USERS, work, look_up=look_up)
        assert [update async for update in updates] == [known]

    stage = on_stage(play, throttle=(1, 10.0))
    assert stage.service.log == []
    assert stage.scheduler.figures.started == 0


def test_closing_ends_everything_and_refuses_what_comes_later() -> None:
    async def play(stage: Stage) -> None:
        askers = [stage.ask(name)[0] for name in ("u0", "u1", "u2")]
        await asyncio.sleep(0.5)
        await stage.scheduler.close()
        await stage.end()
        askers.append(stage.ask("late")[0])
        await stage.end()
        assert all(isinstance(one.error, RequestDroppedError) for one in askers)

    stage = on_stage(play)
    assert stage.service.log == ["u0 begins", "u0 ends"]
