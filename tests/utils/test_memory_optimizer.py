from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.memory_optimizer import LRUCache

KEYS = st.integers(0, 8)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("get"), KEYS, st.none()),
        st.tuples(st.just("put"), KEYS, st.integers(0, 12)),
    ),
    max_size=80,
)


@given(STEPS, st.integers(0, 5), st.integers(0, 20))
def test_it_behaves_like_a_bounded_model(
    steps: list[tuple[str, int, int | None]], entries: int, limit: int
) -> None:
    cache: LRUCache[int, int] = LRUCache(entries, limit, lambda size: size)
    model: OrderedDict[int, int] = OrderedDict()
    for operation, key, size in steps:
        if operation == "get":
            assert cache.get(key) == model.get(key)
            if key in model:
                model.move_to_end(key)
            continue
        assert size is not None
        cache.put(key, size)
        model.pop(key, None)
        if entries and size <= limit:
            model[key] = size
        while len(model) > entries or sum(model.values()) > limit:
            model.popitem(last=False)
        assert len(cache) == len(model) <= entries
        assert cache.bytes == sum(model.values()) <= limit


def test_none_is_a_value() -> None:
    missing = object()
    cache: LRUCache[str, None] = LRUCache(2)
    cache.put("a", None)
    assert cache.get("a", missing) is None
    assert cache.get("b", missing) is missing
    assert (cache.hits, cache.misses) == (1, 1)


def test_a_cleared_cache_starts_again() -> None:
    cache: LRUCache[str, str] = LRUCache(2, 10, len)
    cache.put("a", "1234")
    cache.clear()
    assert (len(cache), cache.bytes) == (0, 0)
    assert cache.get("a") is None


@pytest.mark.parametrize("arguments", [(-1,), (1, 5), (1, None, len)])
def test_bounds_that_make_no_sense_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="max_"):
        LRUCache(*arguments)  # type: ignore[arg-type]
