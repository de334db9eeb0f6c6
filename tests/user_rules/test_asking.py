"""Rules of the user speak before ours, and never longer than they may."""

import pytest

from terminal_ai.advisor import Advisor, examiner
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.own import OwnRules, read_own_file
from terminal_ai.advisor.rulebook.pattern import UsersPattern
from tests.advisor.conftest import make_record, make_surroundings
from tests.user_rules.conftest import Directory, rule

ADVISOR = Advisor(dialect=Dialect())
MISSING = "mkdir: cannot create directory 'a/b': No such file or directory"
OURS = "mkdir-parents"
SLOW = rule("slow", "(a+)+$")


def own(text: str) -> OwnRules:
    file = read_own_file(text, name="a.toml", shown="a.toml")
    assert not file.problems
    return OwnRules(file.rules, file.off)


def fired(command: str, output: str, rules: OwnRules) -> str:
    advice = ADVISOR.diagnose(make_record(command, output), make_surroundings(), rules)
    return advice.rule if advice else ""


def test_a_rule_of_the_user_speaks_alone() -> None:
    text = rule(pattern="cannot create").replace("deploy", "mkdir") + "confidence = 0.3"
    text = text.replace("patterns", "prior = 0.05\npatterns")
    rules = own(text)
    advice = ADVISOR.diagnose(
        make_record("mkdir a/b", MISSING), make_surroundings(), rules
    )
    assert advice
    assert advice.rule == "mine"
    assert "-p" not in str(advice.suggestions)


def test_where_it_does_not_fire_ours_do() -> None:
    assert fired("mkdir a/b", MISSING, own(rule())) == OURS


def test_one_of_ours_is_switched_off() -> None:
    assert fired("mkdir a/b", MISSING, own(f'off = ["{OURS}"]')) not in ("", OURS)


def test_one_of_ours_is_replaced_by_its_id() -> None:
    failure = "git pussh", "git: 'pussh' is not a git command. See 'git --help'."
    ours = fired(*failure, OwnRules())
    assert ours
    # Of another program: it does not fire, and neither does the one it replaces.
    assert fired(*failure, own(rule(ours))) != ours


def test_the_highest_prior_of_the_users_explains() -> None:
    weak = rule("weak").replace("patterns", "prior = 0.2\npatterns")
    strong = rule("strong").replace("patterns", "prior = 0.9\npatterns")
    assert fired("deploy", "cannot deploy", own(weak + strong)) == "strong"


def test_safety_holds_for_rules_of_the_user() -> None:
    text = rule(fixes="[[rule.fix]]\ntemplate = 'rm -rf /'\n")
    advice = ADVISOR.diagnose(
        make_record("deploy", "cannot deploy"), make_surroundings(), own(text)
    )
    assert advice
    assert advice.suggestions == ()


def test_a_pattern_without_end_is_put_aside(directory: Directory) -> None:
    """Without its limit this would run until the sun is cold."""
    directory.write("a.toml", SLOW + rule("quick"))
    rules = directory.rules.look()
    output = "a" * 1_000 + "!\ncannot deploy"
    assert fired("deploy", output, rules) == "quick"
    assert rules.slow == {"slow"}
    directory.rules.tell_news()
    (told,) = directory.told
    assert "a.toml: slow: a pattern takes too long" in told
    # It is not asked again, even where it would be fast.
    assert fired("deploy", "aaa", rules) != "slow"


def test_a_changed_file_gets_its_chance_again(directory: Directory) -> None:
    directory.write("a.toml", SLOW)
    fired("deploy", "a" * 1_000 + "!", directory.rules.look())
    directory.write("a.toml", SLOW.replace("(a+)+$", "a+$"))
    assert fired("deploy", "aaa", directory.rules.look()) == "slow"


def test_all_rules_of_the_user_together_have_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = own(rule())
    assert fired("deploy", "cannot deploy", rules) == "mine"
    monkeypatch.setattr(examiner, "OWN_RULES_SECONDS", -1.0)
    assert fired("deploy", "cannot deploy", rules) != "mine"


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        (r"(?:abc){e<=1}", "abd", None),
        (r"(?:abc){e<=1}", "abc{e<=1}", "abc{e<=1}"),
        (r"a{2,3}", "aaaa", "aaa"),
        (r"a{,2}b", "aab", "aab"),
        (r"{1", "{1", "{1"),
        (r"[{]x\{y", "{x{y", "{x{y"),
        (r"\N{DIGIT ONE}", "1", "1"),
        (r"^two$", "one\ntwo", "two"),
        (r"(?i)ERROR", "an error", "error"),
    ],
)
def test_patterns_mean_what_they_mean_to_python(
    written: str, text: str, found: str | None
) -> None:
    match = UsersPattern(written).search(text)
    assert (match[0] if match else None) == found


@pytest.mark.parametrize("written", ["(?R)", r"\p{L}", r"\L<x>", "(?V1)a", "("])
def test_patterns_python_does_not_know_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"at position \d"):
        UsersPattern(written)
