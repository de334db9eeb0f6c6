"""Answers the model gave before, in tiers: memory, disk, a team's Redis."""

import asyncio
import functools
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cachetools import LRUCache, TTLCache

from terminal_ai.assistant.caching import entry
from terminal_ai.assistant.caching.question import Question, command_tag
from terminal_ai.assistant.caching.tiers import Tier
from terminal_ai.assistant.inquiry import InquiryKind
from terminal_ai.records import Answer, AnswerOrigin, CommandRecord

ANOTHER_ANSWER_SECONDS = 60.0
"""Who asks the same again this soon was not helped by the first answer."""
ANSWERED_LIMIT = 64
"""Questions remembered as just answered."""
TAGS_LIMIT = 256
"""Commands remembered as asked about."""
TIER_SECONDS = 0.5
"""A tier that takes longer is passed over; the team's may take its setting more."""
SHARING_LIMIT = 16
"""Answers on their way to the team; more are not shared."""
SKEW_SECONDS = 120.0
"""Two machines' clocks may differ this much; what is newer yet cannot be dated."""
COMMAND_SECONDS = 86_400.0
"""A command for a sentence depends on files that nobody told the model about."""
DAY_SECONDS = 86_400.0

Result = TypeVar("Result")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TierFigures:
    """How often one tier was asked, and with what result."""

    name: AnswerOrigin
    hits: int = 0
    misses: int = 0
    failures: int = 0


class AnswerCache:
    """Finds an answer by its question, in the fastest tier first.

    What a slower tier knows is told to the faster ones. A tier that fails or hangs is
    a miss: no method raises for it.
    """

    def __init__(
        self,
        tiers: Sequence[Tier] = (),
        *,
        age_limit_seconds: float = 7 * DAY_SECONDS,
        another_seconds: float = ANOTHER_ANSWER_SECONDS,
        team_timeout_seconds: float = 0.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tiers = tuple(tiers)
        self._age_limit_seconds = age_limit_seconds
        self._team_timeout_seconds = team_timeout_seconds
        self._clock = clock
        self._sharing: set[asyncio.Task[None]] = set()
        self._hits: Counter[AnswerOrigin] = Counter()
        self._misses: Counter[AnswerOrigin] = Counter()
        self._failures: Counter[AnswerOrigin] = Counter()
        self._failing: set[AnswerOrigin] = set()
        self._counts = (self._hits, self._misses, self._failures)
        # Remembered apart from the answers: repeating counts without a cache too.
        self._answered: TTLCache[str, None] = TTLCache(
            ANSWERED_LIMIT, another_seconds, timer=monotonic
        )
        self._asked: LRUCache[str, tuple[str, ...]] = LRUCache(TAGS_LIMIT)

    @property
    def figures(self) -> tuple[TierFigures, ...]:
        """What each tier did so far, the fastest first."""
        return tuple(
            TierFigures(name, *(count[name] for count in self._counts))
            for name in (tier.name for tier in self._tiers)
        )

    def was_just_answered(self, question: Question) -> bool:
        """Tell whether the user read an answer to the same question moments ago."""
        return question.local in self._answered

    def note_answered(self, question: Question) -> None:
        """Remember that the user has just read an answer to this question."""
        self._answered[question.local] = None

    async def get(self, question: Question) -> Answer | None:
        """Return the answer with its age and origin, or None."""
        if question.is_private:
            return None
        for position, tier in enumerate(self._tiers):
            for key in _keys(question, tier):
                data = await self._read(tier, key)
                if data is None:
                    continue
                answer = self._answer(data, question, tier.name)
                if answer is None:
                    continue
                self._hits[tier.name] += 1
                for faster in self._tiers[:position]:
                    await self._attempt(
                        faster, faster.put(key, data, tags=_tags(question))
                    )
                self._remember(question)
                return answer
            self._misses[tier.name] += 1
        return None

    async def put(self, question: Question, answer: Answer) -> None:
        """Keep a complete, valid answer in every tier; nobody waits for the team's."""
        if question.is_private or not self._tiers:
            return
        encoded = entry.encode(question, answer, stored_at=self._clock())
        if encoded is None:
            return
        self._remember(question)
        for tier in self._tiers:
            key = question.local if encoded.is_pinned else question.signature
            put = functools.partial(tier.put, key, encoded.data, tags=_tags(question))
            if tier.name is not AnswerOrigin.TEAM:
                await self._attempt(tier, put())
            # Bound to this place, it is of no use to others.
            elif not encoded.is_pinned and len(self._sharing) < SHARING_LIMIT:
                sharing = asyncio.create_task(self._attempt(tier, put()))
                self._sharing.add(sharing)
                sharing.add_done_callback(self._sharing.discard)

    async def shared(self) -> None:
        """Wait until the team has been told what was kept before, or is given up."""
        if self._sharing:
            await asyncio.wait(tuple(self._sharing))

    async def forget(self, record: CommandRecord) -> None:
        """Drop what was said about a command line that has worked now."""
        if not self._tiers:
            return
        tag = command_tag(record)
        asked = self._asked.pop(tag, ())
        # What is still on its way could not be dropped.
        await self.shared()
        for tier in self._tiers:
            # Others' answers are only dropped by who has had them.
            if asked or tier.name is not AnswerOrigin.TEAM:
                await self._attempt(tier, tier.drop((tag, *asked)))

    async def close(self) -> None:
        """Give files and connections back."""
        await self.shared()
        for tier in self._tiers:
            await self._attempt(tier, tier.close())

    def _answer(
        self, data: bytes, question: Question, origin: AnswerOrigin
    ) -> Answer | None:
        now = self._clock()
        kept = entry.decode(data, question, origin=origin, now=now)
        if kept is None:
            return None
        age = now - kept.stored_at
        limit = self._age_limit_seconds
        if question.kind is InquiryKind.COMMAND:
            limit = min(limit, COMMAND_SECONDS)
        if not -SKEW_SECONDS <= age <= limit:
            return None
        return kept.answer

    def _remember(self, question: Question) -> None:
        """Note under which signature a command was asked about."""
        for tag in question.tags:
            known = self._asked.get(tag, ())
            if question.signature not in known:
                self._asked[tag] = (*known, question.signature)[-ANSWERED_LIMIT:]

    async def _read(self, tier: Tier, key: str) -> bytes | None:
        return await self._attempt(tier, tier.get(key))

    async def _attempt(self, tier: Tier, call: Awaitable[Result]) -> Result | None:
        try:
            result = await self._in_time(tier, call)
        except Exception as error:  # noqa: BLE001 - a tier is whatever its medium is
            self._failures[tier.name] += 1
            # Every command asks: while it fails, one line says as much as a thousand.
            level = logging.DEBUG if tier.name in self._failing else logging.WARNING
            self._failing.add(tier.name)
            _logger.log(level, "the answers in %s failed: %r", tier.name, error)
            return None
        self._failing.discard(tier.name)
        return result

    async def _in_time(self, tier: Tier, call: Awaitable[Result]) -> Result:
        if tier.name is AnswerOrigin.MEMORY:
            return await call  # it never waits
        limit = TIER_SECONDS
        if tier.name is AnswerOrigin.TEAM:
            # It ends what takes longer than the settings allow by itself.
            limit += self._team_timeout_seconds
        async with asyncio.timeout(limit):
            return await call


def _keys(question: Question, tier: Tier) -> tuple[str, ...]:
    if tier.name is AnswerOrigin.TEAM:
        return (question.signature,)
    return question.signature, question.local


def _tags(question: Question) -> tuple[str, ...]:
    return (*question.tags, question.signature)
