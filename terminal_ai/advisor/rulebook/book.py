"""All rules, validated and indexed by program."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

import msgspec

from terminal_ai.advisor.rulebook.rule import (
    ANY_PROGRAM,
    Rule,
    RuleFile,
    check_rule,
    make_rule,
)
from terminal_ai.advisor.rulebook.stored import stored_rules
from terminal_ai.errors import RuleError

# python3.12 is python, gcc-13 is gcc, pip3 is pip.
_VERSION = re.compile(r"(?<=[a-zA-Z])-?[0-9][0-9.]*$")


class RuleBook:
    """Rules by the program they are about."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_program: dict[str, list[Rule]] = {}
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise RuleError(f"rule {rule.id}: the id is taken", hint="rename it")
            seen.add(rule.id)
            for program in rule.source.programs:
                self._by_program.setdefault(program, []).append(rule)

    def compile(self) -> Iterator[None]:
        """Compile all patterns, one rule at a time, not when each is first searched."""
        for rule in self.rules:
            rule.compile()
            yield

    def about(self, program: str) -> Iterator[Rule]:
        """Yield the rules that may speak of ``program``, the specific ones first."""
        names = (program, bare_program(program), ANY_PROGRAM)
        for name in dict.fromkeys(names):
            yield from self._by_program.get(name, ())


def bare_program(name: str) -> str:
    """Return a program's name without version and ``.exe``."""
    return _VERSION.sub("", name.removesuffix(".exe")) or name


def parse_rules(text: str, origin: str) -> tuple[Rule, ...]:
    """Read one TOML file and check it; raises RuleError that names ``origin``."""
    try:
        rules = _rules(text, origin)
        for rule in rules:
            check_rule(rule)
    except RuleError as error:
        raise RuleError(f"{origin}: {error.message}", hint=error.hint) from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{origin}: {error}", hint="see the rules that ship") from error
    return rules


def _rules(text: str, origin: str) -> tuple[Rule, ...]:
    file = msgspec.convert(tomllib.loads(text), RuleFile)
    return tuple(make_rule(source, origin) for source in file.rule)


def load_rule_book(stored: Path | None = None) -> RuleBook:
    """Read every rule file that ships with the package: ``rules/family/file.toml``.

    Tests have checked them; to do it again would double the time of one diagnosis. From
    ``stored`` they come twenty times as fast, without their examples; it is written if
    it is not there.
    """
    directory = resources.files("terminal_ai.advisor").joinpath("rules")
    texts = {
        f"{family.name}/{entry.name}": entry.read_bytes()
        for family in sorted(directory.iterdir(), key=lambda entry: entry.name)
        for entry in sorted(family.iterdir(), key=lambda entry: entry.name)
    }

    def read() -> tuple[Rule, ...]:
        return tuple(
            rule
            for origin, text in texts.items()
            for rule in _rules(text.decode(), origin)
        )

    if stored is None:
        return RuleBook(read())
    return RuleBook(stored_rules(stored, texts, read))
