"""What to look up before the failure of a command line is looked into.

The advisor reads no files: whoever asks it reads these directories and names for it.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from terminal_ai.advisor.evidence.listings import (
    listing_directories,
    nearby_directories,
)
from terminal_ai.advisor.reading.command_line import SimpleCommand, parse
from terminal_ai.records import NameKind

_GIT = frozenset(
    (
        *(NameKind.GIT_BRANCH, NameKind.GIT_BRANCHES, NameKind.GIT_REMOTE_BRANCHES),
        *(NameKind.GIT_REMOTES, NameKind.GIT_TAGS),
    )
)
_SCRIPTS = frozenset((NameKind.PACKAGE_SCRIPTS,))
_TARGETS = frozenset((NameKind.MAKE_TARGETS,))
_SERVICES = frozenset((NameKind.COMPOSE_SERVICES,))
_HOSTS = frozenset((NameKind.SSH_HOSTS,))
_RECIPES = frozenset((NameKind.JUST_RECIPES,))
_PACKAGES = frozenset((NameKind.DEBIAN_PACKAGES,))
_CARGO = frozenset((NameKind.CARGO_TARGETS,))

_BY_PROGRAM: Mapping[str, frozenset[NameKind]] = {
    **dict.fromkeys(("git", "g", "gh", "glab", "hub", "tig", "gitk"), _GIT),
    **dict.fromkeys(
        ("npm", "pnpm", "yarn", "bun", "node", "npx", "bunx", "corepack", "turbo"),
        _SCRIPTS,
    ),
    **dict.fromkeys(("make", "gmake", "mingw32-make", "remake"), _TARGETS),
    **dict.fromkeys(("docker", "docker-compose", "podman", "nerdctl"), _SERVICES),
    "podman-compose": _SERVICES,
    **dict.fromkeys(("ssh", "scp", "sftp", "rsync", "mosh", "ssh-copy-id"), _HOSTS),
    **dict.fromkeys(("ping", "nc", "telnet", "sshfs", "autossh"), _HOSTS),
    **dict.fromkeys(("apt", "apt-get", "apt-cache", "apt-mark", "aptitude"), _PACKAGES),
    **dict.fromkeys(("dpkg", "dpkg-query", "dpkg-reconfigure"), _PACKAGES),
    "just": _RECIPES,
    "cargo": _CARGO,
}
# They make a program look in another place than the one whose files are read.
_ELSEWHERE_OPTIONS = (
    *("-C", "--directory", "--git-dir", "--work-tree", "--prefix", "--cwd", "--dir"),
    *("--manifest-path", "--justfile", "--working-directory", "--makefile"),
    *("--project-directory", "--file", "-f"),
)
_COMPOSE = frozenset(("docker", "docker-compose", "podman", "podman-compose"))
# For these, -f is a file to read names from; for others it is something else.
_FILE_IS_F = _COMPOSE | frozenset(("make", "gmake", "just", "nerdctl"))
_MOVING = frozenset(("cd", "pushd", "popd", "z", "zoxide", "j"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would help to correct a command line."""

    directories: tuple[str, ...]
    """Whose names to list, as written."""
    nearby: Callable[[Mapping[str, tuple[str, ...]]], tuple[str, ...]]
    """Given these listings, which directories to list next."""
    names: frozenset[NameKind]
    """Which names of the project to read."""


def wanted(command_line: str) -> Wanted:
    """Return what to look up before this line's failure is looked into."""
    return Wanted(
        directories=listing_directories(command_line),
        nearby=partial(nearby_directories, command_line),
        names=wanted_names(command_line),
    )


def wanted_names(command_line: str) -> frozenset[NameKind]:
    """Return the kinds of names to read before this line's failure is looked into.

    Python's environments are always among them: a program that is not found may stand
    in one of them.
    """
    wanted = {NameKind.VIRTUAL_ENVIRONMENTS}
    commands = parse(command_line).commands
    here = itertools.takewhile(lambda one: one.program not in _MOVING, commands)
    for command in here:
        wanted.update(_wanted_by(command))
    return frozenset(wanted)


def _wanted_by(command: SimpleCommand) -> Iterator[NameKind]:
    program = command.program.removesuffix(".exe")
    kinds = _BY_PROGRAM.get(program, frozenset())
    if kinds and not any(_looks_elsewhere(command)):
        yield from kinds


def _looks_elsewhere(command: SimpleCommand) -> Iterator[bool]:
    is_file = command.program in _FILE_IS_F
    is_git_commit = command.program == "git" and "commit" in command.text
    for word in command.arguments:
        name = word.value.partition("=")[0]
        if name in ("-f", "--file"):
            yield is_file
        elif name == "-C" and is_git_commit:
            yield False  # another commit's message
        else:
            yield name in _ELSEWHERE_OPTIONS
