"""Which name was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.evidence.similar import closest

NAMES = st.lists(st.text(max_size=12), max_size=20)


@given(st.text(max_size=12), NAMES, st.integers(1, 3))
def test_answers_are_names_in_order(wrong: str, names: list[str], limit: int) -> None:
    found = closest(wrong, names, limit=limit)
    assert len(found) <= limit
    assert all(match.name in names and match.name != wrong for match in found)
    assert all(0 < match.score <= 1 for match in found)


@given(st.text(min_size=4, max_size=12), NAMES)
def test_a_swap_of_two_letters_is_always_found(name: str, names: list[str]) -> None:
    wrong = name[1] + name[0] + name[2:]
    if wrong != name:
        assert name in {match.name for match in closest(wrong, [name], limit=1)}


@pytest.mark.parametrize(
    ("wrong", "names", "best"),
    [
        ("extenson", ["deploy", "prepare_extension", "text"], "prepare_extension"),
        ("readme.md", ["README.md", "reader.mk"], "README.md"),
        ("base", ["blame", "phase", "rebase"], "rebase"),
        ("app", ["apple.txt", "app.py"], "app.py"),
    ],
)
def test_best(wrong: str, names: list[str], best: str) -> None:
    assert closest(wrong, names)[0].name == best


def test_familiarity_settles_near_ties() -> None:
    names = ["gtk", "tic", "git"]
    assert closest("gti", names, familiarity={"git": 1.0})[0].name == "git"


def test_nothing_is_near() -> None:
    assert closest("zzzzzz", ["git", "ls"]) == ()
    assert closest("", ["git"]) == ()


def test_a_familiar_name_stands_before_one_as_near() -> None:
    names = ["abcdy", "abcdz"]
    assert closest("abcdx", names)[0].name == "abcdy"
    assert closest("abcdx", names, familiarity={"abcdz": 1.0})[0].name == "abcdz"


def test_a_swap_counts_once() -> None:
    assert closest("stauts", ["stats", "status"])[0].name == "status"
