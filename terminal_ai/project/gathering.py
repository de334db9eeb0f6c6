"""From a directory to the facts of its project."""

import os
from collections.abc import Mapping
from pathlib import PurePosixPath

from terminal_ai.project.facts import NO_FACTS, ProjectFacts
from terminal_ai.project.git import (
    GitDirectory,
    GitState,
    find_git_directory,
    read_git_state,
)
from terminal_ai.project.manifests import describe, kind_of
from terminal_ai.project.reading import Looking, upwards
from terminal_ai.project.versions import (
    active_environment,
    pinned_versions,
    virtual_environment,
)
from terminal_ai.safety.sanitize import single_line

MANIFESTS_LIMIT = 12
LINE_LIMIT_CHARACTERS = 200
LINES_LIMIT = 16


def gather(
    looking: Looking, directory: str, *, home: str, environ: Mapping[str, str]
) -> ProjectFacts:
    """Look around now. Blocks on the file system: for a thread."""
    if not os.path.isabs(directory):  # noqa: PTH117
        return NO_FACTS
    directories, git_directory = _project(looking, directory, home)
    git = read_git_state(looking, git_directory) if git_directory else GitState()
    kinds: set[str] = set()
    manifests: list[str] = []
    lines: list[str] = []
    pins: dict[str, str] = {}
    environment = ""
    for place in directories:
        names = looking.names(place)
        found = sorted(name for name in names if kind_of(name))
        kinds.update(map(kind_of, found))
        manifests += (_relative(place, name, directories[-1]) for name in found)
        lines += describe(looking, place, names)
        for tool, version in pinned_versions(looking, place, names):
            pins.setdefault(tool, version)
        environment = environment or virtual_environment(looking, place, names)
    told = [_git_line(git)] if git_directory else []
    if manifests:
        told.append(f"files: {', '.join(manifests[:MANIFESTS_LIMIT])}")
    told += lines
    if pins:
        told.append("pinned: " + ", ".join(map(" ".join, sorted(pins.items()))))
    if environment:
        told.append(f"virtual environment: {environment}")
    if active := active_environment(environ):
        told.append(f"active when the shell started: {active}")
    text = (single_line(line, LINE_LIMIT_CHARACTERS) for line in told[:LINES_LIMIT])
    return ProjectFacts(
        single_line(git.branch, LINE_LIMIT_CHARACTERS),
        tuple(sorted(kinds)),
        "\n".join(text),
    )


def _project(
    looking: Looking, directory: str, home: str
) -> tuple[list[str], GitDirectory | None]:
    """Return the project's directories, the innermost first, and its git directory.

    Without git a project is the directory and those above it below the home, as far
    as one of them has a manifest.
    """
    above: list[str] = []
    for place in upwards(directory):
        above.append(place)
        if git_directory := find_git_directory(looking, place):
            return above, git_directory
        if place == home:
            break
    # The home's own files, and those at the top, belong to no project below.
    below = [place for place in above if place not in (home, "/")] or above[:1]
    while len(below) > 1 and not any(map(kind_of, looking.names(below[-1]))):
        below.pop()
    return below, None


def _relative(place: str, name: str, root: str) -> str:
    return str(PurePosixPath(place, name).relative_to(root))


def _git_line(git: GitState) -> str:
    if git.branch.startswith("detached"):
        told = [git.branch]
    else:
        told = [f"branch {git.branch}" if git.branch else "branch unknown"]
    if not git.has_commits:
        told.append("no commits yet")
    if git.upstream:
        told.append(f"upstream {git.upstream}")
    if git.state:
        told.append(f"{git.state} is in progress")
    if git.remotes:
        told.append(f"remotes {' '.join(git.remotes)}")
    return "git: " + ", ".join(told)
