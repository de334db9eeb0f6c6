"""Which replies become suggestions, and how risky they are said to be."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.replies.commands import (
    check_command,
    is_prose,
    unwrap_command,
)
from terminal_ai.assistant.replies.reply import Reply
from terminal_ai.records import Risk
from terminal_ai.safety.risk import assess_risk

COMMANDS = [
    "ls",
    "git status",
    "git commit -m 'Fix the parser.'",
    "sudo apt install ripgrep",
    "make install",
    "just build all",
    "docker compose up web",
    "find . -name '*.py'",
    "cp report.txt backup.txt",
    "Rscript analysis.R",
    "./run all tests",
    "PYTHONPATH=. pytest tests",
    "cd ../project",
    "echo 안녕하세요",
    "echo 모두 안녕하세요",
    "cp 보고서.txt 사본.txt",
    "kill 1234",
    "mv a b c dir/",
    "npm run build",
    "cargo test --all",
    "if true; then ls; fi",
    "for f in *.c; do gcc $f; done",
]
SENTENCES = [
    "You should run git status",
    "Run git status instead",
    "Use sudo",
    "Please install the package first",
    "There is no command that fixes this.",
    "none needed",
    "N/A – nothing to do",
    "파일을 먼저 만드세요",
    "`git status` shows the state",
    "git status 를 실행하세요",
    "git status 명령을 실행하면 됩니다.",
    "git status を実行してください",
    "sudo apt install 해야 합니다",
    "Install the missing package",
    "To fix this, run ls",
    "it cannot be fixed",
    "Check spelling of file.",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_not_taken_for_prose(command: str) -> None:
    assert not is_prose(command)
    checked = check_command(
        Reply("why", command, is_valid=True), failed_command="other"
    )
    assert checked.suggestion is not None
    assert checked.suggestion.command == command


@pytest.mark.parametrize("sentence", SENTENCES)
def test_prose_is_never_offered_as_a_command(sentence: str) -> None:
    assert is_prose(sentence)
    reply = Reply("why", sentence, is_valid=True)
    assert check_command(reply, failed_command="").suggestion is None


@pytest.mark.parametrize(
    "command",
    [
        "cat <file>",
        "ssh <user name>@host",
        "curl -H [redacted:token]",
        "cp /path/to/x .",
    ],
)
def test_placeholders_are_not_offered(command: str) -> None:
    reply = Reply("why", command, is_valid=True)
    assert check_command(reply, failed_command="").suggestion is None


def test_a_secret_that_can_be_put_back_is_offered_as_it_is() -> None:
    reply = Reply("why", "mysql -p[redacted:password:a1b2c3] app", is_valid=True)
    suggestion = check_command(reply, failed_command="").suggestion
    assert suggestion is not None
    assert suggestion.command == "mysql -p[redacted:password:a1b2c3] app"


@pytest.mark.parametrize(
    ("wrapped", "command"),
    [
        ("$ git status", "git status"),
        ("```sh\ngit status\n```", "git status"),
        ("`git status`", "git status"),
        ("  git status\n", "git status"),
        ("❯ ls", "ls"),
        ("$HOME/bin/x", "$HOME/bin/x"),
    ],
)
def test_wrappings_come_off(wrapped: str, command: str) -> None:
    assert unwrap_command(wrapped) == command


@pytest.mark.parametrize("failed", [" git push ", "git  push", "git push"])
def test_the_failed_command_itself_is_no_suggestion(failed: str) -> None:
    reply = Reply("why", "git push", is_valid=True)
    assert check_command(reply, failed_command=failed).suggestion is None


def test_other_blanks_in_quotes_are_another_command() -> None:
    reply = Reply("why", "grep 'a b' x", is_valid=True)
    checked = check_command(reply, failed_command="grep 'a  b' x")
    assert checked.suggestion is not None


@given(
    command=st.sampled_from(
        [*COMMANDS, "rm -rf /", "sudo rm -rf build", "dd of=/dev/sda"]
    ),
    said=st.sampled_from([None, *Risk]),
)
def test_the_model_can_raise_a_risk_and_never_lower_it(
    command: str, said: Risk | None
) -> None:
    reply = Reply("why", command, said, is_valid=True)
    suggestion = check_command(reply, failed_command="").suggestion
    assert suggestion is not None
    own = assess_risk(command).rank
    assert suggestion.risk.rank == max(own, said.rank if said is not None else 0)


@given(command=st.text(max_size=120))
def test_a_suggestion_is_one_line_that_controls_nothing(command: str) -> None:
    checked = check_command(Reply(command, command, is_valid=True), failed_command="")
    if checked.suggestion is not None:
        for text in (checked.suggestion.command, checked.suggestion.why):
            kinds = {unicodedata.category(character) for character in text}
            assert not kinds & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    "command",
    [
        "ls\nrm -rf x",
        "ls" + " " * 300 + "; rm x",
        "l\u200bs -l",
        "ls\x1b[2K",
        "ls\u202e",
    ],
)
def test_hidden_things_are_said_and_make_it_a_matter_of_caution(command: str) -> None:
    checked = check_command(
        Reply("why", command, Risk.SAFE, is_valid=True), failed_command=""
    )
    assert checked.warnings
    if checked.suggestion is not None:
        assert checked.suggestion.risk.rank >= Risk.CAUTION.rank
        assert checked.suggestion.command.isprintable()


def test_the_second_line_counts_for_the_risk() -> None:
    reply = Reply("why", "ls\nrm -rf /", Risk.SAFE, is_valid=True)
    suggestion = check_command(reply, failed_command="").suggestion
    assert suggestion is not None
    assert suggestion.risk is Risk.DANGER
