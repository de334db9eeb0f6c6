"""Objects used again: each has one owner, and comes as good as new."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from utils.object_pool import ObjectPool


class Slate:
    """Something that can be wiped, unless it is broken."""

    def __init__(self) -> None:
        self.text = ""
        self.is_broken = False

    def reset(self) -> None:
        if self.is_broken:
            raise OSError("it cannot be wiped")
        self.text = ""


class AnyUse(RuleBasedStateMachine):
    """Slates lent, written on, broken and given back in any order."""

    @initialize(limit=st.integers(0, 4))
    def begin(self, limit: int) -> None:
        self.limit = limit
        self.pool = ObjectPool(Slate, limit)
        self.owned: list[Slate] = []

    @rule()
    def acquire(self) -> None:
        slate = self.pool.acquire()
        assert slate.text == ""
        assert not slate.is_broken
        assert all(slate is not one for one in self.owned), "two owners"
        slate.text = "mine"
        self.owned.append(slate)

    @rule(data=st.data(), breaks=st.booleans())
    @precondition(lambda self: self.owned)
    def release(self, data: st.DataObject, breaks: bool) -> None:
        place = data.draw(st.integers(0, len(self.owned) - 1))
        slate = self.owned.pop(place)
        slate.is_broken = breaks
        self.pool.release(slate)
        with pytest.raises(ValueError, match="back already"):
            self.pool.release(slate)

    @rule(data=st.data())
    @precondition(lambda self: self.owned)
    def keep_for_good(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.owned) - 1))
        self.pool.forget(self.owned.pop(place))

    @rule(share=st.sampled_from([0.0, 0.5, 1.0]))
    def trim(self, share: float) -> None:
        before = self.pool.size()
        freed = self.pool.trim(share)
        assert freed == (before - self.pool.size(), 0)
        assert self.pool.size() <= int(self.limit * share)

    @rule()
    def give_a_strangers(self) -> None:
        with pytest.raises(ValueError, match="elsewhere"):
            self.pool.release(Slate())

    @invariant()
    def it_keeps_no_more_than_it_may(self) -> None:
        if hasattr(self, "pool"):
            assert self.pool.size() <= self.limit
            assert self.pool.lent == len(self.owned)


AnyUse.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestAnyUse = AnyUse.TestCase


def test_an_object_is_used_again() -> None:
    pool = ObjectPool(Slate)
    with pool.lend() as slate:
        slate.text = "used"
    assert pool.acquire() is slate
    assert slate.text == ""
    assert pool.made == 1


def test_one_that_cannot_be_reset_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    pool = ObjectPool(Slate)
    with pool.lend() as slate:
        slate.is_broken = True
    assert pool.acquire() is not slate
    assert pool.dropped == 1
    assert "could not be reset" in caplog.text


def test_what_has_no_reset_of_its_own_can_be_given_one() -> None:
    pool: ObjectPool[list[int]] = ObjectPool(list, reset=list.clear)
    with pool.lend() as numbers:
        numbers.append(1)
    assert pool.acquire() == []
    plain: ObjectPool[object] = ObjectPool(object)
    plain.release(plain.acquire())
    assert plain.size() == 1


def test_what_a_block_fails_with_comes_through() -> None:
    pool = ObjectPool(Slate)
    with pytest.raises(KeyError), pool.lend():
        raise KeyError
    assert (pool.lent, pool.size()) == (0, 1)


def test_a_bound_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="max_size"):
        ObjectPool(Slate, -1)


def test_a_factory_that_returns_what_is_lent_makes_no_second_owner() -> None:
    only: list[int] = []
    pool = ObjectPool(lambda: only)
    pool.acquire()
    with pytest.raises(RuntimeError, match="a new one each time"):
        pool.acquire()
    pool.release(only)
    assert pool.acquire() is only
