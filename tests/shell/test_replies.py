from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell.replies import REPLY_LIMIT_BYTES_PER_SECOND, ReplyBudget


@given(sizes=st.lists(st.integers(1, 20_000), max_size=50))
def test_one_second_admits_no_more_than_its_worth(sizes: list[int]) -> None:
    budget = ReplyBudget()
    admitted = [size for size in sizes if budget.admits(size, 5.5)]
    assert sum(admitted) <= REPLY_LIMIT_BYTES_PER_SECOND
    if sum(sizes) <= REPLY_LIMIT_BYTES_PER_SECOND:
        assert admitted == sizes


def test_the_next_second_starts_anew() -> None:
    budget = ReplyBudget()
    assert not budget.admits(REPLY_LIMIT_BYTES_PER_SECOND + 1, 5.9)
    assert not budget.admits(1, 5.95)
    assert budget.admits(1, 6.0)
