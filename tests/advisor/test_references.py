"""Where to read on: what a rule names, else what the program has."""

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.book import RuleBook, parse_rules

from .conftest import make_record, make_surroundings

PAGES = frozenset(
    ("git-push(1)", "git(1)", "mount(8)", "gcc(1)", "ssh_config(5)", "tar(1)")
)


@pytest.mark.parametrize(
    ("command", "see"),
    [
        ("git push origin", ("man git-push",)),
        ("git frobnicate", ("man git",)),
        ("sudo mount /dev/sdx1 /mnt", ("man 8 mount",)),
        ("gcc x.c", ("man gcc",)),
        ("docker run x", ("docker run --help",)),
        ("docker", ("docker --help",)),
        ("export A = b", ("help export",)),
        ("./mine --x", ()),
        ("nosuchprogram x", ()),
        ("tar -xf 'x", ()),
        ("", ()),
    ],
)
def test_where_no_rule_names_any(
    advisor: Advisor, command: str, see: tuple[str, ...]
) -> None:
    surroundings = make_surroundings(manual_pages=PAGES)
    advice = advisor.diagnose(make_record(command, "it broke", 3), surroundings)
    assert (advice.see if advice else ()) == see


def test_a_builtin_has_no_help_in_every_shell(advisor: Advisor) -> None:
    record = make_record("ulimit -n x", "it broke", 3, shell="dash")
    advice = advisor.diagnose(record, make_surroundings())
    assert advice
    assert advice.see == ()


def test_what_the_rule_names_stands_alone_where_it_is_installed() -> None:
    text = """
[[rule]]
id = "x"
what = "w"
why = "y"
patterns = ["^bad$"]
see = ["ssh_config(5)", "nothing(1)", "absent --help", "git push --help", "tar(1)"]
"""
    advisor = Advisor(rules=RuleBook(parse_rules(text, "t")), dialect=Dialect())
    record = make_record("git push", "bad")
    advice = advisor.diagnose(record, make_surroundings(manual_pages=PAGES))
    assert advice
    assert advice.see == ("man 5 ssh_config", "git push --help")
    bare = make_surroundings(programs=frozenset(("git",)))
    advice = advisor.diagnose(record, bare)
    assert advice
    assert advice.see == ("git push --help",)
