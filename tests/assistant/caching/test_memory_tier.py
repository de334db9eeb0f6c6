"""The tier in memory holds its bounds, and forgets what was used least recently."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from terminal_ai.assistant.caching.memory_tier import ENTRY_COST_BYTES, MemoryTier
from terminal_ai.bootstrap.answer_cache import make_answer_cache
from terminal_ai.config import PerformanceSettings
from tests.assistant.caching.making import Clock
from tests.assistant.making import run_now
from utils.memory_optimizer import MemoryManager

ENTRIES, SECONDS = 4, 100.0
LIMIT_BYTES = 3 * ENTRY_COST_BYTES + 400
KEYS = st.sampled_from("abcdefg")
TAGS = st.lists(st.sampled_from("xyz"), max_size=2)


class MemoryModel(RuleBasedStateMachine):
    """Compares the tier with a list, the least recently used first."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.tier = MemoryTier(ENTRIES, LIMIT_BYTES, SECONDS, clock=self.clock)
        self.model: list[tuple[str, bytes, set[str], float]] = []

    def _forget(self, doomed: set[str]) -> None:
        self.model = [kept for kept in self.model if kept[0] not in doomed]

    def _cost(self) -> int:
        return sum(len(kept[1]) + ENTRY_COST_BYTES for kept in self.model)

    @rule(key=KEYS, size=st.integers(0, 900), tags=TAGS)
    def put(self, key: str, size: int, tags: list[str]) -> None:
        value = key.encode() * size
        run_now(self.tier.put(key, value, tags=tags))
        self._forget({key})
        if size + ENTRY_COST_BYTES > LIMIT_BYTES:
            return
        self.model.append((key, value, set(tags), self.clock.now + SECONDS))
        while len(self.model) > ENTRIES or self._cost() > LIMIT_BYTES:
            del self.model[0]

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        found = next((kept for kept in self.model if kept[0] == key), None)
        assert run_now(self.tier.get(key)) == (found[1] if found else None)
        if found:
            self._forget({key})
            self.model.append(found)

    @rule(tags=TAGS)
    def drop(self, tags: list[str]) -> None:
        run_now(self.tier.drop(tags))
        self._forget({kept[0] for kept in self.model if kept[2] & set(tags)})

    @rule(seconds=st.floats(0, 120))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self._forget({kept[0] for kept in self.model if kept[3] <= self.clock.now})

    @rule(share=st.floats(0, 1))
    def trim(self, share: float) -> None:
        entries, cost = len(self.model), self._cost()
        while len(self.model) > share * ENTRIES or self._cost() > share * LIMIT_BYTES:
            del self.model[0]
        freed = self.tier.trim(share)
        assert freed == (entries - len(self.model), cost - self._cost())
        assert self.tier.size() == len(self.model)

    @rule()
    def clear(self) -> None:
        run_now(self.tier.clear())
        self.model.clear()

    @invariant()
    def bounds_hold(self) -> None:
        assert len(self.tier) == len(self.model) <= ENTRIES
        assert self.tier.kept_bytes <= LIMIT_BYTES


MemoryModel.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None
)
TestMemoryModel = MemoryModel.TestCase


async def test_no_entries_keep_nothing() -> None:
    tier = MemoryTier(0, 1_000_000, 600)
    await tier.put("key", b"value", tags=())
    assert await tier.get("key") is None
    await tier.close()


async def test_what_is_too_old_is_freed_without_anybody_looking() -> None:
    clock = Clock()
    manager = MemoryManager()
    settings_ = PerformanceSettings(answer_cache_seconds=600)
    cache = make_answer_cache(settings_, None, tell=print, memory=manager)
    assert manager.get_stats()["caches"] == {"answers": 0}
    tier = MemoryTier(9, 1_000_000, 600, clock=clock)
    await tier.put("key", b"value", tags=())
    manager.register("own", tier)
    clock.now += 599
    assert manager.cleanup().freed_bytes == 0
    clock.now += 2
    assert manager.cleanup().freed_bytes == ENTRY_COST_BYTES + 5
    assert manager.get_stats()["caches"] == {"answers": 0, "own": 0}
    await cache.close()
