"""One advisor for all tests, and short ways to make what it is given."""

from collections.abc import Callable, Mapping

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.evidence.knowledge import load_knowledge
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.records import (
    Advice,
    Aftermath,
    CapturedOutput,
    CommandRecord,
    NameKind,
    Surroundings,
)

HOME = "/home/bob"
CWD = "/home/bob/w"
NOT_INSTALLED = frozenset(("ifconfig", "docker-compose", "ruby", "ping", "rg", "conda"))
PROGRAMS = (
    frozenset(load_knowledge().familiar) | frozenset(("[", "export", "for", "if"))
) - NOT_INSTALLED

Diagnose = Callable[..., Advice | None]


def make_record(
    command_line: str, output: str = "", exit_code: int = 1, *, shell: str = "bash"
) -> CommandRecord:
    return CommandRecord(
        id="1",
        command_line=command_line,
        cwd=CWD,
        exit_code=exit_code,
        started_at=0.0,
        duration_seconds=0.1,
        output=CapturedOutput(output.encode()),
        shell=shell,
    )


def make_surroundings(
    listings: Mapping[str, tuple[str, ...]] | None = None,
    *,
    programs: frozenset[str] = PROGRAMS,
    known_commands: tuple[str, ...] = (),
    aftermaths: tuple[Aftermath, ...] = (),
    project: Mapping[NameKind, tuple[str, ...]] | None = None,
    manual_pages: frozenset[str] = frozenset(),
    is_root: bool = False,
) -> Surroundings:
    return Surroundings(
        programs=programs,
        listings=listings or {},
        known_commands=known_commands,
        aftermaths=aftermaths,
        project=project or {},
        manual_pages=manual_pages,
        home=HOME,
        is_root=is_root,
    )


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    return Advisor(dialect=Dialect())


@pytest.fixture(scope="session")
def fixes(advisor: Advisor) -> Callable[..., list[str]]:
    """Return a function from a failure to the commands suggested for it."""

    def suggest(
        command_line: str,
        output: str = "",
        exit_code: int = 1,
        surroundings: Surroundings | None = None,
    ) -> list[str]:
        advice = advisor.diagnose(
            make_record(command_line, output, exit_code),
            surroundings or make_surroundings(),
        )
        return [s.command for s in advice.suggestions] if advice else []

    return suggest
