"""Subcommands and options, found in what is known of a program."""

from collections.abc import Callable

import pytest

Fixes = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("command", "output", "fix"),
    [
        (
            "docker image lss",
            "docker: unknown command: docker image lss",
            "docker image ls",
        ),
        (
            "docker compose-up -d",
            "docker: unknown command: docker compose-up",
            "docker compose up -d",
        ),
        (
            "docker exce -it web bash",
            "unknown shorthand flag: 'i' in -it",
            "docker exec -it web bash",
        ),
        (
            "docker list",
            "docker: 'list' is not a docker command.",
            "docker ps",
        ),
        (
            "kubectl -n shop desribe pod web",
            'Error: unknown command "desribe" for "kubectl"',
            "kubectl -n shop describe pod web",
        ),
        (
            "kubectl create deploymnet web --image=nginx",
            "Error: unknown flag: --image",
            "kubectl create deployment web --image=nginx",
        ),
        (
            "kubectl config use-contxt prod",
            'error: unknown command "use-contxt prod"',
            "kubectl config use-context prod",
        ),
        (
            "sudo apt-get isntall -y vim",
            "E: Invalid operation isntall",
            "sudo apt-get install -y vim",
        ),
        (
            "sudo pacman -Syu; sudo dnf serach vim",
            'Unknown argument "serach" for command "dnf5".',
            "sudo pacman -Syu; sudo dnf search vim",
        ),
        (
            "systemctl nginx restart",
            "Unknown command verb nginx.",
            "systemctl restart nginx",
        ),
        (
            "kubectl pods get",
            'Error: unknown command "pods" for "kubectl"',
            "kubectl get pods",
        ),
        (
            "kubectl -n shop desribe pod web",
            "Error: flags cannot be placed before plugin name: -n",
            "kubectl -n shop describe pod web",
        ),
        (
            "terraform lint",
            'Terraform has no command named "lint".',
            "terraform validate",
        ),
        (
            "az vm lst -o table",
            "ERROR: 'lst' is misspelled or not recognized by the system.",
            "az vm list -o table",
        ),
        (
            "docker run --nmae web -d nginx",
            "unknown flag: --nmae",
            "docker run --name web -d nginx",
        ),
        (
            "kubectl get pods --namspace=shop",
            "Error: unknown flag: --namspace",
            "kubectl get pods --namespace=shop",
        ),
    ],
)
def test_the_best_fix(fixes: Fixes, command: str, output: str, fix: str) -> None:
    assert fixes(command, output)[0] == fix


@pytest.mark.parametrize(
    ("command", "output"),
    [
        # Nothing is near, and a word that other tools have means nothing here.
        ("kubectl stop web", 'Error: unknown command "stop" for "kubectl"'),
        ("docker frobnicate", "docker: unknown command: docker frobnicate"),
        # The word is right; the complaint is about something else.
        ("docker exec web tset", "exec: unknown command: tset"),
        ("kubectl get pods", "error: unknown command in plugin"),
        # The output does not speak of the word.
        ("docker psx", "another program: unknown command: frob"),
    ],
)
def test_no_guess(fixes: Fixes, command: str, output: str) -> None:
    assert fixes(command, output) == []
