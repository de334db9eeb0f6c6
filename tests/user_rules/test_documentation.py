"""docs/rules.md: its example is run, and it leaves nothing out."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from terminal_ai import user_rules
from terminal_ai.advisor.rulebook import own
from terminal_ai.advisor.rulebook.rule import (
    BUILTIN_NAMES,
    PATTERN_LENGTH_LIMIT,
    SOURCES,
    ChoiceSource,
    ExampleSource,
    FixSource,
    RuleSource,
)
from terminal_ai.headless.rules_command import rules_command
from terminal_ai.records import NameKind
from terminal_ai.user_rules import rules_directory

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text()
OUTPUT = "ship: unknown stage 'prdo' (one of: dev, staging, prod)\n"


def block(language: str) -> str:
    """Return the first block of code in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def session() -> list[tuple[str, str]]:
    """Return the commands of the worked example, each with what it prints."""
    pieces = re.split(r"^\$ (.*)\n", block("console"), flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def test_the_worked_example_does_what_it_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules_directory().mkdir(parents=True)
    (rules_directory() / "ship.toml").write_text(block("toml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.txt").write_text(OUTPUT)
    (check, checked), (_try, tried) = session()
    assert check == "terminal-ai rules check"
    result = CliRunner().invoke(rules_command(), ["check"])
    assert (result.exit_code, result.stdout) == (0, checked)
    result = CliRunner().invoke(
        rules_command(),
        [
            *("try", "--command", "ship deploy --to prdo api"),
            *("--output", "log.txt"),
        ],
    )
    assert result.stdout == tried


def test_every_field_is_described() -> None:
    fields = {
        name
        for form in (RuleSource, FixSource, ChoiceSource, ExampleSource)
        for name in form.__struct_fields__
    }
    described = set(re.findall(r"`\[?\[?(?:rule\.)?([a-z0-9_-]+)", TEXT))
    described |= set(re.findall(r"\b(\w+) = ", TEXT))
    assert fields - described == set()
    assert set(SOURCES) - described == set()
    assert BUILTIN_NAMES - described == set()
    assert {kind.value for kind in NameKind} - described == set()


def test_the_limits_are_those_of_the_code() -> None:
    limits = TEXT.partition("## Limits")[2].partition("##")[0].replace("\n", " ")
    assert f"{user_rules.FILES_LIMIT} files of" in limits
    assert f"{user_rules.FILE_LIMIT_BYTES // 1_024} KiB" in limits
    assert f"{own.RULES_LIMIT} rules in each" in limits
    assert f"{own.PARTS_LIMIT} patterns" in limits
    assert f"{own.NAMES_LIMIT} names" in limits
    assert PATTERN_LENGTH_LIMIT == own.TEXT_LIMIT_CHARACTERS == 2_000
