"""What the advisor never does, whatever a program prints."""

from collections.abc import Callable

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.records import Risk

from .conftest import HOME, make_record, make_surroundings

Fixes = Callable[..., list[str]]


@pytest.mark.parametrize(
    "printed",
    [
        "rm -rf /",
        "chmod 777 /etc",
        "git commit --no-verify",
        "git push --force",
        "curl -k https://x",
        "pip install --break-system-packages x",
        "kill -9 1",
        "dd if=/dev/zero of=/dev/sda",
    ],
)
def test_no_repair_is_worse_than_the_failure(fixes: Fixes, printed: str) -> None:
    program = printed.split()[0]
    output = f"error: it failed. To fix this, run '{printed}'"
    assert printed not in " ".join(fixes(f"{program} x", output))


@pytest.mark.parametrize(
    "hint",
    [
        "a; reboot",
        "$(reboot)",
        "`reboot`",
        "a\x1b[2K",
        "a && reboot",
        "a|sh",
        "a\u202eb",
    ],
)
def test_a_hint_with_a_shell_meaning_is_refused(fixes: Fixes, hint: str) -> None:
    output = f"tool: unknown command 'ad'\nDid you mean '{hint}'?"
    assert not any("reboot" in fix or "|" in fix for fix in fixes("tool ad", output))
    assert all(fix.isprintable() for fix in fixes("tool ad", output))


def test_danger_never_stands_first(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("rmdir b", "rmdir: failed to remove 'b': Directory not empty"),
        make_surroundings(),
    )
    assert advice
    assert [s.risk for s in advice.suggestions][-1] is Risk.DANGER
    assert advice.suggestions[0].risk is not Risk.DANGER


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        (
            "cat /etc/shadow",
            "cat: /etc/shadow: Permission denied",
            "sudo cat /etc/shadow",
        ),
        (
            "echo x > /etc/hosts",
            "bash: /etc/hosts: Permission denied",
            "sudo sh -c 'echo x > /etc/hosts'",
        ),
        (
            "A=1 apt install vim",
            "E: Could not open lock file /var/lib/dpkg/lock - open (13: Permission"
            " denied)\nE: Unable to lock, are you root?",
            "A=1 sudo apt install vim",
        ),
    ],
)
def test_root_outside_home(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output) == [fix]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("cat secret", "cat: secret: Permission denied"),
        (f"cat {HOME}/x", f"cat: {HOME}/x: Permission denied"),
        ("cat ~/x", "cat: /home/bob/x: Permission denied"),
        ("echo x > notes", "bash: notes: Permission denied"),
        ("git push", "git@host: Permission denied (publickey)."),
        ("ssh host", "host: Permission denied (publickey,password)."),
        ("sudo cat /x", "cat: /x: Permission denied"),
        ("npm install -g x", "npm error code EACCES"),
        ("make", "make: *** [Makefile:2: all] Error 1"),
    ],
)
def test_no_root_here(fixes: Fixes, command: str, output: str) -> None:
    added = [fix for fix in fixes(command, output) if "sudo" in fix.split()]
    assert added == [] or "sudo" in command


def test_root_needs_no_sudo(fixes: Fixes) -> None:
    surroundings = make_surroundings(is_root=True)
    output = "cat: /etc/shadow: Permission denied"
    assert fixes("cat /etc/shadow", output, 1, surroundings) == []


def test_a_misspelt_sudo_is_spelt_right(fixes: Fixes) -> None:
    output = "bash: suod: command not found"
    assert fixes("suod make install", output, 127)[0] == "sudo make install"


def test_a_script_gets_its_bit(fixes: Fixes) -> None:
    output = "bash: ./run.sh: Permission denied"
    assert fixes("./run.sh --now", output, 126) == [
        "chmod +x ./run.sh && ./run.sh --now",
        "bash ./run.sh --now",
    ]
