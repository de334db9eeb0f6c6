"""Two commits beside each other."""

import subprocess
from pathlib import Path

import pytest
from benchmarks.compare import checkout


def _git(*arguments: str, cwd: Path) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    _git("init", "-q", cwd=tmp_path)
    for text in ("first", "second"):
        (tmp_path / "file").write_text(text)
        _git("add", "file", cwd=tmp_path)
        _git("commit", "-qm", text, cwd=tmp_path)
    return tmp_path


def test_a_commit_is_checked_out_and_leaves_nothing(repository: Path) -> None:
    with checkout("HEAD~1", repository) as tree:
        assert (tree / "file").read_text() == "first"
    assert not tree.exists()
    assert (repository / "file").read_text() == "second"
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=repository, capture_output=True, check=True
    )
    assert listed.stdout.count(b"\n") == 1


def test_a_commit_that_is_not_there_is_told(repository: Path) -> None:
    with (
        pytest.raises(SystemExit, match="nowhere cannot be checked out"),
        checkout("nowhere", repository),
    ):
        pass
