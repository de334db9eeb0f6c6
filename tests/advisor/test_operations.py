"""What sudo cannot run, other systems' package managers, names in small letters."""

from collections.abc import Callable

import pytest

from .conftest import make_surroundings

Fixes = Callable[..., list[str]]
DEBIAN = frozenset(("apt", "apt-get", "npm", "ls", "vim"))


@pytest.mark.parametrize(
    ("command", "printed", "fix"),
    [
        ("sudo cd /opt", "sudo: cd: command not found", "cd /opt"),
        ("sudo cd /root", "sudo: cd: command not found", "sudo -s"),
        ("sudo source env.sh", "sudo: source: command not found", "source env.sh"),
        ("sudo ll /root", "sudo: ll: command not found", "sudo ls -l /root"),
        (
            "sudo npm i -g x",
            "sudo: npm: command not found",
            'sudo env "PATH=$PATH" npm i -g x',
        ),
        (
            "sudo echo hi > /etc/motd",
            "bash: /etc/motd: Permission denied",
            "sudo sh -c 'echo hi > /etc/motd'",
        ),
    ],
)
def test_sudo(fixes: Fixes, command: str, printed: str, fix: str) -> None:
    assert fixes(command, printed)[0] == fix


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("sudo frobnicate", "sudo: frobnicate: command not found"),
        ("sudo cat /etc/x > out", "bash: out: Permission denied"),
    ],
)
def test_sudo_does_not_guess(fixes: Fixes, command: str, printed: str) -> None:
    assert not any("sh -c" in fix or "PATH" in fix for fix in fixes(command, printed))


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        ("brew install jq", "apt install jq"),
        ("sudo yum install -y httpd", "sudo apt install -y apache2"),
        ("sudo pacman -S vim", "sudo apt install vim"),
        ("apk add curl", "apt install curl"),
        ("dnf search ripgrep && ls", "apt search ripgrep && ls"),
        ("sudo yum update", "sudo apt upgrade"),
    ],
)
def test_the_manager_of_this_system(fixes: Fixes, command: str, fix: str) -> None:
    name = command.removeprefix("sudo ").split()[0]
    surroundings = make_surroundings(programs=DEBIAN)
    printed = f"bash: line 1: {name}: command not found"
    assert fixes(command, printed, 127, surroundings)[0] == fix


@pytest.mark.parametrize("command", ["yum history undo 3", "brew services start x"])
def test_what_the_other_manager_has_not(fixes: Fixes, command: str) -> None:
    surroundings = make_surroundings(programs=DEBIAN)
    printed = f"bash: {command.split()[0]}: command not found"
    assert not any(
        fix.startswith("apt ") for fix in fixes(command, printed, 127, surroundings)
    )


@pytest.mark.parametrize(
    ("command", "printed", "fix"),
    [
        (
            "docker pull Nginx",
            "invalid reference format: repository name (library/Nginx) must be"
            " lowercase",
            "docker pull nginx",
        ),
        (
            "docker build -t My/App:V1 .",
            'invalid argument "My/App:V1" for "-t, --tag" flag: repository name must be'
            " lowercase",
            "docker build -t my/app:v1 .",
        ),
        (
            "kubectl create namespace Dev",
            'The Namespace "Dev" is invalid: metadata.name: Invalid value: "Dev": a'
            " lowercase RFC 1123 label must consist of lower case alphanumeric"
            " characters",
            "kubectl create namespace dev",
        ),
    ],
)
def test_small_letters(fixes: Fixes, command: str, printed: str, fix: str) -> None:
    assert fixes(command, printed)[0] == fix
