"""What the advisor never does, whatever a program prints."""

from collections.abc import Callable

import pytest

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.reading.command_line import LENGTH_LIMIT
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.book import RuleBook, load_rule_book, parse_rules
from terminal_ai.records import Risk
from terminal_ai.safety.risk import assess_risk

from .conftest import HOME, make_record, make_surroundings

Fixes = Callable[..., list[str]]


@pytest.mark.parametrize(
    "printed",
    [
        "rm -rf /",
        "rm --recursive -f /",
        "chmod 777 /etc",
        "chmod -R a+rwx /etc",
        "chmod ugo=rwx x",
        "git commit --no-verify",
        "git commit -n -m x",
        "git push --force",
        "git push -uf origin",
        "git push origin +main",
        "npm install -f",
        "curl -k https://x",
        "curl -sSkL https://x",
        "wget --no-check-certificate https://x",
        "pip install --trusted-host x y",
        "apt-get --allow-unauthenticated install x",
        "apt-get --force-yes install x",
        "zypper --no-gpg-checks install x",
        "git config --global http.sslVerify false",
        "npm config set strict-ssl false",
        "export NODE_TLS_REJECT_UNAUTHORIZED=0",
        "ssh -o StrictHostKeyChecking=no x",
        "setenforce 0",
        "docker run --privileged x",
        "pip install --break-system-packages x",
        "kill -9 1",
        "kill -s KILL 1",
        "kill -SIGKILL 1",
        "pkill -9 x",
        "killall -KILL x",
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
        "a\u2066b",
        "a\u200bb",
        "a\u00adb",
        "a\u0434d",
        "a\nreboot",
        "a>reboot",
        "a{reboot,x}",
        "~reboot",
        "a*|b",
        "<a|reboot>",
    ],
)
def test_a_hint_with_a_shell_meaning_is_refused(fixes: Fixes, hint: str) -> None:
    output = f"tool: unknown command 'ad'\nDid you mean '{hint}'?"
    assert not any("reboot" in fix or "|" in fix for fix in fixes("tool ad", output))
    assert all(fix.isprintable() for fix in fixes("tool ad", output))


@pytest.mark.parametrize("character", ["\u0430", "\u03bf", "\uff41"])
def test_a_letter_that_only_looks_like_another_is_refused(
    fixes: Fixes, character: str
) -> None:
    output = f"tool: unknown command 'ad'\nDid you mean 'dd{character}'?"
    assert fixes("tool ad", output) == []


def test_danger_never_stands_first(advisor: Advisor) -> None:
    advice = advisor.diagnose(
        make_record("rmdir b", "rmdir: failed to remove 'b': Directory not empty"),
        make_surroundings(),
    )
    assert advice
    assert [s.risk for s in advice.suggestions][-1] is Risk.DANGER
    assert advice.suggestions[0].risk is not Risk.DANGER


def test_danger_never_stands_first_however_sure_its_rule_is() -> None:
    rules = parse_rules(
        """
[[rule]]
id = "x"
what = "w"
why = "y"
patterns = ["^bad$"]
[[rule.fix]]
whole = "rm -r b"
confidence = 0.95
[[rule.fix]]
whole = "mkdir c"
confidence = 0.5
""",
        "t",
    )
    advisor = Advisor(rules=RuleBook(rules), dialect=Dialect())
    advice = advisor.diagnose(make_record("try", "bad"), make_surroundings())
    assert advice
    assert [s.command for s in advice.suggestions] == ["mkdir c", "rm -r b"]


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


@pytest.mark.parametrize("wrapper", ["sudo", "doas", "pkexec", "su -c", "A=1 sudo"])
@pytest.mark.parametrize(
    ("reason", "is_allowed"),
    [
        ("it broke", False),
        (f"{HOME}/w/x: Permission denied", False),
        ("EACCES: permission denied, open '~/x'", False),
        ("/etc/x: Permission denied", True),
        (f"cannot copy {HOME}/x to /usr/x: Operation not permitted", True),
        ("you must be root", True),
        ("Interactive authentication required.", True),
        ("unauthorized: authentication required", False),
    ],
)
def test_printed_commands_gain_root_on_evidence_outside_home(
    fixes: Fixes, wrapper: str, reason: str, is_allowed: bool
) -> None:
    output = f"frob: {reason}\nTo fix this, run '{wrapper} repair it'"
    found = [fix for fix in fixes("frob x", output) if "repair" in fix]
    assert is_allowed or found == []
    if is_allowed and wrapper == "sudo":
        assert found == ["sudo repair it && frob x"]


def test_labels_are_those_of_the_assistant(advisor: Advisor) -> None:
    """One judge of risk for whoever proposes a command."""
    seen = set()
    for rule in load_rule_book().rules:
        for example in rule.source.example:
            record = make_record(example.command, example.output, example.exit_code)
            advice = advisor.diagnose(record, make_surroundings())
            for suggestion in advice.suggestions if advice else ():
                assert suggestion.risk is assess_risk(suggestion.command)
                seen.add(suggestion.risk)
    assert seen == set(Risk)


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


@pytest.mark.parametrize(
    ("command", "output", "evil"),
    [
        (
            "docker run --name web nginx",
            'docker: Error response from daemon: Conflict. The container name "/%s" is'
            ' already in use by container "1". You have to remove (or rename) that'
            " container to be able to reuse that name.",
            "--output=x",
        ),
        (
            "git checkout -b topic",
            "fatal: a branch named '%s' already exists",
            "--exec=sh",
        ),
        (
            "tool ad",
            "tool: unknown command 'ad'\nDid you mean '%s'?",
            "--add",
        ),
        (
            "cd README.md",
            "bash: cd: %s: Not a directory",
            "-delete",
        ),
    ],
)
def test_a_printed_name_does_not_become_an_option(
    fixes: Fixes, command: str, output: str, evil: str
) -> None:
    assert not any(evil in fix.split() for fix in fixes(command, output % evil))


@pytest.mark.parametrize(
    "printed",
    [
        "git fetch --upload-pack=/tmp/x origin",
        "git push --receive-pack=/tmp/x",
        "git config core.sshCommand /tmp/x",
        "git config --global core.hooksPath /tmp/x",
        "git config alias.st '!sh'",
        "git clone ext::sh",
        "ssh -oProxyCommand=/tmp/x host",
    ],
)
def test_nothing_that_runs_a_program_of_somebodys_choice(
    fixes: Fixes, printed: str
) -> None:
    program = printed.split()[0]
    output = f"error: it failed. To fix this, run '{printed}'"
    assert printed not in " ".join(fixes(f"{program} x", output))


def test_a_line_too_long_to_be_mended_gets_an_explanation_alone(
    advisor: Advisor,
) -> None:
    tail = "x " * LENGTH_LIMIT
    output = "git: 'stauts' is not a git command. See 'git --help'."
    advice = advisor.diagnose(
        make_record(f"git stauts {tail}", output), make_surroundings()
    )
    assert advice
    assert advice.what
    assert not advice.suggestions
