"""What tools print when they know what was meant: real texts of today's tools."""

import tomllib
from pathlib import Path

import pytest

from terminal_ai.advisor import Advisor

from .conftest import PROGRAMS, make_record, make_surroundings

HINTS = [
    hint
    for path in sorted(Path(__file__).with_name("hints").glob("*.toml"))
    for hint in tomllib.loads(path.read_text("utf-8"))["hint"]
]


@pytest.mark.parametrize(
    "hint", HINTS, ids=[f"{n}-{hint['command']}" for n, hint in enumerate(HINTS)]
)
def test_the_hint_is_followed(advisor: Advisor, hint: dict[str, str]) -> None:
    command, output = hint["command"], hint["output"]
    programs = PROGRAMS | {command.split()[0]}
    record = make_record(command, output, int(hint.get("exit_code", 1)))
    advice = advisor.diagnose(record, make_surroundings(programs=programs))
    assert advice
    first = advice.suggestions[0].command if advice.suggestions else ""
    assert first == hint["fix"], advice
