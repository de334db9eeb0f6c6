"""What git's files tell, of repositories that the git program made."""

import shutil
from pathlib import Path

import pytest

from tests.project.making import (
    commit,
    conflict,
    facts_of,
    git,
    make_repository,
)

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None, reason="git makes the repositories"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "project")


def git_line(directory: Path) -> str:
    return facts_of(directory).text.partition("\n")[0]


def test_the_branch_is_known_from_the_root_and_from_below(repository: Path) -> None:
    below = repository / "src" / "deep"
    below.mkdir(parents=True)
    for directory in (repository, below):
        facts = facts_of(directory)
        assert facts.branch == "main"
        assert facts.text == "git: branch main"
    git(repository, "checkout", "-q", "-b", "feature/한글-1.2")
    assert facts_of(below).branch == "feature/한글-1.2"


def test_a_detached_commit_is_named(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "--detach")
    assert facts_of(repository).branch == f"detached at {first[:8]}"
    assert git_line(repository) == f"git: detached at {first[:8]}"


def test_a_repository_of_the_other_hash_is_read_alike(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main")
    first = commit(tmp_path, "a", "b")
    git(tmp_path, "checkout", "-q", "--detach")
    assert facts_of(tmp_path).branch == f"detached at {first[:8]}"


def test_a_branch_without_commits_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk")
    assert git_line(tmp_path) == "git: branch trunk, no commits yet"


def test_packed_references_count(repository: Path) -> None:
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git/refs/heads/main").exists()
    assert git_line(repository) == "git: branch main"


def test_a_merge_in_progress(repository: Path) -> None:
    conflict(repository)
    git(repository, "merge", "-q", "side", check=False)
    assert git_line(repository) == "git: branch main, a merge is in progress"
    git(repository, "merge", "--abort")
    assert git_line(repository) == "git: branch main"


@pytest.mark.parametrize("option", ["--merge", "--apply"])
def test_a_rebase_in_progress_names_its_branch(repository: Path, option: str) -> None:
    conflict(repository)
    git(repository, "checkout", "-q", "side")
    git(repository, "rebase", "-q", option, "main", check=False)
    assert facts_of(repository).branch.startswith("detached at ")
    assert "a rebase of side is in progress" in git_line(repository)


def test_patches_a_cherry_pick_a_revert_and_a_bisect(repository: Path) -> None:
    conflict(repository)
    git(repository, "cherry-pick", "side", check=False)
    assert "a cherry-pick is in progress" in git_line(repository)
    git(repository, "cherry-pick", "--abort")
    git(repository, "revert", "HEAD~1", check=False)
    assert "a revert is in progress" in git_line(repository)
    git(repository, "revert", "--abort")
    git(repository, "bisect", "start")
    assert "a bisect is in progress" in git_line(repository)
    git(repository, "bisect", "reset")
    patch = git(repository, "format-patch", "-1", "side", "--stdout")
    (repository / "p.patch").write_text(patch + "\n")
    git(repository, "am", "p.patch", check=False)
    assert "applying patches is in progress" in git_line(repository)


def test_a_linked_work_tree_has_a_state_of_its_own(
    repository: Path, tmp_path: Path
) -> None:
    git(repository, "remote", "add", "origin", "git@example.org:group/project.git")
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    assert git_line(tmp_path / "linked") == (
        "git: branch other, remotes origin (example.org)"
    )
    assert facts_of(repository).branch == "main"


def test_a_submodule_is_a_repository(repository: Path, tmp_path: Path) -> None:
    inner = make_repository(tmp_path / "inner", branch="inside")
    git(repository, "submodule", "add", "-q", str(inner), "lib")
    assert (repository / "lib/.git").is_file()
    assert facts_of(repository / "lib").branch == "inside"


def test_upstream_and_remotes_come_without_secrets(
    repository: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(bare))
    git(repository, "remote", "add", "origin", str(bare))
    git(repository, "push", "-q", "-u", "origin", "main")
    assert git_line(repository) == (
        "git: branch main, upstream origin/main, remotes origin"
    )
    url = "https://ada:sw0rdfish@code.example.org:8443/group/secret-name.git?token=abc"
    git(repository, "remote", "set-url", "origin", url)
    git(repository, "remote", "add", "backup", "ssh://git@[2001:db8::1]/x")
    text = facts_of(repository).text
    assert "remotes backup origin (code.example.org)" in text
    for secret in ("sw0rdfish", "ada", "secret-name", "abc", "2001"):
        assert secret not in text


def test_no_program_of_the_repository_is_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "alias.status"):
        git(repository, "config", key, str(trap))
    git(repository, "config", "include.path", str(tmp_path / "more"))
    (tmp_path / "more").write_text('[remote "planted"]\n\turl = https://evil.example\n')
    git(repository, "config", "core.hooksPath", str(tmp_path))
    assert facts_of(repository).text == "git: branch main"
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "head",
    [
        "ref: refs/heads/../../../etc/passwd",
        "ref: /etc/passwd",
        "ref: refs/heads/a\x1b[31mb",
        "ref: refs/heads/.invalid",
        "ref: refs/heads/x..y",
        "nonsense",
        "ref: refs/heads/" + "x" * 900,
        "\x00" * 50,
    ],
)
def test_a_head_that_git_would_not_write_tells_nothing(
    repository: Path, head: str
) -> None:
    (repository / ".git/HEAD").write_text(head)
    assert facts_of(repository).branch == ""
    assert facts_of(repository).text == "git: branch unknown"


def test_a_git_file_that_points_nowhere_is_no_repository(tmp_path: Path) -> None:
    for text in ("gitdir: /nonexistent", "gitdir:", "hello", "gitdir: .git"):
        (tmp_path / ".git").write_text(text)
        assert facts_of(tmp_path).branch == ""
