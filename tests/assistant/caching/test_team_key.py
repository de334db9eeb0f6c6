"""What the team's secret proves: no key is told, no value is planted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.caching.team_key import (
    SECRET_LEAST_CHARACTERS,
    TeamKey,
    read_team_key,
)

OURS = TeamKey("a secret of the team")
THEIRS = TeamKey("another team's secret")

texts = st.text(max_size=30)
values = st.binary(max_size=60)


@given(key=texts, value=values, left=st.floats(0.001, 1e9))
def test_what_was_signed_is_read_until_it_expires(
    key: str, value: bytes, left: float
) -> None:
    kept = OURS.sign(key, value, expires_at=1000.0 + left)
    assert OURS.verify(key, kept, now=1000.0) == value
    assert OURS.verify(key, kept, now=1000.0 + left) is None


@given(key=texts, other=texts, value=values)
def test_an_answer_to_one_question_is_none_to_another(
    key: str, other: str, value: bytes
) -> None:
    kept = OURS.sign(key, value, expires_at=2.0)
    assert (OURS.verify(other, kept, now=1.0) is None) == (key != other)
    assert THEIRS.verify(key, kept, now=1.0) is None


@given(key=texts, value=values, data=st.data())
def test_no_byte_can_be_changed(key: str, value: bytes, data: st.DataObject) -> None:
    kept = bytearray(OURS.sign(key, value, expires_at=2.0))
    at = data.draw(st.integers(0, len(kept) - 1))
    kept[at] ^= data.draw(st.integers(1, 255))
    assert OURS.verify(key, bytes(kept), now=1.0) is None


@given(key=texts, kept=st.binary(max_size=120))
def test_garbage_is_no_answer(key: str, kept: bytes) -> None:
    assert OURS.verify(key, kept, now=1.0) is None


@given(key=texts, value=values, cut=st.integers(0, 100))
def test_a_part_is_no_answer(key: str, value: bytes, cut: int) -> None:
    kept = OURS.sign(key, value, expires_at=2.0)
    if cut < len(kept):
        assert OURS.verify(key, kept[:cut], now=1.0) is None


@given(key=st.text(min_size=4, max_size=30), other=texts)
def test_names_tell_nothing_and_differ(key: str, other: str) -> None:
    name = OURS.answer_name(key)
    assert key not in name.removeprefix(OURS.prefix)
    assert name == OURS.name_of_member(OURS.member(key))
    assert (name == OURS.answer_name(other)) == (key == other)
    assert name != OURS.tag_name(key)
    assert name.rpartition(":")[2] != THEIRS.answer_name(key).rpartition(":")[2]


@given(member=texts)
def test_only_what_we_list_names_an_answer(member: str) -> None:
    assert OURS.name_of_member(member) is None


@pytest.mark.parametrize("secret", ["", "short", "x" * (SECRET_LEAST_CHARACTERS - 1)])
def test_a_short_secret_is_none(secret: str) -> None:
    assert read_team_key({"KEY": secret}, "KEY") is None
    assert read_team_key({}, "KEY") is None
    with pytest.raises(ValueError, match="longer"):
        TeamKey(secret)


def test_spaces_around_a_secret_do_not_count() -> None:
    key = read_team_key({"KEY": "  a secret of the team\n"}, "KEY")
    assert key is not None
    assert key.prefix == OURS.prefix
    assert read_team_key({"KEY": " " * 40}, "KEY") is None
