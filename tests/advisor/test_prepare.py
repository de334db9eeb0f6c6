"""What is loaded ahead, so that the first diagnosis is as fast as the others."""

import re
import tomllib
from collections.abc import Callable
from types import ModuleType

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.wording import _every
from terminal_ai.records import CapturedOutput, CommandRecord, Surroundings

SURROUNDINGS = Surroundings(programs=frozenset(("git", "ls")), home="/home/bob")


def failures(advisor: Advisor) -> list[CommandRecord]:
    return [
        CommandRecord(
            id="",
            command_line=example.command,
            cwd="/home/bob",
            exit_code=example.exit_code,
            started_at=0.0,
            duration_seconds=0.0,
            output=CapturedOutput(example.output.encode()),
            shell=example.shell,
        )
        for rule in advisor.rules.rules[::10]
        for example in rule.source.example[:1]
    ]


def recorded(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str
) -> list[str]:
    """Return a list that grows with the first argument of each call."""
    given: list[str] = []
    function: Callable[..., object] = getattr(module, name)

    def call(text: str, *more: object, **options: object) -> object:
        given.append(text)
        return function(text, *more, **options)

    monkeypatch.setattr(module, name, call)
    return given


def test_after_the_preparation_nothing_is_read_and_no_known_pattern_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advisor = Advisor()
    advisor.prepare()
    records = failures(advisor)
    ours = {wording.pattern for wording in _every} | {
        pattern.text
        for rule in advisor.rules.rules
        for pattern in rule._every_pattern()
    }
    read = recorded(monkeypatch, tomllib, "loads")
    compiled = recorded(monkeypatch, re, "compile")
    assert sum(advisor.diagnose(record, SURROUNDINGS) is not None for record in records)
    assert read == []
    # Patterns with a name of the failed command in them cannot be known.
    assert ours.isdisjoint(compiled)


def test_the_preparation_lets_others_work_between_its_steps() -> None:
    advisor = Advisor()
    breaths: list[int] = []
    advisor.prepare(breathe=lambda: breaths.append(1))
    assert len(breaths) >= len(advisor.rules.rules)
