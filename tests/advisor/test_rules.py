"""Every rule is run on its own examples; a malformed one is refused with its name."""

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.book import RuleBook, load_rule_book, parse_rules
from terminal_ai.advisor.rulebook.rule import (
    ANY_PROGRAM,
    ExampleSource,
    Rule,
    check_rule,
)
from terminal_ai.advisor.texts import texts
from terminal_ai.errors import RuleError

from .conftest import make_record, make_surroundings

BOOK = load_rule_book()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in BOOK.rules
    for number, example in enumerate(rule.source.example)
]
MINIMAL = """
[[rule]]
id = "x"
what = "w"
why = "y"
patterns = ['''bad (?P<word>\\w+)''']
"""


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(advisor: Advisor, rule: Rule, example: ExampleSource) -> None:
    advice = advisor.diagnose(
        make_record(
            example.command, example.output, example.exit_code, shell=example.shell
        ),
        make_surroundings(
            {".": example.files},
            programs=frozenset(example.programs),
            project=example.project,
        ),
    )
    fired = advice.rule if advice else ""
    assert (fired == rule.id) is example.fires
    if advice and example.fires and example.fixes is not None:
        assert tuple(s.command for s in advice.suggestions) == example.fixes
    if advice and example.fires and rule.patterns:
        assert advice.evidence
    if advice and example.fires:
        assert advice.see[: len(example.looks)] == example.looks


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_every_rule_is_sound(rule: Rule) -> None:
    check_rule(rule)


def test_every_rule_has_a_failure_and_a_near_miss() -> None:
    """What it proposes is told, also where that is nothing."""
    for rule in BOOK.rules:
        answered = [x for x in rule.source.example if x.fires and x.fixes is not None]
        near_misses = [x for x in rule.source.example if not x.fires]
        assert answered, rule.id
        assert near_misses, rule.id


def test_there_are_many_rules() -> None:
    assert len(BOOK.rules) >= 200


def test_texts_are_complete_and_unique() -> None:
    found = list(texts())
    assert len(found) == len(set(found))
    assert {text for rule in BOOK.rules for text in rule.texts()} == set(found)


def test_patterns_tried_on_every_failure_are_cheap() -> None:
    """Either a literal decides at once, or the pattern starts at a line's start."""
    dear = [
        (rule.id, pattern.regex.text)
        for rule in BOOK.rules
        if ANY_PROGRAM in rule.source.programs and rule.command is None
        for pattern in rule.patterns
        if not pattern.required.texts
        and not pattern.regex.text.startswith(("^", "(?:"))
        and not pattern.regex.text.startswith(("^", "(?:"))
    ]
    assert dear == []


def test_a_minimal_rule_loads() -> None:
    (rule,) = parse_rules(MINIMAL, "mine.toml")
    assert rule.id == "x"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("id =", "name ="), "name"),
        (("'''bad (", "'''bad (("), "pattern"),
        (('why = "y"', 'why = "{nothing}"'), "nothing"),
        (('why = "y"', 'why = "{word.__class__}"'), "plain name"),
        (('why = "y"', 'why = "y"\nprior = 3.0'), "prior"),
        (("patterns", "pattern"), "pattern"),
        (('id = "x"', 'id = "Big Name"'), "id"),
        (("[[rule]]", "[[rule"), "mine.toml"),
    ],
)
def test_a_malformed_rule_is_refused(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_rules(MINIMAL.replace(*change), "mine.toml")
    assert complaint in str(caught.value)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize(
    "fix",
    [
        'template = "a {missing}"',
        'template = "a {word"',
        'template = "a"\nbefore = "b"',
        'replace = "word"',
        'by = "a"',
        "confidence = 0.5",
        'template = "a"\nchoices = { source = "internet" }',
        'template = "a"\nchoices = { source = "group", name = "nothing" }',
        'template = "a"\nshell = "rm"',
    ],
)
def test_a_malformed_fix_is_refused(fix: str) -> None:
    with pytest.raises(RuleError):
        parse_rules(f"{MINIMAL}\n[[rule.fix]]\n{fix}\n", "mine.toml")


def test_an_id_is_taken_once() -> None:
    rules = parse_rules(MINIMAL, "mine.toml")
    with pytest.raises(RuleError, match="taken"):
        RuleBook((*rules, *rules))


@pytest.mark.parametrize(
    ("files", "suggested"),
    [((), ["one"]), (("a.lock",), ["two"]), (("b.lock", "a.lock"), ["two"])],
)
def test_files_decide_between_fixes(
    files: tuple[str, ...], suggested: list[str]
) -> None:
    text = MINIMAL + (
        '[[rule.fix]]\ntemplate = "one"\nwithout_files = ["a.lock", "c.lock"]\n'
        '[[rule.fix]]\ntemplate = "two"\nwith_files = ["a.lock", "c.lock"]\n'
    )
    advisor = Advisor(rules=RuleBook(parse_rules(text, "t")), dialect=Dialect())
    advice = advisor.diagnose(
        make_record("try", "bad luck"), make_surroundings({".": files})
    )
    assert advice
    assert [s.command for s in advice.suggestions] == suggested


@pytest.mark.parametrize(
    ("printed", "suggested"),
    [
        ("good", ["use good"]),
        ("$(reboot)", ["use '$(reboot)'"]),
        ("a;reboot", ["use 'a;reboot'"]),
        ("it's", ["use 'it'\"'\"'s'"]),
    ],
)
def test_captured_text_is_quoted(printed: str, suggested: list[str]) -> None:
    text = (
        MINIMAL.replace("\\w+", "[^\\n]+") + '\n[[rule.fix]]\ntemplate = "use {word}"'
    )
    advisor = Advisor(rules=RuleBook(parse_rules(text, "t")), dialect=Dialect())
    advice = advisor.diagnose(make_record("try", f"bad {printed}"), make_surroundings())
    assert advice
    assert [s.command for s in advice.suggestions] == suggested


@pytest.mark.parametrize(
    "printed", ["a; reboot", "a $(x)", "a | b", "<name>", "a && b"]
)
def test_printed_words_with_a_shell_meaning_are_refused(printed: str) -> None:
    text = MINIMAL.replace("\\w+", "[^\\n]+")
    text += '\n[[rule.fix]]\ntemplate = "use {word:words}"'
    advisor = Advisor(rules=RuleBook(parse_rules(text, "t")), dialect=Dialect())
    advice = advisor.diagnose(make_record("try", f"bad {printed}"), make_surroundings())
    assert advice
    assert advice.suggestions == ()
