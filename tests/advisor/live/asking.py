"""Ask the advisor about a failure, in the way ``terminal-ai explain`` does."""

import functools
import os

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.headless import explaining
from terminal_ai.headless.reading import capture
from terminal_ai.records import Advice
from terminal_ai.shell.surroundings import SurroundingsCollector

from .failing import Failure

_LANGUAGE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def ask(failure: Failure) -> Advice | None:
    """Return the advice that somebody in the scenario's place would read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _LANGUAGE_VARIABLES:
            patch.delenv(name, raising=False)
        for name, value in failure.environment.items():
            patch.setenv(name, value)
        # Tests may run as root; the failure was somebody else's.
        patch.setattr(os, "geteuid", lambda: 65534)
        advisor = _advisor(failure.environment["LC_ALL"])
        patch.setattr(explaining, "Advisor", lambda **_options: advisor)
        _remember(patch, failure.scenario.worked_before)
        return explaining.Explainer().advise(
            failure.scenario.command,
            failure.exit_code,
            capture(failure.output),
            failure.cwd,
        )


def first_suggestion(advice: Advice | None) -> str:
    """Return what is proposed first, or nothing."""
    return advice.suggestions[0].command if advice and advice.suggestions else ""


@functools.cache
def _advisor(language: str) -> Advisor:
    """Return one advisor a language: its rules are read once."""
    assert os.environ["LC_ALL"] == language
    advisor = Advisor()
    advisor.prepare()
    return advisor


def _remember(patch: pytest.MonkeyPatch, commands: tuple[str, ...]) -> None:
    """Let these command lines be known to have worked."""
    if not commands:
        return

    gather = functools.partialmethod(
        SurroundingsCollector.gather, known_commands=commands
    )
    patch.setattr(SurroundingsCollector, "gather", gather)
