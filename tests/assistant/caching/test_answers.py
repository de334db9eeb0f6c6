"""The answer cache: tiers in order, honest about age and origin, never in the way."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from terminal_ai.assistant.caching.answers import (
    ANOTHER_ANSWER_SECONDS,
    COMMAND_SECONDS,
    DAY_SECONDS,
    SHARING_LIMIT,
    SKEW_SECONDS,
    AnswerCache,
    TierFigures,
)
from terminal_ai.assistant.caching.memory_tier import MemoryTier
from terminal_ai.assistant.caching.question import command_tag
from terminal_ai.assistant.inquiry import InquiryKind
from terminal_ai.records import AnswerOrigin
from tests.assistant.caching.making import (
    ANSWER,
    Clock,
    FailingTier,
    HangingTier,
    NamedTier,
    make_question,
)
from tests.assistant.making import make_record

KEY, OTHER = make_question("key"), make_question("other")


def make_cache(
    *tiers: NamedTier | FailingTier | HangingTier, clock: Clock
) -> AnswerCache:
    return AnswerCache(tiers, clock=clock, monotonic=clock)


async def test_an_answer_comes_with_its_age_and_origin() -> None:
    clock = Clock()
    cache = AnswerCache([MemoryTier(4, 100_000, 600, clock=clock)], clock=clock)
    await cache.put(KEY, ANSWER)
    clock.now += 40
    assert await cache.get(KEY) == replace(
        ANSWER, age_seconds=40, origin=AnswerOrigin.MEMORY
    )
    assert await cache.get(OTHER) is None
    clock.now += 600
    assert await cache.get(KEY) is None


async def test_without_tiers_nothing_is_kept() -> None:
    cache = AnswerCache()
    await cache.put(KEY, ANSWER)
    assert await cache.get(KEY) is None
    await cache.forget(make_record())
    await cache.close()


async def test_a_repeated_question_is_noticed_for_a_while() -> None:
    clock = Clock()
    cache = AnswerCache(monotonic=clock)
    assert not cache.was_just_answered(KEY)
    cache.note_answered(KEY)
    clock.now += ANOTHER_ANSWER_SECONDS - 1
    assert cache.was_just_answered(KEY)
    assert not cache.was_just_answered(OTHER)
    clock.now += 2
    assert not cache.was_just_answered(KEY)


async def test_a_slower_tier_tells_the_faster_ones() -> None:
    clock = Clock()
    memory, disk, team = (NamedTier(name) for name in list(AnswerOrigin)[1:])
    cache = make_cache(memory, disk, team, clock=clock)
    await cache.put(KEY, ANSWER)
    await cache.shared()
    await memory.clear()
    await disk.clear()
    clock.now += 5
    found = await cache.get(KEY)
    assert found == replace(ANSWER, age_seconds=5, origin=AnswerOrigin.TEAM)
    found = await cache.get(KEY)
    assert found == replace(ANSWER, age_seconds=5, origin=AnswerOrigin.MEMORY)
    assert disk.values.keys() == memory.values.keys()
    assert cache.figures == (
        TierFigures(AnswerOrigin.MEMORY, hits=1, misses=1),
        TierFigures(AnswerOrigin.DISK, misses=1),
        TierFigures(AnswerOrigin.TEAM, hits=1),
    )


@pytest.mark.parametrize("broken", [FailingTier, HangingTier])
async def test_a_tier_that_fails_or_hangs_is_a_miss(
    broken: type[NamedTier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terminal_ai.assistant.caching.answers.TIER_SECONDS", 0.01)
    team = NamedTier(AnswerOrigin.TEAM)
    cache = make_cache(broken(AnswerOrigin.DISK), team, clock=Clock())
    await cache.put(KEY, ANSWER)
    await cache.shared()
    found = await cache.get(KEY)
    assert found is not None
    assert found.origin is AnswerOrigin.TEAM
    await cache.forget(make_record())
    await cache.close()
    assert cache.figures[0].failures > 0
    assert cache.figures[0].hits == 0


async def test_a_tier_that_fails_is_told_once_until_it_has_worked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Flaky(NamedTier):
        is_broken = True

        async def get(self, key: str) -> bytes | None:
            if self.is_broken:
                raise OSError("no such medium")
            return None

    tier = Flaky(AnswerOrigin.DISK)
    cache = make_cache(tier, clock=Clock())
    for is_broken in (True, True, False, True, True):
        tier.is_broken = is_broken
        await cache.get(KEY)
    assert cache.figures[0].failures == 8
    told = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(told) == 2


async def test_cancelling_leaves_no_task_behind() -> None:
    cache = make_cache(HangingTier(AnswerOrigin.DISK), clock=Clock())
    before = asyncio.all_tasks()
    asking = asyncio.create_task(cache.get(KEY))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert asyncio.all_tasks() == before


async def test_whatever_a_tier_holds_is_an_answer_or_a_miss() -> None:
    disk = NamedTier(AnswerOrigin.DISK)
    cache = make_cache(disk, clock=Clock())
    await cache.put(KEY, ANSWER)
    whole = disk.values[KEY.signature]
    for data in (b"", b"z", b"{}", whole[:-1], whole + b" x", b"\x80\x04K\x01."):
        disk.values[KEY.signature] = data
        assert await cache.get(KEY) is None
    assert cache.figures[0].hits == 0


@pytest.mark.parametrize(
    ("age", "is_found"),
    [
        (0, True),
        (7 * DAY_SECONDS, True),
        (7 * DAY_SECONDS + 1, False),
        (-SKEW_SECONDS, True),
        (-SKEW_SECONDS - 1, False),
    ],
)
async def test_what_cannot_be_dated_is_not_told(age: float, is_found: bool) -> None:
    clock = Clock()
    cache = make_cache(NamedTier(AnswerOrigin.DISK), clock=clock)
    await cache.put(KEY, ANSWER)
    clock.now += age
    found = await cache.get(KEY)
    assert (found is not None) is is_found
    if found is not None:
        assert found.age_seconds == max(age, 0)


async def test_a_command_for_a_sentence_grows_old_sooner() -> None:
    clock = Clock()
    cache = make_cache(NamedTier(AnswerOrigin.DISK), clock=clock)
    question = replace(KEY, kind=InquiryKind.COMMAND)
    await cache.put(question, ANSWER)
    clock.now += COMMAND_SECONDS
    assert await cache.get(question) is not None
    clock.now += 1
    assert await cache.get(question) is None


async def test_nothing_private_is_kept_or_looked_for() -> None:
    disk = NamedTier(AnswerOrigin.DISK)
    cache = make_cache(disk, clock=Clock())
    private = replace(KEY, is_private=True)
    await cache.put(private, ANSWER)
    assert not disk.values
    await cache.put(KEY, ANSWER)
    assert await cache.get(private) is None


async def test_a_command_that_works_now_is_forgotten_where_it_works() -> None:
    record = make_record()
    elsewhere = replace(record, cwd="/home/ada/other")
    disk = NamedTier(AnswerOrigin.DISK)
    cache = make_cache(disk, clock=Clock())
    question = replace(KEY, tags=(command_tag(record),))
    await cache.put(question, ANSWER)
    await cache.forget(elsewhere)
    assert await cache.get(question) is not None
    await cache.forget(record)
    assert await cache.get(question) is None


async def test_an_answer_that_was_found_elsewhere_is_forgotten_too() -> None:
    record = make_record()
    elsewhere = replace(record, cwd="/home/ada/other")
    disk = NamedTier(AnswerOrigin.DISK)
    cache = make_cache(disk, clock=Clock())
    await cache.put(replace(KEY, tags=(command_tag(record),)), ANSWER)
    assert await cache.get(replace(KEY, tags=(command_tag(elsewhere),))) is not None
    await cache.forget(elsewhere)
    assert not disk.values


async def test_a_team_s_answers_are_only_dropped_by_who_has_had_them() -> None:
    record = make_record()
    team = NamedTier(AnswerOrigin.TEAM)
    question = replace(KEY, tags=(command_tag(record),))
    cache = make_cache(team, clock=Clock())
    await cache.put(question, ANSWER)
    await cache.shared()
    await make_cache(team, clock=Clock()).forget(record)
    assert team.values
    await cache.forget(record)
    assert not team.values


class WaitingTier(NamedTier):
    """A team's tier that keeps nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__(AnswerOrigin.TEAM)
        self.is_let_go = asyncio.Event()

    async def put(self, key: str, value: bytes, *, tags: Sequence[str]) -> None:
        await self.is_let_go.wait()
        await super().put(key, value, tags=tags)


async def test_nobody_waits_for_the_team() -> None:
    memory, team = NamedTier(AnswerOrigin.MEMORY), WaitingTier()
    cache = make_cache(memory, team, clock=Clock())
    await cache.put(KEY, ANSWER)
    assert await cache.get(KEY) is not None
    assert not team.values
    team.is_let_go.set()
    await cache.close()
    assert team.values


async def test_no_more_than_a_few_answers_are_on_their_way_to_the_team() -> None:
    team = WaitingTier()
    cache = make_cache(team, clock=Clock())
    for number in range(SHARING_LIMIT + 3):
        await cache.put(make_question(str(number)), ANSWER)
    team.is_let_go.set()
    await cache.shared()
    assert len(team.values) == SHARING_LIMIT


async def test_what_is_on_its_way_to_the_team_is_forgotten_too() -> None:
    record = make_record()
    team = WaitingTier()
    cache = make_cache(team, clock=Clock())
    await cache.put(replace(KEY, tags=(command_tag(record),)), ANSWER)
    forgetting = asyncio.create_task(cache.forget(record))
    await asyncio.sleep(0)
    team.is_let_go.set()
    await forgetting
    await cache.close()
    assert not team.values


async def test_the_team_s_own_deadline_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("terminal_ai.assistant.caching.answers.TIER_SECONDS", 0.0)

    class SlowTier(NamedTier):
        async def get(self, key: str) -> bytes | None:
            await asyncio.sleep(0.01)
            return await super().get(key)

    team = SlowTier(AnswerOrigin.TEAM)
    patient = AnswerCache([team], clock=Clock(), team_timeout_seconds=60.0)
    await patient.put(KEY, ANSWER)
    await patient.shared()
    assert await patient.get(KEY) is not None
    assert await AnswerCache([team], clock=Clock()).get(KEY) is None
