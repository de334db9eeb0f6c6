"""What is wrong in a file of rules is told with its line and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor.rulebook import own
from terminal_ai.advisor.rulebook.own import OwnFile, read_own_file
from tests.user_rules.conftest import rule


def read(text: str) -> OwnFile:
    return read_own_file(text, name="a.toml", shown="a.toml")


def test_a_sound_file() -> None:
    file = read(f'off = ["git-typo"]\n\n{rule("one")}\n{rule("two")}')
    assert [found.id for found in file.rules] == ["one", "two"]
    assert all(found.is_users for found in file.rules)
    assert file.rules[0].family == "own"
    assert file.lines == (3, 12)
    assert file.off == ("git-typo",)
    assert file.problems == ()


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("[[rule", "a.toml:1", "Expected", "TOML"),
        ("a = \n", "a.toml:1", "Invalid value", "TOML"),
        ("rules = []", "a.toml:1", "unknown key 'rules'", "[[rule]]"),
        ("rule = 3", "a.toml", "[[rule]]", ""),
        ('\noff = "x"', "a.toml:2", "off is a list", "rules list"),
        ("off = ['A B']", "a.toml:1", "off is a list", "rules list"),
        (rule(pattern="a("), "a.toml:1: mine", "pattern 'a('", ""),
        (rule() + "colour = 1", "a.toml:9: mine", "unknown field `colour`", ""),
        (rule(fixes="colour = 1"), "a.toml:7: mine", "unknown field `colour`", "what"),
        (rule(fixes="prior = 7.0"), "a.toml:7: mine", "prior: Expected", ""),
        (rule(fixes='unless = "("'), "a.toml:1: mine", "pattern '('", ""),
        (rule(fixes='see = ["a b"]'), "a.toml:1: mine", "names no page", "git-push(1)"),
        ("\n[[rule]]\nid = 'x'\n", "a.toml:2: x", "missing required field `what`", ""),
        (rule().replace("cannot", "{2}"), "a.toml:1: mine", "pattern", ""),
        (rule() + rule(), "a.toml:9: mine", "the id is taken", "another"),
        (
            rule(fixes="[[rule.fix]]\ntemplate = 'a {b}'"),
            "a.toml:1: mine",
            "unknown name 'b'",
            "known: after1",
        ),
    ],
)  # fmt: skip
def test_a_mistake(text: str, place: str, message: str, hint: str) -> None:
    file = read(text)
    assert file.rules == ()
    problem = file.problems[0]
    assert problem.place == place
    assert message in problem.message
    assert hint in problem.hint
    assert problem.told.isprintable()


def test_all_mistakes_are_told_at_once() -> None:
    file = read(rule("a", "(") + rule("b") + rule("c", ")"))
    assert [problem.rule for problem in file.problems] == ["a", "c"]


@pytest.mark.parametrize(
    "text",
    [
        rule(pattern="(x{1000}){1000}"),
        rule(pattern="x" * 3_000),
        rule(pattern="(" * 900 + ")" * 900),
        rule(fixes="programs = [" + "'x'," * 600 + "]").replace("programs", "see", 1),
        rule(fixes="[[rule.fix]]\ntemplate = 'x'\n" * 51),
        rule().replace("louder", "x" * 2_001),
        "".join(rule(f"r{number}") for number in range(own.RULES_LIMIT + 1)),
        "\n".join("a = " + "[" * 2_000 for _ in range(50)),
        "a." * 60_000 + "b = 1",
        "".join(f"a{number} = 1\n" for number in range(14_000)),
    ],
    ids=[
        *("counts", "long", "nested", "names", "fixes", "text", "rules", "deep"),
        *("dots", "keys"),
    ],
)
def test_what_no_rule_needs_is_refused(text: str) -> None:
    file = read(text)
    assert file.problems
    assert file.rules == ()


@given(st.text())
def test_no_text_raises(text: str) -> None:
    file = read(text)
    assert not (file.rules and file.problems)


@given(st.text("[]rule=\"'{}\n id.fxwhatyprnsoe1", max_size=200))
def test_nothing_like_a_rule_raises(text: str) -> None:
    read(rule(fixes="") + text)
