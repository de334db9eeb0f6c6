"""Rules in the form in which they are read faster: the same ones, or none."""

import stat
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.rulebook import stored
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.advisor.rulebook.rule import Rule, RuleSource, make_rule

TEXTS = {"git/a.toml": b"one", "npm/b.toml": b"two"}
RULES = tuple(
    make_rule(RuleSource(id=name, what="it is {program}", why="so"), f"git/{name}.toml")
    for name in ("first", "second")
)


def sources(rules: tuple[Rule, ...]) -> list[tuple[str, RuleSource]]:
    return [(rule.origin, rule.source) for rule in rules]


def refuse() -> tuple[Rule, ...]:
    raise AssertionError("the rules were read from TOML")


def test_the_rules_that_ship_are_read_from_toml_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache" / "rules"
    first = load_rule_book(path)
    monkeypatch.setattr(tomllib, "loads", lambda _text: refuse())
    assert sources(load_rule_book(path).rules) == sources(first.rules)
    assert len(first.rules) > 800
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["rules"]


def test_they_are_those_of_the_files_without_their_examples(tmp_path: Path) -> None:
    expected = [
        (origin, msgspec.structs.replace(source, example=()))
        for origin, source in sources(load_rule_book().rules)
    ]
    for _time in range(2):
        assert sources(load_rule_book(tmp_path / "rules").rules) == expected


@pytest.mark.parametrize(
    "texts",
    [
        {"git/a.toml": b"one", "npm/b.toml": b"two!"},
        {"git/a.toml": b"one"},
        {"git/a.toml": b"one", "npm/c.toml": b"two"},
    ],
)
def test_other_files_make_the_stored_rules_void(
    tmp_path: Path, texts: dict[str, bytes]
) -> None:
    path = tmp_path / "rules"
    stored.stored_rules(path, TEXTS, lambda: RULES)
    assert stored.stored_rules(path, TEXTS, refuse)
    with pytest.raises(AssertionError):
        stored.stored_rules(path, texts, refuse)


def test_another_version_makes_them_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rules"
    stored.stored_rules(path, TEXTS, lambda: RULES)
    monkeypatch.setattr(stored, "__version__", "99")
    with pytest.raises(AssertionError):
        stored.stored_rules(path, TEXTS, refuse)


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_ignored_and_written_anew(
    tmp_path_factory: pytest.TempPathFactory, at: int, flip: int, cut: bool
) -> None:
    path = tmp_path_factory.mktemp("cache") / "rules"
    stored.stored_rules(path, TEXTS, lambda: RULES)
    whole = path.read_bytes()
    at %= len(whole)
    rest = b"" if cut else bytes([whole[at] ^ flip]) + whole[at + 1 :]
    path.write_bytes(whole[:at] + rest)
    assert sources(stored.stored_rules(path, TEXTS, lambda: RULES)) == sources(RULES)
    assert path.read_bytes() == whole


def test_where_nothing_can_be_written_the_rules_are_read_all_the_same(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    path = blocked / "rules"
    assert sources(stored.stored_rules(path, TEXTS, lambda: RULES)) == sources(RULES)


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    stored.stored_rules(real, TEXTS, lambda: RULES)
    link.symlink_to(real)
    with pytest.raises(AssertionError):
        stored.stored_rules(link, TEXTS, refuse)
