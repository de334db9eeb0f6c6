"""The cache beside the plainest account of one, its clock in the test's hand."""

import gc
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from utils.lru_cache import LRUCache
from utils.trimming import Freed

KEYS = st.integers(0, 8)
SIZES = st.integers(0, 12)


class AnyUse(RuleBasedStateMachine):
    """Whatever is put, read, trimmed and left to age, in any order."""

    @initialize(
        entries=st.integers(0, 5),
        limit=st.none() | st.integers(0, 20),
        lives=st.none() | st.sampled_from([1.0, 5.0]),
    )
    def begin(self, entries: int, limit: int | None, lives: float | None) -> None:
        self.now = 100.0
        self.entries, self.limit, self.lives = entries, limit, lives
        self.cache: LRUCache[int, int] = LRUCache(
            entries,
            limit,
            lambda size: size,
            ttl_seconds=lives,
            clock=lambda: self.now,
        )
        # Key: size and the time it was put, the least recently used first.
        self.model: OrderedDict[int, tuple[int, float]] = OrderedDict()
        self.reads = 0

    def age(self) -> None:
        if self.lives is not None:
            for key, (_size, put_at) in list(self.model.items()):
                if self.now >= put_at + self.lives:
                    del self.model[key]

    def bytes(self) -> int:
        return sum(size for size, _put_at in self.model.values())

    def shrink(self, entries: int, limit: int | None) -> None:
        while len(self.model) > entries or (limit is not None and self.bytes() > limit):
            self.model.popitem(last=False)

    @rule(key=KEYS)
    def get(self, key: int) -> None:
        self.reads += 1
        self.age()
        assert self.cache.get(key, -1) == self.model.get(key, (-1, 0.0))[0]
        if key in self.model:
            self.model.move_to_end(key)

    @rule(key=KEYS, size=SIZES)
    def put(self, key: int, size: int) -> None:
        self.cache.put(key, size)
        self.age()
        self.model.pop(key, None)
        if self.entries and (self.limit is None or size <= self.limit):
            self.model[key] = (size, self.now)
        self.shrink(self.entries, self.limit)

    @rule(key=KEYS)
    def look(self, key: int) -> None:
        self.age()
        assert (key in self.cache) is (key in self.model)

    @rule(key=KEYS)
    def remove(self, key: int) -> None:
        self.cache.remove(key)
        self.model.pop(key, None)

    @rule(share=st.sampled_from([0.0, 0.5, 0.8, 1.0]))
    def trim(self, share: float) -> None:
        before = (len(self.model), self.bytes())
        self.age()
        self.shrink(
            int(self.entries * share),
            None if self.limit is None else int(self.limit * share),
        )
        after = (len(self.model), self.bytes())
        freed = self.cache.trim(share)
        # What aged since was perhaps gone before.
        assert freed.entries <= before[0] - after[0]
        assert freed.bytes <= before[1] - after[1]
        if self.lives is None:
            assert freed == Freed(before[0] - after[0], before[1] - after[1])

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 10.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def it_is_within_its_bounds_and_counts_right(self) -> None:
        if not hasattr(self, "cache"):
            return
        # Looked at from outside: asking it would make it forget.
        assert len(self.cache._values) <= self.entries
        assert self.limit is None or self.cache.bytes <= self.limit
        assert self.cache.bytes == sum(s for _v, s in self.cache._values.values())
        assert self.cache.hits + self.cache.misses == self.reads
        if self.lives is None:
            assert not self.cache._ends
        else:
            assert set(self.cache._ends) == set(self.cache._values)

    def teardown(self) -> None:
        if hasattr(self, "cache"):
            self.age()
            assert len(self.cache) == self.cache.size() == len(self.model)


AnyUse.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestAnyUse = AnyUse.TestCase


def test_none_is_a_value() -> None:
    missing = object()
    cache: LRUCache[str, None] = LRUCache(2)
    cache.put("a", None)
    assert cache.get("a", missing) is None
    assert cache.get("b", missing) is missing
    assert (cache.hits, cache.misses) == (1, 1)


def test_what_expired_makes_room_before_anything_that_lives() -> None:
    now = 0.0
    cache: LRUCache[str, str] = LRUCache(2, ttl_seconds=10, clock=lambda: now)
    cache.put("old", "")
    now = 5.0
    cache.put("young", "")
    # The most recently used, and yet the first to go.
    cache.get("old")
    now = 12.0
    cache.put("new", "")
    assert cache.get("young") is not None
    assert cache.get("old") is None


def test_many_that_expired_leave_nothing_behind() -> None:
    now = 0.0
    cache: LRUCache[int, int] = LRUCache(50_000, ttl_seconds=1, clock=lambda: now)
    for number in range(20_000):
        cache.put(number, number)
    assert len(cache) == 20_000
    now = 2.0
    assert cache.trim(1.0).entries == 20_000
    assert (len(cache._values), len(cache._ends)) == (0, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_entries": -1},
        {"max_entries": 1, "max_bytes": 5},
        {"ttl_seconds": 0},
        {"ttl_seconds": float("nan")},
    ],
)
def test_bounds_that_make_no_sense_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"max_|ttl_"):
        LRUCache(**arguments)


def test_a_negative_bound_of_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        LRUCache(1, -1, len)


def test_what_comes_back_while_all_is_forgotten_is_kept_within_the_bounds() -> None:
    cache: LRUCache[str, object] = LRUCache(2, 10, lambda _: 4, ttl_seconds=60)

    class Returning:
        def __del__(self) -> None:
            cache.put("back", None)

    cache.put("gone", Returning())
    cache.clear()
    gc.collect()
    assert (len(cache), cache.bytes) == (1, 4)
    cache.put("more", None)
    cache.put("most", None)
    assert (len(cache), cache.bytes) == (2, 8)
