import os
from pathlib import Path

import pytest

from terminal_ai.records import NameKind
from terminal_ai.shell import surroundings as surroundings_module
from terminal_ai.shell.builtins import shell_builtins
from terminal_ai.shell.surroundings import (
    DIRECTORY_LIMIT,
    SurroundingsCollector,
)


@pytest.fixture
def collector(tmp_path: Path) -> SurroundingsCollector:
    return SurroundingsCollector(shell="bash", home=str(tmp_path))


def add_program(directory: Path, name: str, mode: int = 0o755) -> None:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text("")
    (directory / name).chmod(mode)


def test_programs_of_every_directory(
    collector: SurroundingsCollector, tmp_path: Path
) -> None:
    add_program(tmp_path / "a", "one")
    add_program(tmp_path / "b", "two")
    (tmp_path / "a" / "directory").mkdir()
    path = f"{tmp_path}/a::b:/nonexistent:{tmp_path}/a"
    found = collector.programs(path, str(tmp_path))
    assert found == {"one", "two", *shell_builtins("bash")}


def test_programs_are_listed_again_only_after_a_change(
    collector: SurroundingsCollector, tmp_path: Path
) -> None:
    add_program(tmp_path / "a", "one")
    before = collector.programs(str(tmp_path / "a"), "/")
    assert collector.programs(str(tmp_path / "a"), "/") is before
    add_program(tmp_path / "a", "two")
    os.utime(tmp_path / "a", ns=(1, 1))
    assert "two" in collector.programs(str(tmp_path / "a"), "/")
    add_program(tmp_path / "b", "three")
    assert "three" in collector.programs(f"{tmp_path}/a:{tmp_path}/b", "/")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may execute any marked file")
def test_what_cannot_be_executed_is_no_program(
    collector: SurroundingsCollector, tmp_path: Path
) -> None:
    add_program(tmp_path / "a", "plain", 0o644)
    assert "plain" not in collector.programs(str(tmp_path / "a"), "/")


def test_listings(collector: SurroundingsCollector, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("")
    found = collector.gather(
        search_path="",
        cwd=str(tmp_path),
        directories=(".", "src", "~", "~/src", str(tmp_path / "src"), "missing"),
        known_commands=("ls",),
    )
    assert found.listings == {
        ".": ("src/",),
        "src": ("main.py",),
        "~": ("src/",),
        "~/src": ("main.py",),
        str(tmp_path / "src"): ("main.py",),
        "missing": (),
    }
    assert found.known_commands == ("ls",)
    assert found.home == str(tmp_path)
    assert found.is_root == (os.geteuid() == 0)


def test_bounds(
    collector: SurroundingsCollector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings_module, "NAMES_PER_DIRECTORY", 10)
    for number in range(30):
        (tmp_path / str(number)).mkdir()
    found = collector.gather(
        search_path="",
        cwd=str(tmp_path),
        directories=[".", *map(str, range(30))],
    )
    assert len(found.listings) == DIRECTORY_LIMIT
    assert len(found.listings["."]) == 10


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
def test_builtins(shell: str) -> None:
    assert {"cd", "exit", "for", "if"} <= shell_builtins(shell)
    assert ("setopt" in shell_builtins(shell)) == (shell == "zsh")


def test_names_of_the_project_that_were_asked_for(
    collector: SurroundingsCollector, tmp_path: Path
) -> None:
    (tmp_path / "Makefile").write_text("all:\n")
    (tmp_path / "justfile").write_text("all:\n")
    surroundings = collector.gather(
        search_path="",
        cwd=str(tmp_path),
        directories=(),
        names=(NameKind.MAKE_TARGETS, NameKind.GIT_TAGS),
    )
    assert surroundings.project == {NameKind.MAKE_TARGETS: ("all",)}
