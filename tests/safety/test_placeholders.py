"""One form of placeholder, agreed on by all who write, read, restore or refuse it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.assistant.context.cleaning import placeholders
from terminal_ai.assistant.replies.commands import check_command
from terminal_ai.assistant.replies.reply import Reply
from terminal_ai.safety.redact import Redactor
from terminal_ai.safety.vault import SecretVault

TOKEN = "ghp_" + "a1B2" * 9


def suggested(command: str, *, failed: str = "") -> str:
    reply = Reply("why", command, is_valid=True)
    suggestion = check_command(reply, failed_command=failed).suggestion
    return suggestion.command if suggestion else ""


def test_what_the_vault_writes_may_be_suggested_and_is_restored() -> None:
    vault = SecretVault(Redactor({}))
    told = vault.clean(f"gh auth --token {TOKEN}")
    assert TOKEN not in told
    assert suggested(told) == told
    assert len(placeholders(told)) == 1
    assert vault.restore(told).text == f"gh auth --token {TOKEN}"


def test_to_repeat_the_failed_command_as_it_was_told_is_no_suggestion() -> None:
    told = SecretVault(Redactor({})).clean(f"gh auth --token {TOKEN}")
    assert suggested(f"  {told}", failed=told) == ""
    assert suggested(f"{told} --force", failed=told) != ""


@pytest.mark.parametrize(
    "form",
    [
        "[redacted:token]",
        "[redacted:token:a1b2]",
        "[redacted:token:A1B2C3]",
        "[REDACTED:token:a1b2c3]",
        "[redacted:",
        "[redacted:token:a1b2c3",
        "[reda[redacted:token:a1b2c3]cted:x]",
    ],
)
def test_what_only_looks_like_one_is_neither_suggested_nor_restored(form: str) -> None:
    vault = SecretVault(Redactor({}))
    assert vault.restore(f"echo {form}").text == f"echo {form}"
    is_whole = "[redacted:token:a1b2c3]" in form
    assert is_whole or suggested(f"echo {form}") == ""


@given(st.text(alphabet="[]redacted:tokn0aF-", max_size=60))
def test_a_suggestion_holds_nothing_that_the_vault_would_not_know(text: str) -> None:
    command = suggested(f"echo [redacted:{text}")
    for start, end in placeholders(command):
        command = command[:start] + "x" * (end - start) + command[end:]
    assert "[redacted:" not in command
