"""No pattern of a rule takes the cube of what a program printed to search it.

A search holds up everything else in the process, and programs print what they like.
"""

import re
import time
from collections.abc import Iterator

import pytest

from terminal_ai.advisor.rulebook.book import load_rule_book
from terminal_ai.advisor.rulebook.rule import Rule

CPU_SECONDS = 0.5
"""The square takes a tenth of it, the cube a hundred times as much."""
LINE_CHARACTERS = 1_200
LINES = 3
RUNS = ("-", "a", "1", ".", " ", "\n", "a/", "a ", "a: ", "a\n", "'a' ")
LITERAL = re.compile(r"(?:[\w ,:/-]|\\[.()\[\]'*+?|]){4,}")


def evil_texts(pattern: str) -> Iterator[str]:
    """Yield long lines of what the pattern asks for, and never its end."""
    literals = [re.sub(r"\\(.)", r"\1", found) for found in LITERAL.findall(pattern)]
    for piece in (*RUNS, *literals[:3], *(f"{text}a" for text in literals[:3])):
        line = (piece * LINE_CHARACTERS)[:LINE_CHARACTERS]
        yield "\n".join([line] * LINES)


def searched(rule: Rule) -> Iterator[str]:
    source = rule.source
    yield from source.patterns
    yield from filter(None, (source.unless, source.command, source.unless_command))
    yield from (fix.command for fix in source.fix if fix.command)


def families() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in load_rule_book().rules:
        found.setdefault(rule.family, []).append(rule)
    return found


@pytest.mark.parametrize(
    "rules", [pytest.param(r, id=f) for f, r in families().items()]
)
def test_no_pattern_takes_the_cube(rules: list[Rule]) -> None:
    slow = []
    for rule in rules:
        for pattern in searched(rule):
            expression = re.compile(pattern, re.MULTILINE)
            for text in evil_texts(pattern):
                started = time.process_time()
                expression.search(text)
                if time.process_time() - started > CPU_SECONDS:
                    slow.append((rule.id, pattern, text[:40]))
    assert not slow
