import pytest

from terminal_ai.records import CapturedOutput, CommandRecord
from terminal_ai.shell.policy import wants_answer


def record(line: str, exit_code: int | None, output: str = "") -> CommandRecord:
    return CommandRecord(
        id="x-1",
        command_line=line,
        cwd="/",
        exit_code=exit_code,
        started_at=0.0,
        duration_seconds=0.0,
        output=CapturedOutput(output.encode()),
    )


@pytest.mark.parametrize("exit_code", [0, None, 130, 141, 148])
def test_silence(exit_code: int | None) -> None:
    assert not wants_answer(record("make", exit_code, "error"))


@pytest.mark.parametrize(
    "line",
    [
        "grep x file",
        "cat file | grep x",
        "LANG=C grep x file",
        "sudo pgrep sshd",
        "/usr/bin/test -f x",
        "[ -f x ]",
        "git grep x",
        "make && ! grep x y",
        "false",
    ],
)
def test_one_is_an_answer_if_nothing_was_printed(line: str) -> None:
    assert not wants_answer(record(line, 1))
    assert wants_answer(record(line, 1, "grep: x: binary file matches"))
    assert wants_answer(record(line, 2))


def test_leaving_is_meant() -> None:
    assert not wants_answer(record("exit 3", 3))
    assert not wants_answer(record("make; logout", 2, "error"))


def test_diff_prints_its_answer() -> None:
    assert not wants_answer(record("diff a b", 1, "1c1\n< a"))
    assert wants_answer(record("diff a b", 2, "diff: b: No such file"))


@pytest.mark.parametrize("line", ["make", "grep x y; make", "", "ls | tail"])
def test_failures(line: str) -> None:
    assert wants_answer(record(line, 1))
    assert wants_answer(record(line, 127, "not found"))
