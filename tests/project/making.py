"""Repositories as the git program makes them, and looking at them without it."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from terminal_ai.project.facts import ProjectFacts
from terminal_ai.project.gathering import gather
from terminal_ai.project.reading import Looking

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_EDITOR": "true",
    "GIT_ALLOW_PROTOCOL": "file",
}


def git(directory: Path, *arguments: str, check: bool = True) -> str:
    """Run git as a user would."""
    run = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=check,
    )
    return run.stdout.strip()


def commit(directory: Path, name: str, text: str) -> str:
    """Write one file, commit it, and return the commit."""
    (directory / name).write_text(text)
    git(directory, "add", name)
    git(directory, "commit", "-q", "-m", f"change {name}")
    return git(directory, "rev-parse", "HEAD")


def make_repository(directory: Path, branch: str = "main") -> Path:
    """Make a repository with one commit."""
    directory.mkdir(parents=True)
    git(directory, "init", "-q", "-b", branch)
    commit(directory, "a.txt", "a\n")
    return directory


def conflict(directory: Path) -> None:
    """Give two branches changes that cannot be joined; ``side`` is the other one."""
    git(directory, "checkout", "-q", "-b", "side")
    commit(directory, "a.txt", "side\n")
    git(directory, "checkout", "-q", "main")
    commit(directory, "a.txt", "main\n")


def facts_of(
    directory: Path, *, home: Path | str = "", environ: Mapping[str, str] | None = None
) -> ProjectFacts:
    """Look at a directory now."""
    return gather(Looking(), str(directory), home=str(home), environ=environ or {})
