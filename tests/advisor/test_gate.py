"""When the advisor stays silent."""

import pytest

from terminal_ai.advisor import Advisor

from .conftest import make_record, make_surroundings


@pytest.mark.parametrize(
    ("command", "output", "exit_code"),
    [
        ("ls", "", 0),
        ("make", "error: everything", 0),
        ("sleep 100", "", 130),
        ("yes | head", "", 141),
        ("grep nothing file", "", 1),
        ("ps aux | grep nothing", "", 1),
        ("diff a b", "", 1),
        ("test -f a", "", 1),
        ("git diff --quiet", "", 1),
        ("systemctl is-active ssh", "", 1),
        ("", "", 1),
        ("# only a comment", "", 1),
    ],
)
def test_silent(advisor: Advisor, command: str, output: str, exit_code: int) -> None:
    record = make_record(command, output, exit_code)
    assert advisor.diagnose(record, make_surroundings()) is None


@pytest.mark.parametrize(
    ("command", "output", "exit_code"),
    [
        ("grep x nofile", "grep: nofile: No such file or directory", 2),
        ("git push", "", 1),
        ("diff a b", "diff: a: No such file or directory", 1),
        ("./a.out", "", 139),
    ],
)
def test_not_silent(
    advisor: Advisor, command: str, output: str, exit_code: int
) -> None:
    record = make_record(command, output, exit_code)
    assert advisor.diagnose(record, make_surroundings()) is not None


def test_an_unknown_exit_code_is_silent(advisor: Advisor) -> None:
    from dataclasses import replace

    record = replace(make_record("gti", "gti: command not found"), exit_code=None)
    assert advisor.diagnose(record, make_surroundings()) is None
