"""The cheap test before a search loses no match."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.advisor import Advisor, admission, reading, stateful
from terminal_ai.advisor.reading.anchor import Output, Required, required_texts
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.normalise import normalise
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.advisor.rulebook.rule import Rule

from .conftest import make_record, make_surroundings

BOOK = load_rule_book()
EXAMPLES = [
    (example.command, example.output, example.exit_code)
    for rule in BOOK.rules
    for example in rule.source.example
]
OUTPUTS = [Output(normalise(output, Dialect())) for _, output, _ in EXAMPLES]
EVERYTHING = Output("\n".join(OUTPUTS))
SOME = EXAMPLES[::40]
FILLER = "Compiling module 12 of 900: error-free so far\n" * 60


def modules() -> Iterator[ModuleType]:
    yield admission
    for package in (stateful, reading):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(module.name)


def wordings() -> Iterator[Wording]:
    for module in modules():
        for value in vars(module).values():
            items = value if isinstance(value, tuple) else (value,)
            for item in items:
                parts = item if isinstance(item, tuple) else (item,)
                yield from (part for part in parts if isinstance(part, Wording))


def is_sound(required: Required, pattern: str, flags: int) -> bool:
    """Return whether all that matches is let through, alone and in much text."""
    regex = re.compile(pattern, flags)
    found = [output for output in OUTPUTS if regex.search(output)]
    texts = (*found, *(Output(FILLER + output) for output in found[:2]))
    matches = (match[0] for match in regex.finditer(EVERYTHING))
    return all(map(required.may_match, texts)) and all(map(required.may_match, matches))


def test_there_are_wordings() -> None:
    assert len(list(wordings())) > 50


@pytest.mark.parametrize("wording", wordings(), ids=lambda wording: wording.pattern)
def test_a_wording_loses_no_match(wording: Wording) -> None:
    assert is_sound(wording.required, wording.pattern, wording.flags)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_a_rule_loses_no_match(rule: Rule) -> None:
    for pattern in rule.patterns:
        assert is_sound(pattern.required, pattern.regex.text, re.MULTILINE)


@pytest.mark.parametrize("output", ["", FILLER * 20], ids=["short", "long"])
@pytest.mark.parametrize("example", SOME, ids=lambda example: example[0])
def test_findings_are_the_same_without_the_cheap_test(
    example: tuple[str, str, int], output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, printed, code = example
    record = make_record(command, f"{output}{printed}", code)
    advisor = Advisor(rules=BOOK, dialect=Dialect())
    quick = advisor.examine(record, make_surroundings()).findings
    monkeypatch.setattr(Required, "may_match", lambda _required, _text: True)
    assert advisor.examine(record, make_surroundings()).findings == quick


@given(st.from_regex(r"(?:[ab.İı]{0,3}(?:one|TWO|th?ree)[a-c ]{0,3}){1,3}"))
def test_any_text_that_matches_is_let_through(text: str) -> None:
    patterns = ("one|two|three", "(?:ONE|two)[abc ]?|thr", r"\b(?:tw[o]+|one?)\w*")
    for pattern in patterns:
        wording = Wording(pattern, re.IGNORECASE)
        padded = Output(f"{'x ' * 600}{text}")
        is_found = re.search(pattern, padded, re.IGNORECASE) is not None
        assert (wording.search(padded) is not None) is is_found


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("No space left on device", ["No space left on device"]),
        (r"fatal: '(?P<x>[^']+)' exists", ["fatal: '"]),
        (r"colou?r is", ["colo"]),
        (r"a(?:bcd|xyz)efg", ["efg"]),
        (r"a(?:bcd|xyz)?ef", []),
        (r"(?:unknown|invalid) \w+", ["unknown", "invalid"]),
        (r"(?P<kind>flag|option)s?: (?:x|not found)", ["flag", "option"]),
        (r"(?:one|(?:two|three) [a-z]|x)", []),
        (r"(?:one|(?:two|three) [a-z])", ["one", "two", "three"]),
        (r"(?<!not )(?=found)error", ["error"]),
        ("one thing|another", ["one thing", "another"]),
        ("one thing|x", []),
        (r"[Pp]ermission", ["ermission"]),
        (r"x{3}abc", ["abc"]),
        (r"a+bcd", ["bcd"]),
        (r"[]abc]defg", ["defg"]),
        (r"\d+ failed", [" failed"]),
        (r"\u2018abc", ["abc"]),
        (r"(?i)Some Text", ["some text"]),
        (r"(?mx) some text", []),
        (r"(?i:some text)", []),
    ],
)
def test_required_texts(pattern: str, texts: list[str]) -> None:
    assert list(required_texts(pattern).texts) == texts


def test_the_cheap_test_says_no() -> None:
    """What it is for: most outputs hold none of the texts."""
    required = required_texts("No space left|disk is full")
    assert not required.may_match(Output(FILLER))
    assert not required.may_match(Output(f"{FILLER}Nospace left"))
    assert required.may_match(Output(f"{FILLER}No space left"))
